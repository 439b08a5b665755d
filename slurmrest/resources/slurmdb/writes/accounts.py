"""Accounts: description, organization, and who coordinates them. Their associations are written as such."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from libslurm.conditions import condition
from libslurm.lists import elements
from libslurm.memory import Arena, record_at

from ....data_parser.tables import TABLES
from . import users
from .batch import INVALID, Batch, Subject, text
from .stored import Key, Kind

if TYPE_CHECKING:
    from libslurm.accounting import Accounting
    from libslurm.owned import OwnedList


def write(batch: Batch, record: Any) -> None:
    """Add or modify one account."""
    name, db = text(record.name), batch.db
    if record.assoc_list:
        batch.context.warn("ignored: associations are written at /associations")
    wanted = coordinators_of(batch, record) if record.coordinators else None
    record.assoc_list = record.coordinators = None
    record.flags = 0
    present, said = coordinators(batch, name), KIND.said(batch, record)
    if present is None:
        db.add_accounts([record])
        present = []
    else:
        record.name = None
        db.modify_accounts(named(db, batch.arena, name), record)
    if wanted is not None:
        coordinate(batch, name, present, wanted)
    batch.expect_stored(KIND, (name,), said)


def coordinate(batch: Batch, account: str, present: Sequence[str], wanted: Sequence[str]) -> None:
    """Make *wanted* the users who coordinate an account."""
    more = [user for user in wanted if user not in present]
    fewer = [user for user in present if user not in wanted]
    unknown = [user for user in more if not users.is_there(batch, user)]
    if unknown:
        with batch.context.at("coordinators"):
            raise batch.refusal(INVALID, f"There is no user {', '.join(unknown)}")
    if more:
        batch.db.add_coordinators([account], more)
    if fewer:
        batch.db.remove_coordinators([account], fewer)
    if more or fewer:
        batch.expect(f"coordinators of {account}", lambda: set(coordinators(batch, account) or ()) == set(wanted))


def coordinators(batch: Batch, account: str) -> list[str] | None:
    """The users who coordinate an account themselves; None where there is no such account."""
    with batch.db.accounts(named(batch.db, batch.arena, account, "with_coords")) as found:
        return next((coordinators_of(batch, record, direct=True) for record in found), None)


def coordinators_of(batch: Batch, record: Any, *, direct: bool = False) -> list[str]:
    """The names in a record's coordinators. direct: not those of an account above it."""
    struct = batch.library.layout.record("slurmdb_coord_rec_t")
    found: list[Any] = [record_at(struct, address) for address in elements(batch.library, record.coordinators)]
    return [text(one.name) for one in found if one.direct or not direct]


def named(db: Accounting, arena: Arena, name: str, *asked: str) -> Any:
    """The condition that one account matches."""
    return _among(db, arena, [name], *asked)


def _among(db: Accounting, arena: Arena, names: Sequence[str], *asked: str) -> Any:
    associations = condition(db, arena, "slurmdb_assoc_cond_t", acct_list=names)
    return condition(db, arena, "slurmdb_account_cond_t", *asked, assoc_cond=associations)


def _fetch(batch: Batch, keys: Collection[Key]) -> OwnedList:
    return batch.db.accounts(_among(batch.db, batch.arena, [name for (name,) in keys]))


KIND = Kind("account", "slurmdb_account_rec_t", lambda record: (text(record.name),), _fetch)


def remove(db: Accounting, name: str) -> list[str]:
    """Remove one account, with its associations. Returns: the names removed; none where there is none."""
    arena = Arena()
    return db.remove_accounts(named(db, arena, name))


ACCOUNTS = Subject("accounts", TABLES["ACCOUNT"], write)

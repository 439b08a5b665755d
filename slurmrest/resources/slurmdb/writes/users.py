"""Users: level, defaults, wckeys, and their names. Their associations are written as such."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from libslurm.conditions import condition
from libslurm.lists import elements
from libslurm.memory import Arena, record_at

from ....data_parser.tables import TABLES
from .batch import Batch, Subject, text
from .stored import Key, Kind
from .wckeys import DEFAULT, add_wckey, defaults, wckeys_of

if TYPE_CHECKING:
    from libslurm.accounting import Accounting
    from libslurm.owned import OwnedList


def write(batch: Batch, record: Any) -> None:
    """Add or modify one user."""
    name, account = text(record.name), text(record.default_acct)
    _ignore(batch, record)
    wckeys = wckeys_of(batch, record, name)
    record.assoc_list = record.coord_accts = record.wckey_list = record.default_acct = None
    record.flags = 0
    old = text(record.old_name)
    record.old_name = None
    if old and old != name:
        _rename(batch, old, name)
    if not is_there(batch, name):
        default, record.default_wckey = record.default_wckey, None
        batch.db.add_users([record])
        record.default_wckey, record.admin_level = default, 0
    for wckey in wckeys:
        add_wckey(batch, wckey)
    # What is the default already is not made so again.
    wanted = text(record.default_wckey).removeprefix(DEFAULT)
    record.default_wckey = None if defaults(batch, name) == {wanted} else wanted.encode() or None
    record.name = None
    said = KIND.said(batch, record)
    if said:
        batch.db.modify_users(named(batch.db, batch.arena, name), record)
    if account:
        batch.later("users", lambda: _default_account(batch, name, account))
    batch.expect_stored(KIND, (name,), said)


def _ignore(batch: Batch, record: Any) -> None:
    if record.assoc_list:
        batch.context.warn("ignored: associations are written at /associations")
    if record.coord_accts:
        batch.context.warn("ignored: coordinators are written at /accounts")


def _rename(batch: Batch, old: str, name: str) -> None:
    if not is_there(batch, old):
        raise batch.refusal("ESLURM_USER_ID_MISSING", f"Unable to rename user {old}: there is none", 404)
    if is_there(batch, name):
        raise batch.refusal("ESLURM_DATA_AMBIGUOUS_MODIFY", f"Unable to rename user {old} to {name}: there is one")
    record = batch.fresh("slurmdb_user_rec_t")
    record.name, record.old_name = name.encode(), old.encode()
    batch.db.modify_users(named(batch.db, batch.arena, old), record)
    batch.expect(f"no user {old} any more", lambda: not is_there(batch, old))


def _default_account(batch: Batch, name: str, account: str) -> None:
    """Set a default account, which only a user who is associated with it can have."""
    associated = accounts_of(batch, name)
    if account.lower() not in [one.lower() for one in associated]:
        batch.context.warn(f"user {name}: default account {account} was ignored: the user is not associated with it")
        return
    record = batch.fresh("slurmdb_user_rec_t")
    record.default_acct = account.encode()
    batch.db.modify_users(named(batch.db, batch.arena, name), record)
    batch.expect_stored(KIND, (name,), KIND.said(batch, record))


def is_there(batch: Batch, name: str) -> bool:
    """Whether slurmdbd knows a user."""
    with batch.db.users(named(batch.db, batch.arena, name)) as found:
        return len(found) > 0


def accounts_of(batch: Batch, name: str) -> list[str]:
    """The accounts that a user is associated with."""
    struct = batch.library.layout.record("slurmdb_assoc_rec_t")
    with batch.db.users(named(batch.db, batch.arena, name, "with_assocs")) as found:
        addresses = [address for record in found for address in elements(batch.library, record.assoc_list)]
        associations: list[Any] = [record_at(struct, address) for address in addresses]
        return [text(one.acct) for one in associations]


def named(db: Accounting, arena: Arena, name: str, *asked: str) -> Any:
    """The condition that one user matches."""
    return _among(db, arena, [name], *asked)


def _among(db: Accounting, arena: Arena, names: Sequence[str], *asked: str) -> Any:
    associations = condition(db, arena, "slurmdb_assoc_cond_t", user_list=names)
    return condition(db, arena, "slurmdb_user_cond_t", *asked, assoc_cond=associations)


def _fetch(batch: Batch, keys: Collection[Key]) -> OwnedList:
    # The defaults are there only with what they are chosen from.
    asked = ("with_assocs", "with_wckeys")
    return batch.db.users(_among(batch.db, batch.arena, [name for (name,) in keys], *asked))


KIND = Kind("user", "slurmdb_user_rec_t", lambda record: (text(record.name),), _fetch)


def remove(db: Accounting, name: str) -> list[str]:
    """Remove one user, with the user's associations. Returns: the names removed; none where there is none."""
    arena = Arena()
    return db.remove_users(named(db, arena, name))


USERS = Subject("users", TABLES["USER"], write)

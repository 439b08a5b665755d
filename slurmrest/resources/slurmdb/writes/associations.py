"""Associations: users in accounts, accounts below accounts, and their limits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from libslurm.conditions import condition
from libslurm.memory import Arena

from ....data_parser.parse import Problem
from ....data_parser.tables import TABLES
from ....errors import Problems
from . import accounts, stored, users
from .batch import INVALID, Batch, Subject, text
from .limits import differ

if TYPE_CHECKING:
    from libslurm.accounting import Accounting
    from libslurm.owned import OwnedList

ROOT = "root"
"""The account that all others are below."""

STRUCT = "slurmdb_assoc_rec_t"

UNSET_16 = 0xFFFE


class Key(NamedTuple):
    """What names an association; user and partition may be empty."""

    account: str
    cluster: str
    user: str
    partition: str

    def __str__(self) -> str:
        parts = ((name, value) for name, value in self._asdict().items() if value)
        return ", ".join(f"{name} {value}" for name, value in parts)


def write(batch: Batch, record: Any) -> None:
    """Add or modify one association."""
    key = Key(text(record.acct), text(record.cluster) or batch.cluster, text(record.user), text(record.partition))
    if not key.account:
        raise batch.refusal(INVALID, "An association has an account")
    if key.partition and not key.user:
        raise batch.refusal(INVALID, "Only a user's association is for one partition")
    _settle(batch, record, key)
    said = KIND.said(batch, record)
    with find(batch.db, batch.arena, key, "without_parent_limits") as found:
        present = list(found)
        if len(present) > 1:
            raise batch.refusal("ESLURM_DATA_AMBIGUOUS_MODIFY", f"{len(present)} associations match {key}")
        if present:
            _modify(batch, record, present[0], key)
        else:
            _add(batch, record, key)
    batch.expect_stored(KIND, key, said)


def _settle(batch: Batch, record: Any, key: Key) -> None:
    """Say in full what an association is of; leave out what nobody writes."""
    record.cluster = key.cluster.encode()
    record.partition = key.partition.encode() or None
    record.user = key.user.encode() or None
    record.parent_acct = record.parent_acct or None
    record.flags = 0
    record.usage = None
    if key.user and record.parent_acct:
        batch.context.warn("parent_account was ignored: it is the account's, not the user's")
        record.parent_acct = None


def _add(batch: Batch, record: Any, key: Key) -> None:
    if accounts.coordinators(batch, key.account) is None:
        raise batch.refusal("ESLURM_INVALID_ACCOUNT", f"There is no account {key.account}")
    if key.user and not users.is_there(batch, key.user):
        raise batch.refusal(INVALID, f"There is no user {key.user}")
    if key.user and not is_there(batch, Key(key.account, key.cluster, "", "")):
        raise batch.refusal("ESLURM_INVALID_ACCOUNT", f"Account {key.account} is not on cluster {key.cluster}")
    if not key.user:
        parent = text(record.parent_acct) or ROOT
        if not is_there(batch, Key(parent, key.cluster, "", "")):
            raise batch.refusal("ESLURM_INVALID_ACCOUNT", f"There is no account {parent} on cluster {key.cluster}")
        record.parent_acct = parent.encode()
    batch.db.add_associations([record])


def _modify(batch: Batch, record: Any, present: Any, key: Key) -> None:
    differ(record, present, STRUCT, batch.library.layout)
    if text(record.parent_acct).lower() == text(present.parent_acct).lower():
        # slurmdbd would answer that nothing is to be changed, and change nothing else either.
        record.parent_acct = None
    if record.is_def == 0:
        if present.is_def == 1:
            raise batch.refusal(INVALID, "A default is changed by making another association the default")
        record.is_def = UNSET_16
    if text(record.parent_acct) and not is_there(batch, Key(text(record.parent_acct), key.cluster, "", "")):
        raise batch.refusal("ESLURM_INVALID_ACCOUNT", f"There is no account {text(record.parent_acct)}")
    record.acct = record.cluster = record.user = record.partition = None
    batch.db.modify_associations(_condition(batch.db, batch.arena, key), record)


def find(db: Accounting, arena: Arena, key: Key, *asked: str) -> OwnedList:
    """Fetch the association that *key* names."""
    return db.associations(_condition(db, arena, key, *asked))


def is_there(batch: Batch, key: Key) -> bool:
    """Whether slurmdbd knows an association."""
    with find(batch.db, batch.arena, key) as found:
        return len(found) > 0


def _fetch(batch: Batch, keys: Collection[stored.Key]) -> OwnedList:
    lists = ("acct_list", "cluster_list", "user_list", "partition_list")
    wanted = {name: sorted(set(parts)) for name, parts in zip(lists, zip(*keys, strict=True), strict=True)}
    struct, asked = "slurmdb_assoc_cond_t", "without_parent_limits"
    return batch.db.associations(condition(batch.db, batch.arena, struct, asked, **wanted))


def _key(record: Any) -> Key:
    return Key(text(record.acct), text(record.cluster), text(record.user), text(record.partition))


KIND = stored.Kind("association", STRUCT, _key, _fetch)


def _condition(db: Accounting, arena: Arena, key: Key, *asked: str) -> Any:
    # An empty list would match everything, an empty text in it matches those that have none.
    return condition(
        db,
        arena,
        "slurmdb_assoc_cond_t",
        *asked,
        acct_list=[key.account],
        cluster_list=[key.cluster],
        user_list=[key.user],
        partition_list=[key.partition],
    )


def remove(db: Accounting, wanted: Mapping[str, Sequence[str]], *, only_one: bool = False) -> list[str]:
    """Remove associations. wanted: lists of a slurmdb_assoc_cond_t, at least one. only_one: or none.

    Returns: what was removed. Raises: Problems where more would be than asked for; SlurmError.
    """
    arena = Arena()
    if not any(value for values in wanted.values() for value in values):
        raise Problems([Problem("Say which associations are to be removed", "query", INVALID)])
    found = condition(db, arena, "slurmdb_assoc_cond_t", **wanted)
    names = db.remove_associations(found)
    if only_one and len(names) > 1:
        text_ = f"Ambiguous request: {len(names)} associations would be removed"
        raise Problems([Problem(text_, "slurmdb_associations_remove()", "ESLURM_DATA_AMBIGUOUS_MODIFY")])
    return names


ASSOCIATIONS = Subject("associations", TABLES["ASSOC"], write)

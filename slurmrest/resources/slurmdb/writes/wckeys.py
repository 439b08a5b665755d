"""Wckeys: labels of a user's jobs on a cluster. They are added, and made the user's default; they hold nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from libslurm.conditions import condition
from libslurm.lists import elements
from libslurm.memory import Arena, address_of, record_at

from ....data_parser.tables import TABLES
from . import clusters
from .batch import INVALID, Batch, Subject, text

if TYPE_CHECKING:
    from libslurm.accounting import Accounting

Wckey = tuple[str, str, str]
"""User, cluster, name."""

DEFAULT = "*"
"""What the name of a user's default wckey begins with."""


def write(batch: Batch, record: Any) -> None:
    """Add one wckey, or make it the default."""
    user, cluster, name = text(record.user), text(record.cluster), text(record.name)
    wckey = (user, cluster or batch.cluster, name.removeprefix(DEFAULT))
    # Where wckeys are tracked every user has one without a name, which nobody adds.
    if not user or (not wckey[2] and not is_there(batch, wckey)):
        raise batch.refusal(INVALID, "A wckey has a name and a user")
    add_wckey(batch, wckey)
    if name.startswith(DEFAULT) and wckey[2]:
        make_default(batch, wckey)


def add_wckey(batch: Batch, wckey: Wckey) -> None:
    """Add a wckey that is not there."""
    user, cluster, name = wckey
    if not clusters.is_there(batch, cluster):
        raise batch.refusal(INVALID, f"There is no cluster {cluster}")
    if is_there(batch, wckey):
        return
    record = batch.fresh("slurmdb_wckey_rec_t")
    record.user, record.cluster, record.name = user.encode(), cluster.encode(), name.encode()
    batch.db.add_wckeys([record])
    batch.expect(f"wckey {name} of {user} on {cluster}", lambda: is_there(batch, wckey))


def make_default(batch: Batch, wckey: Wckey) -> None:
    """Make a wckey its user's default on its cluster."""
    user, cluster, name = wckey
    associations = condition(batch.db, batch.arena, "slurmdb_assoc_cond_t", user_list=[user], cluster_list=[cluster])
    record = batch.fresh("slurmdb_user_rec_t")
    record.default_wckey = name.encode()
    users = condition(batch.db, batch.arena, "slurmdb_user_cond_t")
    users.assoc_cond = address_of(associations)
    batch.db.modify_users(users, record)


def wckeys_of(batch: Batch, record: Any, user: str) -> list[Wckey]:
    """The wckeys that a user's record names, the default among them."""
    struct = batch.library.layout.record("slurmdb_wckey_rec_t")
    found: list[Any] = [record_at(struct, address) for address in elements(batch.library, record.wckey_list)]
    named = [(user, text(one.cluster) or batch.cluster, text(one.name).removeprefix(DEFAULT)) for one in found]
    wckeys = [wckey for wckey in named if wckey[2]]
    default = (user, batch.cluster, text(record.default_wckey).removeprefix(DEFAULT))
    return wckeys if default in wckeys or not default[2] else [*wckeys, default]


def is_there(batch: Batch, wckey: Wckey) -> bool:
    """Whether slurmdbd knows a wckey."""
    user, cluster, name = wckey
    lists = {"user_list": [user], "cluster_list": [cluster], "name_list": [name]}
    with batch.db.wckeys(condition(batch.db, batch.arena, "slurmdb_wckey_cond_t", **lists)) as found:
        return len(found) > 0


def remove(db: Accounting, name: str) -> list[str]:
    """Remove a wckey from all users and clusters. Returns: what was removed; none where there is none."""
    arena = Arena()
    return db.remove_wckeys(condition(db, arena, "slurmdb_wckey_cond_t", name_list=[name]))


WCKEYS = Subject("wckeys", TABLES["WCKEY"], write)

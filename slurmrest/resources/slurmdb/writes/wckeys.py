"""Wckeys: labels of a user's jobs on a cluster. They are added, and hold nothing else; the default is the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from libslurm.conditions import condition
from libslurm.lists import elements
from libslurm.memory import Arena, record_at

from ....data_parser.tables import TABLES
from . import clusters
from .batch import INVALID, Batch, Subject, text

if TYPE_CHECKING:
    from libslurm.accounting import Accounting

Wckey = tuple[str, str, str]
"""User, cluster, name."""

DEFAULT = "*"
"""What the name begins with by which slurmdbd calls a wckey for jobs that got it as the user's default. It adds those
itself, and they stay when the default is another one."""


def write(batch: Batch, record: Any) -> None:
    """Add one wckey that is not there."""
    user = text(record.user)
    wckey = (user, text(record.cluster) or batch.cluster, text(record.name).removeprefix(DEFAULT))
    # Where wckeys are tracked every user has one without a name, which nobody adds.
    if not user or (not wckey[2] and not is_there(batch, wckey)):
        raise batch.refusal(INVALID, "A wckey has a name and a user")
    add_wckey(batch, wckey)


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


def defaults(batch: Batch, user: str, *clusters: str) -> set[str]:
    """The names of a user's default wckeys, on these clusters or all.

    Whoever makes "a" the default makes so "*a" too, and from then on either is shown.
    """
    lists = {"user_list": [user], "cluster_list": list(clusters) or None}
    with batch.db.wckeys(condition(batch.db, batch.arena, "slurmdb_wckey_cond_t", "only_defs", **lists)) as found:
        return {text(one.name).removeprefix(DEFAULT) for one in found}


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

"""Clusters: they are added; what else is known of one its slurmctld says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from libslurm.conditions import condition
from libslurm.memory import Arena, address_of

from ....data_parser.tables import TABLES
from .batch import INVALID, Batch, Subject, text

if TYPE_CHECKING:
    from libslurm.accounting import Accounting

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
"""Names that slurmdbd can make tables of."""


def write(batch: Batch, record: Any) -> None:
    """Add one cluster that is not there."""
    name = text(record.name)
    if not NAME.fullmatch(name):
        raise batch.refusal(INVALID, f'"{name}" is no name for a cluster: letters, digits, _ and -, 40 at most')
    if is_there(batch, name):
        return
    made = batch.fresh("slurmdb_cluster_rec_t")
    made.name = name.encode()
    made.root_assoc = address_of(batch.fresh("slurmdb_assoc_rec_t"))
    # Making tables ends a transaction of MariaDB's, so that no rollback would undo it.
    batch.undoing(lambda: _undo(batch.db, name))
    batch.db.add_clusters([made])
    batch.expect(f"cluster {name}", lambda: is_there(batch, name))


def _undo(db: Accounting, name: str) -> None:
    if remove(db, name):
        db.commit()


def is_there(batch: Batch, name: str) -> bool:
    """Whether slurmdbd knows a cluster."""
    with batch.db.clusters(named(batch.db, batch.arena, name)) as found:
        return len(found) > 0


def named(db: Accounting, arena: Arena, name: str) -> Any:
    """The condition that one cluster matches."""
    return condition(db, arena, "slurmdb_cluster_cond_t", cluster_list=[name])


def remove(db: Accounting, name: str) -> list[str]:
    """Remove one cluster, with its associations. Returns: the names removed; none where there is none."""
    arena = Arena()
    return db.remove_clusters(named(db, arena, name))


CLUSTERS = Subject("clusters", TABLES["CLUSTER_REC"], write)

"""clusters, cluster/{cluster_name}."""

from __future__ import annotations

from typing import TYPE_CHECKING

import falcon

from libslurm.conditions import condition
from libslurm.memory import Arena

from ...data_parser.tables import TABLES
from . import writes
from .queries import boolean, parameters
from .reading import Reading
from .writes.posting import Deleting, Posting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from libslurm.accounting import Accounting
    from libslurm.owned import OwnedList

KEY, TABLE = "clusters", TABLES["CLUSTER_REC"]


def find(db: Accounting, names: Sequence[str] | None = None, *, deleted: bool = False) -> OwnedList:
    """Fetch clusters. names: None for all."""
    arena = Arena()
    asked = ["with_deleted"] if deleted else []
    return db.clusters(condition(db, arena, "slurmdb_cluster_cond_t", *asked, cluster_list=names))


class Clusters(Posting, Reading):
    """/slurmdb/v0.0.39/clusters"""

    key, table = KEY, TABLE
    subjects = (writes.CLUSTERS,)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List clusters."""
        deleted = boolean(parameters(req, "with_deleted", strict=False), "with_deleted")
        with self.slurmdb(req, "Unable to query clusters") as db:
            self.answer_list(req, resp, db, find(db, deleted=deleted))


class ClusterRecord(Deleting, Reading):
    """/slurmdb/v0.0.39/cluster/{cluster_name}"""

    key, table = KEY, TABLE

    def on_get(self, req: falcon.Request, resp: falcon.Response, cluster_name: str) -> None:
        """Show one cluster."""
        deleted = boolean(parameters(req, "with_deleted", strict=False), "with_deleted")
        with self.slurmdb(req, f"Unable to query cluster {cluster_name}") as db:
            found = find(db, [cluster_name], deleted=deleted)
            self.answer_one(req, resp, found, f"cluster {cluster_name}")

    def on_delete(self, req: falcon.Request, resp: falcon.Response, cluster_name: str) -> None:
        """Remove one cluster."""
        parameters(req)
        self.remove(
            req,
            resp,
            "deleted_clusters",
            f"cluster {cluster_name}",
            lambda db: writes.clusters.remove(db, cluster_name),
        )

"""tres: the trackable resources there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import falcon

from libslurm.conditions import condition
from libslurm.memory import Arena

from ...data_parser.tables import TABLES
from ...exchange import query
from . import writes
from .reading import Reading
from .writes.posting import Posting

if TYPE_CHECKING:
    from libslurm.accounting import Accounting
    from libslurm.owned import OwnedList

KEY, TABLE = "TRES", TABLES["TRES"]


def find(db: Accounting) -> OwnedList:
    """Fetch TRES, deleted ones included."""
    arena = Arena()
    return db.tres(condition(db, arena, "slurmdb_tres_cond_t", "with_deleted"))


class Tres(Posting, Reading):
    """/slurmdb/v0.0.39/tres"""

    key, table = KEY, TABLE
    subjects = (writes.TRES,)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List trackable resources, deleted ones included."""
        query(req)
        with self.slurmdb(req, "Unable to query TRES") as db:
            self.answer_list(req, resp, db, find(db))

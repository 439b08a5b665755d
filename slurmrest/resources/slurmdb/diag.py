"""diag: what slurmdbd counts about itself."""

from __future__ import annotations

import falcon

from ...data_parser.tables import TABLES
from ...exchange import query
from ..base import Readable
from .base import SlurmdbResource


class Diag(SlurmdbResource, Readable):
    """/slurmdb/v0.0.39/diag"""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show slurmdbd's counters."""
        query(req)
        with self.slurmdb(req, "Unable to query statistics") as db, db.statistics() as found:
            self.answer(req, resp, statistics=self.parser.dump(TABLES["STATS_REC"], found.address))

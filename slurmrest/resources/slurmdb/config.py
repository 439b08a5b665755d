"""config: everything that slurmdbd is configured with, in one document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import falcon

from . import accounts, associations, clusters, qos, tres, users, wckeys, writes
from .queries import parameters
from .reading import Reading
from .writes.posting import Posting

if TYPE_CHECKING:
    from libslurm.accounting import Accounting


PARTS: tuple[tuple[str, Any, Any], ...] = (
    (clusters.KEY, clusters.TABLE, clusters.find),
    (tres.KEY, tres.TABLE, tres.find),
    (accounts.KEY, accounts.TABLE, accounts.find),
    (users.KEY, users.TABLE, users.find),
    (qos.KEY, qos.TABLE, qos.find),
    (wckeys.KEY, wckeys.TABLE, wckeys.find),
    (associations.KEY, associations.TABLE, lambda db: associations.find(db, {})),
)
"""Key of the document, table of its records, and what fetches them; in the order of the document."""


class Config(Posting, Reading):
    """/slurmdb/v0.0.39/config"""

    subjects = (
        writes.CLUSTERS,
        writes.QOS,
        writes.TRES,
        writes.ACCOUNTS,
        writes.USERS,
        writes.WCKEYS,
        writes.ASSOCIATIONS,
    )

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show everything; what is posted here again changes nothing."""
        parameters(req, strict=False)
        with self.slurmdb(req, "Unable to query the configuration") as db:
            self.answer_tagged(req, resp, {key: self._part(db, table, find) for key, table, find in PARTS})

    def _part(self, db: Accounting, table: Any, find: Any) -> list[Any]:
        with find(db) as found:
            return self.documents(table, found)

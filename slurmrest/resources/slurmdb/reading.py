"""What the GET of all collections of /slurmdb share.

slurmdbd does not say when its records last changed, so that a tag goes by what an answer says, where that is short.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import falcon

from ...data_parser.parser import Records
from ...errors import Problems
from ..base import Readable, not_found
from .base import SlurmdbResource, catalogue

if TYPE_CHECKING:
    from libslurm.accounting import Accounting
    from libslurm.owned import OwnedList

    from ...data_parser.fields import Table

FEW = 256
"""Records that are answered at once; more are sent while they are encoded."""


class Reading(SlurmdbResource, Readable):
    """A URL of /slurmdb that lists records. key: of the document. table: of one record."""

    key: str
    table: Table

    def answer_list(self, req: falcon.Request, resp: falcon.Response, db: Accounting, found: OwnedList) -> None:
        """Answer with every record of *found*, which is freed when the last is sent."""
        with ExitStack() as held:
            held.enter_context(found)
            records = Records(self.parser, self.table, found.addresses())
            if len(records.addresses) <= FEW:
                self.answer_tagged(req, resp, {self.key: list(records.documents())})
                return
            # While it is sent there is no connection left to ask what an id stands for.
            self.parser.names.known.learn(catalogue(db))
            req.context.exchange.answer_all(resp, self.key, records, None, held.pop_all().close)

    def answer_one(self, req: falcon.Request, resp: falcon.Response, found: OwnedList, what: str) -> None:
        """Answer with what was asked for by name. what: "account physics". Raises: Problems 404 where there is none."""
        with found:
            documents = self.documents(self.table, found)
        if not documents:
            raise nothing_found(what, self.key)
        self.answer_tagged(req, resp, {self.key: documents})


def nothing_found(what: str, key: str) -> Problems:
    """Make the 404 for a record asked for by name: what 23.02.3 gives as a warning. key: of the empty list."""
    return not_found(f"Found nothing: there is no {what}", f"slurmdb_{key}_get()", key, name=None)

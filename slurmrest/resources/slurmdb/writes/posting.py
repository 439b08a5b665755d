"""The methods that write, for the resources of /slurmdb."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

import falcon

from ....data_parser.parse import Problem
from ....errors import Problems
from ....exchange import read_body
from ..base import SlurmdbResource
from ..queries import parameters
from .batch import Batch

if TYPE_CHECKING:
    from libslurm.accounting import Accounting

    from .batch import Subject


class Posting(SlurmdbResource):
    """A URL where records are added and modified. subjects: what its document may hold, in the order it is written."""

    subjects: ClassVar[tuple[Subject, ...]]

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Add or modify everything in the document, or nothing of it."""
        parameters(req)
        document = read_body(req)
        with self.slurmdb_writing(req, f"Unable to write {self.subjects[-1].key}") as db:
            batch = Batch(self.parser, db)
            try:
                batch.write(document, *self.subjects)
                batch.commit()
            except BaseException:
                batch.undo()
                raise
        req.context.exchange.warnings += batch.context.warnings
        self.answer(req, resp)


class Deleting(SlurmdbResource):
    """A URL where records are removed."""

    def remove(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        key: str,
        what: str,
        remove: Callable[[Accounting], Sequence[str]],
    ) -> None:
        """Remove by *remove*, which gives the names removed, and answer with them under *key*.

        what: "account physics", for errors. Raises: Problems 404 where there is nothing to remove, 500 where it is
        still there after the commit; SlurmError.
        """
        with self.slurmdb_writing(req, f"Unable to remove {what}") as db:
            names = list(remove(db))
            if not names:
                raise Problems([Problem(f"There is no {what} to remove", req.path)], payload={key: []}, status=404)
            db.commit()
            if remove(db):
                text = f"slurmdbd removed {what}, and has it still"
                raise Problems([Problem(text, "slurmdb_connection_commit()", "ESLURM_DB_CONNECTION")])
        self.answer(req, resp, **{key: names})

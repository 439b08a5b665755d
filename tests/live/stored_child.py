"""A process of its own that writes documents to slurmdbd, and lets something else come of them."""

from __future__ import annotations

import subprocess
from functools import partial
from typing import Any

from slurmrest.data_parser.parser import Parser
from slurmrest.errors import Problems
from slurmrest.resources.slurmdb.base import catalogue
from slurmrest.resources.slurmdb.writes import ACCOUNTS, ASSOCIATIONS, QOS, USERS
from slurmrest.resources.slurmdb.writes.batch import Batch
from slurmrest.resources.slurmdb.writes.qos import remove
from tests.live.accounting_child import AccountingChild
from tests.live.bindings_child import serve


class StoredChild(AccountingChild):
    """The commands."""

    def posted(self, document: Any, lost: bool, *command: str) -> list[str]:
        """Write *document* as POST config does. Returns: what was wrong.

        lost: the commit does nothing, and says that all is well. command: run after it, before anything is read.
        """
        with self.pool.writing(self.own) as db:
            batch = Batch(parser := Parser(self.library), db)
            commit = db.rollback if lost else db.commit

            def committed() -> None:
                commit()
                if command:
                    subprocess.run(command, check=True, capture_output=True)

            db.commit = committed  # type: ignore[method-assign]
            with parser.names.known.asking(partial(catalogue, db)):
                try:
                    batch.write(document, ACCOUNTS, USERS, QOS, ASSOCIATIONS)
                    batch.commit()
                except Problems as problems:
                    return [problem.text for problem in problems.errors]
        return []

    def remove_qos(self, name: str) -> None:
        """Remove a QOS."""
        with self.pool.writing(self.own) as db:
            assert remove(db, name)
            db.commit()


if __name__ == "__main__":
    serve(StoredChild())

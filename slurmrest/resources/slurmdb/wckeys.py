"""wckeys, wckey/{wckey}."""

from __future__ import annotations

from functools import partial
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

KEY, TABLE = "wckeys", TABLES["WCKEY"]


def find(db: Accounting, names: Sequence[str] | None = None, *, deleted: bool = False) -> OwnedList:
    """Fetch wckeys, those of one name of all users. names: None for all."""
    arena = Arena()
    asked = ["with_deleted"] if deleted else []
    return db.wckeys(condition(db, arena, "slurmdb_wckey_cond_t", *asked, name_list=names))


class Wckeys(Posting, Reading):
    """/slurmdb/v0.0.39/wckeys"""

    key, table = KEY, TABLE
    subjects = (writes.WCKEYS,)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List wckeys."""
        deleted = boolean(parameters(req, "with_deleted", strict=False), "with_deleted")
        with self.slurmdb(req, "Unable to query wckeys") as db:
            self.answer_list(req, resp, db, find(db, deleted=deleted))


class Wckey(Deleting, Reading):
    """/slurmdb/v0.0.39/wckey/{wckey}"""

    key, table = KEY, TABLE

    def on_get(self, req: falcon.Request, resp: falcon.Response, wckey: str) -> None:
        """Show the wckeys of one name, one for each user and cluster."""
        deleted = boolean(parameters(req, "with_deleted", strict=False), "with_deleted")
        with self.slurmdb(req, f"Unable to query wckey {wckey}") as db:
            self.answer_one(req, resp, find(db, [wckey], deleted=deleted), f"wckey {wckey}")

    def on_delete(self, req: falcon.Request, resp: falcon.Response, wckey: str) -> None:
        """Remove one wckey."""
        parameters(req)
        self.remove(req, resp, "deleted_wckeys", f"wckey {wckey}", partial(writes.wckeys.remove, name=wckey))

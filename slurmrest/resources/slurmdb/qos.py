"""qos, qos/{qos_name}."""

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

KEY, TABLE = "qos", TABLES["QOS"]


def find(db: Accounting, names: Sequence[str] | None = None, *, deleted: bool = False) -> OwnedList:
    """Fetch QOS. names: None for all."""
    arena = Arena()
    asked = ["with_deleted"] if deleted else []
    return db.qos(condition(db, arena, "slurmdb_qos_cond_t", *asked, name_list=names))


class QosList(Posting, Reading):
    """/slurmdb/v0.0.39/qos"""

    key, table = KEY, TABLE
    subjects = (writes.QOS,)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List QOS."""
        deleted = boolean(parameters(req, "with_deleted"), "with_deleted")
        with self.slurmdb(req, "Unable to query QOS") as db:
            self.answer_list(req, resp, db, find(db, deleted=deleted))


class Qos(Deleting, Reading):
    """/slurmdb/v0.0.39/qos/{qos_name}"""

    key, table = KEY, TABLE

    def on_get(self, req: falcon.Request, resp: falcon.Response, qos_name: str) -> None:
        """Show one QOS."""
        deleted = boolean(parameters(req, "with_deleted"), "with_deleted")
        with self.slurmdb(req, f"Unable to query QOS {qos_name}") as db:
            self.answer_one(req, resp, find(db, [qos_name], deleted=deleted), f"QOS {qos_name}")

    def on_delete(self, req: falcon.Request, resp: falcon.Response, qos_name: str) -> None:
        """Remove one QOS."""
        parameters(req)
        self.remove(req, resp, "removed_qos", f"QOS {qos_name}", partial(writes.qos.remove, name=qos_name))

"""associations, association."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import falcon

from libslurm.conditions import condition
from libslurm.memory import Arena

from ...data_parser.parse import Problem
from ...data_parser.tables import TABLES
from ...errors import Problems
from . import writes
from .queries import cluster_name, converted, parameters, texts
from .reading import Reading
from .writes.posting import Deleting, Posting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from libslurm.accounting import Accounting
    from libslurm.owned import OwnedList

KEY, TABLE = "associations", TABLES["ASSOC"]

REMOVED = "removed_associations"

LISTS = {
    "partition": "partition_list",
    "cluster": "cluster_list",
    "account": "acct_list",
    "user": "user_list",
}
"""Query parameter -> list of the condition. Several values are any of them, several parameters all of them."""


def find(db: Accounting, wanted: Mapping[str, Sequence[str]]) -> OwnedList:
    """Fetch associations. wanted: lists of a slurmdb_assoc_cond_t, {"user_list": ["alice"]}."""
    arena = Arena()
    return db.associations(condition(db, arena, "slurmdb_assoc_cond_t", **wanted))


def selection(req: falcon.Request, *, strict: bool = False) -> dict[str, Sequence[str]]:
    """Give what the query asks for, as lists of the condition. `user=` asks for those without a user.

    strict: where it is about what is to be removed, a misspelt parameter must not make it more.
    Raises: Problems 422.
    """
    found = parameters(req, *LISTS, strict=strict)
    wanted: dict[str, Sequence[str]] = {LISTS[name]: texts(found, name) or [""] for name in found}
    for name in wanted.get("cluster_list", ()):
        converted("cluster", name, cluster_name)
    return wanted


class Associations(Posting, Deleting, Reading):
    """/slurmdb/v0.0.39/associations"""

    key, table = KEY, TABLE
    subjects = (writes.ASSOCIATIONS,)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List associations, all or those that the query asks for."""
        wanted = selection(req)
        with self.slurmdb(req, "Unable to query associations") as db:
            self.answer_list(req, resp, db, find(db, wanted))

    def on_delete(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Remove every association that the query asks for."""
        wanted = selection(req, strict=True)
        self.remove(req, resp, REMOVED, "association like that", partial(writes.associations.remove, wanted=wanted))


class Association(Deleting, Reading):
    """/slurmdb/v0.0.39/association"""

    key, table = KEY, TABLE

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show the one association that the query asks for."""
        wanted = selection(req)
        with self.slurmdb(req, "Unable to query association") as db, find(db, wanted) as found:
            if len(found) > 1:
                raise ambiguous(len(found))
            self.answer_one(req, resp, found, "association like that")

    def on_delete(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Remove the one association that the query asks for."""
        wanted = selection(req, strict=True)
        one = partial(writes.associations.remove, wanted=wanted, only_one=True)
        self.remove(req, resp, REMOVED, "association like that", one)


def ambiguous(count: int) -> Problems:
    """Make the error for a query of one association that matches several."""
    text = f"Ambiguous request: {count} associations match; name account, user, cluster and partition"
    return Problems([Problem(text, "slurmdb_associations_get()", "ESLURM_DATA_AMBIGUOUS_QUERY")], payload={KEY: []})

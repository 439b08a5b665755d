"""users, user/{user_name}."""

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

KEY, TABLE = "users", TABLES["USER"]


def find(db: Accounting, names: Sequence[str] | None = None, *, deleted: bool = False) -> OwnedList:
    """Fetch users with their associations, wckeys and the accounts they coordinate. names: None for all."""
    arena = Arena()
    asked = ("with_assocs", "with_coords", "with_wckeys", *(["with_deleted"] if deleted else []))
    associations = condition(db, arena, "slurmdb_assoc_cond_t", user_list=names)
    return db.users(condition(db, arena, "slurmdb_user_cond_t", *asked, assoc_cond=associations))


class Users(Posting, Reading):
    """/slurmdb/v0.0.39/users"""

    key, table = KEY, TABLE
    subjects = (writes.USERS,)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List users."""
        deleted = boolean(parameters(req, "with_deleted"), "with_deleted")
        with self.slurmdb(req, "Unable to query users") as db:
            self.answer_list(req, resp, db, find(db, deleted=deleted))


class User(Deleting, Reading):
    """/slurmdb/v0.0.39/user/{user_name}"""

    key, table = KEY, TABLE

    def on_get(self, req: falcon.Request, resp: falcon.Response, user_name: str) -> None:
        """Show one user."""
        deleted = boolean(parameters(req, "with_deleted"), "with_deleted")
        with self.slurmdb(req, f"Unable to query user {user_name}") as db:
            self.answer_one(req, resp, find(db, [user_name], deleted=deleted), f"user {user_name}")

    def on_delete(self, req: falcon.Request, resp: falcon.Response, user_name: str) -> None:
        """Remove one user."""
        parameters(req)
        self.remove(req, resp, "removed_users", f"user {user_name}", partial(writes.users.remove, name=user_name))

"""accounts, account/{account_name}."""

from __future__ import annotations

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

KEY, TABLE = "accounts", TABLES["ACCOUNT"]


def find(db: Accounting, names: Sequence[str] | None = None, *, deleted: bool = False) -> OwnedList:
    """Fetch accounts with their associations and coordinators. names: None for all."""
    arena = Arena()
    asked = ("with_assocs", "with_coords", *(["with_deleted"] if deleted else []))
    associations = condition(db, arena, "slurmdb_assoc_cond_t", acct_list=names)
    return db.accounts(condition(db, arena, "slurmdb_account_cond_t", *asked, assoc_cond=associations))


class Accounts(Posting, Reading):
    """/slurmdb/v0.0.39/accounts"""

    key, table = KEY, TABLE
    subjects = (writes.ACCOUNTS,)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List accounts."""
        deleted = boolean(parameters(req, "with_deleted"), "with_deleted")
        with self.slurmdb(req, "Unable to query accounts") as db:
            self.answer_list(req, resp, db, find(db, deleted=deleted))


class Account(Deleting, Reading):
    """/slurmdb/v0.0.39/account/{account_name}"""

    key, table = KEY, TABLE

    def on_get(self, req: falcon.Request, resp: falcon.Response, account_name: str) -> None:
        """Show one account."""
        deleted = boolean(parameters(req, "with_deleted"), "with_deleted")
        with self.slurmdb(req, f"Unable to query account {account_name}") as db:
            found = find(db, [account_name], deleted=deleted)
            self.answer_one(req, resp, found, f"account {account_name}")

    def on_delete(self, req: falcon.Request, resp: falcon.Response, account_name: str) -> None:
        """Remove one account."""
        parameters(req)
        self.remove(
            req,
            resp,
            "removed_accounts",
            f"account {account_name}",
            lambda db: writes.accounts.remove(db, account_name),
        )

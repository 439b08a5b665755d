"""Users and their wckeys."""

from __future__ import annotations

from ..fields import Field, Skip, Table
from ..lists import ListOf
from ..types import STRING, UINT32
from .account import COORD_LIST
from .accounting_flags import ADMIN_LVL, USER_FLAGS, WCKEY_FLAGS
from .association import ASSOC_SHORT_LIST
from .tres import ACCOUNTING

WCKEY = Table(
    "WCKEY",
    "slurmdb_wckey_rec_t",
    "A wckey: a label for jobs, of a user on a cluster",
    (
        Field("accounting", ListOf(ACCOUNTING), "accounting_list", "What jobs with it used"),
        Field("cluster", STRING, "cluster", "Cluster", required=True),
        Field("id", UINT32, "id", "Number by which the database knows it"),
        Field("name", STRING, "name", "Name; begins with * where it is the user's default", required=True),
        Field("user", STRING, "user", "User", required=True),
        Field("flags", WCKEY_FLAGS, "flags", "Flags"),
        Skip("is_def", "uid"),
    ),
)

USER = Table(
    "USER",
    "slurmdb_user_rec_t",
    "A user",
    (
        Field("administrator_level", ADMIN_LVL, "admin_level", "What the user may administer"),
        Field("associations", ASSOC_SHORT_LIST, "assoc_list", "The user's associations"),
        Field("coordinators", COORD_LIST, "coord_accts", "Accounts the user may administer"),
        Field("default/account", STRING, "default_acct", "Account of jobs that ask for none"),
        Field("default/wckey", STRING, "default_wckey", "Wckey of jobs that ask for none"),
        Field("flags", USER_FLAGS, "flags", "Flags"),
        Field("name", STRING, "name", "Name", required=True),
        Field("old_name", STRING, "old_name", "Name until now, of a user to be renamed"),
        Field("wckeys", ListOf(WCKEY), "wckey_list", "The user's wckeys"),
        Skip("bf_usage", "uid", "def_qos_id"),
    ),
)

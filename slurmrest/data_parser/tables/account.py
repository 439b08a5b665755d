"""Accounts and those who coordinate them."""

from __future__ import annotations

from ..fields import Field, Table
from ..lists import ListOf
from ..types import BOOL16, STRING
from .accounting_flags import ACCOUNT_FLAGS
from .association import ASSOC_SHORT_LIST

COORD = Table(
    "COORD",
    "slurmdb_coord_rec_t",
    "A coordinator of an account; of a user, an account that the user coordinates",
    (
        Field("name", STRING, "name", "User, or account", required=True),
        Field("direct", BOOL16, "direct", "Whether of this account itself, or of one above it"),
    ),
)

COORD_LIST = ListOf(COORD)

ACCOUNT = Table(
    "ACCOUNT",
    "slurmdb_account_rec_t",
    "An account",
    (
        Field("associations", ASSOC_SHORT_LIST, "assoc_list", "Its associations"),
        Field("coordinators", COORD_LIST, "coordinators", "Users who may administer it"),
        Field("description", STRING, "description", "What it is for", required=True),
        Field("name", STRING, "name", "Name", required=True),
        Field("organization", STRING, "organization", "Who it belongs to", required=True),
        Field("flags", ACCOUNT_FLAGS, "flags", "Flags"),
    ),
)

"""Trackable resources, and how much of one an account or a wckey used."""

from __future__ import annotations

from ..fields import Field, Skip, Table
from ..lists import Embedded, ListOf
from ..tres import SignedInteger, TresString
from ..types import STRING, UINT32, UINT64

INT64_COUNT = SignedInteger()

TRES = Table(
    "TRES",
    "slurmdb_tres_rec_t",
    "A trackable resource and a number of it",
    (
        Field("type", STRING, "type", "Kind of resource, such as cpu or gres", required=True),
        Field("name", STRING, "name", "Which of its kind, such as gpu; empty where there is one"),
        Field("id", UINT32, "id", "Number by which the database knows it"),
        Field("count", INT64_COUNT, "count", "How much of it; -1 for no limit"),
        Skip("alloc_secs", "rec_count", "modifier"),
    ),
)

TRES_LIST = ListOf(TRES)
TRES_STR = TresString(TRES_LIST)

ACCOUNTING = Table(
    "ACCOUNTING",
    "slurmdb_accounting_rec_t",
    "How much was used in a period",
    (
        Field("allocated/seconds", UINT64, "alloc_secs", "Time for which the resource was allocated (seconds)"),
        Field("id", UINT32, "id", "Number of the association or the wckey"),
        Field("start", UINT64, "period_start", "When the period began (seconds since the epoch)"),
        Field("TRES", Embedded(TRES), "tres_rec", "The resource"),
        Skip("id_alt"),
    ),
)

"""GET diag of /slurmdb: what slurmdbd counts about itself."""

from __future__ import annotations

from ..accounted import ROLLUP_STATS_PTR, RPC_ID
from ..computed import accounting
from ..fields import Computed, Field, Skip, Table
from ..lists import ListOf
from ..special import USER_ID
from ..types import UINT32, UINT64

STATS_RPC = Table(
    "STATS_RPC",
    "slurmdb_rpc_obj_t",
    "Messages of one type that slurmdbd received",
    (
        Field("rpc", RPC_ID, "id", "Name of the message"),
        Field("count", UINT32, "cnt", "Messages received"),
        Field("time/average", UINT64, "time_ave", "Mean time of one (microseconds)"),
        Field("time/total", UINT64, "time", "Time of all (microseconds)"),
    ),
)

STATS_USER = Table(
    "STATS_USER",
    "slurmdb_rpc_obj_t",
    "Messages that slurmdbd received from one user",
    (
        Field("user", USER_ID, "id", "User"),
        Field("count", UINT32, "cnt", "Messages received"),
        Field("time/average", UINT64, "time_ave", "Mean time of one (microseconds)"),
        Field("time/total", UINT64, "time", "Time of all (microseconds)"),
    ),
)

STATS_REC = Table(
    "STATS_REC",
    "slurmdb_stats_rec_t",
    "Counters of slurmdbd",
    (
        Field("time_start", UINT64, "time_start", "When it began to count (seconds since the epoch)"),
        Computed(
            "rollups",
            ROLLUP_STATS_PTR,
            accounting.rollups,
            "How long it took to roll up usage",
            uses=("dbd_rollup_stats",),
        ),
        Field("RPCs", ListOf(STATS_RPC), "rpc_list", "Messages received, by type"),
        Field("users", ListOf(STATS_USER), "user_list", "Messages received, by user"),
        Skip("rollup_stats"),
    ),
)

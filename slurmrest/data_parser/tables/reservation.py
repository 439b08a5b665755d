"""GET reservations."""

from __future__ import annotations

from ..fields import Field, Skip, Table
from ..special import Records
from ..types import STRING, UINT32, UINT32_NO_VAL, UINT64
from .flags import RESERVATION_FLAGS

RESERVATION_CORE_SPEC = Table(
    "RESERVATION_CORE_SPEC",
    "resv_core_spec_t",
    "Cores of a node that are reserved",
    (
        Field("node", STRING, "node_name", "Node"),
        Field("core", STRING, "core_id", "Cores, as a list of their numbers"),
    ),
)

RESERVATION_INFO = Table(
    "RESERVATION_INFO",
    "reserve_info_t",
    "A reservation",
    (
        Field("accounts", STRING, "accounts", "Accounts that may use it"),
        Field("burst_buffer", STRING, "burst_buffer", "Burst buffers"),
        Field("core_count", UINT32, "core_cnt", "Cores"),
        Field(
            "core_specializations",
            Records(RESERVATION_CORE_SPEC, count="core_spec_cnt", name="RESERVATION_INFO_CORE_SPEC"),
            "core_spec",
            "Cores reserved, by node",
        ),
        Field("end_time", UINT64, "end_time", "When it ends (seconds since the epoch)"),
        Field("features", STRING, "features", "Features the nodes must have"),
        Field("flags", RESERVATION_FLAGS, "flags", "How it behaves"),
        Field("groups", STRING, "groups", "Groups that may use it"),
        Field("licenses", STRING, "licenses", "Licenses"),
        Field(
            "max_start_delay",
            UINT32,
            "max_start_delay",
            "Longest delay of the start of a job that overlaps it (seconds)",
        ),
        Field("name", STRING, "name", "Name"),
        Field("node_count", UINT32, "node_cnt", "Number of nodes"),
        Field("node_list", STRING, "node_list", "Nodes"),
        Field("partition", STRING, "partition", "Partition"),
        Field(
            "purge_completed/time",
            UINT32_NO_VAL,
            "purge_comp_time",
            "Idle time after which it is removed (seconds)",
        ),
        Field("start_time", UINT64, "start_time", "When it starts (seconds since the epoch)"),
        Field("watts", UINT32_NO_VAL, "resv_watts", "Power reserved (W)"),
        Field("tres", STRING, "tres_str", "Trackable resources"),
        Field("users", STRING, "users", "Users who may use it"),
        Skip("node_inx", "comment", "allowed_parts", "qos"),
    ),
)

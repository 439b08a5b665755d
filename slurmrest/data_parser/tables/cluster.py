"""Clusters that slurmdbd knows."""

from __future__ import annotations

from ..accounting import SELECT_PLUGIN_ID
from ..fields import Field, Skip, Table
from ..lists import Record
from ..types import STRING, UINT16, UINT32
from .accounting_flags import CLUSTER_REC_FLAGS
from .association import ASSOC_SHORT
from .tres import TRES_STR

CLUSTER_REC = Table(
    "CLUSTER_REC",
    "slurmdb_cluster_rec_t",
    "A cluster",
    (
        Field("controller/host", STRING, "control_host", "Address of its slurmctld; empty while it is down"),
        Field("controller/port", UINT32, "control_port", "Port of its slurmctld, 0 while it is down"),
        Field("flags", CLUSTER_REC_FLAGS, "flags", "Flags"),
        Field("name", STRING, "name", "Name"),
        Field("nodes", STRING, "nodes", "Nodes"),
        Field("select_plugin", SELECT_PLUGIN_ID, "plugin_id_select", "Plugin that chooses nodes"),
        Field("associations/root", Record(ASSOC_SHORT), "root_assoc", "Association that all others are below"),
        Field("rpc_version", UINT16, "rpc_version", "Version of the protocol that its slurmctld speaks"),
        Field("tres", TRES_STR, "tres_str", "Resources it has"),
        Skip("accounting_list", "classification", "comm_fail_time", "control_addr", "dim_size", "dimensions"),
        Skip("fed", "id", "lock", "send_rpc"),
    ),
)

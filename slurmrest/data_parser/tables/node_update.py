"""POST node: changes of nodes."""

from __future__ import annotations

from ..fields import Field, Skip, Table
from ..special import USER_ID
from ..types import CSV_LIST, HOSTLIST_STRING, STRING, UINT32, UINT32_NO_VAL
from .flags import NODE_STATES

UPDATE_NODE_MSG = Table(
    "UPDATE_NODE_MSG",
    "update_node_msg_t",
    "What to change on nodes",
    (
        Field("comment", STRING, "comment", "Comment of an administrator"),
        Field(
            "cpu_bind",
            UINT32,
            "cpu_bind",
            "Default binding of tasks to CPUs, as a number of CPU_BIND_* bits",
        ),
        Field("extra", STRING, "extra", "Arbitrary text"),
        Field("features", CSV_LIST, "features", "Features the nodes can have"),
        Field("features_act", CSV_LIST, "features_act", "Features the nodes have now"),
        Field("gres", STRING, "gres", "Generic resources"),
        Field("address", HOSTLIST_STRING, "node_addr", "Addresses for messages, one per node"),
        Field("hostname", HOSTLIST_STRING, "node_hostname", "Host names, one per node"),
        Field("name", HOSTLIST_STRING, "node_names", "Nodes to change"),
        Field("state", NODE_STATES, "node_state", "State to change to"),
        Field("reason", STRING, "reason", "Why they are down, drained or failing"),
        Field("reason_uid", USER_ID, "reason_uid", "User who gives the reason"),
        Field("resume_after", UINT32_NO_VAL, "resume_after", "Resume after this time (seconds)"),
        Field("weight", UINT32_NO_VAL, "weight", "Scheduling weight, low first"),
        Skip("instance_id", "instance_type", "cert_token", "topology_str", "power_action_name"),
    ),
)

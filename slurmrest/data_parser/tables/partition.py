"""GET partitions."""

from __future__ import annotations

from ..fields import Field, Skip, Table
from ..special import PARTITION_MEMORY
from ..types import STRING, UINT16, UINT16_NO_VAL, UINT32, UINT32_NO_VAL

PARTITION_INFO = Table(
    "PARTITION_INFO",
    "partition_info_t",
    "A partition",
    (
        Field(
            "nodes/allowed_allocation",
            STRING,
            "allow_alloc_nodes",
            "Nodes that jobs may be submitted from",
        ),
        Field("accounts/allowed", STRING, "allow_accounts", "Accounts that may use it"),
        Field("groups/allowed", STRING, "allow_groups", "Groups that may use it"),
        Field("qos/allowed", STRING, "allow_qos", "QOS that may use it"),
        Field("alternate", STRING, "alternate", "Partition to use while this one is down"),
        Field(
            "tres/billing_weights",
            STRING,
            "billing_weights_str",
            "Billing weights of trackable resources",
        ),
        Field("cluster", STRING, "cluster_name", "Cluster it belongs to, in a multi-cluster answer"),
        Field(
            "cpus/task_binding",
            UINT32,
            "cpu_bind",
            "Default binding of tasks to CPUs, as a number of CPU_BIND_* bits",
        ),
        Field(
            "defaults/memory_per_cpu",
            PARTITION_MEMORY,
            "def_mem_per_cpu",
            "Default memory per CPU or per node (MiB)",
        ),
        Field("defaults/time", UINT32_NO_VAL, "default_time", "Default time limit (minutes)"),
        Field("accounts/deny", STRING, "deny_accounts", "Accounts that may not use it"),
        Field("qos/deny", STRING, "deny_qos", "QOS that may not use it"),
        Field("grace_time", UINT32, "grace_time", "Time that a preempted job is left (seconds)"),
        Field("defaults/job", STRING, "job_defaults_str", "Defaults of generic resources"),
        Field(
            "maximums/cpus_per_node",
            UINT32_NO_VAL,
            "max_cpus_per_node",
            "Most CPUs of a node that jobs can use",
        ),
        Field(
            "maximums/cpus_per_socket",
            UINT32_NO_VAL,
            "max_cpus_per_socket",
            "Most CPUs of a socket that jobs can use",
        ),
        Field(
            "maximums/memory_per_cpu",
            PARTITION_MEMORY,
            "max_mem_per_cpu",
            "Most memory per CPU or per node (MiB)",
        ),
        Field("maximums/nodes", UINT32_NO_VAL, "max_nodes", "Most nodes of a job"),
        Field("maximums/shares", UINT16, "max_share", "Most jobs that share a resource"),
        Field("maximums/time", UINT32_NO_VAL, "max_time", "Longest time limit (minutes)"),
        Field("minimums/nodes", UINT32, "min_nodes", "Fewest nodes of a job"),
        Field("name", STRING, "name", "Name"),
        Field("nodes/configured", STRING, "nodes", "Nodes"),
        Field("node_sets", STRING, "nodesets", "Sets of nodes"),
        Field(
            "maximums/over_time_limit",
            UINT16_NO_VAL,
            "over_time_limit",
            "Time that a job may exceed its limit by (minutes)",
        ),
        Field("priority/job_factor", UINT16, "priority_job_factor", "Factor of a job's priority"),
        Field("priority/tier", UINT16, "priority_tier", "Tier: jobs of a higher one are scheduled first"),
        Field("qos/assigned", STRING, "qos_char", "QOS of the partition itself"),
        Field("timeouts/resume", UINT16_NO_VAL, "resume_timeout", "Time a node may take to resume (seconds)"),
        Field(
            "suspend_time",
            UINT32_NO_VAL,
            "suspend_time",
            "Idle time after which a node is suspended (seconds)",
        ),
        Field(
            "timeouts/suspend",
            UINT16_NO_VAL,
            "suspend_timeout",
            "Time a node may take to suspend (seconds)",
        ),
        Field("cpus/total", UINT32, "total_cpus", "CPUs"),
        Field("nodes/total", UINT32, "total_nodes", "Number of nodes"),
        Field("tres/configured", STRING, "tres_fmt_str", "Trackable resources"),
        Skip("cr_type", "flags", "job_defaults_list", "node_inx", "preempt_mode", "state_up", "topology_name"),
    ),
)

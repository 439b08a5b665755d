"""What a job holds, node by node and core by core."""

from __future__ import annotations

from ..computed import resources
from ..fields import Computed, Field, Skip, Table
from ..special import ALLOCATED_CORES, ALLOCATED_CPUS
from ..types import STRING, UINT32, Document

ALLOCATED_NODES = Document(
    "JOB_RES_NODES",
    {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "sockets": {
                    "type": "object",
                    "description": "Sockets of the node that have cores of the job, by number",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "cores": {
                                "type": "object",
                                "description": "Cores of the job, by number",
                                "additionalProperties": {
                                    "type": "string",
                                    "enum": ["allocated", "allocated_and_in_use"],
                                },
                            },
                        },
                    },
                },
                "nodename": {"type": "string", "description": "Node"},
                "cpus_used": {"type": "integer", "format": "int32", "description": "CPUs that steps use"},
                "memory_used": {
                    "type": "integer",
                    "format": "int64",
                    "description": "Memory that steps use (MiB)",
                },
                "memory_allocated": {"type": "integer", "format": "int64", "description": "Memory (MiB)"},
            },
        },
    },
    [],
)

JOB_RES = Table(
    "JOB_RES",
    "job_resources_t",
    "What a job holds",
    (
        Field("nodes", STRING, "nodes", "Nodes"),
        Field(
            "allocated_cores",
            ALLOCATED_CORES,
            "ncpus",
            "Cores, where the cluster allocates cores or sockets; else 0",
        ),
        Field("allocated_cpus", ALLOCATED_CPUS, "ncpus", "CPUs, where the cluster allocates CPUs; else 0"),
        Field("allocated_hosts", UINT32, "nhosts", "Number of nodes"),
        Computed(
            "allocated_nodes",
            ALLOCATED_NODES,
            resources.allocated_nodes,
            "Cores, CPUs and memory, by node",
            uses=resources.MEMBERS,
        ),
        Skip("cpu_array_cnt", "cpu_array_value", "cpu_array_reps", "cpus", "cr_type", "next_step_node_inx"),
        Skip("node_bitmap", "node_ranks", "node_req", "tasks_per_node", "threads_per_core", "whole_node"),
    ),
)

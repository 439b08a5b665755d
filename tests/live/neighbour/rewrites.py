"""What is put in its place in the neighbour's documents before anything is compared, each with its reason.

As with the differences, one that finds nothing to do is a failure.
"""

from __future__ import annotations

from typing import Any

from .entry import SINCE_40, SINCE_42, UNTIL_38, Renamed, Rewritten


def node_states(node: Any) -> bool:
    """Make one list of a state and the flags on it."""
    for key in ("state", "next_state_after_reboot"):
        node[key] = [node[key].upper(), *node.pop(f"{key}_flags")]
    return True


def partition_memory(partition: Any) -> bool:
    """Make one limit of two: one of them, or both, are null."""
    for ours, theirs in (("defaults", "default"), ("maximums", "maximum")):
        limits = [partition.pop(f"{theirs}_memory_per_{kind}") for kind in ("cpu", "node")]
        partition[ours]["memory_per_cpu"] = limits[0] or limits[1] or 0
    return True


def allocated_nodes(job: Any) -> bool:
    """Make what v0.0.39 has of the resources of a job."""
    held = job["job_resources"]
    if not held:
        job["job_resources"] = {}
        return False
    nodes = held["nodes"]
    job["job_resources"] = {
        "nodes": nodes["list"],
        "allocated_cores": 0,
        "allocated_cpus": held["cpus"],
        "allocated_hosts": nodes["count"],
        "allocated_nodes": [
            {
                "sockets": {str(socket["index"]): {"cores": cores(socket)} for socket in node["sockets"]},
                "nodename": node["name"],
                "cpus_used": node["cpus"]["used"],
                "memory_used": node["memory"]["used"],
                "memory_allocated": node["memory"]["allocated"],
            }
            for node in nodes["allocation"]
        ],
    }
    return True


def cores(socket: Any) -> dict[str, str]:
    """The cores of a socket that are in use."""
    used = [core for core in socket["cores"] if core["status"] != ["UNALLOCATED"]]
    return {str(core["index"]): core["status"][0].lower() for core in used}


def rollups(statistics: Any) -> bool:
    """Make a list of the rollups: those that have never run are not in it."""
    named = {"hourly": "internal", "daily": "user", "monthly": "unknown"}
    found = statistics.get("rollups")
    if not isinstance(found, dict):
        return False
    statistics["rollups"] = [
        {
            "type": named[name],
            "last_run": one["last_run"],
            "last_cycle": one["duration"]["last"],
            "max_cycle": one["duration"]["max"],
            "total_time": one["duration"]["time"],
            "total_cycles": one["count"],
            "mean_cycles": one["duration"]["time"] // one["count"],
        }
        for name, one in found.items()
        if one["count"]
    ]
    return True


PARTITION = {
    "nodes": "nodes/configured",
    "total_nodes": "nodes/total",
    "allowed_allocation_nodes": "nodes/allowed_allocation",
    "qos": "qos/assigned",
    "allowed_qos": "qos/allowed",
    "denied_qos": "qos/deny",
    "tres": "tres/configured",
    "billing_weights": "tres/billing_weights",
    "allowed_accounts": "accounts/allowed",
    "denied_accounts": "accounts/deny",
    "allowed_groups": "groups/allowed",
    "alternative": "alternate",
    "default_time_limit": "defaults/time",
    "preemption_grace_time": "grace_time",
    "maximum_cpus_per_node": "maximums/cpus_per_node",
    "maximum_nodes_per_job": "maximums/nodes",
    "max_time_limit": "maximums/time",
    "min nodes per job": "minimums/nodes",
    "over_time_limit": "maximums/over_time_limit",
    "priority_job_factor": "priority/job_factor",
    "priority_tier": "priority/tier",
    "total_cpus": "cpus/total",
}
STEP = {"step/id": "step/id/step_id", "step/job_id": "step/id/job_id"}
SIGNAL = {"exit_code/signal/id": "exit_code/signal/signal_id"}

REWRITES: tuple[Renamed | Rewritten, ...] = (
    Renamed("Renamed in v0.0.39.", "slurm/pings[]/", {"ping": "pinged"}, versions=UNTIL_38),
    Renamed(
        "Misspelt where it is set; renamed in v0.0.39.",
        "slurm/jobs[]/",
        {"cpu_frequency_minumum": "cpu_frequency_minimum"},
        versions=UNTIL_38,
    ),
    Rewritten("A state and its flags are one list.", "slurm/nodes[]/", node_states, versions=UNTIL_38),
    Renamed(
        "Renamed in v0.0.39.",
        "slurm/nodes[]/",
        {"free_memory": "free_mem", "idle_cpus": "alloc_idle_cpus", "slurmd_version": "version"},
        versions=UNTIL_38,
    ),
    Renamed("A partition has its keys in groups.", "slurm/partitions[]/", PARTITION, versions=UNTIL_38),
    Rewritten("One limit for CPUs and nodes.", "slurm/partitions[]/", partition_memory, versions=UNTIL_38),
    Renamed("Renamed in v0.0.39.", "slurmdb/", {"QOS": "qos"}, versions=UNTIL_38),
    Renamed("Renamed in v0.0.39.", "slurmdb/wckeys[]/", {"accounts": "accounting"}, versions=UNTIL_38),
    Renamed("A step has one id.", "slurmdb/jobs[]/steps[]/", STEP, versions=UNTIL_38),
    Renamed("Renamed in v0.0.40.", "slurm/", {"meta/slurm": "meta/Slurm"}, versions=SINCE_40),
    Renamed("Renamed in v0.0.40.", "slurmdb/", {"meta/slurm": "meta/Slurm"}, versions=SINCE_40),
    Renamed("Renamed in v0.0.40, in the configuration only.", "slurmdb/", {"tres": "TRES"}, versions=SINCE_40),
    Renamed("Renamed in v0.0.40.", "slurmdb/jobs[]/", SIGNAL, versions=SINCE_40),
    Renamed("Renamed in v0.0.40.", "slurmdb/jobs[]/steps[]/", SIGNAL, versions=SINCE_40),
    Renamed("Renamed in v0.0.42.", "slurm/jobs[]/", {"required_switches": "minimum_switches"}, versions=SINCE_42),
    Rewritten("Another structure from v0.0.42 on.", "slurm/jobs[]/", allocated_nodes, versions=SINCE_42),
    Rewritten("Another structure from v0.0.42 on.", "slurmdb/statistics/", rollups, versions=SINCE_42),
)
"""What is put in its place in theirs, in this order, before anything is compared."""

"""What is derived for accounted jobs and steps, and from slurmdbd's counters."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from libslurm import memory

from ..tres import tres_counts
from ..types import NO_VAL

if TYPE_CHECKING:
    from ..convert import JSON
    from ..names import Names

ROLLUPS = ("internal", "user", "unknown")
"""What the parts of dbd_rollup_stats are called, in their order: by hour, day and month."""

places = lru_cache(maxsize=1024)(tres_counts)
"""tres_counts of numbers of nodes and tasks, which are the same few again and again."""


def association(names: Names, cluster: str, number: int, account: str, user: str) -> JSON:
    """Show the association that a job ran under; where it is not known by its number, what the job itself says."""
    if number in (0, NO_VAL):
        return {}
    account, partition, user = names.known.association(cluster, number) or (account, "", user)
    return {"account": account, "cluster": cluster, "partition": partition, "user": user}


def user(names: Names, name: str, uid: int) -> str | None:
    """Give the name of a job's user, which slurmdbd knows only by the association; None where nobody knows it."""
    return name or names.user(uid) or None


def step_id(names: Names, job: int, component: int, step: int) -> JSON:
    """Show which step it is."""
    numbers = {"job_id": job, "step_het_component": component}
    shown: JSON = {key: number for key, number in numbers.items() if number != NO_VAL}
    return shown if step == NO_VAL else {**shown, "step_id": names.step_id(step)}


def step_tres(names: Names, nodes: str, counts: str, on_nodes: str, of_tasks: str) -> list[JSON]:
    """Show the most or the least that a task of a step used of each TRES, which task it was, and where it ran."""
    count, node, task = tres_counts(counts), places(on_nodes), places(of_tasks)
    if not (count or node or task):
        return []
    hosts = dict(enumerate(names.hosts(nodes))) if nodes else {}
    shown = []
    for number in sorted(count.keys() | node.keys() | task.keys()):
        type_, name = names.tres(number)
        used = {"count": count.get(number, 0), "task": task.get(number, 0), "node": hosts.get(node.get(number, -1), "")}
        if any(used.values()):
            shown.append({"type": type_, "name": name, "id": number, **used})
    return shown


def rollups(names: Names, address: int) -> list[JSON]:
    """List how long slurmdbd took to roll up usage, of what it has rolled up so far."""
    if not address:
        return []
    record: Any = memory.record_at(names.library.layout.record("slurmdb_rollup_stats_t"), address)
    return [_rollup(record, index, name) for index, name in enumerate(ROLLUPS) if record.time_total[index]]


def _rollup(record: Any, index: int, name: str) -> JSON:
    total, count = record.time_total[index], record.count[index]
    return {
        "type": name,
        "last_run": record.timestamp[index],
        "last_cycle": record.time_last[index],
        "max_cycle": record.time_max[index],
        "total_time": total,
        "total_cycles": count,
        "mean_cycles": total // max(count, 1),
    }

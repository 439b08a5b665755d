"""diag against sdiag: the same counters, asked for just before and just after."""

from __future__ import annotations

from typing import Any

from tests.live.commands import statistics
from tests.live.jobs import API, Jobs
from tests.plugins.client import Client, eventually
from tests.plugins.cluster import Cluster

MAIN = "Main schedule statistics (microseconds)"
FILL = "Backfilling stats"

COUNTERS = {
    "agent_queue_size": "Agent queue size",
    "dbd_agent_queue_size": "DBD Agent queue size",
    "jobs_submitted": "Jobs submitted",
    "jobs_started": "Jobs started",
    "jobs_completed": "Jobs completed",
    "jobs_canceled": "Jobs canceled",
    "jobs_failed": "Jobs failed",
    "jobs_pending": "Jobs pending",
    "jobs_running": "Jobs running",
    "schedule_cycle_last": f"{MAIN}: Last cycle",
    "schedule_cycle_max": f"{MAIN}: Max cycle",
    "schedule_cycle_total": f"{MAIN}: Total cycles",
    "schedule_cycle_mean": f"{MAIN}: Mean cycle",
    "schedule_cycle_mean_depth": f"{MAIN}: Mean depth cycle",
    "schedule_cycle_per_minute": f"{MAIN}: Cycles per minute",
    "schedule_queue_length": f"{MAIN}: Last queue length",
    "bf_backfilled_jobs": f"{FILL}: Total backfilled jobs (since last slurm start)",
    "bf_last_backfilled_jobs": f"{FILL}: Total backfilled jobs (since last stats cycle start)",
    "bf_backfilled_het_jobs": f"{FILL}: Total backfilled heterogeneous job components",
    "bf_cycle_counter": f"{FILL}: Total cycles",
    "bf_cycle_last": f"{FILL}: Last cycle",
    "bf_cycle_mean": f"{FILL}: Mean cycle",
    "bf_last_depth": f"{FILL}: Last depth cycle",
    "bf_last_depth_try": f"{FILL}: Last depth cycle (try sched)",
    "bf_depth_mean": f"{FILL}: Depth Mean",
    "bf_depth_mean_try": f"{FILL}: Depth Mean (try depth)",
    "bf_queue_len": f"{FILL}: Last queue length",
    "bf_queue_len_mean": f"{FILL}: Queue length mean",
    "bf_table_size": f"{FILL}: Last table size",
    "bf_table_size_mean": f"{FILL}: Mean table size",
}
"""Key of the document -> label of sdiag."""

LATENCY = "Latency for 1000 calls to gettimeofday()"


def sdiag(cluster: Cluster) -> tuple[dict[str, str], dict[str, dict[int, int]]]:
    """What sdiag says."""
    return statistics(cluster.run("sdiag").stdout)


def stamp(text: str) -> int:
    """The seconds since the epoch at the end of a date of sdiag; 0 where it has none."""
    return int(text.rpartition("(")[2].rstrip(")")) if "(" in text else 0


def still(client: Client, cluster: Cluster) -> tuple[dict[str, Any], dict[str, str]]:
    """The document and sdiag's numbers from a moment when nothing was scheduled between them."""
    while True:
        before, _ = sdiag(cluster)
        document = client.get(f"{API}/diag").document["statistics"]
        after, _ = sdiag(cluster)
        if before.items() ^ after.items() <= {
            (key, table[key]) for table in (before, after) for key in PASSING if key in table
        }:
            return document, after


PASSING = ("sdiag output at Sun", "Server thread count", "Agent count", "Agent thread count")


def test_counters(client: Client, cluster: Cluster, jobs: Jobs) -> None:
    jobs.submit(client, script="#!/bin/true")
    document, shown = eventually(lambda: still(client, cluster))
    assert {key: document[key] for key in COUNTERS if COUNTERS[key] in shown} == {
        key: int(shown[label]) for key, label in COUNTERS.items() if label in shown
    }
    print(shown)

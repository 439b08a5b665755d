"""diag against sdiag: the same counters, asked for just before and just after."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live.commands import Counts, statistics
from tests.live.jobs import API, Jobs
from tests.plugins.client import Client, eventually
from tests.plugins.cluster import Cluster

MAIN = "Main schedule statistics (microseconds)"
FILL = "Backfilling stats"

COUNTERS = {
    "req_time_start": "Data since",
    "job_states_ts": "Job states ts",
    "bf_when_last_cycle": f"{FILL}: Last cycle when",
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

MOVING = ("Server thread count", "Agent count", "Agent thread count", "Latency for 1000 calls to gettimeofday()")
"""Numbers that differ between two runs of sdiag though nothing happens."""

Statistics = dict[str, Any]


def sdiag(cluster: Cluster) -> tuple[dict[str, int], Counts]:
    """What sdiag says."""
    return statistics(cluster.run("sdiag").stdout)


def caught(client: Client, cluster: Cluster) -> tuple[Statistics, dict[str, int]] | None:
    """The document and sdiag's numbers, from a moment when slurmctld did nothing between the two."""
    before, _ = sdiag(cluster)
    document = client.get(f"{API}/diag").document["statistics"]
    after, _ = sdiag(cluster)
    moved = {label for label in after if before.get(label) != after[label]}
    return (document, after) if moved <= {*MOVING} else None


def test_counters(client: Client, cluster: Cluster, jobs: Jobs) -> None:
    jobs.submit(client, script="#!/bin/true")
    found = eventually(lambda: caught(client, cluster))
    assert found
    document, shown = found
    assert {key: document[key] for key in COUNTERS} == {key: shown.get(label, 0) for key, label in COUNTERS.items()}
    assert document["jobs_submitted"] > 0
    # sdiag leaves these away where they are 0, but not all of them are.
    assert len([label for label in COUNTERS.values() if label in shown]) > 20


def test_what_only_the_document_has(client: Client, cluster: Cluster) -> None:
    document = client.get(f"{API}/diag").document["statistics"]
    # From 25.11 on slurmctld does not say.
    assert document["parts_packed"] == (1 if cluster.release < (25, 11) else 0)
    assert document["req_time"] >= document["req_time_start"]
    assert document["server_thread_count"] > 0
    assert document["gettimeofday_latency"] > 0
    assert document["bf_active"] in (True, False)
    assert document["bf_cycle_sum"] >= document["bf_cycle_last"] * bool(document["bf_cycle_counter"])


@pytest.mark.parametrize(("kind", "key", "number"), [("type", "message_type", "type_id"), ("user", "user", "user_id")])
def test_messages(client: Client, cluster: Cluster, kind: str, key: str, number: str) -> None:
    before = sdiag(cluster)[1][kind]
    rows = client.get(f"{API}/diag").document["statistics"][f"rpcs_by_{key}"]
    after = sdiag(cluster)[1][kind]
    assert {row[number] for row in rows} >= set(before)
    assert [row for row in rows if not before.get(row[number], 0) <= row["count"] <= after[row[number]]] == []
    assert [row for row in rows if row["average_time"] != row["total_time"] // row["count"]] == []
    assert [row[key] for row in rows if f"{row[key]} " not in cluster.run("sdiag").stdout] == []

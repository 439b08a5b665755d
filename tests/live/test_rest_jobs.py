"""jobs and job/{job_id} against scontrol, key by key where scontrol has the key; job_resources of running jobs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.live.commands import minutes, seconds
from tests.live.jobs import API, Jobs
from tests.plugins.client import Client, eventually
from tests.plugins.cluster import Cluster

UNSET = {"set": False, "infinite": False, "number": 0}
UNLIMITED = {"set": False, "infinite": True, "number": 0}


def text(shown: str) -> str:
    """Text, where scontrol has several words for none."""
    return "" if shown in ("(null)", "N/A", "*") else shown


def number(shown: str) -> dict[str, Any]:
    """A number that need not be set."""
    return UNSET if shown in ("*", "N/A") else {"set": True, "infinite": False, "number": int(shown)}


def limit(shown: str) -> dict[str, Any]:
    """A time limit in minutes."""
    if shown in ("N/A", "Partition_Limit"):
        return UNSET
    return UNLIMITED if shown == "UNLIMITED" else {"set": True, "infinite": False, "number": minutes(shown)}


def status(shown: str) -> int:
    """What wait gives for "status:signal"."""
    code, _, by_signal = shown.partition(":")
    return int(code) << 8 | int(by_signal)


def part(index: int, separator: str = ":", *, any_is: Any = UNSET) -> Callable[[str], Any]:
    """One of several numbers in one text."""
    return lambda shown: number(found) if (found := shown.split(separator)[index]) != "*" else any_is


def mebibytes(shown: str) -> dict[str, Any]:
    """A size."""
    return number(str(int(shown[:-1]) * {"M": 1, "G": 1024}[shown[-1]]))


def file(shown: str) -> str:
    """A path, which starts at the root where the job has no directory."""
    return shown.removeprefix("(null)")


ROWS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "job_id": ("JobId", int),
    "array_job_id": ("ArrayJobId", number),
    "array_task_id": ("ArrayTaskId", lambda shown: number(shown) if shown.isdigit() else UNSET),
    "array_task_string": ("ArrayTaskId", lambda shown: "" if shown.isdigit() else shown),
    "array_max_tasks": ("ArrayTaskThrottle", number),
    "het_job_id": ("HetJobId", number),
    "het_job_offset": ("HetJobOffset", number),
    "het_job_id_set": ("HetJobIdSet", str),
    "name": ("JobName", text),
    "user_name": ("UserId", lambda shown: shown.partition("(")[0]),
    "user_id": ("UserId", lambda shown: int(shown.partition("(")[2].rstrip(")"))),
    "group_name": ("GroupId", lambda shown: shown.partition("(")[0]),
    "group_id": ("GroupId", lambda shown: int(shown.partition("(")[2].rstrip(")"))),
    "mcs_label": ("MCS_label", text),
    "priority": ("Priority", number),
    "nice": ("Nice", int),
    "account": ("Account", str),
    "qos": ("QOS", str),
    "wckey": ("WCKey", str),
    "job_state": ("JobState", str),
    "state_reason": ("Reason", str),
    "dependency": ("Dependency", text),
    "requeue": ("Requeue", lambda shown: shown == "1"),
    "restart_cnt": ("Restarts", int),
    "batch_flag": ("BatchFlag", lambda shown: shown == "1"),
    "reboot": ("Reboot", lambda shown: shown == "1"),
    "exit_code": ("ExitCode", status),
    "derived_exit_code": ("DerivedExitCode", status),
    "time_limit": ("TimeLimit", limit),
    "time_minimum": ("TimeMin", lambda shown: number("0") if shown == "N/A" else limit(shown)),
    "submit_time": ("SubmitTime", seconds),
    "eligible_time": ("EligibleTime", seconds),
    "accrue_time": ("AccrueTime", seconds),
    "start_time": ("StartTime", seconds),
    "end_time": ("EndTime", seconds),
    "deadline": ("Deadline", seconds),
    "suspend_time": ("SuspendTime", seconds),
    "pre_sus_time": ("SecsPreSuspend", int),
    "last_sched_evaluation": ("LastSchedEval", seconds),
    "partition": ("Partition", str),
    "allocating_node": ("AllocNode:Sid", lambda shown: shown.partition(":")[0]),
    "required_nodes": ("ReqNodeList", text),
    "excluded_nodes": ("ExcNodeList", text),
    "nodes": ("NodeList", text),
    "scheduled_nodes": ("SchedNodeList", text),
    "batch_host": ("BatchHost", str),
    "node_count": ("NumNodes", part(0, "-")),
    "cpus": ("NumCPUs", part(0, "-")),
    "tasks": ("NumTasks", number),
    "cpus_per_task": ("CPUs/Task", number),
    "cores_per_socket": ("ReqB:S:C:T", part(2)),
    "threads_per_core": ("ReqB:S:C:T", part(3)),
    "tres_req_str": ("TRES", str),
    "sockets_per_node": ("Socks/Node", number),
    "tasks_per_node": ("NtasksPerN:B:S:C", part(0)),
    "tasks_per_board": ("NtasksPerN:B:S:C", part(1)),
    "tasks_per_socket": ("NtasksPerN:B:S:C", part(2, any_is=UNLIMITED)),
    "tasks_per_core": ("NtasksPerN:B:S:C", part(3, any_is=UNLIMITED)),
    "minimum_cpus_per_node": ("MinCPUsNode", number),
    "memory_per_cpu": ("MinMemoryCPU", mebibytes),
    "memory_per_node": ("MinMemoryNode", mebibytes),
    "minimum_tmp_disk_per_node": ("MinTmpDiskNode", number),
    "features": ("Features", text),
    "cluster_features": ("ClusterFeatures", text),
    "prefer": ("Prefer", text),
    "resv_name": ("Reservation", str),
    "contiguous": ("Contiguous", lambda shown: shown == "1"),
    "licenses": ("Licenses", text),
    "network": ("Network", text),
    "command": ("Command", text),
    "current_working_directory": ("WorkDir", text),
    "admin_comment": ("AdminComment", str),
    "comment": ("Comment", str),
    "standard_error": ("StdErr", file),
    "standard_input": ("StdIn", str),
    "standard_output": ("StdOut", file),
    "cpus_per_tres": ("CpusPerTres", str),
    "memory_per_tres": ("MemPerTres", str),
    "tres_per_job": ("TresPerJob", str),
    "tres_per_node": ("TresPerNode", str),
    "tres_per_task": ("TresPerTask", str),
    "mail_user": ("MailUser", str),
    "mail_type": ("MailType", lambda shown: shown.replace("INVALID_DEPEND", "INVALID_DEPENDENCY").split(",")),
}
"""Key of the document -> key of scontrol, and how its text becomes the document's value."""


def differences(documents: list[dict[str, Any]], shown: list[dict[str, str]]) -> dict[str, Any]:
    """Where the two disagree: "id: key" -> (the daemon's, scontrol's), for keys that scontrol shows."""
    assert len(documents) == len(shown) > 0
    by_id = {record["JobId"]: record for record in shown}
    return {
        f"{document['job_id']}: {key}": (document[key], record[name])
        for document in documents
        for record in [by_id[str(document["job_id"])]]
        for key, (name, convert) in ROWS.items()
        if name in record and document[key] != convert(record[name])
    }


@pytest.fixture(scope="module")
def kinds(cluster: Cluster, root: Client) -> Iterator[dict[str, int]]:
    """A job of each kind that there is."""
    jobs = Jobs(cluster)
    games = cluster.unix.as_user("games", cluster.token("games"))
    pending = {
        "hold": True, "comment": "a b", "nice": 5, "time_limit": 90, "time_minimum": "0:30:00", "nodes": "1-2",
        "memory_per_node": "1G", "mail_type": ["END", "TIME=50%"], "mail_user": "root", "constraints": "fast",
        "licenses": "matlab:1", "excluded_nodes": "node02", "dependency": "singleton", "qos": "high", "wckey": "wk2",
        "tasks": 3, "tasks_per_node": 2, "contiguous": True, "requeue": False, "begin_time": "now+1day",
    }  # fmt: skip
    running = {"tres_per_node": "gres:gpu:tesla:2", "cpus_per_task": 3, "memory_per_cpu": 50, "array": "3,5"}
    found = {
        "pending": jobs.submit(games, **pending),
        "running": jobs.submit(root, **running),
        "plain": jobs.submit(root, account="sub1"),
        "waiting": jobs.submit(games, array="1-10:3%2", hold=True),
        "failed": jobs.submit(root, script="#!/bin/sh\nexit 3"),
    }
    het = {
        "script": "#!/bin/sh\nexec sleep 600",
        "jobs": [{"environment": ["A=1"], "name": name, "hold": True} for name in ("one", "two")],
    }
    found["heterogeneous"] = jobs.post(games, het).document["job_id"]
    jobs.until(found["failed"], "FAILED")
    jobs.until(found["plain"], "RUNNING")
    eventually(lambda: all(part["JobState"] == "RUNNING" for part in jobs.shown(found["running"])))
    yield found
    jobs.cancel()


KINDS = ("pending", "running", "plain", "waiting", "failed", "heterogeneous")


@pytest.mark.parametrize("kind", KINDS)
def test_one_job(kinds: dict[str, int], root: Client, cluster: Cluster, kind: str) -> None:
    jobs = Jobs(cluster)
    assert differences(jobs.got(root, kinds[kind]), jobs.shown(kinds[kind])) == {}

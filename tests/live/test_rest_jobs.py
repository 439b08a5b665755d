"""jobs and job/{job_id} against scontrol, key by key where scontrol has the key; job_resources of running jobs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.live.commands import minutes, scontrol, seconds
from tests.live.jobs import API, Jobs
from tests.plugins.client import Client, eventually
from tests.plugins.cluster import Cluster

UNSET = {"set": False, "infinite": False, "number": 0}
UNLIMITED = {"set": False, "infinite": True, "number": 0}


NO_VAL = "4294967294"
MAIL = {"INVALID_DEPENDENCY": "INVALID_DEPEND", "TIME=100%": "TIME_LIMIT"}


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


def part(index: int, separator: str = ":", *, any_is: Any = UNSET) -> Callable[[str], Any]:
    """One of several numbers in one text."""
    return lambda shown: number(found) if (found := shown.split(separator)[index]) != "*" else any_is


def mebibytes(shown: str) -> dict[str, Any]:
    """A size."""
    factor = {"M": 1, "G": 1024}.get(shown[-1], 1)
    return number(str(round(float(shown.rstrip("MG")) * factor)))


def file(shown: str) -> str:
    """A path, which starts at the root where the job has no directory; later releases show it without any.

    In the root itself there are two slashes, and one in later releases.
    """
    return f"/{shown.removeprefix('(null)').lstrip('/')}"


ROWS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "job_id": ("JobId", int),
    "array_job_id": ("ArrayJobId", number),
    "array_task": ("ArrayTaskId", str),
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
    # Later releases add which signal.
    "state_reason": ("Reason", lambda shown: shown.partition(":")[0]),
    "dependency": ("Dependency", text),
    "requeue": ("Requeue", lambda shown: shown == "1"),
    "restart_cnt": ("Restarts", int),
    "batch_flag": ("BatchFlag", lambda shown: shown == "1"),
    "reboot": ("Reboot", lambda shown: shown == "1"),
    "exit_code": ("ExitCode", str),
    "derived_exit_code": ("DerivedExitCode", str),
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
    "sockets_per_node": ("Socks/Node", number),
    "tasks_per_node": ("NtasksPerN:B:S:C", part(0)),
    "tasks_per_board": ("NtasksPerN:B:S:C", part(1)),
    "tasks_per_socket": ("NtasksPerN:B:S:C", part(2, any_is=UNLIMITED)),
    "tasks_per_core": ("NtasksPerN:B:S:C", part(3, any_is=UNLIMITED)),
    "minimum_cpus_per_node": ("MinCPUsNode", number),
    "memory_per_cpu": ("MinMemoryCPU", mebibytes),
    "memory_per_node": ("MinMemoryNode", mebibytes),
    "minimum_tmp_disk_per_node": ("MinTmpDiskNode", mebibytes),
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
    "tres_req_str": ("ReqTRES", text),
    "tres_alloc_str": ("AllocTRES", text),
    "mail_user": ("MailUser", str),
    "mail_type": ("MailType", lambda shown: set(shown.split(","))),
}
"""Key of the document -> key of scontrol, and how its text becomes the document's value."""


def spelled(document: dict[str, Any]) -> dict[str, Any]:
    """The document with a few values in the words of scontrol, which says less."""
    task = document["array_task_id"]
    mail = {MAIL.get(one, one.replace("TIME=", "TIME_LIMIT_").rstrip("%")) for one in document["mail_type"]}
    # For the tasks of an array that have no record of their own scontrol shows NO_VAL.
    files = {key: file(document[key]).replace("%a", NO_VAL) for key in ("standard_output", "standard_error")}
    codes = {key: exit_code(document[key]) for key in ("exit_code", "derived_exit_code")}
    nodes, most = document["node_count"], document["max_nodes"]["number"]
    if document["job_state"] == "PENDING" and 0 < most < nodes["number"]:
        nodes = document["max_nodes"]
    one_or_many = str(task["number"]) if task["set"] else document["array_task_string"] or NO_VAL
    # What slurmctld says in words stands there instead of the reason.
    reason = document["state_description"].replace(" ", "_").partition(":")[0] or document["state_reason"]
    own = {"array_task": one_or_many, "mail_type": mail, "node_count": nodes, "state_reason": reason}
    return {**document, **files, **codes, **own}


def exit_code(status: int) -> str:
    """What wait gave, as "status:signal"."""
    return f"0:{os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"{os.WEXITSTATUS(status)}:0"


def differences(documents: list[dict[str, Any]], shown: list[dict[str, str]]) -> dict[str, Any]:
    """Where the two disagree: "id: key" -> (the daemon's, scontrol's), for keys that scontrol shows."""
    assert len(documents) == len(shown) > 0
    by_id = {record["JobId"]: record for record in shown}
    found = {}
    for document in map(spelled, documents):
        record = by_id[str(document["job_id"])]
        if record.get("StdErr") == "":
            # Later releases leave it empty where it goes where the output goes.
            record["StdErr"] = record["StdOut"]
        for key, (name, convert) in ROWS.items():
            if name in record and document[key] != convert(record[name]):
                found[f"{document['job_id']}: {key}"] = (document[key], record[name])
        # From 23.02 on there are rows for both.
        one = record["TRES"] if "AllocTRES" not in record else text(record["AllocTRES"]) or record["ReqTRES"]
        if (document["tres_alloc_str"] or document["tres_req_str"]) != text(one):
            found[f"{document['job_id']}: tres_alloc_str"] = (document["tres_alloc_str"], one)
    return found


@pytest.fixture(scope="module")
def kinds(cluster: Cluster, root: Client) -> Iterator[dict[str, int]]:
    """A job of each kind that there is."""
    jobs = Jobs(cluster)
    games = cluster.unix.as_user("games", cluster.token("games"))
    pending: dict[str, Any] = {
        "hold": True, "comment": "a b", "nice": 5, "time_limit": 90, "time_minimum": "0:30:00", "nodes": "1-2",
        "memory_per_node": "1G", "mail_type": ["END", "TIME=50%"], "mail_user": "root", "constraints": "fast",
        "licenses": "matlab:1", "excluded_nodes": "node02", "dependency": "singleton", "qos": "high", "wckey": "wk2",
        "tasks": 3, "tasks_per_node": 2, "contiguous": True, "requeue": False, "begin_time": "now+1day",
    }  # fmt: skip
    running: dict[str, Any] = {
        "tres_per_node": "gres:gpu:tesla:2",
        "cpus_per_task": 3,
        "memory_per_cpu": 50,
        "array": "3,5",
    }
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


def test_all_jobs(kinds: dict[str, int], root: Client, cluster: Cluster) -> None:
    documents = root.get(f"{API}/jobs").document["jobs"]
    assert differences(documents, scontrol(cluster, "job")) == {}
    queue = cluster.run("squeue", "--all", "--states=all", "--noheader", "--format=%A %T %u %P").stdout
    ours = [f"{one['job_id']} {one['job_state']} {one['user_name']} {one['partition']}" for one in documents]
    assert sorted(ours) == sorted(queue.splitlines())


def test_one_job_is_as_among_all(kinds: dict[str, int], root: Client, cluster: Cluster) -> None:
    among = {job["job_id"]: job for job in root.get(f"{API}/jobs").document["jobs"]}
    for job in kinds.values():
        for document in Jobs(cluster).got(root, job):
            assert list(document) == list(among[document["job_id"]])
            assert [key for key, value in document.items() if among[document["job_id"]][key] != value] == []


@pytest.mark.parametrize("kind", ["running", "plain"])
def test_what_a_running_job_holds(kinds: dict[str, int], root: Client, cluster: Cluster, kind: str) -> None:
    jobs = Jobs(cluster)
    shown = {record["JobId"]: record for record in jobs.shown(kinds[kind])}
    for document in jobs.got(root, kinds[kind]):
        record, held = shown[str(document["job_id"])], document["job_resources"]
        cpus = sorted(expanded(record["CPU_IDs"]))
        assert (held["nodes"], held["allocated_hosts"], held["allocated_cores"]) == (record["Nodes"], 1, 0)
        assert held["allocated_cpus"] == document["cpus"]["number"]
        (node,) = held["allocated_nodes"]
        assert (node["nodename"], node["memory_allocated"]) == (record["Nodes"], int(record["Mem"]))
        # node01 has one socket of 12 cores with two threads each; Slurm gives whole cores away.
        assert node["sockets"] == {
            "0": {"cores": {str(core): "allocated" for core in sorted({cpu // 2 for cpu in cpus})}}
        }
        assert document["gres_detail"] == [found for found in (record["GRES"],) if found]


def expanded(ids: str) -> Iterator[int]:
    """Numbers of "0-3,8"."""
    for one in ids.split(","):
        low, _, high = one.partition("-")
        yield from range(int(low), int(high or low) + 1)


def test_a_pending_job_holds_nothing(kinds: dict[str, int], root: Client, cluster: Cluster) -> None:
    (document,) = Jobs(cluster).got(root, kinds["pending"])
    assert (document["job_resources"], document["gres_detail"], document["nodes"]) == ({}, [], "")


def test_part_of_a_job(kinds: dict[str, int], root: Client, cluster: Cluster) -> None:
    jobs = Jobs(cluster)
    running, waiting, both = kinds["running"], kinds["waiting"], kinds["heterogeneous"]
    assert {job["array_task_id"]["number"] for job in jobs.got(root, running)} == {3, 5}
    assert [job["array_task_id"]["number"] for job in jobs.got(root, f"{running}_3")] == [3]
    assert [job["array_task_id"]["number"] for job in jobs.got(root, f"{running}_[5-6]")] == [5]
    assert [job["array_task_string"] for job in jobs.got(root, f"{waiting}_7")] == ["1,4,7,10%2"]
    assert [job["name"] for job in jobs.got(root, both)] == ["one", "two"]
    assert [job["name"] for job in jobs.got(root, f"{both}%2B1")] == ["two"]
    assert [job["name"] for job in jobs.got(root, f"{both}+0")] == ["one"]


@pytest.mark.parametrize("job", ["{running}_4", "{waiting}_2", "{heterogeneous}+2", "{plain}_1", "67108863"])
def test_a_part_that_is_not_there(kinds: dict[str, int], root: Client, job: str) -> None:
    answer = root.get(f"{API}/job/{job.format(**kinds)}")
    (error,) = answer.document["errors"]
    assert (answer.status, error["error_number"]) == (404, 2017)


@pytest.mark.parametrize(
    ("job", "number"),
    [("0", 2137), ("abc", 2137), ("7_", 2137), ("-1", 2138), ("99999999", 2139), ("4294967295", 2139)],
)
def test_what_is_no_job_id(root: Client, job: str, number: int) -> None:
    for method in ("GET", "DELETE"):
        answer = root.request(method, f"{API}/job/{job}")
        (error,) = answer.document["errors"]
        assert (answer.status, error["error_number"]) == (422, number)
        assert job in error["description"]


def test_a_step_is_ignored_with_a_warning(kinds: dict[str, int], root: Client) -> None:
    answer = root.get(f"{API}/job/{kinds['plain']}.batch")
    assert [job["job_id"] for job in answer.document["jobs"]] == [kinds["plain"]]
    assert ["batch" in warning["description"] for warning in answer.document["warnings"]] == [True]


def test_every_way_to_ask(kinds: dict[str, int], root: Client, client: Client, cluster: Cluster, jobs: Jobs) -> None:
    own = jobs.submit(client, hold=True)
    assert differences(jobs.got(client, own), jobs.shown(own)) == {}
    listed = {job["job_id"] for job in client.get(f"{API}/jobs").document["jobs"]}
    assert own in listed
    assert listed.isdisjoint(kinds.values())

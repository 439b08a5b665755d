"""jobs and job/{job_id} of /slurmdb against sacct: what is said of each job and step, and which a query chooses."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.live.jobs import SCRIPT, Jobs
from tests.plugins.client import Client, eventually
from tests.plugins.cluster import Cluster

DB = "/slurmdb/v0.0.39"
NOTHING = "Found nothing"

SLEEP = "#!/bin/sh\nexec sleep 600"
STEPS = "#!/bin/sh\nsrun --job-name=first true\nsrun --job-name=second false\nexit 3"
KILLED = "#!/bin/sh\nkill -TERM $$"

MADE: dict[str, tuple[tuple[str, ...], str, str]] = {
    "completed": (("--account=gpuacct", "--comment=a comment"), "#!/bin/sh\ntrue", "COMPLETED"),
    "failed": (("--wckey=key1", "--job-name=with steps"), STEPS, "FAILED"),
    "signalled": (("--nodelist=node01",), KILLED, "FAILED"),
    "cancelled": ((), SLEEP, "CANCELLED"),
    "array": (("--array=1-3",), "#!/bin/sh\nexit $SLURM_ARRAY_TASK_ID", "FAILED"),
    "het": (("--hold", "--ntasks=1", ":", "--ntasks=2"), SLEEP, "PENDING"),
    "running": (("--qos=high",), SLEEP, "RUNNING"),
    "held": (("--hold", "--constraint=fast"), SCRIPT, "PENDING"),
}
"""Name -> options of sbatch, script, and the state that slurmdbd comes to know."""

OWNERS = {"completed": "games"}
"""Whose they are, where not daemon's."""

WAITING = {"held", "het"}
STARTED = set(MADE) - WAITING
DAEMONS = STARTED - OWNERS.keys()

COLUMNS = (
    "JobIDRaw", "JobID", "JobName", "State", "ExitCode", "Account", "User", "Group", "Partition", "QOS", "Submit",
    "Eligible", "Start", "End", "ElapsedRaw", "NNodes", "NodeList", "AllocTRES", "ReqTRES", "WCKey", "AssocID",
    "ReqCPUS", "TimelimitRaw", "WorkDir", "SubmitLine", "Priority", "Comment",
)  # fmt: skip


@pytest.fixture(scope="module")
def made(cluster: Cluster) -> Iterator[dict[str, int]]:
    """Jobs that ended in every way, or have not ended, by name; slurmdbd knows."""
    jobs = Jobs(cluster)
    try:
        yield dict(submitted(cluster, jobs))
    finally:
        jobs.cancel()


def submitted(cluster: Cluster, jobs: Jobs) -> Iterator[tuple[str, int]]:
    """Submit the jobs, and wait until slurmdbd knows what became of them."""
    ids = {
        name: jobs.sbatch(*options, user=OWNERS.get(name, "daemon"), script=script)
        for name, (options, script, _) in MADE.items()
    }
    jobs.until(ids["cancelled"], "RUNNING")
    cluster.run("scancel", str(ids["cancelled"]))
    jobs.account(ids["het"])
    for name, (_, _, state) in MADE.items():
        eventually(partial(settled, cluster, ids[name], state), 60.0)
    yield from ids.items()


def settled(cluster: Cluster, job: int, state: str) -> bool:
    """Tell whether slurmdbd says that all of a job and its steps are in a state, or have ended at all."""
    states = [row["State"].split()[0] for row in sacct(cluster, f"--jobs={job}")]
    steps_go_on = state not in ("RUNNING", "PENDING") and "RUNNING" in states
    return state in states and not steps_go_on


def sacct(cluster: Cluster, *options: str) -> list[dict[str, str]]:
    """What sacct says: a dictionary for each job and step, times in seconds since the epoch."""
    shown = ("--duplicates", "--parsable2", f"--format={','.join(COLUMNS)}", "--delimiter=\t")
    text = cluster.run("env", "SLURM_TIME_FORMAT=%s", "sacct", *shown, *options).stdout
    header, *lines = text.splitlines()
    return [dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines]


def listed(client: Client, **query: Any) -> dict[int, dict[str, Any]]:
    """The jobs that a query chooses, by their ids."""
    answer = client.get(f"{DB}/jobs?{urlencode(query)}" if query else f"{DB}/jobs")
    assert answer.status == 200, answer.document
    assert answer.document["errors"] == []
    assert [warning["description"] for warning in answer.document["warnings"]] == [NOTHING] * (
        not answer.document["jobs"]
    )
    return {job["job_id"]: job for job in answer.document["jobs"]}


def accounted(client: Client, job: int | str) -> list[dict[str, Any]]:
    """What job/{job_id} shows."""
    answer = client.get(f"{DB}/job/{job}")
    assert answer.status == 200, answer.document
    found: list[dict[str, Any]] = answer.document["jobs"]
    return found


def moment(text: str) -> int:
    """A time of sacct."""
    return int(text) if text.isdigit() else 0


def exit_code(shown: str) -> dict[str, Any]:
    """What sacct's "3:0" is."""
    code, signal = map(int, shown.split(":"))
    if signal:
        names = {15: "Terminated", 9: "Killed"}
        return {"status": "SIGNALED", "return_code": None, "signal": {"signal_id": signal, "name": names[signal]}}
    return {"status": "ERROR" if code else "SUCCESS", "return_code": code}


def tres(found: list[dict[str, Any]]) -> dict[str, int]:
    """TRES by the names that sacct has for them; it leaves out energy that nobody measured."""
    known = (one for one in found if one["count"] >= 0)
    return {one["type"] + (f"/{one['name']}" if one["name"] else ""): one["count"] for one in known}


def sacct_tres(shown: str) -> dict[str, int]:
    """TRES as sacct shows them, memory in MiB."""
    pairs = (part.split("=") for part in shown.split(",") if part)
    return {name: int(float(count.rstrip("M"))) for name, count in pairs}


def expected(row: dict[str, str]) -> dict[str, Any]:
    """What the document of a job must say, as far as sacct says it."""
    return {
        "name": row["JobName"], "account": row["Account"], "user": row["User"], "group": row["Group"],
        "partition": row["Partition"], "qos": row["QOS"], "state": row["State"].split()[0],
        "submission": moment(row["Submit"]), "eligible": moment(row["Eligible"]), "start": moment(row["Start"]),
        "end": moment(row["End"]), "limit": int(row["TimelimitRaw"]), "exit_code": exit_code(row["ExitCode"]),
        "allocated": sacct_tres(row["AllocTRES"]), "requested": sacct_tres(row["ReqTRES"]),
        "wckey": row["WCKey"].removeprefix("*"), "directory": row["WorkDir"], "line": row["SubmitLine"],
        "cpus": int(row["ReqCPUS"]), "comment": row["Comment"],
        "nodes": row["NodeList"],
    }  # fmt: skip


def said(job: dict[str, Any]) -> dict[str, Any]:
    """The same of the document."""
    times = job["time"]
    return {
        "name": job["name"], "account": job["account"], "user": job["user"], "group": job["group"],
        "partition": job["partition"], "qos": job["qos"], "state": job["state"]["current"],
        "submission": times["submission"], "eligible": times["eligible"], "start": times["start"], "end": times["end"],
        "limit": times["limit"]["number"], "exit_code": job["exit_code"], "allocated": tres(job["tres"]["allocated"]),
        "requested": tres(job["tres"]["requested"]), "wckey": job["wckey"]["wckey"],
        "directory": job["working_directory"], "line": job["submit_line"], "cpus": job["required"]["CPUs"],
        "comment": job["comment"]["job"],
        "nodes": job["nodes"],
    }  # fmt: skip


@pytest.mark.parametrize("name", ["completed", "failed", "signalled", "cancelled", "running"])
def test_a_job_is_what_sacct_says(name: str, made: dict[str, int], root: Client, cluster: Cluster) -> None:
    (row,) = sacct(cluster, f"--jobs={made[name]}", "--allocations")
    (job,) = accounted(root, made[name])
    assert said(job) == expected(row)
    assert job["association"] == {"account": row["Account"], "cluster": "dev", "partition": "", "user": row["User"]}
    assert job["state"]["current"] == MADE[name][2]


def test_a_job_that_waits_is_shown(made: dict[str, int], root: Client) -> None:
    (job,) = accounted(root, made["held"])
    assert (job["state"]["current"], job["time"]["start"], job["time"]["end"]) == ("PENDING", 0, 0)
    assert (job["constraints"], job["steps"], job["tres"]["allocated"]) == ("fast", [], [])


def test_who_cancelled_is_named(made: dict[str, int], root: Client) -> None:
    assert [job["kill_request_user"] for job in accounted(root, made["cancelled"])] == ["root"]
    assert [job["kill_request_user"] for job in accounted(root, made["failed"])] == [""]


def test_steps_are_what_sacct_says(made: dict[str, int], root: Client, cluster: Cluster) -> None:
    (job,) = accounted(root, made["failed"])
    rows = sacct(cluster, f"--jobs={made['failed']}")[1:]
    assert (
        [step["step"]["name"] for step in job["steps"]]
        == [row["JobName"] for row in rows]
        == ["batch", "first", "second"]
    )
    assert [f"{step['step']['id']['job_id']}.{step['step']['id']['step_id']}" for step in job["steps"]] == [
        row["JobID"] for row in rows
    ]
    assert (
        [step["state"] for step in job["steps"]] == [row["State"] for row in rows] == ["FAILED", "COMPLETED", "FAILED"]
    )
    assert [step["exit_code"] for step in job["steps"]] == [exit_code(row["ExitCode"]) for row in rows]
    assert [tres(step["tres"]["allocated"]) for step in job["steps"]] == [sacct_tres(row["AllocTRES"]) for row in rows]
    assert [step["nodes"]["list"] for step in job["steps"]] == [["node01"]] * 3
    assert job["derived_exit_code"] == {"status": "ERROR", "return_code": 1}


def test_tasks_of_an_array_are_shown_together_and_alone(made: dict[str, int], root: Client) -> None:
    array = made["array"]
    # slurmdbd hears of each task by itself.
    eventually(lambda: [job["state"]["current"] for job in accounted(root, array)] == ["FAILED"] * 3, 20.0)
    tasks = {job["array"]["task_id"]["number"]: job for job in accounted(root, array)}
    assert {number: job["exit_code"]["return_code"] for number, job in tasks.items()} == {1: 1, 2: 2, 3: 3}
    assert {job["array"]["job_id"] for job in tasks.values()} == {array}
    for number, job in tasks.items():
        assert accounted(root, f"{array}_{number}") == [job]
    two = {job["array"]["task_id"]["number"] for job in accounted(root, f"{array}_[1,3]")}
    assert two == {1, 3}


def test_components_of_a_heterogeneous_job_are_shown_together_and_alone(made: dict[str, int], root: Client) -> None:
    eventually(lambda: len(accounted(root, made["het"])) == 2, 20.0)
    parts = accounted(root, made["het"])
    assert [(job["job_id"], job["het"]["job_offset"]["number"]) for job in parts] == [
        (made["het"], 0),
        (made["het"] + 1, 1),
    ]
    assert {job["het"]["job_id"] for job in parts} == {made["het"]}
    assert accounted(root, f"{made['het']}%2B1") == [parts[1]]


def test_a_step_is_shown_alone(made: dict[str, int], root: Client) -> None:
    (whole,) = accounted(root, made["failed"])
    for index, step in enumerate(["batch", "0", "1"]):
        (job,) = accounted(root, f"{made['failed']}.{step}")
        assert job["steps"] == [whole["steps"][index]]


@pytest.mark.parametrize("job", ["abc", "0", "-1", "7.nosuchstep", "99999999999", "7_", "%27%3B--"])
def test_what_is_no_job_id_is_refused(job: str, root: Client, workers: list[int]) -> None:
    answer = root.get(f"{DB}/job/{job}")
    assert answer.status == 422
    assert answer.document["errors"]


def test_a_job_that_was_never_there_is_not_found(root: Client) -> None:
    answer = root.get(f"{DB}/job/66000000")
    assert (answer.status, answer.document["jobs"]) == (404, [])
    assert [error["error_number"] for error in answer.document["errors"]] == [2017]


def test_without_a_query_there_are_all(made: dict[str, int], root: Client) -> None:
    started = {made[name] for name in STARTED - {"array"}}
    assert started <= listed(root).keys()


QUERIES: dict[str, tuple[dict[str, str], set[str]]] = {
    "account": ({"account": "gpuacct"}, {"completed"}),
    "accounts": ({"account": "gpuacct,nosuchaccount"}, {"completed"}),
    "user": ({"users": "daemon"}, DAEMONS),
    "uid": ({"users": "1"}, DAEMONS),
    "other user": ({"users": "games"}, {"completed"}),
    "group": ({"groups": "daemon"}, DAEMONS),
    "group, as OpenAPI has it": ({"group": "daemon"}, DAEMONS),
    "name": ({"job_name": "with steps"}, {"failed"}),
    "wckey": ({"wckey": "key1"}, {"failed"}),
    "qos": ({"qos": "high"}, {"running"}),
    "two qos": ({"qos": "high,normal"}, STARTED),
    "partition": ({"partition": "debug"}, STARTED),
    "other partition": ({"partition": "gpu"}, set()),
    "cluster": ({"cluster": "dev"}, STARTED),
    "other cluster": ({"cluster": "nosuchcluster"}, set()),
    "node": ({"node": "node01"}, STARTED),
    "nodes": ({"node": "node[01-02]"}, STARTED),
    "other node": ({"node": "node04"}, set()),
    "exit code": ({"exit_code": "3"}, {"failed", "array"}),
    "constraints": ({"constraints": "fast", "submit_time": "now-1hour"}, {"held"}),
    "submitted": ({"submit_time": "now-1hour"}, set(MADE)),
    "not submitted yet": ({"submit_time": "now+1hour"}, set()),
    "few CPUs": ({"cpus_max": "1"}, STARTED),
    "many CPUs": ({"cpus_min": "1000"}, set()),
    "nodes between": ({"nodes_min": "1", "nodes_max": "1"}, STARTED),
    "reservation": ({"reservation": "course"}, set()),
    "running": ({"state": "running"}, {"running"}),
    "running, in short": ({"state": "R"}, {"running"}),
    "running, by number": ({"state": "1"}, {"running"}),
    "failed": ({"state": "FAILED", "start_time": "now-1hour"}, {"failed", "signalled", "array"}),
    "cancelled or completed": (
        {"state": "ca,completed", "start_time": "now-1hour", "end_time": "now+1hour"},
        {"cancelled", "completed"},
    ),
    "reason": ({"reason": "None", "users": "daemon"}, DAEMONS),
    "time in words": ({"start_time": "now-1hour", "users": "daemon"}, DAEMONS),
    "time as a number": ({"start_time": "1600000000", "users": "daemon"}, DAEMONS),
    "time as uts": ({"start_time": "uts1600000000", "users": "daemon"}, DAEMONS),
    "before": ({"end_time": "2020-01-31T00:00:00", "start_time": "01/01/20"}, set()),
    "key in capitals": ({"ACCOUNT": "gpuacct"}, {"completed"}),
    "format": ({"format": "jobid,state", "account": "gpuacct"}, {"completed"}),
}


@pytest.mark.parametrize(("query", "names"), QUERIES.values(), ids=QUERIES)
def test_a_query_chooses(query: dict[str, str], names: set[str], made: dict[str, int], root: Client) -> None:
    found = listed(root, **query)
    ours = {made[name]: name for name in MADE}
    tasks = {made["array"]: {job["job_id"] for job in accounted(root, made["array"])}}
    chosen = {name for job, name in ours.items() if job in found or tasks.get(job, set()) & found.keys()}
    assert chosen == names


def test_a_query_by_job_and_step(made: dict[str, int], root: Client) -> None:
    query = {"step": f"{made['completed']},{made['failed']}.batch,{made['array']}_2"}
    found = listed(root, **query)
    assert len(found) == 3
    assert [step["step"]["name"] for step in found[made["failed"]]["steps"]] == ["batch"]
    assert [job["array"]["task_id"]["number"] for job in found.values() if job["array"]["job_id"]] == [2]


def test_a_query_by_association(made: dict[str, int], root: Client, cluster: Cluster) -> None:
    (row,) = sacct(cluster, f"--jobs={made['completed']}", "--allocations")
    found = listed(root, association=row["AssocID"])
    assert made["completed"] in found
    assert made["failed"] not in found


def test_steps_can_be_left_out(made: dict[str, int], root: Client) -> None:
    with_steps, without = listed(root, users="daemon"), listed(root, users="daemon", skip_steps="true")
    assert with_steps.keys() == without.keys()
    assert all(job["steps"] == [] for job in without.values())
    assert with_steps[made["failed"]]["steps"] != []
    answer = root.get(f"{DB}/jobs?skip_steps&users=daemon&disable_wait_for_result=no")
    assert all(job["steps"] == [] for job in answer.document["jobs"])


def test_a_month_by_user_and_state(made: dict[str, int], root: Client, cluster: Cluster) -> None:
    end = int(time.time()) + 60
    window = {"start_time": str(end - 30 * 86400), "end_time": str(end)}
    found = listed(root, users="daemon", state="failed,cancelled", **window)
    rows = sacct(
        cluster, "--allocations", "--user=daemon", "--state=F,CA", "--starttime=now-30days", "--endtime=now+1minute"
    )
    assert sorted(found) == sorted({int(row["JobIDRaw"]) for row in rows})


REFUSED = {
    "foo=1": "foo", "start_time=garbage": "start_time", "end_time=25:99": "end_time", "state=bogus": "state",
    "state=": "state", "state=99": "state", "users=nosuchuser": "users", "groups=nosuchgroup": "groups",
    "cpus_min=x": "cpus_min", "cpus_max=-1": "cpus_max", "nodes_min=1e9999": "nodes_min", "exit_code=300": "exit_code",
    "exit_code=": "exit_code", "skip_steps=perhaps": "skip_steps", "qos=nosuchqos": "qos",
    "reason=NoSuchReason": "reason", "cluster=a%22b": "cluster", "association=x": "association",
    "step=abc": "abc", "step=1.abc": "abc", "step=1_[1-100000]": "step", "account=%2C": "account", "node=": "node",
    "start_time=now&submit_time=now": "submit_time", "start_time=99999999999999999999": "start_time",
    "qos=": "qos", "step=%2C": "step",
    "disable_wait_for_result=2x": "disable_wait_for_result",
}  # fmt: skip


@pytest.mark.parametrize(("query", "word"), REFUSED.items(), ids=REFUSED)
def test_what_is_not_understood_is_refused_by_name(query: str, word: str, root: Client, workers: list[int]) -> None:
    answer = root.get(f"{DB}/jobs?{query}")
    assert answer.status == 422, answer.document
    (error,) = answer.document["errors"]
    assert word in error["description"] + error["source"]


HOSTILE = [
    "' or 1=1 -- ",
    '"; drop table x',
    "%",
    "\\",
    "a" * 5000,
    "\x01\x7f",
    "ä€😀",
    "\ud800".encode("utf-8", "surrogatepass"),
]


@pytest.mark.parametrize("key", ["account", "job_name", "partition", "wckey", "cluster", "constraints", "reservation"])
def test_hostile_text_finds_nothing(key: str, made: dict[str, int], root: Client, workers: list[int]) -> None:
    for text in HOSTILE:
        answer = root.get(f"{DB}/jobs?{urlencode({key: text})}")
        # What could be more than a name, and what the database cannot compare, is refused; constraints are patterns.
        assert answer.status == 200 if text in ("%", "a" * 5000) and key != "cluster" else answer.status in (200, 422)
        assert not answer.document.get("jobs") or (key, text) == ("constraints", "%")


def test_a_user_sees_what_slurmdbd_shows_to_it(made: dict[str, int], cluster: Cluster) -> None:
    mine, other = (cluster.unix.as_user(user, cluster.token(user)) for user in ("daemon", "games"))
    (row,) = sacct(cluster, "--allocations", f"--jobs={made['failed']}")
    assert said(accounted(mine, made["failed"])[0]) == expected(row)
    assert not listed(other, users="daemon")


def test_head_is_get_without_a_body(made: dict[str, int], root: Client) -> None:
    for url in ("jobs", f"job/{made['failed']}", "tres", "diag"):
        answer = root.request("HEAD", f"{DB}/{url}")
        assert (answer.status, answer.document) == (200, None)

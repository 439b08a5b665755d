"""POST and DELETE of job/{job_id} and node/{node_name}: what they change, and what they leave alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.commands import minutes, scontrol
from tests.live.jobs import API, COMMON, SCRIPT, Jobs
from tests.plugins.client import Client, eventually
from tests.plugins.cluster import Cluster

FINISHED = {"COMPLETED", "CANCELLED", "FAILED"}


def states(jobs: Jobs, job: int) -> dict[str, str]:
    """The state of each task of an array, or component of a heterogeneous job."""
    return {part.get("ArrayTaskId", part.get("HetJobOffset", "")): part["JobState"] for part in jobs.shown(job)}


UPDATES: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "comment": ({"comment": "changed"}, {"Comment": "changed"}),
    "name": ({"name": "other"}, {"JobName": "other"}),
    "time limit": ({"time_limit": 7}, {"TimeLimit": "00:07:00"}),
    "time limit, text": ({"time_limit": "1:30:00"}, {"TimeLimit": "01:30:00"}),
    "nice": ({"nice": 20}, {"Nice": "20"}),
    "partition": ({"partition": "gpu"}, {"Partition": "gpu"}),
    "memory": ({"memory_per_node": "300M"}, {"MinMemoryNode": "300M"}),
    "licences": ({"licenses": "fluent:3"}, {"Licenses": "fluent:3"}),
    "qos": ({"qos": "high"}, {"QOS": "high"}),
    "mail": ({"mail_type": ["BEGIN", "FAIL"]}, {"MailType": "BEGIN,FAIL"}),
    "nodes": ({"nodes": "1-3"}, {"NumNodes": "1-3"}),
    "features": ({"constraints": "fast"}, {"Features": "fast"}),
    "two": ({"comment": "x", "time_limit": {"set": True, "number": 9}}, {"Comment": "x", "TimeLimit": "00:09:00"}),
    "nothing": ({}, {"JobState": "PENDING"}),
}


@pytest.mark.parametrize("case", UPDATES)
def test_an_update(root: Client, jobs: Jobs, case: str) -> None:
    fields, expected = UPDATES[case]
    job = jobs.submit(root, hold=True, account="sub1")
    answer = root.post(f"{API}/job/{job}", fields)
    assert (answer.status, answer.document["errors"], answer.document["results"]) == (200, [], [])
    (shown,) = jobs.shown(job)
    assert {key: shown[key] for key in expected} == expected


def test_hold_and_release(client: Client, jobs: Jobs) -> None:
    job = jobs.submit(client, begin_time="now+1hour")
    assert client.post(f"{API}/job/{job}", {"hold": True}).status == 200
    assert jobs.shown(job)[0]["Priority"] == "0"
    assert client.post(f"{API}/job/{job}", {"hold": False}).status == 200
    assert jobs.shown(job)[0]["Priority"] != "0"
    assert client.post(f"{API}/job/{job}", {"begin_time": "now"}).status == 200
    jobs.until(job, "RUNNING")


def test_an_update_of_one_array_task(client: Client, jobs: Jobs) -> None:
    job = jobs.submit(client, array="1-4", hold=True)
    answer = client.post(f"{API}/job/{job}_2", {"comment": "two"})
    assert answer.status == 200
    assert {part["ArrayTaskId"]: part.get("Comment") for part in jobs.shown(job)} == {"2": "two", "1,3-4": None}
    answer = client.post(f"{API}/job/{job}_[3-4]", {"time_limit": 3})
    assert answer.status == 200
    limits = {part["ArrayTaskId"]: minutes(part["TimeLimit"]) for part in jobs.shown(job)}
    assert limits["2"] == limits["1"] == 60
    assert {limit for task, limit in limits.items() if task not in ("1", "2")} == {3}


def test_an_update_of_one_component(client: Client, jobs: Jobs) -> None:
    job = jobs.post(client, {"script": SCRIPT, "jobs": [COMMON | {"hold": True}] * 2}).document["job_id"]
    assert client.post(f"{API}/job/{job}%2B1", {"comment": "second"}).status == 200
    assert {part["HetJobOffset"]: part.get("Comment") for part in jobs.shown(job)} == {"0": None, "1": "second"}


@pytest.mark.parametrize("url_id", ["{job}", "{job}_1"])
def test_the_url_names_the_job(client: Client, jobs: Jobs, url_id: str) -> None:
    other = jobs.submit(client, hold=True)
    job = jobs.submit(client, hold=True, array="1-2")
    answer = client.post(f"{API}/job/{url_id.format(job=job)}", {"comment": "mine", "job_id": other})
    assert answer.status == 200
    assert "Comment" not in jobs.shown(other)[0]
    assert "mine" in [part.get("Comment") for part in jobs.shown(job)]


@pytest.mark.parametrize(
    ("fields", "status", "source"),
    [
        ({"time_limit": "soon"}, 422, "#/time_limit/"),
        ({"comment": ["a"]}, 422, "#/comment/"),
        ({"time_limit": 5, "nice": "x"}, 422, "#/nice/"),
        ({"partition": "nowhere"}, 422, "slurm_update_job2()"),
    ],
)
def test_an_update_that_is_refused_changes_nothing(
    client: Client, jobs: Jobs, fields: dict[str, Any], status: int, source: str
) -> None:
    job = jobs.submit(client, hold=True)
    before = jobs.shown(job)
    answer = client.post(f"{API}/job/{job}", fields)
    assert (answer.status, [error["source"] for error in answer.document["errors"]]) == (status, [source])
    assert jobs.shown(job) == before


def test_an_update_with_a_job_around_it_warns(client: Client, jobs: Jobs) -> None:
    job = jobs.submit(client, hold=True)
    answer = client.post(f"{API}/job/{job}", {"job": {"comment": "lost"}})
    assert (answer.status, [one["source"] for one in answer.document["warnings"]]) == (200, ["#/job/"])


def test_an_update_of_a_job_that_is_not_there(client: Client) -> None:
    answer = client.post(f"{API}/job/67108863", {"comment": "x"})
    assert (answer.status, answer.document["errors"][0]["error_number"]) == (404, 2017)


def test_the_end_of_a_job(client: Client, jobs: Jobs) -> None:
    job = jobs.submit(client)
    jobs.until(job, "RUNNING")
    answer = client.delete(f"{API}/job/{job}")
    assert (answer.status, answer.document["errors"], answer.document["warnings"]) == (200, [], [])
    assert list(answer.document) == ["meta", "errors", "warnings"]
    jobs.until(job, "CANCELLED")


def test_the_end_of_one_array_task(client: Client, jobs: Jobs) -> None:
    job = jobs.submit(client, array="1-3")
    eventually(lambda: states(jobs, job) == dict.fromkeys("123", "RUNNING"), 20.0)
    assert client.delete(f"{API}/job/{job}_2").status == 200
    eventually(lambda: states(jobs, job)["2"] == "CANCELLED", 20.0)
    assert states(jobs, job) == {"1": "RUNNING", "2": "CANCELLED", "3": "RUNNING"}
    assert client.delete(f"{API}/job/{job}").status == 200
    eventually(lambda: set(states(jobs, job).values()) == {"CANCELLED"}, 20.0)


def test_the_end_of_pending_array_tasks(client: Client, jobs: Jobs) -> None:
    job = jobs.submit(client, array="1-6", hold=True)
    assert client.delete(f"{API}/job/{job}_[2-3,5]").status == 200
    pending = [part["ArrayTaskId"] for part in jobs.shown(job) if part["JobState"] == "PENDING"]
    assert pending == ["1,4,6"]


def test_a_pending_component_ends_with_its_job_only(client: Client, jobs: Jobs) -> None:
    job = jobs.post(client, {"script": SCRIPT, "jobs": [COMMON | {"hold": True}] * 3}).document["job_id"]
    answer = client.delete(f"{API}/job/{job}%2B1")
    assert (answer.status, answer.document["errors"][0]["error_number"]) == (422, 2108)
    assert states(jobs, job) == dict.fromkeys("012", "PENDING")
    assert client.delete(f"{API}/job/{job}").status == 200
    eventually(lambda: states(jobs, job) == dict.fromkeys("012", "CANCELLED"))


@pytest.mark.parametrize("name", ["USR1", "SIGUSR1", "usr1", "10"])
def test_a_signal(root: Client, jobs: Jobs, directory: Path, name: str) -> None:
    script = f"#!/bin/sh\ntrap 'exit 7' USR1\n> {directory}/ready\nwhile :; do sleep 0.05; done"
    job = jobs.submit(root, script=script)
    eventually((directory / "ready").exists, 20.0)
    answer = root.delete(f"{API}/job/{job}?signal={name}")
    assert (answer.status, answer.document["warnings"]) == (200, [])
    jobs.until(job, "FAILED")
    assert jobs.shown(job)[0]["ExitCode"] == "7:0"


@pytest.mark.parametrize("name", ["NOPE", "-1", "", "USR1,KILL", "99999", "1.5"])
def test_a_bad_signal_is_not_sent(client: Client, jobs: Jobs, name: str) -> None:
    job = jobs.submit(client, hold=True)
    answer = client.delete(f"{API}/job/{job}?signal={name}")
    (error,) = answer.document["errors"]
    assert (answer.status, error["source"], error["error_number"]) == (422, "signal", 9000)
    assert jobs.state(job) == "PENDING"


def test_a_finished_job_is_warned_of(client: Client, jobs: Jobs) -> None:
    job = jobs.submit(client, script="#!/bin/true")
    jobs.until(job, "COMPLETED")
    answer = client.delete(f"{API}/job/{job}")
    assert (answer.status, answer.document["errors"], len(answer.document["warnings"])) == (200, [], 1)
    assert jobs.state(job) == "COMPLETED"


def test_the_end_of_a_job_that_is_not_there(client: Client) -> None:
    answer = client.delete(f"{API}/job/67108863")
    assert (answer.status, answer.document["errors"][0]["error_number"]) == (404, 2017)


def test_the_job_of_somebody_else(client: Client, root: Client, jobs: Jobs) -> None:
    job = jobs.submit(root, hold=True)
    before = jobs.shown(job)
    killed, changed = client.delete(f"{API}/job/{job}"), client.post(f"{API}/job/{job}", {"comment": "x"})
    assert (killed.status, killed.document["errors"][0]["error_number"]) == (403, 2002)
    assert (changed.status, changed.document["errors"][0]["error_number"]) == (403, 2010)
    assert jobs.shown(job) == before


@pytest.fixture
def node(cluster: Cluster) -> Iterator[str]:
    """A node that can be changed: it is as before when the test is over."""
    yield "node04"
    before = ("Comment=", "Weight=10", "ActiveFeatures=slow,rack2", "AvailableFeatures=slow,rack2", "State=UNDRAIN")
    cluster.run("scontrol", "update", "NodeName=node04", *before, "Reason=nobody there")


def settings(cluster: Cluster, node: str) -> dict[str, str | None]:
    """What somebody can have set of a node; the rest changes by itself."""
    (shown,) = scontrol(cluster, "node", node)
    drained = {"DRAIN": str("DRAIN" in shown["State"])}
    return drained | {key: shown.get(key) for key in ("Comment", "Weight", "AvailableFeatures", "Reason")}


def test_a_node(root: Client, cluster: Cluster, node: str) -> None:
    change = {
        "comment": "a word",
        "weight": 12,
        "features": ["slow", "rack2", "x1"],
        "state": ["DRAIN"],
        "reason": "tests",
    }
    answer = root.post(f"{API}/node/{node}", change)
    assert (answer.status, answer.document["errors"]) == (200, [])
    (shown,) = scontrol(cluster, "node", node)
    assert (shown["Comment"], shown["Weight"], shown["AvailableFeatures"]) == ("a word", "12", "slow,rack2,x1")
    assert "DRAIN" in shown["State"].split("+")
    assert shown["Reason"].startswith("tests [root@")
    (document,) = root.get(f"{API}/node/{node}").document["nodes"]
    assert (document["reason"], document["reason_set_by_user"]) == ("tests", "root")
    assert "DRAIN" in document["state"]


@pytest.mark.parametrize(
    ("change", "source"), [({"state": ["NOPE"]}, "#/state[0]/"), ({"weight": "heavy"}, "#/weight/"), ([], "#/")]
)
def test_a_change_of_a_node_that_is_refused(
    root: Client, cluster: Cluster, node: str, change: Any, source: str
) -> None:
    before = settings(cluster, node)
    answer = root.post(f"{API}/node/{node}", change)
    assert answer.status == 422
    assert source in [error["source"] for error in answer.document["errors"]]
    assert settings(cluster, node) == before


def test_a_node_is_root_s_to_change(client: Client, cluster: Cluster) -> None:
    before = settings(cluster, "node04")
    answer = client.post(f"{API}/node/node04", {"comment": "x"})
    assert (answer.status, answer.document["errors"][0]["error_number"]) == (403, 2010)
    assert settings(cluster, "node04") == before


def test_a_node_that_is_not_there(root: Client) -> None:
    for answer in (root.post(f"{API}/node/nowhere", {"comment": "x"}), root.delete(f"{API}/node/nowhere")):
        assert answer.status == 404
        assert "nowhere" in answer.document["errors"][0]["description"]


@pytest.fixture
def dynamic_node(cluster: Cluster) -> Iterator[str]:
    """A node that slurm.conf does not have; it is gone when the test is over.

    By its name it comes last: slurmdbd takes the place of a node among all by name for its place in slurmctld, and may
    not be told that this one is gone. It would find no job by its node afterwards.
    """
    cluster.run("scontrol", "create", "NodeName=passing", "State=CLOUD", "Weight=77")
    yield "passing"
    cluster.run("scontrol", "delete", "NodeName=passing", check=False)


def names(client: Client) -> list[str]:
    """The names of all nodes that are listed."""
    return [node["name"] for node in client.get(f"{API}/nodes").document["nodes"]]


def test_the_end_of_a_dynamic_node(root: Client, cluster: Cluster, dynamic_node: str) -> None:
    (document,) = root.get(f"{API}/node/{dynamic_node}").document["nodes"]
    assert (document["name"], document["weight"], "DYNAMIC_NORM" in document["state"]) == (dynamic_node, 77, True)
    # Until 23.02 slurmctld lists no node of the cloud that is powered down.
    assert (dynamic_node in names(root)) == (cluster.release >= (23, 2))
    answer = root.delete(f"{API}/node/{dynamic_node}")
    assert (answer.status, answer.document["errors"], answer.document["warnings"]) == (200, [], [])
    assert root.get(f"{API}/node/{dynamic_node}").status == 404
    assert names(root) == ["node01", "node02", "node03", "node04"]


def test_a_dynamic_node_is_root_s_to_delete(client: Client, root: Client, dynamic_node: str) -> None:
    answer = client.delete(f"{API}/node/{dynamic_node}")
    assert (answer.status, answer.document["errors"][0]["error_number"]) == (403, 2010)
    assert root.get(f"{API}/node/{dynamic_node}").status == 200

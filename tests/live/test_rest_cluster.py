"""ping, licenses, nodes, partitions and reservations against scontrol, key by key where scontrol has the key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.commands import minutes, scontrol, seconds
from tests.live.jobs import API, Jobs
from tests.plugins.client import Client, eventually
from tests.plugins.cluster import Cluster

UNLIMITED = {"set": False, "infinite": True, "number": 0}
UNSET = {"set": False, "infinite": False, "number": 0}
NOT_SHOWN = ("", "(null)", "N/A", "n/a", "ALL")

Shown = Callable[[str], Any]
Rows = dict[str, tuple[str, Shown]]


def text(shown: str) -> str:
    """Text, where scontrol has several words for none."""
    return "" if shown in NOT_SHOWN else shown


def words(shown: str) -> list[str]:
    """Text with commas."""
    return [word for word in text(shown).split(",") if word]


def number(shown: str) -> dict[str, Any]:
    """A number that need not be set."""
    if shown == "UNLIMITED":
        return UNLIMITED
    return UNSET if text(shown) in ("", "NONE", "NO") else {"set": True, "infinite": False, "number": int(shown)}


def time_limit(shown: str) -> dict[str, Any]:
    """A time limit in minutes."""
    return UNLIMITED if shown in ("UNLIMITED", "NONE") else {"set": True, "infinite": False, "number": minutes(shown)}


def load(shown: str) -> dict[str, Any]:
    """A load average, which the document has times 100."""
    return UNSET if shown == "N/A" else {"set": True, "infinite": False, "number": round(float(shown) * 100)}


def mebibytes(shown: str) -> int:
    """A size that is unlimited in partitions."""
    return 0 if shown == "UNLIMITED" else int(shown)


NODE: Rows = {
    "name": ("NodeName", str),
    "architecture": ("Arch", str),
    "cores": ("CoresPerSocket", int),
    "alloc_cpus": ("CPUAlloc", int),
    "effective_cpus": ("CPUEfctv", int),
    "cpus": ("CPUTot", int),
    "cpu_load": ("CPULoad", load),
    "features": ("AvailableFeatures", words),
    "active_features": ("ActiveFeatures", words),
    "gres": ("Gres", text),
    "gres_drained": ("GresDrain", lambda shown: shown or "N/A"),
    "gres_used": ("GresUsed", text),
    "address": ("NodeAddr", str),
    "hostname": ("NodeHostName", str),
    "port": ("Port", int),
    "version": ("Version", str),
    "operating_system": ("OS", str),
    "real_memory": ("RealMemory", int),
    "alloc_memory": ("AllocMem", int),
    "free_mem": ("FreeMem", number),
    "sockets": ("Sockets", int),
    "boards": ("Boards", int),
    "threads": ("ThreadsPerCore", int),
    "temporary_disk": ("TmpDisk", int),
    "weight": ("Weight", int),
    "owner": ("Owner", text),
    "mcs_label": ("MCS_label", text),
    "partitions": ("Partitions", words),
    "boot_time": ("BootTime", seconds),
    "slurmd_start_time": ("SlurmdStartTime", seconds),
    "last_busy": ("LastBusyTime", seconds),
    "tres": ("CfgTRES", str),
    "tres_used": ("AllocTRES", str),
    "comment": ("Comment", str),
    "reason": ("Reason", lambda shown: shown.split(" [")[0]),
}
"""Key of the document -> key of scontrol, and how its text becomes the document's value."""

PARTITION: Rows = {
    "name": ("PartitionName", str),
    "groups/allowed": ("AllowGroups", text),
    "accounts/allowed": ("AllowAccounts", text),
    "qos/allowed": ("AllowQos", text),
    "nodes/allowed_allocation": ("AllocNodes", text),
    "qos/assigned": ("QoS", text),
    "defaults/time": ("DefaultTime", time_limit),
    "grace_time": ("GraceTime", int),
    "maximums/nodes": ("MaxNodes", number),
    "maximums/time": ("MaxTime", time_limit),
    "minimums/nodes": ("MinNodes", int),
    "maximums/cpus_per_node": ("MaxCPUsPerNode", number),
    "nodes/configured": ("Nodes", str),
    "priority/job_factor": ("PriorityJobFactor", int),
    "priority/tier": ("PriorityTier", int),
    "maximums/over_time_limit": ("OverTimeLimit", number),
    "cpus/total": ("TotalCPUs", int),
    "nodes/total": ("TotalNodes", int),
    "defaults/job": ("JobDefaults", text),
    "defaults/memory_per_cpu": ("DefMemPerNode", mebibytes),
    "maximums/memory_per_cpu": ("MaxMemPerNode", mebibytes),
    "tres/configured": ("TRES", str),
    "tres/billing_weights": ("TRESBillingWeights", str),
}

RESERVATION: Rows = {
    "name": ("ReservationName", str),
    "start_time": ("StartTime", seconds),
    "end_time": ("EndTime", seconds),
    "node_list": ("Nodes", str),
    "node_count": ("NodeCnt", int),
    "core_count": ("CoreCnt", int),
    "features": ("Features", text),
    "partition": ("PartitionName", text),
    "tres": ("TRES", text),
    "users": ("Users", text),
    "groups": ("Groups", text),
    "accounts": ("Accounts", text),
    "licenses": ("Licenses", text),
    "burst_buffer": ("BurstBuffer", text),
    "watts": ("Watts", number),
}

LICENSE: Rows = {
    "LicenseName": ("LicenseName", str),
    "Total": ("Total", int),
    "Used": ("Used", int),
    "Free": ("Free", int),
    "Reserved": ("Reserved", int),
    "Remote": ("Remote", lambda shown: shown == "yes"),
}


def differences(documents: list[Any], shown: list[dict[str, str]], rows: Rows) -> dict[str, Any]:
    """Where the two disagree: "name: key" -> (the daemon's, scontrol's), for keys that scontrol shows."""
    assert len(documents) == len(shown) > 0
    first = next(iter(rows))
    found = {}
    for document, record in zip(documents, shown, strict=True):
        for key, (name, convert) in rows.items():
            value = document
            for part in key.split("/"):
                value = value[part]
            if name in record and value != convert(record[name]):
                found[f"{document[first]}: {key}"] = (value, record[name])
    return found


@pytest.fixture(scope="module")
def busy(cluster: Cluster, root: Client) -> Iterator[int]:
    """A job that runs, with licences and accelerators, so that there is something to count."""
    jobs = Jobs(cluster)
    job = jobs.submit(root, licenses="matlab:2", tres_per_node="gres:gpu:tesla:2", cpus_per_task=4)
    jobs.until(job, "RUNNING")
    yield job
    jobs.cancel()


def agree(client: Client, cluster: Cluster, url: str, kind: str, rows: Rows) -> bool:
    """Compare every record of a collection. What moves on its own has a few tries to be caught standing still."""
    last: dict[str, Any] = {}

    def same() -> bool:
        documents = client.get(f"{API}/{url}").document[url]
        last.clear()
        last.update(differences(documents, scontrol(cluster, kind), rows))
        return not last

    try:
        return eventually(same, 3.0)
    except AssertionError:
        assert last == {}
        raise


def test_nodes(client: Client, cluster: Cluster, busy: int) -> None:
    assert agree(client, cluster, "nodes", "node", NODE)


def test_the_busy_node(client: Client, cluster: Cluster, busy: int) -> None:
    (node,) = client.get(f"{API}/node/node01").document["nodes"]
    assert (node["alloc_cpus"], node["alloc_idle_cpus"], node["alloc_memory"]) == (4, 20, 400)
    assert node["state"] == ["MIXED"]
    assert node["tres_used"] == "cpu=4,mem=400M,gres/gpu=2"
    # From 25.05 on slurmctld does not say.
    assert (node["tres_weighted"] > 0) == (cluster.release < (25, 5))


def test_states_of_nodes(client: Client, cluster: Cluster, busy: int) -> None:
    documents = client.get(f"{API}/nodes").document["nodes"]
    shown = {node["NodeName"]: set(node["State"].split("+")) for node in scontrol(cluster, "node")}
    assert {node["name"]: set(node["state"]) for node in documents} == shown
    lines = cluster.run("sinfo", "-hN", "-pdebug", "-o%N %T").stdout.splitlines()
    states = dict(line.rstrip("*$").split() for line in lines)
    assert {node["name"]: node["state"][0].lower() for node in documents} == states


def test_one_node_is_as_among_all(client: Client) -> None:
    moving = {"cpu_load", "free_mem", "last_busy"}
    for node in client.get(f"{API}/nodes").document["nodes"]:
        (one,) = client.get(f"{API}/node/{node['name']}").document["nodes"]
        assert [key for key in one if one[key] != node[key] and key not in moving] == []
        assert list(one) == list(node)


def test_a_node_s_partitions_are_those_of_the_moment(client: Client, cluster: Cluster) -> None:
    def partitions() -> list[str]:
        found: list[str] = client.get(f"{API}/node/node04").document["nodes"][0]["partitions"]
        return found

    before = partitions()
    for _ in range(3):
        cluster.run("scontrol", "create", "PartitionName=fleeting", "Nodes=node04")
        assert sorted(partitions()) == sorted([*before, "fleeting"])
        cluster.run("scontrol", "delete", "PartitionName=fleeting")
        assert partitions() == before


def test_partitions(client: Client, cluster: Cluster) -> None:
    assert agree(client, cluster, "partitions", "partition", PARTITION)


def test_reservations(client: Client, cluster: Cluster) -> None:
    shown = scontrol(cluster, "reservation")
    documents = client.get(f"{API}/reservations").document["reservations"]
    assert differences(documents, shown, RESERVATION) == {}
    assert [sorted(one["flags"]) for one in documents] == [sorted(words(one["Flags"])) for one in shown]


def test_licenses(client: Client, cluster: Cluster, busy: int) -> None:
    documents = client.get(f"{API}/licenses").document["licenses"]
    if cluster.release >= (26, 5):
        # There scontrol sorts them, and slurmctld has them in an order of its own.
        documents.sort(key=lambda one: one["LicenseName"])
    assert differences(documents, scontrol(cluster, "licenses"), LICENSE) == {}
    assert {one["LicenseName"]: (one["Total"], one["Used"], one["Free"]) for one in documents} == {
        "matlab": (10, 2, 8),
        "fluent": (30, 0, 30),
    }


@pytest.mark.parametrize(
    ("url", "key", "name"),
    [("partition", "partitions", "gpu"), ("partition", "partitions", "GPU"), ("reservation", "reservations", "course")],
)
def test_one_by_name_is_as_among_all(client: Client, url: str, key: str, name: str) -> None:
    among = [one for one in client.get(f"{API}/{key}").document[key] if one["name"] == name.lower()]
    answer = client.get(f"{API}/{url}/{name}")
    assert (answer.status, answer.document[key]) == (200, among)


@pytest.mark.parametrize(
    ("url", "key", "number"),
    [
        ("node/nowhere", "nodes", None),
        ("partition/nowhere", "partitions", 9000),
        ("reservation/nowhere", "reservations", 9000),
    ],
)
def test_one_that_is_not_there(client: Client, url: str, key: str, number: int | None) -> None:
    answer = client.get(f"{API}/{url}")
    (error,) = answer.document["errors"]
    assert (answer.status, answer.document[key], error.get("error_number")) == (404, [], number)
    assert "nowhere" in error["description"]


def test_ping(client: Client, cluster: Cluster) -> None:
    (ping,) = client.get(f"{API}/ping").document["pings"]
    said = cluster.run("scontrol", "ping").stdout
    assert said == f"Slurmctld({ping['mode']}) at {ping['hostname']} is {ping['pinged']}\n"
    assert 0 < ping["latency"] < 5_000_000


def test_the_envelope(client: Client, cluster: Cluster) -> None:
    document = client.get(f"{API}/ping").document
    assert list(document) == ["meta", "errors", "warnings", "pings"]
    assert document["meta"]["plugin"] == {
        "type": "openapi/v0.0.39",
        "name": "Slurm OpenAPI v0.0.39",
        "data_parser": "v0.0.39",
    }
    release = cluster.run("sinfo", "--version").stdout.split()[1]
    major, minor, micro = (int(part) for part in release.split("."))
    assert document["meta"]["Slurm"] == {
        "version": {"major": major, "micro": micro, "minor": minor},
        "release": release,
    }
    source = document["meta"]["client"]["source"]
    place = f"{client.address}->fd:" if isinstance(client.address, Path) else "[localhost]:"
    assert source.startswith(place)
    assert source.removeprefix(place).isdigit()

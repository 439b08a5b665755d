"""/jobs of a cluster with thousands of jobs, where each message gets an encoder of its own.

What goes out is what the reference dump has of the same records, and a client that leaves in the middle costs nothing.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from slurmrest.data_parser.encode import MANY
from tests.live.jobs import API
from tests.plugins.client import Client, eventually
from tests.plugins.cluster import Cluster
from tests.plugins.daemon import Factory

CHECKOUT = Path(__file__).resolve().parents[2]
COUNT = MANY + 200
MIB = 1 << 20
LEAVING = 12
TAKEN = 16 * 1024
"""Bytes that a client takes before it leaves."""
CHANGES = ("last_sched_evaluation",)


def child(cluster: Cluster, *arguments: str) -> bytes:
    """Run many_child.py as root. Returns: what it printed."""
    path = os.pathsep.join(map(str, (CHECKOUT, CHECKOUT / "bindings")))
    argv = (sys.executable, "-m", "tests.live.many_child", *arguments)
    done = subprocess.run(argv, env=cluster.env | {"PYTHONPATH": path}, capture_output=True, check=False, cwd=CHECKOUT)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope="module")
def many(cluster: Cluster) -> Iterator[range]:
    """The ids of many held jobs."""
    first, last = map(int, child(cluster, "submit", str(COUNT)).split())
    yield range(first, last + 1)
    cluster.run("scancel", *map(str, range(first, last + 1)))


@pytest.mark.parametrize("style", ["compact", "pretty"])
def test_every_job_is_what_the_reference_says(daemon: Factory, cluster: Cluster, many: range, style: str) -> None:
    with daemon(tcp=True, env={"SLURMRESTD_JSON": style}) as server:
        root = server.network.as_user("root", cluster.token("root"))
        connection = root.connection()
        connection.request("GET", f"{API}/jobs", headers={"X-SLURM-USER-TOKEN": str(root.token)})
        body = connection.getresponse().read()
        connection.close()
    expected = {one["job_id"]: one for one in map(orjson.loads, child(cluster, "reference").splitlines())}
    document = orjson.loads(body)
    # Laid out as orjson lays out the whole.
    assert orjson.dumps(document, option=orjson.OPT_INDENT_2 if style == "pretty" else None) == body
    found = {one["job_id"]: one for one in document["jobs"]}
    assert set(many) <= set(found)
    assert {number for number in many if not same(found[number], expected[number])} == set()


def same(found: dict[str, object], expected: dict[str, object]) -> bool:
    """Whether two documents are the same, in the order of their keys too, but for what changes by itself."""
    for one in (found, expected):
        for key in CHANGES:
            one[key] = None
    return orjson.dumps(found) == orjson.dumps(expected)


def resident(pids: list[int]) -> int:
    """Bytes in memory of those processes."""
    return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 for pid in pids)


def test_a_client_that_leaves_in_the_middle_frees_the_message(daemon: Factory, cluster: Cluster, many: range) -> None:
    with daemon(tcp=True) as server:
        root = server.network.as_user("root", cluster.token("root"))
        for _ in range(4):
            assert take_all(root) > len(many)
        before = resident(server.workers())
        connections = [begin(root) for _ in range(LEAVING)]
        held = resident(server.workers()) - before
        for connection in connections:
            connection.close()
        # Each holds the message of thousands of jobs, some 10 MiB, until it is gone.
        assert held > LEAVING * MIB
        eventually(lambda: resident(server.workers()) - before < held // 3, 10.0)
        assert root.get(f"{API}/ping").status == 200


def begin(client: Client) -> socket.socket:
    """Ask for the jobs, and take only the first of the answer."""
    link = client.raw()
    link.sendall(f"GET {API}/jobs HTTP/1.1\r\nHost: x\r\nX-SLURM-USER-TOKEN: {client.token}\r\n\r\n".encode())
    taken = 0
    while taken < TAKEN:
        taken += len(link.recv(TAKEN - taken))
    return link


def take_all(client: Client) -> int:
    """Ask for the jobs. Returns: the size of the answer in bytes."""
    connection = client.connection()
    connection.request("GET", f"{API}/jobs", headers={"X-SLURM-USER-TOKEN": str(client.token)})
    size = len(connection.getresponse().read())
    connection.close()
    return size

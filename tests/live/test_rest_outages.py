"""Daemons of Slurm that are away, and come back: an error a request, no worker lost, then service as before.

What is stopped is away for as long as it takes libslurm to find out, which is its own time: ten seconds and more.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from slurmrest.calls import PATIENCE
from slurmrest.routes import ROUTES
from tests.live.jobs import API, COMMON, SCRIPT, Jobs
from tests.plugins.client import Answer, Client, eventually
from tests.plugins.cluster import Cluster
from tests.plugins.daemon import Daemon, Factory

PARTS = {"job_id": "7", "node_name": "node01", "partition_name": "debug", "reservation_name": "course"}
SUBMISSION = json.dumps({"script": SCRIPT, "job": COMMON})
CHANGE = json.dumps({"comment": "x"})
REQUESTS = [
    (method, url.format(**PARTS))
    for url, resource in ROUTES.items()
    for method in ("GET", "HEAD", "POST", "DELETE")
    if url.startswith("/slurm/") and hasattr(resource, f"on_{method.lower()}") and not url.endswith("/ping")
]


@pytest.fixture(scope="module")
def server(daemon: Factory) -> Iterator[Daemon]:
    """A daemon for these tests, which loses none of its workers."""
    with daemon(tcp=True) as server:
        before = server.workers()
        yield server
        assert server.workers() == before


@pytest.fixture(scope="module")
def clients(server: Daemon, cluster: Cluster) -> list[Client]:
    """A local peer, and a user with a token over TCP."""
    return [server.client, server.network.as_user("games", cluster.token("games"))]


def ask(client: Client, method: str, url: str) -> Answer:
    """Make one of REQUESTS."""
    body = {"POST": SUBMISSION if url.endswith("submit") else CHANGE}.get(method)
    return client.request(method, url, body=body)


def ask_all(clients: list[Client], requests: list[tuple[str, str]]) -> list[tuple[str, Answer]]:
    """Make requests all at once. Returns: what was asked, and the answer."""
    asked = [(client, method, url) for client in clients for method, url in requests]
    with ThreadPoolExecutor(len(asked)) as pool:
        answers = pool.map(lambda one: ask(*one), asked)
        return [(f"{method} {url}", answer) for (_, method, url), answer in zip(asked, answers, strict=True)]


def works(clients: list[Client]) -> bool:
    """Whether everybody is served again."""
    urls = ("ping", "diag", "licenses", "jobs", "nodes", "partitions", "reservations", "node/node01")
    return all(client.get(f"{API}/{url}").status == 200 for client in clients for url in urls)


def test_without_slurmctld(cluster: Cluster, clients: list[Client], root: Client) -> None:
    assert works(clients)
    a_node_of_slurm_conf_can_be_deleted(root, cluster)
    with cluster.stopped("slurmctld"):
        # Some stop at once, and what answered a moment ago is asked again without a look.
        gone = time.monotonic()
        eventually(lambda: time.monotonic() - gone > PATIENCE)
        # Libslurm would take 9 s for each of these. More of them than there are threads; nobody knows of it before.
        began = time.monotonic()
        assert {answer.status for _, answer in ask_all(clients * 20, [("GET", f"{API}/jobs")])} == {502}
        all_else_is_unreachable(clients)
        ping_says_down(clients)
        assert [client.get("/openapi").status for client in clients] == [200, 200]
        assert time.monotonic() - began < 5.0
        assert [client.get(f"{API}/nowhere").status for client in clients] == [404, 404]
        assert [client.get(f"{API}/job/x").status for client in clients] == [422, 422]
        assert clients[1].as_user(None, None).get(f"{API}/ping").status == 401
    # Service is back within a second of slurmctld's, without anything being done.
    assert eventually(lambda: [client.get(f"{API}/jobs").status for client in clients] == [200, 200], 1.0)
    assert eventually(lambda: works(clients))
    assert root.get(f"{API}/node/node04").status == 200


def a_node_of_slurm_conf_can_be_deleted(root: Client, cluster: Cluster) -> None:
    """It comes back with the next slurmctld. From 24.05 on slurmctld deletes none but dynamic nodes."""
    answer = root.delete(f"{API}/node/node04")
    if cluster.release >= (24, 5):
        assert (answer.status, answer.document["errors"][0]["error"]) == (422, "Invalid node state specified")
        assert root.get(f"{API}/node/node04").status == 200
        return
    assert (answer.status, answer.document["errors"]) == (200, [])
    nodes = [node["name"] for node in root.get(f"{API}/nodes").document["nodes"]]
    assert nodes == ["node01", "node02", "node03"]
    assert root.get(f"{API}/node/node04").status == 404


def ping_says_down(clients: list[Client]) -> None:
    """A slurmctld that is down is an answer, not an error."""
    for client in clients:
        answer = client.get(f"{API}/ping")
        (ping,) = answer.document["pings"]
        assert (answer.status, ping["pinged"], answer.document["errors"]) == (200, "DOWN", [])


def all_else_is_unreachable(clients: list[Client]) -> None:
    """Everything else is an error that says why."""
    for asked, answer in ask_all(clients, REQUESTS):
        assert answer.status == 502, (asked, answer)
        if not asked.startswith("HEAD"):
            (error,) = answer.document["errors"]
            assert "contact slurm controller" in error["error"], asked
            assert (error["error_number"], bool(error["description"])) == (1800, True), asked


def test_with_tokens_nothing_needs_munged(cluster: Cluster, clients: list[Client], jobs: Jobs) -> None:
    assert works(clients)
    with cluster.stopped("munged"):
        assert works(clients)
        assert jobs.got(clients[1], jobs.submit(clients[1], hold=True))


def test_by_munge_there_is_an_error_a_request_without_munged(cluster: Cluster, daemon: Factory) -> None:
    with daemon(env={"SLURM_JWT": None}) as server:
        before = server.workers()
        assert works([server.client])
        with cluster.stopped("munged"):
            found = dict(ask_all([server.client], REQUESTS))
            assert server.client.get(f"{API}/ping").document["pings"][0]["pinged"] == "DOWN"
        # slurm_update_job2 does not say what was wrong.
        assert found.pop(f"POST {API}/job/7").status in (502, 511)
        assert {asked: answer.status for asked, answer in found.items()} == dict.fromkeys(found, 511)
        assert {answer.document["errors"][0]["error_number"] for answer in found.values() if answer.document} == {1007}
        assert eventually(lambda: works([server.client]))
        assert server.workers() == before


def test_a_daemon_that_never_saw_munged(cluster: Cluster, daemon: Factory, clients: list[Client]) -> None:
    token = cluster.token("games")
    with cluster.stopped("munged"), daemon() as server:
        remote = server.client.as_user("games", token)
        assert (server.client.get(f"{API}/jobs").status, remote.get(f"{API}/jobs").status) == (511, 200)
        cluster.start("munged")
        assert eventually(lambda: works([server.client, remote]))


def test_without_slurmdbd_nothing_is_missing(cluster: Cluster, clients: list[Client], jobs: Jobs) -> None:
    with cluster.stopped("slurmdbd"):
        assert works(clients)
        for client in clients:
            job = jobs.submit(client, hold=True, qos="normal")
            assert jobs.got(client, job)[0]["qos"] == "normal"
            assert client.post(f"{API}/job/{job}", {"comment": "x"}).status == 200
            assert client.delete(f"{API}/job/{job}").status == 200
    assert works(clients)

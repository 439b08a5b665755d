"""A slurmdbd that is away, and one that refuses: soon an error for /slurmdb, and nothing to /slurm."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from slurmrest.routes import ROUTES
from tests.plugins.client import Client, eventually
from tests.plugins.cluster import Cluster
from tests.plugins.daemon import Daemon, Factory, free_port

DB = "/slurmdb/v0.0.39"
PARTS = {
    "job_id": "7", "account_name": "sub1", "user_name": "games", "cluster_name": "dev", "qos_name": "normal",
    "wckey": "wk1",
}  # fmt: skip
READ = [
    path.format(**PARTS)
    for path, resource in ROUTES.items()
    if path.startswith(f"{DB}/") and hasattr(resource, "on_get") and not path.endswith("/association")
]
SOON = 3.0
"""Seconds within which an error is there."""


@pytest.fixture(scope="module")
def server(daemon: Factory, cluster: Cluster) -> Iterator[Daemon]:
    """A daemon in whose slurm.conf nobody listens where slurmdbd should."""
    conf = cluster.run_directory / "no-slurmdbd.conf"
    conf.write_text(
        re.sub("(?m)^AccountingStoragePort=.*", f"AccountingStoragePort={free_port()}", cluster.conf.read_text())
    )
    conf.chmod(0o644)
    with daemon(conf=conf, tcp=True) as server:
        yield server
    conf.unlink()


@pytest.mark.parametrize("path", READ)
def test_an_error_comes_soon(path: str, server: Daemon, cluster: Cluster) -> None:
    client = server.network.as_user("root", cluster.token("root"))
    began = time.monotonic()
    answer = client.get(path)
    assert time.monotonic() - began < SOON
    assert answer.status == 502
    assert [error["error_number"] for error in answer.document["errors"]] == [7000]


def test_writing_fails_as_soon(server: Daemon, cluster: Cluster) -> None:
    client = server.network.as_user("root", cluster.token("root"))
    account = {"name": "never", "description": "d", "organization": "o"}
    assert client.post(f"{DB}/accounts", {"accounts": [account]}).status == 502
    assert client.delete(f"{DB}/account/never").status == 502


@pytest.mark.parametrize("path", ["ping", "diag", "licenses", "jobs", "nodes", "partitions", "reservations"])
def test_slurm_needs_no_slurmdbd(path: str, server: Daemon, cluster: Cluster) -> None:
    with ThreadPoolExecutor(1) as thread:
        # While somebody asks slurmdbd.
        asking = thread.submit(server.client.get, f"{DB}/tres")
        answer = server.client.get(f"/slurm/v0.0.39/{path}")
        assert asking.result().status == 502
    assert (answer.status, answer.document["errors"], answer.document["warnings"]) == (200, [], [])


def test_slurmdbd_is_found_again(server: Daemon, cluster: Cluster, root: Client) -> None:
    assert root.get(f"{DB}/tres").status == 200
    with cluster.stopped("slurmdbd"):
        answers = [root.get(f"{DB}/{path}").status for path in ("tres", "jobs", "accounts")]
        assert root.get("/slurm/v0.0.39/jobs").status == 200
    assert answers == [502] * 3
    eventually(lambda: root.get(f"{DB}/tres").status == 200, 10.0)


@pytest.mark.parametrize("path", READ)
def test_a_bad_token_is_nobody(path: str, cluster: Cluster) -> None:
    good = cluster.token("games")
    for token in ("eyJh.eyJi.abc", good[:-6] + "AAAAAA"):
        answer = cluster.network.as_user("games", token).get(path)
        assert answer.status == 401
    other = cluster.network.as_user("root", good).get(path)
    assert other.status == 401

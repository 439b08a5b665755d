"""SIGHUP takes up a changed slurm.conf, and no request that was read is lost by it."""

from __future__ import annotations

import http.client
import re
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.live.jobs import API
from tests.plugins.client import Client, eventually
from tests.plugins.cluster import Cluster
from tests.plugins.daemon import Daemon, Factory, free_port


@pytest.fixture
def conf(cluster: Cluster, directory: Path) -> Path:
    """A copy of slurm.conf to change."""
    copy = directory / "slurm.conf"
    copy.write_text(cluster.conf.read_text())
    return copy


@pytest.fixture
def server(daemon: Factory, conf: Path) -> Iterator[Daemon]:
    """A daemon with that slurm.conf."""
    with daemon(conf=conf, tcp=True) as server:
        yield server


@pytest.fixture
def remote(server: Daemon, cluster: Cluster) -> Client:
    """A client with a token."""
    return server.network.as_user("games", cluster.token("games"))


def pinged(client: Client) -> str:
    """What the daemon thinks of slurmctld."""
    (ping,) = client.get(f"{API}/ping").document["pings"]
    return str(ping["pinged"])


def hang_up(server: Daemon) -> None:
    """Have the workers replaced, and wait until they are."""
    before = set(server.workers())
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: len(server.workers()) == len(before) and not before & set(server.workers()))


def test_a_changed_slurm_conf_is_taken_up(server: Daemon, remote: Client, conf: Path) -> None:
    right = conf.read_text()
    wrong, changes = re.subn(r"(?m)^SlurmctldPort=.*", f"SlurmctldPort={free_port()}", right)
    assert changes == 1
    assert pinged(remote) == "UP"
    conf.write_text(wrong)
    assert pinged(remote) == "UP"
    hang_up(server)
    assert pinged(remote) == "DOWN"
    conf.write_text(right)
    hang_up(server)
    assert pinged(remote) == "UP"


def test_a_broken_slurm_conf_changes_nothing(server: Daemon, remote: Client, conf: Path) -> None:
    before = server.workers()
    conf.write_text("Nonsense=1\n")
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: "are not replaced" in server.log())
    assert pinged(remote) == "UP"
    assert set(before) & set(server.workers())


def test_no_request_is_lost(server: Daemon, remote: Client) -> None:
    """Connections are kept until the daemon announces that it closes them, on both kinds of sockets."""
    before = set(server.workers())

    def replaced() -> bool:
        return not before & set(server.workers())

    with ThreadPoolExecutor(6) as pool:
        clients = [pool.submit(until, replaced, client) for client in (server.client, remote) * 3]
        server.process.send_signal(signal.SIGHUP)
        found = [client.result() for client in clients]
    assert {status for statuses, _ in found for status in statuses} == {200}
    assert sum(closed for _, closed in found) > 0


def until(done: Callable[[], bool], client: Client) -> tuple[list[int], int]:
    """Ask until something is done, and some more. Gives the statuses, and how often the end was announced."""
    statuses, closed, left = [], 0, 20
    connection = client.connection()
    headers = {"X-SLURM-USER-TOKEN": client.token} if client.token else {}
    while left:
        left -= done()
        connection.request("GET", f"{API}/nodes", headers=headers)
        answer: http.client.HTTPResponse = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
        if answer.headers["Connection"] == "close":
            closed += 1
            connection.close()
    connection.close()
    return statuses, closed

"""A process for each connection: by xinetd with conf/xinetd.conf, and by systemd as with Accept=yes."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.live.jobs import API
from tests.plugins.client import Client, eventually
from tests.plugins.cluster import CHECKOUT, Cluster
from tests.plugins.daemon import Factory, free_port

from .proxy import DEADLINE, program

CONF = CHECKOUT / "conf" / "xinetd.conf"


def rendered(cluster: Cluster, port: int) -> str:
    """conf/xinetd.conf with places of this machine in it; each must be there, once."""
    text = CONF.read_text()
    body = text.partition("\nservice")[2]
    for place, ours in (
        ("port        = 6820", f"port = {port}"),
        ("user        = slurmrestd", f"user = {cluster.daemon_user}"),
        ("group       = slurmrestd", f"group = {cluster.daemon_user}"),
        ("/opt/slurmrest/bin/slurmrestd", f"{cluster.venv}/bin/slurmrestd"),
        ("/etc/slurm/slurm.conf", str(cluster.conf)),
    ):
        assert body.count(place) == 1, place
        body = body.replace(place, ours)
    return f"service{body}"


@pytest.fixture(scope="module")
def xinetd(cluster: Cluster, folder: Path) -> Iterator[Client]:
    """A client of xinetd."""
    port = free_port()
    conf, log = folder / "xinetd.conf", folder / "log"
    conf.write_text(rendered(cluster, port))
    line = (program("xinetd"), "-dontfork", "-f", str(conf), "-pidfile", str(folder / "pid"), "-filelog", str(log))
    process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: listens(port))
        yield Client(("127.0.0.1", port)).as_user("games", cluster.token("games"))
    finally:
        process.terminate()
        process.wait(DEADLINE)


def listens(port: int) -> bool:
    """Whether somebody accepts connections; one that says nothing ends its process."""
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def test_xinetd_serves_requests_with_tokens(xinetd: Client) -> None:
    assert xinetd.get(f"{API}/ping").status == 200
    assert xinetd.get(f"{API}/jobs").status == 200
    assert xinetd.as_user(None, None).get(f"{API}/ping").status == 401


def test_xinetd_serves_several_requests_on_a_connection(xinetd: Client) -> None:
    connection = xinetd.connection()
    try:
        for _ in range(3):
            connection.request("GET", f"{API}/nodes", headers={"X-SLURM-USER-TOKEN": str(xinetd.token)})
            assert connection.answer().status == 200
    finally:
        connection.close()


def test_xinetd_serves_several_at_once(xinetd: Client) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert [answer.status for answer in pool.map(lambda _: xinetd.get(f"{API}/ping"), range(6))] == [200] * 6


def test_systemd_serves_a_connection_as_standard_input(daemon: Factory, cluster: Cluster) -> None:
    port, env = free_port(), {"SLURM_CONF": str(cluster.conf)}
    names = [f"--setenv={name}" for name in (*daemon.environment(env), "SLURMREST_DEVELOPMENT")]
    line = (program("systemd-socket-activate"), "--accept", "--inetd", "-l", f"127.0.0.1:{port}", *names)
    process: Any = daemon.popen((*line, daemon.program), env, cluster.daemon_user, stderr=subprocess.DEVNULL)
    client = Client(("127.0.0.1", port))
    with process:
        try:
            eventually(lambda: listens(port))
            assert client.get(f"{API}/ping").status == 401
            assert client.as_user("games", cluster.token("games")).get(f"{API}/jobs").status == 200
        finally:
            process.terminate()

"""The installed program on the cluster: what it does not start with, and gunicorn instead of it.

tests/daemon has what needs no cluster.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.jobs import API
from tests.plugins.client import Client, eventually
from tests.plugins.cluster import CHECKOUT, Cluster
from tests.plugins.daemon import Factory, free_port


@pytest.fixture
def conf(cluster: Cluster, directory: Path) -> Iterator[Path]:
    """A copy of slurm.conf to break."""
    copy = directory / "slurm.conf"
    copy.write_text(cluster.conf.read_text())
    yield copy
    copy.chmod(0o644)


def refused(daemon: Factory, conf: Path, *addresses: str) -> str:
    """Start it and see it end at once. Returns: its one line."""
    done = daemon.run("-f", str(conf), *(addresses or (f"127.0.0.1:{free_port()}",)))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done
    return done.stderr


def test_a_conf_that_may_not_be_read(daemon: Factory, conf: Path) -> None:
    conf.chmod(0o000)
    assert str(conf) in refused(daemon, conf)


@pytest.mark.parametrize("line", ["Nonsense=1", "AuthType=auth/nowhere", "SlurmUser=no-such-user", "SlurmctldPort=x"])
def test_a_conf_that_is_wrong(daemon: Factory, conf: Path, line: str) -> None:
    key = line.partition("=")[0]
    kept = [one for one in conf.read_text().splitlines() if not one.startswith(f"{key}=")]
    conf.write_text("\n".join([*kept, line, ""]))
    assert str(conf) in refused(daemon, conf)


def test_a_directory_is_no_conf(daemon: Factory, directory: Path) -> None:
    assert str(directory) in refused(daemon, directory)


def test_the_socket_of_a_daemon_that_serves(daemon: Factory, cluster: Cluster) -> None:
    assert cluster.unix.get(f"{API}/ping").status == 200
    assert str(cluster.socket) in refused(daemon, cluster.conf, f"unix:{cluster.socket}")
    assert cluster.unix.get(f"{API}/ping").status == 200


def test_the_port_of_a_daemon_that_serves(daemon: Factory, cluster: Cluster) -> None:
    port = f"127.0.0.1:{cluster.tcp[1]}"
    assert port in refused(daemon, cluster.conf, port)
    assert cluster.network.get(f"{API}/ping").status == 401


def test_gunicorn_serves_the_app_too(daemon: Factory, cluster: Cluster) -> None:
    port = free_port()
    # The daemon's user may not be able to enter the checkout.
    conf = cluster.run_directory / "gunicorn.conf.py"
    conf.write_text((CHECKOUT / "conf" / "gunicorn.conf.py").read_text())
    conf.chmod(0o644)
    program = str(cluster.venv / "bin" / "gunicorn")
    settings = ("-c", str(conf), "-b", f"127.0.0.1:{port}", "slurmrest.wsgi:app")
    env = {"SLURM_CONF": str(cluster.conf)}
    client = Client(("127.0.0.1", port)).as_user(None, cluster.token("games"))
    with daemon.popen((program, *settings), env, cluster.daemon_user, stderr=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: answers(client), 20.0)
            assert client.get(f"{API}/jobs").status == 200
            assert client.get(f"{API}/jobs", token="x").status == 401  # noqa: S106 - no token at all
        finally:
            os.kill(process.pid, signal.SIGTERM)
        assert process.wait(20) == 0
    conf.unlink()


def answers(client: Client) -> bool:
    """Whether somebody serves."""
    try:
        return client.get(f"{API}/ping").status == 200
    except OSError:
        return False

"""The ways to reach the cluster's daemon.

client    a test runs three times: on the unix socket as a local peer, on it with a token, and over TCP with
          one. The user is the daemon's each time.
root      a client with root's token, who may do everything and sees everything
jobs      submits jobs, and cancels them when the test is over: see jobs.py
directory where jobs of any user can leave files
munge jwt processes that use the bindings, of the class that the module calls CHILD: root by munge, and by tokens
workers   the workers of the cluster's daemon, which no test may lose
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.jobs import Jobs
from tests.plugins.client import Client
from tests.plugins.cluster import Cluster


@pytest.fixture(params=["unix-local", "unix-token", "tcp-token"])
def client(request: pytest.FixtureRequest, cluster: Cluster) -> Client:
    """A client of the cluster's daemon, served as the daemon's user."""
    transport, _, kind = request.param.partition("-")
    plain = cluster.unix if transport == "unix" else cluster.network
    return plain if kind == "local" else plain.as_user(cluster.daemon_user, cluster.token(cluster.daemon_user))


@pytest.fixture(scope="session")
def root(cluster: Cluster) -> Client:
    """A client with root's token."""
    return cluster.unix.as_user("root", cluster.token("root"))


@pytest.fixture
def jobs(cluster: Cluster) -> Iterator[Jobs]:
    """Jobs of this test alone."""
    own = Jobs(cluster)
    yield own
    own.cancel()


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory for the files of jobs of every user."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        path = Path(name)
        path.chmod(0o1777)
        yield path


@pytest.fixture(scope="module")
def munge(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[Any]:
    """A process that is root by munge."""
    process = request.module.CHILD(cluster)
    yield process
    assert process.close() == 0


@pytest.fixture(scope="module")
def jwt(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[Any]:
    """A process that acts by tokens."""
    process = request.module.CHILD(cluster, SLURM_JWT="daemon")
    yield process
    assert process.close() == 0


@pytest.fixture(scope="module")
def workers(cluster: Cluster) -> Iterator[list[int]]:
    """The workers of the cluster's daemon. Fails where one of them was lost in a module that uses it."""
    before = workers_of(cluster)
    yield before
    assert workers_of(cluster) == before


def workers_of(cluster: Cluster) -> list[int]:
    """The processes that serve."""
    assert cluster.socket
    pid = cluster.pid("slurmrestd")
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

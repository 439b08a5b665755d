"""Our daemon with the libslurm of one release on the cluster of another. conf/dev/matrix.py runs this; no other does.

SLURMREST_TEST_PAIR is "served" or "refused", SLURMREST_TEST_TOKEN a token of root, SLURM_CONF the cluster's.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.plugins.client import Client, eventually
from tests.plugins.cluster import Cluster
from tests.plugins.daemon import Factory

SERVED = os.environ["SLURMREST_TEST_PAIR"] == "served"
JOB: dict[str, Any] = {
    "job": {
        "name": "mixed",
        "account": "root",
        "current_working_directory": "/",
        "standard_output": "/dev/null",
        "environment": {"PATH": "/usr/bin:/bin"},
    },
    "script": "#!/bin/sh\ntrue\n",
}
SLURM = ("diag", "licenses", "jobs", "nodes", "node/node01", "partitions", "reservations")
SLURMDB = ("accounts", "users", "associations", "qos", "tres", "clusters", "wckeys", "jobs", "diag", "config")
READ = (*(f"/slurm/v0.0.39/{name}" for name in SLURM), *(f"/slurmdb/v0.0.39/{name}" for name in SLURMDB))


@pytest.fixture(scope="module")
def daemon() -> Factory:
    """Starts daemons of this folder."""
    return Factory(Cluster("--conf", os.environ["SLURM_CONF"]))


@pytest.fixture(scope="module")
def client(daemon: Factory) -> Iterator[Client]:
    """A client as root."""
    with daemon(unix=False, tcp=True) as server:
        yield server.network.as_user("root", os.environ["SLURMREST_TEST_TOKEN"])


def test_releases_differ(client: Client) -> None:
    ours = client.get("/slurm/v0.0.39/ping").document["meta"]["Slurm"]["release"]
    assert ours.startswith(os.environ["SLURMREST_TEST_RELEASE"])


@pytest.mark.parametrize("path", READ)
def test_reading(client: Client, path: str) -> None:
    answer = client.get(path)
    if SERVED:
        assert (answer.status, answer.document["errors"]) == (200, [])
    else:
        refused(answer.status, answer.document)


def test_a_job(client: Client) -> None:
    answer = client.post("/slurm/v0.0.39/job/submit", JOB)
    if not SERVED:
        refused(answer.status, answer.document)
        return
    assert (answer.status, answer.document["errors"]) == (200, [])
    path = f"/slurm/v0.0.39/job/{answer.document['job_id']}"
    eventually(lambda: client.get(path).document["jobs"][0]["job_state"] == "COMPLETED", 30)
    held = client.post("/slurm/v0.0.39/job/submit", {**JOB, "job": {**JOB["job"], "hold": True}}).document["job_id"]
    assert client.post(f"/slurm/v0.0.39/job/{held}", {"comment": "mixed"}).status == 200
    assert client.get(f"/slurm/v0.0.39/job/{held}").document["jobs"][0]["comment"] == "mixed"
    assert client.delete(f"/slurm/v0.0.39/job/{held}").status == 200
    assert client.get(f"/slurm/v0.0.39/job/{held}").document["jobs"][0]["job_state"] == "CANCELLED"


def test_what_check_says(daemon: Factory) -> None:
    done: subprocess.CompletedProcess[str] = daemon.run("-f", os.environ["SLURM_CONF"], "--check")
    # Where it is served, the daemon's user may still be unknown in the other folder, whom the check asks as.
    assert SERVED or done.returncode == 1, done.stdout
    assert ("is not of a release that Slurm here understands" in done.stdout) != SERVED, done.stdout


def refused(status: int, document: Any) -> None:
    """What the protocol does not allow is an error that says so, and no crash."""
    assert status == 502, document
    assert "Incompatible versions" in document["errors"][0]["error"], document

"""Our daemon with the libslurm of one release on the cluster of another. conf/dev/matrix.py runs this; no other does.

SLURMREST_TEST_PAIR is "served" or "refused", SLURMREST_TEST_TOKEN a token of root, SLURM_CONF the cluster's.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.client import Client, eventually
from tests.plugins.cluster import identity_of
from tests.plugins.daemon import free_port

PROGRAM = Path(sys.executable).with_name("slurmrestd")
DAEMON_USER = "slurmrestd"
ALLOWED = os.environ["SLURMREST_TEST_PAIR"] == "served"
ENVIRONMENT = {"SLURM_JWT": "daemon", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
JOB: dict[str, Any] = {
    "job": {
        "name": "mixed",
        "account": "sub1",
        "current_working_directory": "/",
        "standard_output": "/dev/null",
        "environment": {"PATH": "/usr/bin:/bin"},
    },
    "script": "#!/bin/sh\ntrue\n",
}
READ = (
    *("diag", "licenses", "jobs", "nodes", "node/node01", "partitions", "reservations"),
    *(
        "db/accounts",
        "db/users",
        "db/associations",
        "db/qos",
        "db/tres",
        "db/clusters",
        "db/wckeys",
        "db/jobs",
        "db/diag",
    ),
)

served = pytest.mark.parametrize("name", READ if ALLOWED else ())
refused = pytest.mark.parametrize("name", () if ALLOWED else READ)


def path(name: str) -> str:
    """The path of a URL; of /slurmdb where it begins so."""
    return f"/slurm{'db' if name.startswith('db/') else ''}/v0.0.39/{name.removeprefix('db/')}"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A client of a daemon of this folder, as root."""
    port = free_port()
    argv = (PROGRAM, "-f", os.environ["SLURM_CONF"], f"127.0.0.1:{port}")
    with subprocess.Popen(argv, env=ENVIRONMENT, cwd="/", **identity_of(DAEMON_USER)) as process:
        found = Client(("127.0.0.1", port), "root", os.environ["SLURMREST_TEST_TOKEN"])
        try:
            eventually(lambda: found.get("/openapi").status == 200, 20)
            yield found
        finally:
            process.terminate()


@served
def test_everything_is_read(client: Client, name: str) -> None:
    answer = client.get(path(name))
    assert (answer.status, answer.document["errors"]) == (200, [])


@refused
def test_what_the_protocol_does_not_allow_is_said(client: Client, name: str) -> None:
    answer = client.get(path(name))
    assert answer.status == 502, answer.document
    assert "rotocol" in str(answer.document["errors"]), answer.document

"""Clients that the usual generators make from the OpenAPI document ping, list, submit and cancel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from slurmrest.versions import DEFAULT, DIALECTS
from tests.plugins.cluster import CHECKOUT, Cluster
from tests.plugins.daemon import Factory

QUIET = "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"
GENERATORS = {
    "openapi_generator": (
        "openapi-generator-cli", "generate", "-g", "python", "--package-name", "generated", "--global-property", QUIET,
        "-i", "{document}", "-o", "{directory}",
    ),
    "openapi_python_client": (
        "openapi-python-client", "generate", "--meta", "none", "--path", "{document}",
        "--output-path", "{directory}/generated",
    ),
}  # fmt: skip


def generate(name: str, document: Path, directory: Path) -> None:
    """Make a client. Fails where the generator does."""
    place = {"document": document, "directory": directory}
    program, *arguments = (word.format(**place) for word in GENERATORS[name])
    argv = (str(Path(sys.executable).parent / program), *arguments)
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=directory)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "error" not in done.stderr.lower(), done.stderr


# The slower generator makes one client only.
@pytest.mark.parametrize(
    ("generator", "dialect"),
    [("openapi_generator", DEFAULT), *(("openapi_python_client", dialect) for dialect in DIALECTS)],
)
def test_a_generated_client_works(
    generator: str, dialect: str, daemon: Factory, cluster: Cluster, tmp_path: Path
) -> None:
    document = tmp_path / "openapi.json"
    with daemon("-d", dialect, tcp=True) as server:
        document.write_text(json.dumps(server.client.get("/openapi.json").document))
        generate(generator, document, tmp_path)
        program = CHECKOUT / "tests" / "live" / "clients" / f"{generator}.py"
        argv = (sys.executable, str(program), f"http://127.0.0.1:{server.port}", "games", cluster.token("games"))
        variables = os.environ | {"PYTHONPATH": str(tmp_path)}
        done = subprocess.run(argv, capture_output=True, text=True, check=False, env=variables)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.pop("nodes")
    assert found == {
        "pinged": ["UP"],
        "job": ["generated", "games", 5],
        "listed": True,
        "errors": [],
        "state": "CANCELLED",
    }

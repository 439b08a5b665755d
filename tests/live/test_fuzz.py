"""Requests made up from the OpenAPI document: none is an internal error, and every answer is as described.

The seed is fixed, so that a failure comes again; the report says how to repeat the request that failed.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.cluster import Cluster
from tests.plugins.conformity import the_document

SECONDS = 18
CHECKS = "not_a_server_error,response_schema_conformance,content_type_conformance"
OPTIONS = (
    *("--checks", CHECKS, "--phases", "coverage,fuzzing", "--max-examples", "20", "--max-time", str(SECONDS)),
    *("--seed", "3", "--no-shrink", "--continue-on-failure", "--no-color", "--generation-database", "none"),
)

USERS = {
    # What a plain user may not do is refused after it was understood.
    "games": (),
    # Nothing that would change the cluster for other tests.
    "root": ("--include-operation-id-regex", "_(get_[a-z]+|diag|ping|(submit|update|cancel)_job)$"),
}


@pytest.fixture
def no_jobs_left(cluster: Cluster) -> Iterator[None]:
    """Cancel what was submitted."""
    listed = ("squeue", "--all", "--noheader", "--format=%A")
    before = set(cluster.run(*listed).stdout.split())
    yield
    if more := set(cluster.run(*listed).stdout.split()) - before:
        cluster.run("scancel", "--quiet", *more, check=False)


@pytest.mark.parametrize("user", USERS)
def test_no_request_is_too_much(
    user: str, cluster: Cluster, workers: list[int], no_jobs_left: None, tmp_path: Path
) -> None:
    # Who asks is not made up: it would be nobody.
    document = {key: part for key, part in the_document("v0.0.39").items() if key != "security"}
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    host, port = cluster.tcp
    where = ("openapi.json", "--url", f"http://{host}:{port}", "-H", f"X-SLURM-USER-TOKEN: {cluster.token(user)}")
    argv = (str(Path(sys.executable).parent / "schemathesis"), "run", *where, *OPTIONS, *USERS[user])
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert found, done.stdout
    assert int(found[1]) == int(found[2]) > 200

"""Which libslurm the daemon has really loaded: that of this system, and the one that a matrix of releases asks for."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.bindings.interpreter import run_python
from tests.plugins.cluster import Cluster

RELEASE = "import sys, libslurm; print(libslurm.Library.open(sys.argv[1]).release_text)"


def test_the_daemon_has_loaded_the_libslurm_that_is_wanted(cluster: Cluster) -> None:
    answer = cluster.unix.get("/slurm/v0.0.39/ping")
    said = answer.document["meta"]["Slurm"]["release"]
    installed = cluster.run("sinfo", "--version").stdout.split()[-1]
    # conf/dev/matrix.py says which release its folder is for.
    assert installed.startswith(os.environ.get("SLURMREST_TEST_RELEASE", ""))
    mapped = {path for pid in workers(cluster.pid("slurmrestd")) for path in libraries(pid)}
    assert {run_python(RELEASE, path).stdout.strip() for path in mapped} == {installed} == {said}


def workers(master: int) -> list[int]:
    """The processes that the daemon's main one has started."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text()
    return [int(pid) for pid in children.split()]


def libraries(pid: int) -> set[str]:
    """The libslurm that a process has in its memory."""
    return set(re.findall(r"\S+/libslurm(?:full)?\.so\S*", Path(f"/proc/{pid}/maps").read_text()))

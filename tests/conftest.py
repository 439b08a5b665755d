"""The plugins of the suite, and what its report starts with."""

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parent / "bench"
DEV = Path(__file__).parent / "dev"
"""Starts and ends clusters, and looks at all that run."""

pytest_plugins = ("tests.plugins.client", "tests.plugins.cluster", "tests.plugins.daemon")

LOADED = "import libslurm; library = libslurm.Library.open(); print(library.release_text, 'in', library.path)"


def pytest_report_header() -> str:
    """Name the libslurm that is loaded, by a process of its own: nothing of it shall be in this one yet."""
    asked = subprocess.run((sys.executable, "-c", LOADED), capture_output=True, text=True, check=False)
    return f"libslurm: {asked.stdout.strip() or asked.stderr.strip().rpartition(chr(10))[2]}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have one worker of xdist run all that use the development cluster, one after the other; likewise the bench's."""
    for item in items:
        if BENCH in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("bench"))
        elif "cluster" in getattr(item, "fixturenames", ()) or DEV in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("cluster"))

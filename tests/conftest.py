"""The plugins of the suite, and what its report starts with."""

import subprocess
import sys

pytest_plugins = ("tests.plugins.client", "tests.plugins.cluster", "tests.plugins.daemon")

LOADED = "import libslurm; library = libslurm.Library.open(); print(library.release_text, 'in', library.path)"


def pytest_report_header() -> str:
    """Name the libslurm that is loaded, by a process of its own: nothing of it shall be in this one yet."""
    asked = subprocess.run((sys.executable, "-c", LOADED), capture_output=True, text=True, check=False)
    return f"libslurm: {asked.stdout.strip() or asked.stderr.strip().rpartition(chr(10))[2]}"

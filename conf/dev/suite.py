#!/usr/bin/python3
"""Every test, in two runs side by side: those in tests/live here, all others in namespaces of their own.

    suite.py PYTEST

Each has a development cluster of its own. The others also start and crash clusters, and look at every process: neither
may see the other. Without the right to make namespaces, as in some containers, the runs follow one another.
"""

import os
import subprocess
import sys
from pathlib import Path

import apart
from settings import SECOND, own_state

LIVE = "tests/live"
NO_TESTS = ("plugins", "__pycache__")


def main(pytest: str) -> int:
    """Run both. Returns: 0 where all passed."""
    others = sorted(path for path in Path("tests").iterdir() if path.name.startswith("test_") or path.is_dir())
    names = [str(path) for path in others if str(path) != LIVE and path.name not in NO_TESTS]
    line = (pytest, "-o", "cache_dir=.pytest_cache/others", *names)
    if subprocess.run(apart.command("true"), check=False, capture_output=True).returncode != 0:
        return run(*line) or run(pytest, LIVE)
    log, nothing = own_state() / "tests.log", subprocess.DEVNULL
    own = os.environ | {"SLURMREST_TEST_CLUSTER": f"--state {own_state() / SECOND}"}
    with (
        log.open("w") as to,
        subprocess.Popen(apart.command(*line), env=own, stdin=nothing, stdout=to, stderr=to) as beside,
    ):
        status = run(pytest, LIVE)
    sys.stdout.write(log.read_text(encoding="utf-8", errors="replace"))
    return status or beside.returncode


def run(*argv: str) -> int:
    """Run a command. Returns: its status."""
    return subprocess.run(argv, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

#!/usr/bin/python3
"""Every test, in two runs side by side: those on the development cluster here, all others in namespaces of their own.

    suite.py PYTEST

The others start and crash clusters, and look at every process: beside each other, neither may see the other. Without
the right to make namespaces, as in some containers, the runs follow one another.
"""

import subprocess
import sys
from pathlib import Path

import apart
from settings import own_state

ON_THE_CLUSTER = ("tests/live", "tests/golden", "tests/deployment", "tests/dev/test_plugins.py")


def main(pytest: str) -> int:
    """Run both. Returns: 0 where all passed."""
    others = [str(path) for path in sorted(Path("tests").iterdir()) if path.name.startswith("test_") or path.is_dir()]
    others = [path for path in others if path not in ON_THE_CLUSTER and not path.endswith(("__pycache__", "plugins"))]
    left_out = [f"--ignore={path}" for path in ON_THE_CLUSTER if path.endswith(".py")]
    line: tuple[str, ...] = (pytest, "-o", "cache_dir=.pytest_cache/others", *left_out, *others)
    if subprocess.run(apart.command("true"), check=False, capture_output=True).returncode != 0:
        return subprocess.run(line, check=False).returncode or run(pytest, *ON_THE_CLUSTER)
    log = own_state() / "tests.log"
    nothing = subprocess.DEVNULL
    with log.open("w") as to, subprocess.Popen(apart.command(*line), stdin=nothing, stdout=to, stderr=to) as beside:
        status = run(pytest, *ON_THE_CLUSTER)
    sys.stdout.write(log.read_text(encoding="utf-8", errors="replace"))
    return status or beside.returncode


def run(*argv: str) -> int:
    """Run a command. Returns: its status."""
    return subprocess.run(argv, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

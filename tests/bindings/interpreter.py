"""Run a piece of Python in an interpreter of its own, where libslurm was not used yet."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 120.0


def environment(**variables: str) -> dict[str, str]:
    """The environment of such an interpreter, without what names a cluster."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLURM", "PYTEST"))}
    return {
        **kept,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'bindings'}",
        "PYTHONWARNINGS": "error",
        **variables,
    }


def run_python(code: str, *arguments: str, check: bool = True, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run *code* with *arguments* in sys.argv[1:]. check: fail where its status is not 0."""
    done = subprocess.run(
        (sys.executable, "-c", textwrap.dedent(code), *arguments),
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert not check or done.returncode == 0, f"status {done.returncode}: {done.stderr}{done.stdout}"
    return done

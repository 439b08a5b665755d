"""What README says is true: its example of the bindings runs, on the cluster."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.bindings.interpreter import environment
from tests.plugins.cluster import Cluster

README = Path(__file__).parent.parent.parent / "README.md"


def test_the_example_of_the_bindings_lists_the_nodes(cluster: Cluster) -> None:
    example = re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert example
    assert len([line for line in example[1].splitlines() if line]) == 6
    command = [sys.executable, "-c", example[1]]
    done = subprocess.run(
        command, env=environment(SLURM_CONF=str(cluster.conf)), capture_output=True, text=True, check=True
    )
    shown = cluster.run("sinfo", "--Node", "--noheader", "--format=%N %c").stdout
    assert sorted(done.stdout.split("\n")) == sorted({" ".join(line.split()) for line in shown.split("\n")})

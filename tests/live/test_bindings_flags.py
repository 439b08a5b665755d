"""Debug flags: what is asked for takes the place of DebugFlags in slurm.conf, in libslurm's own words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.plugins.cluster import CHECKOUT, Cluster

CHILD = """
import json, sys
from libslurm import ConfigurationError, Library
library = Library.open()
library.init(sys.argv[1])
conf = library.layout.record("slurm_conf_t").in_dll(library.handle, "slurm_conf")
found = [conf.debug_flags]
for names in sys.argv[2:]:
    try:
        library.set_debug_flags(names)
    except ConfigurationError as error:
        found.append(str(error))
    else:
        found.append(conf.debug_flags)
flags = {name: value for name, value in library.layout.constants.items() if name.startswith("DEBUG_FLAG_")}
print(json.dumps([found, flags]))
"""


@pytest.fixture
def conf(cluster: Cluster, directory: Path) -> Path:
    """A slurm.conf that has debug flags."""
    copy = directory / "slurm.conf"
    kept = [line for line in cluster.conf.read_text().splitlines() if not line.startswith("DebugFlags")]
    copy.write_text("\n".join([*kept, "DebugFlags=Backfill", ""]))
    return copy


def test_they_take_the_place_of_those_in_slurm_conf(cluster: Cluster, conf: Path) -> None:
    python = str(cluster.venv / "bin" / "python3")
    program = f"import sys; sys.path.insert(0, {str(CHECKOUT / 'bindings')!r})\n{CHILD}"
    done = cluster.run(python, "-c", program, str(conf), "Protocol,route", "Protocol,NoSuchFlag", "Steps")
    (before, two, refused, one), flags = json.loads(done.stdout)
    assert before == flags["DEBUG_FLAG_BACKFILL"]
    assert two == flags["DEBUG_FLAG_PROTOCOL"] | flags["DEBUG_FLAG_ROUTE"]
    assert "NoSuchFlag" in refused
    assert one == flags["DEBUG_FLAG_STEPS"]

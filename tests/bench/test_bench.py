"""A tiny run of `make bench`: every line of the table comes out; nothing is asserted on speed."""

import itertools
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import CHECKOUT
from processes import marked

OPTIONS = ("--size", "tiny", "--shift", "3000")
UNITS = {"s", "ms", "us", "MB", "MiB", "1/s", "times"}

COLLECTION = (
    *("time, compact", "time, pretty", "size, compact", "size, pretty"),
    *("memory before", "memory at its peak", "memory after a rest"),
    *("peak above before, compact", "peak above before, pretty"),
)
MANY = ("all rounds, held after a rest", "2 in a row, peak above before", "2 in a row, held after a rest")
AT_ONCE = ("2 at once, peak above before", "2 at once, held after a rest")
SMALL = ("ping", "job/{id}", "node/{name}", "diag", "job/submit")
LINES = ("", ", p50", ", p99", ", processor time")
TIMES = ("", ", processor time")
ACCOUNTED = ("account/{name}", "user/{name}")
EXPECTED = [
    *("start to first answer, listening", "start to first answer, inetd mode"),
    *(f"memory at rest, all processes, shared pages in {how}" for how in ("parts", "each")),
    *(f"`/{name}`, {what}" for name in ("partitions", "nodes", "jobs") for what in COLLECTION),
    *(f"`/jobs`, {what}" for what in MANY + AT_ONCE),
    *(f"`/jobs` unchanged, by {how}" for how in ("update_time", "If-None-Match")),
    *(f"`/jobs` unchanged, by {how}, cheaper than the whole" for how in ("update_time", "If-None-Match")),
    "`ping` with nothing beside, p99",
    *(f"`ping` beside {how} `/jobs`, {what}" for how in ("compact", "pretty") for what in ("p50", "p99", "longest")),
    *(f"`{name}`, the RPC alone{what}" for name in SMALL for what in TIMES),
    *(f"`{name}`, 8 connections, the RPC and the constant{what}" for name in SMALL for what in TIMES),
    *(f"`{name}`, 8 connections{what}" for name in SMALL + ACCOUNTED for what in LINES),
    *(f"`/slurmdb jobs`, {what}, {how}" for what in ("time", "size") for how in ("compact", "pretty")),
]


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that every user can enter."""
    directory = Path(tempfile.mkdtemp(prefix="slurmrest-test-", dir="/var/tmp"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


def bench(place: Path) -> subprocess.Popen[str]:
    """Start a run."""
    options = ("--state", str(place / "state"), "--output", str(place / "out" / "benchmarks.md"))
    # What is started in the background of a shell script is started with SIGINT ignored.
    line = ("env", "--default-signal=INT", sys.executable, "-m", "bench", *OPTIONS, *options)
    return subprocess.Popen(line, cwd=CHECKOUT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def cells(text: str) -> dict[str, list[str]]:
    """The lines of a table by their titles."""
    lines = [[cell.strip() for cell in line.strip("|\n").split(" | ")] for line in text.splitlines() if "|" in line]
    return {line[0]: line[1:] for line in lines[2:]}


def test_every_line_of_the_table_is_printed_and_written(place: Path) -> None:
    with bench(place) as process:
        said, _ = process.communicate()
    assert process.returncode == 0, said
    written = (place / "out" / "benchmarks.md").read_text()
    found = cells(written)
    assert sorted(found) == sorted(EXPECTED)
    assert cells(said) == found
    assert {line[0] for line in found.values()} == UNITS
    assert all(re.fullmatch(r"-|-?[\d,]*\.?\d+", cell) for line in found.values() for cell in line[1:])
    behind = {name for name in EXPECTED if "the RPC and the constant" in name}
    served = {name for name in EXPECTED if "connections" in name} - behind
    for names, column in ((served, 2), (behind, 4)):
        assert all(float(found[name][column].replace(",", "")) > 0 for name in names)
    assert "## The tiny run: 50 nodes, 200 jobs" in written
    assert re.search(
        r"^\d{4}-\d\d-\d\d\. \d+ processors, .* GiB, Linux .* Slurm [\d.]+, Python 3", written, re.MULTILINE
    )
    assert marked(place / "state") == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_process(number: signal.Signals, place: Path) -> None:
    with bench(place) as process:
        assert process.stdout is not None
        lines = list(itertools.takewhile(lambda line: "measuring downloads" not in line, process.stdout))
        assert process.poll() is None, lines
        running = marked(place / "state")
        process.send_signal(number)
        said, _ = process.communicate()
    assert running
    assert process.returncode == 130, said
    assert marked(place / "state") == []
    assert not (place / "out").exists()

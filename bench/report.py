"""Rows, the table they make, and the file it is kept in.

A figure of the C daemon stands beside ours and the ratio of the two, which is above 1 where ours is better;
then the floor, and how far from it we are, as a ratio that cannot well be below 1.
"""

import datetime as dt
import importlib.metadata
import math
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .plan import Plan

UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "MB": 1e6, "MiB": float(1 << 20), "1/s": 1.0, "times": 1.0}
"""What a row may be told in; figures are seconds, bytes and numbers."""
NOTHING = "-"
TITLES = ("", "unit", "C slurmrestd", "slurmrest", "times better", "floor", "times the floor")
WORDS = 2
"""The columns that are words, not figures."""
PACKAGES = ("falcon", "gunicorn", "orjson", "PyYAML")

INTRODUCTION = """# Benchmarks

Debian's own `slurmrestd` (v0.0.38, its newest version) and ours (v0.0.39) on one scale cluster, in one run of
`make bench`, with the same threads, user and token, in turns A B A B after a warm-up; figures are medians.
The cluster's nodes are DOWN and its jobs held, so nothing changes but what is asked for. "Times better" is
above 1 where slurmrest is better. The floor of a collection is the bare RPC through ctypes, its message freed
and nothing else, and for memory the size of that message with its receive buffer; that of a small request is
a Falcon resource that answers a constant behind our gunicorn worker. Beside it stand the RPC alone, and that
RPC with the constant for its answer, which is the least that a request can cost here, unless requests that
come together share an RPC (ping, diag, and the partitions of node/{name}). The floor of inetd mode is
`python -c 'import falcon, orjson'`. A document of v0.0.39 says more than one of v0.0.38, and so is larger.
Memory is that of the process that served, what is held after several downloads that of all processes above
their start. Processor time is a daemon's own; slurmctld's comes on top of it, the same for both.

`make bench SIZE=small` replaces the part about the small run, `make bench` that about the full one, for which
the C daemon needs 16 GiB of memory.
"""


@dataclass(frozen=True)
class Row:
    """One line: a figure of each of the three in seconds, bytes or numbers, None where there is none.

    unit: of UNITS, in which they are told. more: whether more is better.
    """

    what: str
    unit: str
    c: float | None = None
    ours: float | None = None
    floor: float | None = None
    more: bool = False

    def cells(self) -> tuple[str, ...]:
        """What the line says, in the order of TITLES."""
        better = ratio(self.ours, self.c) if self.more else ratio(self.c, self.ours)
        above = ratio(self.floor, self.ours) if self.more else ratio(self.ours, self.floor)
        c, ours, floor = (one and one / UNITS[self.unit] for one in (self.c, self.ours, self.floor))
        return self.what, self.unit, *map(figure, (c, ours, better, floor, above))


def ratio(first: float | None, second: float | None) -> float | None:
    """How often *second* is in *first*; None where that says nothing."""
    return first / second if first is not None and second is not None and first >= 0 < second else None


def figure(value: float | None) -> str:
    """Three digits, or all that stand before the point."""
    if value is None:
        return NOTHING
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:,.{digits}f}"


def table(rows: Iterable[Row]) -> str:
    """The rows as a table that is Markdown and can be read as it is."""
    lines = [TITLES, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    ruler = tuple("-" * width if index < WORDS else "-" * (width - 1) + ":" for index, width in enumerate(widths))
    return "".join(f"| {' | '.join(aligned(line, widths))} |\n" for line in (TITLES, ruler, *lines[1:]))


def aligned(line: tuple[str, ...], widths: list[int]) -> Iterable[str]:
    """Words to the left, figures to the right."""
    for index, (cell, width) in enumerate(zip(line, widths, strict=True)):
        yield cell.ljust(width) if index < WORDS else cell.rjust(width)


def plural(number: int, noun: str) -> str:
    """So many of something, in words."""
    return f"{number} {noun}{'s' * (number > 1)}"


def section(plan: Plan, rows: Iterable[Row], release: str) -> str:
    """The part of the file about one run: its title, the machine, the table."""
    connections = ", ".join(map(str, plan.connections))
    title = f"## The {plan.size} run: {plan.nodes:,} nodes, {plan.jobs:,} jobs"
    where = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}. {machine()}. {versions(release)}."
    how = f"`-t {plan.threads}`, {plural(plan.rounds, 'round')}, wrk for {plan.seconds} s at {connections} connections"
    return f"{title}\n\n{where}\n{how}, {plan.rest:g} s of rest.\n\n{table(rows)}"


def machine() -> str:
    """What it ran on."""
    cpu = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    name = cpu[1] if cpu else platform.machine()
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30)
    return f"{len(os.sched_getaffinity(0))} processors, {name}, {memory:.0f} GiB, Linux {platform.release()}"


def versions(release: str) -> str:
    """What was measured, and with what. release: of Slurm."""
    packages = (f"{name} {importlib.metadata.version(name)}" for name in ("slurmrest", *PACKAGES))
    said = subprocess.run(("wrk", "-v"), capture_output=True, text=True, check=False).stdout
    wrk = " ".join(said.split()[:2])
    return ", ".join((f"Slurm {release}", f"Python {sys.version.split()[0]}", *packages, wrk))


def write(path: Path, part: str) -> None:
    """Put a run's part into the file, in place of an earlier one of the same size; the others stay."""
    path.parent.mkdir(parents=True, exist_ok=True)
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    parts = {title(text): text for text in re.split(r"^(?=## )", old, flags=re.MULTILINE)[1:]}
    parts[title(part)] = part
    body = "\n".join(parts[name].strip() + "\n" for name in sorted(parts))
    path.write_text(f"{INTRODUCTION}\n{body}", encoding="utf-8")


def title(part: str) -> str:
    """The heading of a part up to its colon, "## The small run"."""
    return part.partition(":")[0]

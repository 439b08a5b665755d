"""Build the scale cluster, measure, print the table, write it down, and take everything down again."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import install
from settings import Failure, Settings, lay_out, own_state

from . import CHECKOUT, accounting, beside, downloads, polling, report, requests, starting
from .cluster import ScaleCluster, scale_cluster
from .database import accounting_cluster
from .plan import SIZES, Plan
from .report import Row

PACKAGES = ("slurmrestd", "wrk")
SHIFT = 2000
"""Added to the ports of the development cluster."""
OUTPUT = CHECKOUT / "docs" / "benchmarks.md"

SUBJECTS: dict[str, Callable[[ScaleCluster], Iterator[Row]]] = {
    "starting": starting.measure,
    "downloads": downloads.measure,
    "polling": polling.measure,
    "beside": beside.measure,
    # The last, as it submits jobs.
    "requests": requests.measure,
}

ACCOUNTING = "accounting"
"""What has a cluster of its own, with a database."""
APART = 500
"""Added to the ports of that."""


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the file to write, %(default)s")
    parser.add_argument("--state", type=Path, help="directory of the cluster")
    parser.add_argument("--shift", type=int, default=SHIFT, help="added to the ports of the development cluster")
    for name in ("nodes", "jobs", "rounds", "seconds", "threads"):
        parser.add_argument(f"--{name}", type=int, help=f"instead of the size's own {name}")
    parser.add_argument(
        "--only", choices=(*SUBJECTS, ACCOUNTING), action="append", help="print this alone, and write nothing"
    )
    return parser.parse_args()


def planned(asked: argparse.Namespace) -> Plan:
    """The plan of the size, with what was asked for instead."""
    given = {name: getattr(asked, name) for name in ("nodes", "jobs", "rounds", "seconds", "threads")}
    return replace(SIZES[asked.size], **{name: value for name, value in given.items() if value is not None})


def run(asked: argparse.Namespace) -> None:
    """All of it. Raises: Failure."""
    lay_out()
    install.packages(PACKAGES, PACKAGES)
    install.make_user()
    plan = planned(asked)
    state = asked.state or own_state() / "bench"
    subjects = asked.only or [*SUBJECTS, ACCOUNTING]
    rows: list[Row] = []
    try:
        if scaled := [name for name in subjects if name in SUBJECTS]:
            at_scale(Settings(state, asked.shift), plan, scaled, rows)
        if ACCOUNTING in subjects:
            accounted(Settings(state / ACCOUNTING, asked.shift + APART), plan, rows)
    finally:
        # Also what was measured before something failed: a full run takes long.
        sys.stdout.write(report.table(rows) if rows else "")
    if not asked.only:
        report.write(asked.output, report.section(plan, rows, ScaleCluster(Settings(state, asked.shift), plan).release))
        say(f"written to {asked.output}")


def at_scale(settings: Settings, plan: Plan, subjects: list[str], rows: list[Row]) -> None:
    """Add the rows of those subjects, on the scale cluster."""
    with scale_cluster(settings, plan) as cluster:
        say(f"submitting {plan.jobs} jobs")
        submitted = cluster.run("load", plan.jobs)
        say(f"{plan.jobs} jobs were submitted in {submitted['seconds']:.1f} s")
        for name in subjects:
            say(f"measuring {name}")
            rows.extend(SUBJECTS[name](cluster))


def accounted(settings: Settings, plan: Plan, rows: list[Row]) -> None:
    """Add the rows about slurmdbd."""
    say(f"filling a database with {plan.jobs} jobs")
    with accounting_cluster(settings, plan) as cluster:
        say(f"measuring {ACCOUNTING}")
        rows.extend(accounting.measure(cluster))


def say(what: str) -> None:
    """Print a line about the progress."""
    sys.stdout.write(f"{time.perf_counter() - BEGAN:6.1f} s  {what}\n")
    sys.stdout.flush()


def main() -> int:
    """Returns: the exit status."""
    os.umask(0o022)
    # So that what was started is also ended then.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run(arguments())
    except Failure as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130
    return 0


BEGAN = time.perf_counter()

if __name__ == "__main__":
    sys.exit(main())

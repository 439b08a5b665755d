"""Processes of development clusters, found in /proc by a mark in their environment; and waiting.

There are no pid files: a mark is right after a crash, after the state was deleted, and for a cluster of
another checkout. This module knows no Slurm.
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

MARK = "SLURMREST_DEVELOPMENT"
PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """A running process that bears a mark.

    service: what it was started as, which its children inherit. started: when, seconds since the epoch.
    state: the directory of its cluster.
    """

    pid: int
    session: int
    argv: tuple[str, ...]
    service: str
    started: float
    state: str


def mark(service: str, state: Path) -> dict[str, str]:
    """The variable that marks a process started now as *service* of the cluster in *state*."""
    return {MARK: f"{service} {time.time()} {state}"}


def marked(state: Path | None = None) -> list[Process]:
    """Every process that a development cluster started, or only those of the cluster in *state*."""
    found = (inspect(pid) for pid in pids())
    return [process for process in found if process and (state is None or process.state == str(state))]


def pids() -> list[int]:
    """Every process there is."""
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]


def inspect(pid: int) -> Process | None:
    """The marked process *pid*; None where it is not marked, or gone."""
    prefix = f"{MARK}="
    try:
        variables = os.fsdecode((PROC / str(pid) / "environ").read_bytes()).split("\0")
        value = next((line.removeprefix(prefix) for line in variables if line.startswith(prefix)), None)
        if value is None:
            return None
        argv = os.fsdecode((PROC / str(pid) / "cmdline").read_bytes()).split("\0")[:-1]
        service, started, state = value.split(maxsplit=2)
        return Process(pid, os.getsid(pid), tuple(argv), service, float(started), state)
    except (OSError, ValueError):
        return None


def condition(pid: int) -> list[str]:
    """State, parent and so on of *pid*: proc(5), from field 3 of stat. Raises: OSError where it is gone."""
    # The name, in parentheses, may hold anything.
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def family(ancestors: Iterable[int]) -> set[int]:
    """*ancestors* and all their descendants."""
    parents = {}
    for pid in pids():
        with contextlib.suppress(OSError):
            parents[pid] = int(condition(pid)[1])
    members = set(ancestors)
    while more := {pid for pid, parent in parents.items() if parent in members} - members:
        members |= more
    return members


def alive(pid: int) -> bool:
    """Whether *pid* runs; a zombie does not."""
    try:
        return condition(pid)[0] != "Z"
    except OSError:
        return False


def kill(targets: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to each of *targets* that is still there."""
    for pid in targets:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def end(targets: Iterable[int], grace: float) -> None:
    """Terminate *targets*, wait for them, and kill what is left after *grace* seconds."""
    left = set(targets)
    kill(left, signal.SIGTERM)
    if not wait_until(lambda: not any(map(alive, left)), grace):
        kill(filter(alive, left), signal.SIGKILL)
        wait_until(lambda: not any(map(alive, left)), grace)


def wait_until(holds: Callable[[], bool], seconds: float, step: float = 0.02) -> bool:
    """Poll *holds* every *step* seconds, for at most *seconds*. Returns: whether it came true."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(step)
    return True

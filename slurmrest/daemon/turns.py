"""How the threads of a worker take turns: with the interpreter, and with the processors."""

from __future__ import annotations

import os
import sys
import threading
from types import TracebackType

USUAL = 0.005
"""Seconds for which one thread may keep the interpreter from the others: Python's own value. With less, small requests
cost more, as every thread that waits for the interpreter wakes up after as long."""
SHORT = 0.001
"""The same while a large answer is made, so that it does not hold up small ones."""


class Turns:
    """Be inside of this while a large answer is made. Any number of threads may be, and leave it from another one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._large = 0

    def __enter__(self) -> None:
        self._count(1)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._count(-1)

    def _count(self, more: int) -> None:
        with self._lock:
            self._large += more
            sys.setswitchinterval(SHORT if self._large else USUAL)


TURNS = Turns()
"""Those of this process."""


def yield_to_others() -> None:
    """Let no thread of this process that wakes up push another one off its processor, see SCHED_BATCH in sched(7).

    The one that woke it mostly still holds the interpreter; and slurmctld, on the same machine, does what was asked.
    Where that is forbidden, things stay as they are.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    except OSError:
        return

"""The threads that answer requests: they take work in order, and end with the process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

from .connection import Connection

MANY = 7
"""Threads that make do without another one."""
MOMENT = 0.02
"""Seconds for which busy threads are expected to take the next connection."""


class Threads:
    """A fixed number of threads that call *work* with each connection given to `submit`.

    waiting: how many connections no thread has taken yet. working: those that threads are at.

    They are daemon threads: one that is held up in libslurm must not keep a stopping process alive.
    """

    def __init__(self, count: int, work: Callable[[Connection], None]) -> None:
        self._queue: SimpleQueue[Connection] = SimpleQueue()
        self._work = work
        self.submit = self._queue.put
        self.waiting = self._queue.qsize
        self.working: set[Connection] = set()
        self._took = [time.monotonic()] * count
        for number in range(count):
            threading.Thread(target=self._run, args=(number,), name=f"request-{number}", daemon=True).start()

    @property
    def taken(self) -> float:
        """When a connection was taken last, monotonic seconds."""
        return max(self._took)

    @property
    def more(self) -> bool:
        """Whether there is more to do than what the thread that asks is at."""
        return len(self.working) > 1 or self.waiting() > 0

    def _run(self, number: int) -> None:
        get, work, clock, working, took = self._queue.get, self._work, time.monotonic, self.working, self._took
        others = len(took) - 1
        while True:
            if len(working) >= others >= MANY:
                self._hold_back(number)
            connection = get()
            took[number] = clock()
            working.add(connection)
            work(connection)
            working.discard(connection)

    def _hold_back(self, number: int) -> None:
        """Leave what there is to do to the others, as long as all of them are busy and take one after the other.

        The last thread could only wait until one of them is done with slurmctld (calls.py), and to change places with
        that one, for every request, costs more than it brings.
        """
        others = [index for index in range(len(self._took)) if index != number]
        while len(self.working) >= len(others) and time.monotonic() - max(self._took[n] for n in others) < MOMENT:
            time.sleep(MOMENT)

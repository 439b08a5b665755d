"""The threads that answer requests: they take work in order, and end with the process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

from .connection import Connection


class Threads:
    """A fixed number of threads that call *work* with each connection given to `submit`.

    waiting: how many connections no thread has taken yet. taken: when one was taken last, monotonic seconds.
    working: the connections that threads are at.

    They are daemon threads: one that is held up in libslurm must not keep a stopping process alive.
    """

    def __init__(self, count: int, work: Callable[[Connection], None]) -> None:
        self._queue: SimpleQueue[Connection] = SimpleQueue()
        self._work = work
        self.submit = self._queue.put
        self.waiting = self._queue.qsize
        self.taken = time.monotonic()
        self.working: set[Connection] = set()
        for number in range(count):
            threading.Thread(target=self._run, name=f"request-{number}", daemon=True).start()

    def _run(self) -> None:
        get, work, clock, working = self._queue.get, self._work, time.monotonic, self.working
        while True:
            connection = get()
            self.taken = clock()
            working.add(connection)
            work(connection)
            working.discard(connection)

    @property
    def more(self) -> bool:
        """Whether there is more to do than what the thread that asks is at."""
        return len(self.working) > 1 or self.waiting() > 0

"""The threads that answer requests: they take work in order, and end with the process.

Work is a connection that the poller gives them, or one that a client says something on. All of them wait at one epoll,
which wakes the one that began to wait last, and whoever takes a connection from there has it.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable

from .connection import Connection, watch

EVENTS = 256
MANY = 7
"""Threads that make do without another one."""
MOMENT = 0.02
"""Seconds for which busy threads are expected to take the next connection."""


class Threads:
    """A fixed number of threads that call *work* with each connection given to `submit`, or that they `hear` of.

    working: the connections that threads are at.

    They are daemon threads: one that is held up in libslurm must not keep a stopping process alive.
    """

    def __init__(self, count: int, work: Callable[[Connection], None]) -> None:
        self._given: deque[Connection] = deque()
        # Its number is that of connections given: each wakes one thread.
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC | os.EFD_SEMAPHORE)
        self._silent: dict[int, Connection] = {}
        self._epoll = select.epoll()
        self._epoll.register(self._bell, select.EPOLLIN)
        self._work = work
        self.working: set[Connection] = set()
        self._half = count // 2
        self._took = [time.monotonic()] * count
        for number in range(count):
            threading.Thread(target=self._run, args=(number,), name=f"request-{number}", daemon=True).start()

    # What others may call.

    def submit(self, connection: Connection) -> None:
        """Give them a connection."""
        self._given.append(connection)
        os.eventfd_write(self._bell, 1)

    def hear(self, connection: Connection) -> None:
        """Let go of a connection until the client says something."""
        # Who still hears of it from before may take it before it is armed. It is then reported once too often: no harm.
        self._silent[connection.fd] = connection
        watch(self._epoll, connection.fd, select.EPOLLIN)

    def unhear(self, connection: Connection) -> bool:
        """Take a connection back; false where a thread has it. Only one of all who try is told that it has it."""
        return self._silent.pop(connection.fd, None) is not None

    def spoken(self) -> list[Connection]:
        """Take the connections that something was said on and that no thread took yet."""
        found = [self._silent.pop(fd, None) for fd, _ in self._epoll.poll(0, EVENTS)]
        return [connection for connection in found if connection is not None]

    def waiting(self) -> int:
        """Tell how many connections were given that no thread has taken yet."""
        return len(self._given)

    @property
    def taken(self) -> float:
        """When a connection was taken last, monotonic seconds."""
        return max(self._took)

    @property
    def many(self) -> bool:
        """Whether most of them are at work."""
        return len(self.working) > self._half

    @property
    def busy(self) -> bool:
        """Whether all of them are at work."""
        return len(self.working) >= len(self._took)

    @property
    def more(self) -> bool:
        """Whether there is more to do than what the thread that asks is at."""
        return len(self.working) > 1 or bool(self._given)

    # What they do.

    def _run(self, number: int) -> None:
        work, clock, working, took = self._work, time.monotonic, self.working, self._took
        others = len(took) - 1
        while True:
            if len(working) >= others >= MANY:
                self._hold_back(number)
            connection = self._next()
            took[number] = clock()
            working.add(connection)
            work(connection)
            working.discard(connection)

    def _next(self) -> Connection:
        """Wait for a connection."""
        poll, take, bell = self._epoll.poll, self._silent.pop, self._bell
        while True:
            for fd, _ in poll(-1, 1):
                connection = take(fd, None) if fd != bell else self._next_given()
                if connection is not None:
                    return connection

    def _next_given(self) -> Connection | None:
        try:
            os.eventfd_read(self._bell)
        except BlockingIOError:
            return None
        return self._given.popleft()

    def _hold_back(self, number: int) -> None:
        """Leave what there is to do to the others, as long as all of them are busy and take one after the other.

        The last thread could only wait until one of them is done with slurmctld (calls.py), and to change places with
        that one, for every request, costs more than it brings.
        """
        others = [index for index in range(len(self._took)) if index != number]
        while len(self.working) >= len(others) and time.monotonic() - max(self._took[n] for n in others) < MOMENT:
            time.sleep(MOMENT)

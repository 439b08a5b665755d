"""Workers take turns in accepting: the one with the fewest connections first. And they say that they serve.

The kernel wakes every worker for a new connection, and whoever is running already would take one after the other
while the rest wakes up. So each says in shared memory how many connections it has, and leaves a new one to a worker
that has fewer, for a moment: whoever is expected to take it may be busy, or dead.
"""

from __future__ import annotations

import mmap
import time

PLACES = 512
FULL = 1 << 32
BUSY = 1 << 31
"""What a worker says that cannot take more, and one whose threads have more to do than they can."""
READY, CLOSING = 0, 1
PAUSE = 0.001
"""Seconds for which a worker that leaves a connection to another looks away from the listeners."""
PATIENCE = 0.02
"""Seconds after which it takes the connection all the same."""
SILENCE = 10.0
"""Seconds after which a worker that has not said that it serves is taken not to. It says so once a second."""


class Loads:
    """The shared memory. Made by the master before it forks."""

    def __init__(self) -> None:
        words = memoryview(mmap.mmap(-1, 8 * (2 * PLACES + 2))).cast("Q")
        self._loads, self._served, self._flags = words[:PLACES], words[PLACES : 2 * PLACES], words[2 * PLACES :]
        for place in range(PLACES):
            self._loads[place] = FULL

    def of(self, place: int) -> Load:
        """Give the view of the worker at *place*, to begin with without connections."""
        self._loads[place % PLACES] = self._served[place % PLACES] = 0
        return Load(self._loads, self._served, self._flags, place % PLACES)


class Load:
    """What one worker says of itself, and sees of the others."""

    def __init__(self, loads: memoryview[int], served: memoryview[int], flags: memoryview[int], place: int) -> None:
        self._loads, self._served, self._flags, self._place = loads, served, flags, place
        self._leaving_since: float | None = None

    @property
    def ready(self) -> bool:
        """Whether any worker was ever ready to serve."""
        return bool(self._flags[READY])

    def say_ready(self) -> None:
        """Say that this worker is ready to serve."""
        self._flags[READY] = 1

    @property
    def closing(self) -> bool:
        """Whether the whole daemon is about to end, and not only some of its workers."""
        return bool(self._flags[CLOSING])

    def say_closing(self) -> None:
        """Say that the whole daemon is about to end."""
        self._flags[CLOSING] = 1

    @property
    def serving(self) -> bool:
        """Whether this worker said lately that it serves."""
        return time.monotonic() - self._served[self._place] / 1000 < SILENCE

    def say_serving(self, *, serves: bool = True) -> None:
        """Say that this worker serves, or that it will no more."""
        self._served[self._place] = int(time.monotonic() * 1000) if serves else 0

    def say(self, load: int) -> None:
        """Say how many connections there are, or FULL, or BUSY."""
        self._loads[self._place] = load

    def leaves(self, now: float) -> bool:
        """Tell whether a new connection should be left to another worker. now: monotonic seconds."""
        if min(self._loads) >= self._loads[self._place]:
            self._leaving_since = None
        elif self._leaving_since is None:
            self._leaving_since = now
        elif now - self._leaving_since > PATIENCE:
            self._leaving_since = None
        return self._leaving_since is not None

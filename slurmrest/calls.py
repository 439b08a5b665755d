"""Calls to slurmctld under way in this process, and when not to begin another: when they look like ones that hang.

libslurm retries for 9 to 20 s where slurmctld is gone, and cannot be interrupted. So whoever finds that the calls under
way have not returned for a moment, or that all threads but its own are calling, first sees whether slurmctld still
accepts connections. One thread is thus always left, for what needs no slurmctld, and to tell everybody else at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

PATIENCE = 0.5
"""Seconds that a call may take before the next one sees whether slurmctld is there; most take milliseconds."""
TRUST = 2.0
"""Seconds for which it is believed to be there once it was seen. A look is a line in its log."""


class Calls:
    """The calls of all threads. most: may be under way without a look. look: raises where nothing listens."""

    def __init__(self, most: int, look: Callable[[], None]) -> None:
        self.most, self._look = most, look
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._begun: dict[object, float] = {}
        self._waiting = 0
        self._returned, self._seen = 0.0, float("-inf")

    @property
    def quiet(self) -> bool:
        """Whether none has returned for so long that slurmctld may have gone meanwhile."""
        return time.monotonic() - self._returned > PATIENCE

    def one(self) -> Call:
        """Make a call inside of this. Entering raises what *look* does, and then nothing was called."""
        return Call(self)

    @property
    def none(self) -> bool:
        """Whether no call is under way, and there may be two."""
        return not self._begun and self.most > 1

    def begin(self, call: object) -> None:
        """Count a call that begins. Raises: see `one`."""
        with self._lock:
            if len(self._begun) < self.most and self._returning(now := time.monotonic()):
                self._begun[call] = now
                return
        if not self._may_begin():
            self._see()
        with self._lock:
            self._begun[call] = time.monotonic()

    def end(self, call: object) -> None:
        """Count it no more."""
        with self._lock:
            del self._begun[call]
            self._returned = time.monotonic()
            if self._waiting:
                self._changed.notify()

    def _may_begin(self) -> bool:
        """Wait a moment for a place. Tells whether there is one, and the others do not hang."""
        with self._lock:
            self._waiting += 1
            found = self._changed.wait_for(lambda: len(self._begun) < self.most, PATIENCE)
            self._waiting -= 1
            return found and self._returning(time.monotonic())

    def _returning(self, now: float) -> bool:
        """Tell whether calls return: none has been under way for long, or another one returned meanwhile."""
        oldest = next(iter(self._begun.values()), float("inf"))
        return now - oldest < PATIENCE or self._returned > oldest

    def _see(self) -> None:
        """Look, unless somebody has lately."""
        if time.monotonic() - self._seen > TRUST:
            self._look()
            self._seen = time.monotonic()


class Call:
    """One call, from its beginning to its end."""

    __slots__ = ("_calls",)

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def __enter__(self) -> None:
        self._calls.begin(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._calls.end(self)

"""Calls to slurmctld under way in this process, and when not to begin another: when they look like ones that hang.

libslurm retries for 9 to 20 s where slurmctld is gone, and cannot be interrupted. So whoever finds that the calls under
way have not returned for a moment, or that all threads but its own are calling, first sees whether slurmctld still
accepts connections. One thread is thus always left, for what needs no slurmctld, and to tell everybody else at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 0.5
"""Seconds that a call may take before the next one sees whether slurmctld is there; most take milliseconds."""
TRUST = 2.0
"""Seconds for which it is believed to be there once it was seen. A look is a line in its log."""


class Calls:
    """The calls of all threads. most: may be under way without a look. look: raises where nothing listens."""

    def __init__(self, most: int, look: Callable[[], None]) -> None:
        self.most, self._look = most, look
        self._changed = threading.Condition()
        self._begun: dict[object, float] = {}
        self._returned, self._seen = 0.0, float("-inf")

    @property
    def quiet(self) -> bool:
        """Whether none has returned for so long that slurmctld may have gone meanwhile."""
        return time.monotonic() - self._returned > PATIENCE

    @contextmanager
    def one(self) -> Iterator[None]:
        """Make a call inside of this. Raises: what *look* does, and then nothing was called."""
        mine = object()
        if not self._may_begin():
            self._see()
        with self._changed:
            self._begun[mine] = time.monotonic()
        try:
            yield
        finally:
            with self._changed:
                del self._begun[mine]
                self._returned = time.monotonic()
                self._changed.notify()

    def _may_begin(self) -> bool:
        """Wait a moment for a place. Tells whether there is one, and the others do not hang."""
        with self._changed:
            found = self._changed.wait_for(lambda: len(self._begun) < self.most, PATIENCE)
            oldest = next(iter(self._begun.values()), float("inf"))
            return found and (time.monotonic() - oldest < PATIENCE or self._returned > oldest)

    def _see(self) -> None:
        """Look, unless somebody has lately."""
        if time.monotonic() - self._seen > TRUST:
            self._look()
            self._seen = time.monotonic()

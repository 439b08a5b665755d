"""Acknowledging what slurmdbd sends at once: without it every call to slurmdbd takes 44 ms longer.

libslurm and slurmdbd write a message in two parts, its length and then the rest. The system at the sending end holds
the rest back until the first is acknowledged (Nagle), and the one at this end acknowledges only after 40 ms, hoping
for company. TCP_QUICKACK ends the wait, but the system forgets it as soon as something is sent; so while a call is
under way a thread says it again and again.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

SHORTEST, LONGEST = 0.0002, 0.005
"""Seconds between two times."""

PART = 0.02
"""The part of a call's time that may be lost: the longer it takes, the more seldom it is said."""


class Acknowledger:
    """The thread that acknowledges, for all sockets of this process. It starts with the first call."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._active: dict[socket.socket, float] = {}
        self._thread: threading.Thread | None = None

    @contextmanager
    def acknowledging(self, sock: socket.socket) -> Iterator[None]:
        """Acknowledge at once whatever arrives at *sock* within the with."""
        with self._changed:
            self._active[sock] = time.monotonic()
            self._start()
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                del self._active[sock]

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="acknowledger", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._active)
                youngest = max(self._active.values())
                for sock in self._active:
                    with contextlib.suppress(OSError):
                        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            time.sleep(min(max((time.monotonic() - youngest) * PART, SHORTEST), LONGEST))


acknowledging = Acknowledger().acknowledging

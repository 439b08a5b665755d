"""The deadlines of connections: what each may take, by its phase. All times are monotonic seconds."""

from __future__ import annotations

import time

from .connection import Connection, Phase
from .limits import Limits


class Pace:
    """Sets deadlines by *limits*. Threads and poller use it, each on connections of its own."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    def idle(self, connection: Connection) -> None:
        """The connection waits for a request."""
        connection.since, connection.began = time.monotonic(), 0.0
        patience = self.limits.keep_alive if connection.served else self.limits.silent
        connection.deadline = connection.since + patience

    def reading(self, connection: Connection) -> None:
        """Part of a request is here: the head must be complete in time, a body must keep coming."""
        now = time.monotonic()
        connection.began = connection.began or now
        if connection.phase is not Phase.READING:
            connection.since = now
        if connection.reader.head is None:
            connection.deadline = connection.began + self.limits.reading_head
        else:
            connection.deadline = self._while_moving(now, connection.reader.received, now - connection.began)

    def answering(self, connection: Connection) -> None:
        """A new answer begins."""
        connection.moved, connection.waited, connection.began = 0, 0.0, 0.0

    def writing(self, connection: Connection) -> None:
        """The client must take part of the answer before more can be sent."""
        connection.since = time.monotonic()
        connection.deadline = self._while_moving(connection.since, connection.moved, connection.waited)

    def taken(self, connection: Connection) -> None:
        """The client has taken some. Only the time it was waited for counts, not what the answer took to make."""
        connection.waited += time.monotonic() - connection.since

    def _while_moving(self, now: float, moved: int, spent: float) -> float:
        """Give the deadline of a transfer that is under way: it must not stall, and keep to the least rate."""
        limits = self.limits
        return now + min(limits.stalled, limits.transfer + moved / limits.rate - spent)

    def lingering(self, connection: Connection) -> None:
        """The client has had its answer; it may take a moment to see it."""
        now = time.monotonic()
        if connection.phase is not Phase.LINGERING:
            connection.began = now
        end = connection.began + self.limits.lingering_at_most
        connection.deadline = min(now + self.limits.lingering, end)

    def may_park(self, connection: Connection, now: float) -> bool:
        """Tell whether the connection has had its slot for long enough without a whole request."""
        waits = connection.phase in (Phase.READY, Phase.IDLE, Phase.READING)
        return waits and connection.slot and now - connection.since >= self.limits.parking

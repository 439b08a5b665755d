"""How many connections may be processed, and who waits for it.

A connection takes a slot when it is accepted. One that brings no whole request for a moment gives its slot back and
stays open; when it speaks again it needs a slot again, and waits in order of arrival where there is none. So
`--max-connections` limits what is being processed, and clients that are silent or slow cost the others nothing.
"""

from __future__ import annotations

from collections import deque

from .connection import Connection, Phase


class Slots:
    """The slots of one worker; only its main thread uses them. total: how many there are, at least 1."""

    def __init__(self, total: int) -> None:
        self.total, self.used = total, 0
        self.waiting: deque[Connection] = deque()

    @property
    def free(self) -> bool:
        """Whether a new connection can have a slot; those that wait come first."""
        return self.used < self.total and not self.waiting

    def take(self, connection: Connection) -> bool:
        """Give *connection* a slot if it has none; false where it has to wait for one, and then it does.

        One that begins a new request while others wait goes to the end of the queue.
        """
        if self.waiting and connection.phase is Phase.IDLE:
            self.release(connection)
        if not connection.slot:
            if self.used >= self.total or self.waiting:
                connection.phase = Phase.WAITING
                self.waiting.append(connection)
                return False
            self.used += 1
            connection.slot = True
        return True

    def release(self, connection: Connection) -> None:
        """Take the slot of *connection* back, if it has one."""
        if connection.slot:
            connection.slot = False
            self.used -= 1

    def next(self) -> Connection | None:
        """Give the connection that waits longest, with a slot; None where nobody waits or no slot is free."""
        if not self.waiting or self.used >= self.total:
            return None
        connection = self.waiting.popleft()
        self.used += 1
        connection.slot = True
        return connection

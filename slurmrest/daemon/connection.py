"""One client's connection: its socket, what has been read and what is still to be sent. It waits for nothing.

At any time a connection belongs to exactly one: to the poller, to a thread that answers its request, or to whoever
hears of it next (READY: the thread that does, or the poller if it takes it back; IDLE and the like: the poller). epoll
reports it once and then forgets it until it is armed again (EPOLLONESHOT), so that arming it is to let go of it.
"""

from __future__ import annotations

import logging
import select
import socket
import struct
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import Any

from .answering import Answer
from .reading import Peer, RequestReader
from .refusal import Refused

log = logging.getLogger("slurmrestd")

RECEIVE = 64 * 1024
ABORT = struct.pack("ii", 1, 0)
"""SO_LINGER that makes close() send a reset in place of an orderly end."""


class Phase(Enum):
    """What a connection is at."""

    READY = auto()
    """Nothing of a request is here, and the thread that hears of one first reads it."""
    IDLE = auto()
    """Nothing of a request is here, and the poller reads what comes."""
    WAITING = auto()
    """Something has arrived, but all slots are taken."""
    READING = auto()
    """Part of a request is here."""
    RUNNING = auto()
    """A thread has it."""
    WRITING = auto()
    """The client has to take what was sent before more can be."""
    ANSWERED = auto()
    """A thread is done with it."""
    LINGERING = auto()
    """Closed from our side; what still comes is thrown away."""


class Connection:
    """One connection.

    deadline, began, since, waited: monotonic seconds, kept by pace.py (began: 0 for no request).
    moved: bytes sent of the present answer.
    served: answers begun. keep: whether it stays open after the present answer. gone: the client has left.
    broken: the answer cannot be completed. refused: why the request was refused that a thread has read.
    """

    __slots__ = (
        "answer", "began", "broken", "closed", "common", "continued", "deadline", "fd", "gone", "keep",
        "moved", "phase", "pieces", "reader", "refused", "rest", "served", "since", "slot", "sock", "waited",
    )  # fmt: skip

    def __init__(self, sock: socket.socket, reader: RequestReader, common: dict[str, Any], now: float) -> None:
        self.sock, self.fd, self.reader, self.common = sock, sock.fileno(), reader, common
        self.phase, self.slot, self.closed = Phase.IDLE, True, False
        self.since, self.began, self.deadline = now, 0.0, now
        self.answer: Answer | None = None
        self.pieces: Iterator[bytes] | None = None
        self.rest: memoryview | None = None
        self.moved, self.waited, self.served = 0, 0.0, 0
        self.keep, self.gone, self.broken, self.continued = True, False, False, False
        self.refused: Refused | None = None

    def receive(self) -> bytes | None:
        """Read what is there: b"" at the end of the stream, None where there is nothing yet."""
        try:
            return self.sock.recv(RECEIVE)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def send(self, data: bytes | memoryview) -> bool:
        """Give *data* to the kernel; false where it takes only part, and the rest is kept for `flush`.

        Raises: OSError where the client is gone.
        """
        try:
            sent = self.sock.send(data)
        except BlockingIOError:
            sent = 0
        self.moved += sent
        if sent == len(data):
            return True
        self.rest = memoryview(data)[sent:]
        return False

    def flush(self) -> bool:
        """Send what was left over; true when nothing is left. Raises: OSError where the client is gone."""
        rest, self.rest = self.rest, None
        return rest is None or self.send(rest)

    def take_request(self, may_keep: Callable[[], bool]) -> bool:
        """Take the next request from what was read, to be answered. Returns: false where not all of it is here.

        may_keep: whether the connection may stay open after the answer. Raises: Refused.
        """
        try:
            incoming = self.reader.next()
        except Refused:
            raise
        except Exception as error:
            # Whatever one client sends, or a full disk: the others are still to be served.
            log.exception("A request from %s could not be read", peer_name(self.reader.peer))
            raise Refused(500, "The request could not be read") from error
        if incoming is None:
            return False
        self.answer = Answer(incoming, may_keep)
        self.phase, self.continued = Phase.RUNNING, False
        self.served += 1
        return True

    def drop_answer(self) -> None:
        """Let go of the answer and of what it holds, finished or not."""
        answer, self.answer, self.pieces = self.answer, None, None
        if answer is not None:
            answer.close()
            answer.incoming.body.close()

    def shut(self) -> None:
        """End both directions, which makes epoll report a connection that is armed. Never fails."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def end_output(self) -> None:
        """Tell the client that nothing more will come. Never fails."""
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def close(self) -> None:
        """Close the socket, with a reset where the answer is broken, so that nobody takes it for whole."""
        self.closed = True
        if self.broken and self.sock.family != socket.AF_UNIX:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        self.sock.close()
        self.reader.close()


def watch(epoll: select.epoll, fd: int, events: int) -> None:
    """Have *fd* reported by *epoll* once. Raises: OSError where it is closed."""
    try:
        epoll.modify(fd, events | select.EPOLLONESHOT)
    except FileNotFoundError:
        epoll.register(fd, events | select.EPOLLONESHOT)


def peer_name(address: Peer) -> str:
    """Name a peer for the log."""
    return f"{address[0]}:{address[1]}" if isinstance(address, tuple) else "unix socket"

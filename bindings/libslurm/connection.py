"""Connection: one connection to slurmdbd, with the identity that it was opened as.

libslurm reopens a connection that was lost by itself, as whoever calls next, and a commit over the new one
succeeds and stores nothing. So a Connection keeps a second descriptor of its socket, by which it can tell:
a socket that was closed at the other end is never used again.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import socket
import stat
import threading
import time
from typing import TYPE_CHECKING, Any

from .errors import UNKNOWN, SlurmError
from .quickack import acknowledging

if TYPE_CHECKING:
    from .identity import Identity
    from .library import Library

CONNECTION_ERROR = "ESLURM_DB_CONNECTION"
"""How a slurmdbd that is down, or was lost, is reported."""

SLURM_NUMBERS = 1000
"""Slurm's error numbers begin here; those below are the system's."""

COMMIT, ROLLBACK = True, False
"""What slurmdb_connection_commit can do."""

_ATTEMPTS = 3
"""Connections opened to find one whose socket is told from all others."""

_opening = threading.Lock()
"""One connection is opened at a time, so that its socket is the one that was not there before."""


class Connection:
    """A connection to slurmdbd, opened as *identity*, for one thread at a time.

    opened: time.monotonic() of then. failed: whether a call failed; then it must not be used again.
    number: what errno was after the last call that worked: with a list that may be an error all the same.
    used: whether a call worked, that is whether slurmdbd took the identity: a bad token still gives a connection.
    Raises: SlurmError ESLURM_DB_CONNECTION where slurmdbd is down.
    """

    def __init__(self, library: Library, identity: Identity) -> None:
        self.library, self.identity = library, identity
        self.opened = time.monotonic()
        self.failed = self.used = False
        self.number = 0
        self._address: int | None = None
        self._socket: socket.socket | None = None
        with identity.acting(), _opening:
            self._open()

    def __repr__(self) -> str:
        state = "closed" if self._address is None else "failed" if self.failed else "open"
        return f"<Connection of {self.identity.user}, {state}>"

    @property
    def alive(self) -> bool:
        """Whether slurmdbd still has the other end. Nothing is sent to find out."""
        if self._socket is None:
            return False
        poll = select.poll()
        poll.register(self._socket, select.POLLIN | select.POLLRDHUP)
        # Between calls slurmdbd never sends anything, so whatever is to be read is the end.
        return not poll.poll(0)

    def call(self, function: str, *arguments: Any) -> Any:
        """Call the C function *function* with this connection, then *arguments*.

        Returns: what it returned. Raises: SlurmError; ESLURM_DB_CONNECTION where the connection was lost.
        """
        if self._address is None or self._socket is None or self.failed or not self.alive:
            raise self._lost(function)
        try:
            with self.identity.acting(), acknowledging(self._socket):
                result = getattr(self.library.c, function)(self._address, *arguments)
                self.number = ctypes.get_errno()
        except SlurmError as error:
            self.failed = True
            if error.number < SLURM_NUMBERS and not self.alive:
                raise self._lost(function) from error
            raise
        except BaseException:
            self.failed = True
            raise
        self.used = True
        return result

    def commit(self) -> None:
        """Store what was written. Raises: SlurmError; ESLURM_DB_CONNECTION where it is not known to be stored.

        Source: slurmdb_connection_commit, which returns 0 for a connection that was lost and opened again.
        """
        self.call("slurmdb_connection_commit", COMMIT)
        if not self.alive:
            raise self._lost("slurmdb_connection_commit")

    def rollback(self) -> None:
        """Undo what was written since the last commit. Source: slurmdb_connection_commit."""
        self.call("slurmdb_connection_commit", ROLLBACK)

    def close(self) -> None:
        """Close; what was not committed is undone by slurmdbd. A second call does nothing."""
        address, self._address = self._address, None
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if address is not None:
            with contextlib.suppress(SlurmError), self.identity.acting():
                _close(self.library, address)

    def _open(self) -> None:
        for _ in range(_ATTEMPTS):
            before = _sockets()
            address = self._connect()
            port = self.library.configuration().database_port
            new = [fd for inode, fd in _sockets().items() if inode not in before and _peer_port(fd) == port]
            if len(new) == 1:
                self._address, self._socket = address, socket.socket(fileno=os.dup(new[0]))
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return
            try:
                if not new:
                    self._complain(address)
            finally:
                _close(self.library, address)
        raise self._lost("slurmdb_connection_get")

    def _connect(self) -> int:
        try:
            address: int = self.library.c.slurmdb_connection_get(None)
        except SlurmError as error:
            raise self._named(error) from error
        return address

    def _complain(self, address: int) -> None:
        """Find out why there is no socket: slurmdbd is down, or refused the identity. Only a call tells."""
        try:
            self.library.c.slurmdb_connection_commit(address, ROLLBACK)
        except SlurmError as error:
            raise self._named(error) from error

    def _named(self, error: SlurmError) -> SlurmError:
        return self._lost(error.function) if error.number < SLURM_NUMBERS else error

    def _lost(self, function: str) -> SlurmError:
        self.failed = True
        number = self.library.layout.constants.get(CONNECTION_ERROR, UNKNOWN)
        return self.library.error(number, function)


def _close(library: Library, address: int) -> None:
    pointer = ctypes.c_void_p(address)
    library.c.slurmdb_connection_close(ctypes.byref(pointer))
    if pointer.value:
        # 22.05 leaves a connection that was lost as it is, with its socket.
        library.c.slurm_persist_conn_destroy(pointer.value)


def _sockets() -> dict[int, int]:
    """The sockets of this process: inode -> descriptor."""
    found: dict[int, int] = {}
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - there may be thousands
        with contextlib.suppress(OSError):
            status = os.fstat(int(name))
            if stat.S_ISSOCK(status.st_mode):
                found[status.st_ino] = int(name)
    return found


def _peer_port(descriptor: int) -> int:
    """The port at the other end of an Internet socket; 0 for any other."""
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as one:
        peer = one.getpeername()
        return int(peer[1]) if isinstance(peer, tuple) else 0
    return 0

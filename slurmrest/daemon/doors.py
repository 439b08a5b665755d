"""Where connections come in: the listeners of a worker, which other workers have too."""

from __future__ import annotations

import errno
import select
import socket
from collections.abc import Callable, Iterator
from typing import Any

from .balance import PAUSE, Load

EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""What accept() says when the process or the machine has no room for another connection."""
SHUT_FOR = 1.0
"""Seconds for which then none is accepted."""

Accepted = tuple[socket.socket, Any, Any]
"""A connection, and the addresses of the client and of the listener."""


class Doors:
    """The *listeners*, reported by *epoll* to who has it while they are open. load: how workers share connections."""

    def __init__(self, listeners: list[socket.socket], epoll: select.epoll, load: Load) -> None:
        self.listeners = {listener.fileno(): listener for listener in listeners}
        self._names = {listener.fileno(): listener.getsockname() for listener in listeners}
        self._epoll, self._load = epoll, load
        self._is_open, self._shut_until = False, 0.0
        for fd, listener in self.listeners.items():
            listener.settimeout(0)
            epoll.register(fd, 0)

    def open(self, now: float, *, when: bool) -> None:
        """Have the listeners reported or not. now: monotonic seconds."""
        wanted = when and now >= self._shut_until
        if wanted != self._is_open:
            self._is_open = wanted
            for fd in self.listeners:
                self._epoll.modify(fd, select.EPOLLIN if wanted else 0)

    def opening(self, now: float) -> float:
        """Give the moment at which they may be opened again; infinite where nothing but room is missing."""
        return self._shut_until if self._shut_until > now else float("inf")

    def let_in(self, listeners: list[socket.socket], now: float, has_room: Callable[[], bool]) -> Iterator[Accepted]:
        """Accept a connection from each of *listeners* while there is room, or leave it to another worker."""
        if self._load.leaves(now):
            self._shut_until = now + PAUSE
            return
        for listener in listeners:
            if has_room():
                try:
                    sock, peer = listener.accept()
                except OSError as error:
                    if error.errno in EXHAUSTED:
                        self._shut_until = now + SHUT_FOR
                    continue
                sock.settimeout(0)
                yield sock, peer, self._names[listener.fileno()]

    def close(self) -> None:
        """Close the listeners, for good."""
        for fd, listener in self.listeners.items():
            # In this order: other processes have the socket too, and epoll would go on reporting it.
            self._epoll.unregister(fd)
            listener.close()
        self.listeners.clear()

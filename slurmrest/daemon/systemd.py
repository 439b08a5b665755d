"""systemd's two protocols, without its library: sockets that it opened for us, and what we tell it.

Both come by the environment, and are taken out of it, so that no child process believes them to be its own.
Facts: sd_listen_fds(3), sd_notify(3), sd_watchdog_enabled(3).
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import MutableMapping
from typing import Any

from .sockets import BindError, Listener

FIRST_FD = 3
"""The first inherited file descriptor."""
PINGS = 3
"""How often the watchdog is told within its time, so that one late message does not end the daemon."""
USEC = 1_000_000
SOCKET, WATCHDOG, WATCHDOG_PID = "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"
LISTEN, LISTEN_PID, LISTEN_NAMES = "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"

Environment = MutableMapping[str, str]


class Inherited(Listener):
    """A listening socket that systemd opened, and will close: its file is never removed by us."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.inode = sock, None

    def __str__(self) -> str:
        return name_of(self.sock)

    def remove(self) -> None:
        """Close our copy; systemd goes on listening."""
        self.close()


def name_of(sock: socket.socket) -> str:
    """Name the address of a socket for the log."""
    name = sock.getsockname()
    if sock.family == socket.AF_UNIX:
        return f"unix:{name if isinstance(name, str) else '@' + name[1:].decode(errors='replace')}"
    return f"[{name[0]}]:{name[1]}" if sock.family == socket.AF_INET6 else f"{name[0]}:{name[1]}"


def inherited(environment: Environment) -> list[Listener]:
    """Take the sockets that systemd gave to this process, and their variables out of *environment*.

    A socket that is connected already (`Accept=yes`) is not touched: it is standard input, too, and inetd mode serves
    it. Raises: BindError for what is no listening stream socket.
    """
    count, pid, _ = (environment.pop(name, "") for name in (LISTEN, LISTEN_PID, LISTEN_NAMES))
    if not (count.isdigit() and pid == str(os.getpid())):
        return []
    found = [_opened(fd) for fd in range(FIRST_FD, FIRST_FD + int(count))]
    if len(found) == 1 and _is_connection(found[0]):
        found.pop().detach()
    return [_listener(sock) for sock in found]


def _opened(fd: int) -> socket.socket:
    try:
        os.set_inheritable(fd, False)  # noqa: FBT003 - os has it so
        return socket.socket(fileno=fd)
    except OSError as error:
        raise BindError(f"file descriptor {fd}, which {LISTEN} promises, is no socket: {error.strerror}") from None


def _is_connection(sock: socket.socket) -> bool:
    return sock.type == socket.SOCK_STREAM and not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)


def _listener(sock: socket.socket) -> Listener:
    if sock.type != socket.SOCK_STREAM or sock.family not in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6):
        raise BindError(f"file descriptor {sock.fileno()}, from systemd, is no stream socket: use ListenStream=")
    if _is_connection(sock):
        raise BindError(f"file descriptor {sock.fileno()}, from systemd, does not listen: use Accept=no")
    if sock.family != socket.AF_UNIX:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Inherited(sock)


class Notifier:
    """Tells systemd what the daemon is doing; tells nobody where there is no systemd.

    address: NOTIFY_SOCKET, a path or @name; "" for none. watchdog: seconds within which it must hear of us, 0 for none.
    """

    def __init__(self, address: str = "", watchdog: float = 0.0) -> None:
        self.address, self.watchdog = address, watchdog
        self._status, self._next_ping = "", 0.0

    @classmethod
    def take(cls, environment: Environment) -> Notifier:
        """Make it from the variables, which are taken out of *environment*."""
        address, usec, pid = (environment.pop(name, "") for name in (SOCKET, WATCHDOG, WATCHDOG_PID))
        ours = usec.isdigit() and pid in ("", str(os.getpid()))
        return cls(address, int(usec) / USEC if ours else 0.0)

    def __bool__(self) -> bool:
        return bool(self.address)

    def ready(self, status: str) -> None:
        """Say that requests are served. status: one line for an administrator."""
        self._send("READY=1", f"STATUS={status}")
        self._status = status

    def reloading(self) -> None:
        """Say that a changed configuration is being taken up; `ready` must follow."""
        clock = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._send("RELOADING=1", f"MONOTONIC_USEC={clock}", "STATUS=Replacing the workers")

    def stopping(self) -> None:
        """Say that the end has begun."""
        self._send("STOPPING=1", "STATUS=Finishing requests")

    def status(self, text: str) -> None:
        """Say in one line how things are, where that has changed."""
        if text != self._status:
            self._send(f"STATUS={text}")
        self._status = text

    def alive(self) -> None:
        """Say that requests are still served, as often as the watchdog wants to hear it."""
        now = time.monotonic()
        if self.watchdog and now >= self._next_ping:
            self._next_ping = now + self.watchdog / PINGS
            self._send("WATCHDOG=1")

    def _send(self, *lines: str) -> None:
        """Send one message. Nothing depends on whether it arrives, least of all the requests under way."""
        if not self.address:
            return
        name: Any = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.settimeout(1.0)
            sock.connect(name)
            sock.sendall("\n".join(lines).encode())

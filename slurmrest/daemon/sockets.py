"""Listening sockets: made before the workers, by one process, and removed by it.

A socket file that another daemon answers on is left alone; one that nobody answers on is replaced. A file is removed
at the end only if it is still the one made here.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import stat
from collections.abc import Iterable
from pathlib import Path

from .addresses import Address, TcpAddress, UnixAddress

log = logging.getLogger("slurmrestd")

BACKLOG = 4096
"""Connections that the kernel keeps for us until one of ours ends; net.core.somaxconn (4096 since Linux 5.4) may
allow fewer. On a unix socket a client beyond it waits in connect(), or gets EAGAIN if it will not wait."""
ABSENT = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT})


class BindError(Exception):
    """An address that cannot be listened on: one line that says why."""


class Listener:
    """A listening socket as gunicorn's master wants it. address: what was asked for."""

    def __init__(self, sock: socket.socket, address: Address) -> None:
        self.sock, self.address = sock, address
        self.inode = _inode(address)

    def __str__(self) -> str:
        if isinstance(self.address, UnixAddress):
            return str(self.address)
        name = self.sock.getsockname()
        return str(TcpAddress(name[0], name[1]))

    def fileno(self) -> int:
        """Number of the socket's file descriptor."""
        return self.sock.fileno()

    def getsockname(self) -> object:
        """The address as the kernel has it."""
        return self.sock.getsockname()

    def settimeout(self, seconds: float) -> None:
        """Choose how long accept() waits."""
        self.sock.settimeout(seconds)

    def accept(self) -> tuple[socket.socket, object]:
        """Take a connection. Raises: OSError."""
        return self.sock.accept()

    def close(self) -> None:
        """Close this process's copy."""
        self.sock.close()

    def remove(self) -> None:
        """Close, and remove the socket file if it is still ours. For the process that made it, once."""
        self.close()
        if isinstance(self.address, UnixAddress) and self.inode and _inode(self.address) == self.inode:
            try:
                Path(self.address.path).unlink()
            except PermissionError:
                # After -u the folder may be root's. The next start replaces the file.
                log.warning("%s stays behind: %s is not ours to write to", self, Path(self.address.path).parent)


def listen(addresses: Iterable[Address], backlog: int = BACKLOG) -> list[Listener]:
    """Listen on every address. Raises: BindError, after closing again what was opened."""
    listeners: list[Listener] = []
    try:
        for address in addresses:
            listeners += _unix(address, backlog) if isinstance(address, UnixAddress) else _tcp(address, backlog)
    except BindError:
        remove_all(listeners)
        raise
    return listeners


def remove_all(listeners: Iterable[Listener]) -> None:
    """Close listeners and remove their files."""
    for listener in listeners:
        listener.remove()


def _tcp(address: TcpAddress, backlog: int) -> list[Listener]:
    """Listen on everything a host name stands for; where a family of addresses is not there, on the others."""
    try:
        found = socket.getaddrinfo(address.host or None, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise BindError(f"cannot look up {address}: {getattr(error, 'strerror', None) or error}") from None
    listeners, absent = [], None
    for family, *_, name in dict.fromkeys(found):
        try:
            listeners.append(Listener(_tcp_socket(family, name, backlog), address))
        except OSError as error:
            if error.errno not in ABSENT:
                remove_all(listeners)
                raise BindError(f"cannot listen on {address}: {error.strerror}") from None
            absent = error
    if not listeners:
        raise BindError(f"cannot listen on {address}: {absent.strerror if absent else 'no address'}")
    return listeners


def _tcp_socket(family: int, name: object, backlog: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(name)  # type: ignore[arg-type]  # as getaddrinfo gave it
        sock.listen(backlog)
    except OSError:
        sock.close()
        raise
    return sock


def _unix(address: UnixAddress, backlog: int) -> list[Listener]:
    """Listen on a unix socket that everybody may connect to: who is served is decided for each request."""
    refuse_live(address)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    umask = os.umask(0)
    try:
        sock.bind(address.path)
        sock.listen(backlog)
    except OSError as error:
        sock.close()
        raise BindError(f"cannot listen on {address}: {error.strerror}") from None
    finally:
        os.umask(umask)
    return [Listener(sock, address)]


def refuse_live(address: UnixAddress) -> None:
    """Make way for a new socket: remove a dead one. Raises: BindError where it is alive, or no socket at all."""
    try:
        if not stat.S_ISSOCK(os.lstat(address.path).st_mode):
            raise BindError(f"cannot listen on {address}: the file exists and is not a socket")
        if _answers(address.path):
            raise BindError(f"cannot listen on {address}: another process is listening on it")
        Path(address.path).unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise BindError(f"cannot listen on {address}: {error.strerror}") from None


def _answers(path: str) -> bool:
    """Tell whether somebody listens on a unix socket. Raises: OSError where that cannot be found out."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(0)
        failure = probe.connect_ex(path)
    if failure in (0, errno.EAGAIN, errno.EINPROGRESS):
        return True
    if failure in (errno.ECONNREFUSED, errno.ENOENT):
        return False
    raise OSError(failure, os.strerror(failure))


def _inode(address: Address) -> tuple[int, int] | None:
    if not isinstance(address, UnixAddress):
        return None
    try:
        found = os.lstat(address.path)
    except OSError:
        return None
    return found.st_dev, found.st_ino

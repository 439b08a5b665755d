"""Standard input and output as a connection: what they are, who is at the other end, and becoming that user."""

from __future__ import annotations

import os
import pwd
import socket
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from .checks import NOBODY, StartError
from .reading import Peer

INPUT, OUTPUT = 0, 1
UCRED = struct.Struct("3i")
"""struct ucred of SO_PEERCRED: pid, uid, gid."""
OTHERS = stat.S_IRWXO | stat.S_ISUID | stat.S_ISGID
"""Bits of a pipe or file through which somebody else could be speaking."""


class Origin(NamedTuple):
    """Who sends requests. name: as documents and logs name it. read: gives up to so many bytes, b"" at the end.

    uid, gid: of the user that the kernel vouches for; None where it vouches for nobody. socket: None where the input
    is none. terminal: whether a person is there. peer, server: addresses of the two ends.
    """

    name: str
    read: Callable[[int], bytes]
    uid: int | None = None
    gid: int | None = None
    socket: socket.socket | None = None
    terminal: bool = False
    peer: Peer = ""
    server: Peer = ""

    @property
    def local(self) -> bool:
        """Whether requests may be made as the user of this process, who can be root's peer too."""
        return self.uid in (0, os.geteuid())

    @property
    def facts(self) -> dict[str, Any]:
        """What the app is told besides: the name, and whose input it is where the app cannot see for itself."""
        facts: dict[str, Any] = {"wsgi.multithread": False}
        if not isinstance(self.peer, tuple):
            facts["slurmrest.source"] = self.name
        if self.socket is None:
            facts["slurmrest.peer_uid"] = self.uid
        return facts


def origin() -> Origin:
    """Find out what standard input is. Raises: StartError where there is none, or no output."""
    try:
        mode = os.fstat(INPUT)
        os.fstat(OUTPUT)
    except OSError:
        raise StartError("no address to listen on is given, and standard input or output is closed") from None
    if stat.S_ISSOCK(mode.st_mode):
        return _of_socket(socket.socket(fileno=os.dup(INPUT)))
    os.set_blocking(INPUT, True)
    os.set_blocking(OUTPUT, True)
    trusted = stat.S_ISFIFO(mode.st_mode) or stat.S_ISREG(mode.st_mode) or stat.S_ISCHR(mode.st_mode)
    own = trusted and not mode.st_mode & OTHERS and mode.st_uid == os.geteuid()
    name = f"{_path(INPUT)}->{_path(OUTPUT)}"
    return Origin(name, _read, mode.st_uid if own else None, None, terminal=os.isatty(INPUT))


def _read(size: int) -> bytes:
    return os.read(INPUT, size)


def _path(descriptor: int) -> str:
    """Name what a descriptor is open on, as the C daemon does: a path, or fd:0."""
    path = str(Path(f"/proc/self/fd/{descriptor}").readlink())
    return path if path.startswith("/") else f"fd:{descriptor}"


def _of_socket(sock: socket.socket) -> Origin:
    if sock.type != socket.SOCK_STREAM:
        raise StartError("standard input is a socket of a kind that carries no HTTP")
    sock.settimeout(None)
    try:
        peer, server = sock.getpeername(), sock.getsockname()
    except OSError as error:
        raise StartError(f"standard input is a socket that nobody is connected to: {error.strerror}") from None
    if sock.family != socket.AF_UNIX:
        return Origin(f"[{peer[0]}]:{peer[1]}", sock.recv, socket=sock, peer=peer, server=server)
    uid, gid = credentials(sock)
    return Origin(f"{server or 'unix'}->fd:{INPUT}", sock.recv, uid, gid, socket=sock, peer=peer, server=server)


def credentials(sock: socket.socket) -> tuple[int | None, int | None]:
    """Give uid and gid of the peer of a unix socket; None, None for nobody, and for whom this system cannot see."""
    pid, uid, gid = UCRED.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, UCRED.size))
    if pid == 0 or uid < 0 or gid < 0 or NOBODY in (uid, gid):
        return None, None
    return uid, gid


def become(client: Origin) -> bool:
    """Be the peer of a unix socket from here on, with its group and no other, without a way back. Root stays root.

    Returns: false where the input is no unix socket, or the kernel does not know its peer: then nothing has changed,
    and nobody may be served. Raises: StartError where it cannot be done.
    """
    if client.uid is None or client.gid is None or client.socket is None:
        return False
    try:
        name = pwd.getpwuid(client.uid).pw_name
        os.setgroups([])
        os.setresgid(client.gid, client.gid, client.gid)
        os.setresuid(client.uid, client.uid, client.uid)
    except KeyError:
        raise StartError(f"become_user: uid {client.uid} has no name here") from None
    except OSError as error:
        raise StartError(f"become_user: cannot become {name}: {error.strerror}") from None
    if (os.getresuid(), os.getresgid()) != ((client.uid,) * 3, (client.gid,) * 3) or os.getgroups():
        raise StartError(f"become_user: this process is not {name} after all")
    return True


def write_all(data: bytes) -> None:
    """Write everything to standard output. Raises: OSError."""
    view = memoryview(data)
    while view:
        view = view[os.write(OUTPUT, view) :]

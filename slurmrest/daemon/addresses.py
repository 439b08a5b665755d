"""Where to listen: `[host]:port` and `unix:/path`. Names are looked up once, when sockets are made of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HOST_PORT = re.compile(r"(?:\[(?P<v6>[^\[\]]*)\]|(?P<host>[^:\[\]/]*)):(?P<port>[0-9]{1,5})")
UNIX = "unix:"
PORTS = 65535
PATH_LENGTH = 107
"""The longest path of a unix socket, in bytes: sun_path of sockaddr_un, less its terminator."""


@dataclass(frozen=True)
class TcpAddress:
    """A host and port. host: name or number, without brackets; "" for every interface."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class UnixAddress:
    """The absolute path of a unix socket."""

    path: str

    def __str__(self) -> str:
        return f"{UNIX}{self.path}"


Address = TcpAddress | UnixAddress


def parse_address(text: str) -> Address:
    """Understand one address. Raises: ValueError that says what was expected."""
    if text.startswith(UNIX):
        return _unix(text.removeprefix(UNIX))
    found = HOST_PORT.fullmatch(text)
    if found is None:
        raise ValueError(f'"{text}" is not an address: expected [host]:port or unix:/path')
    port = int(found["port"])
    if not 1 <= port <= PORTS:
        raise ValueError(f'"{text}" is not an address: a port is 1 to {PORTS}')
    return TcpAddress(found["v6"] if found["v6"] is not None else found["host"], port)


def _unix(path: str) -> UnixAddress:
    if not path:
        raise ValueError(f'"{UNIX}" is not an address: expected unix:/path')
    absolute = str(Path(path).absolute())
    if len(absolute.encode()) > PATH_LENGTH:
        raise ValueError(f'"{UNIX}{path}" is too long: the path of a socket has at most {PATH_LENGTH} bytes')
    return UnixAddress(absolute)


def parse_addresses(text: str) -> tuple[Address, ...]:
    """Understand a comma-delimited list. Raises: ValueError."""
    return tuple(parse_address(part.strip()) for part in text.split(",") if part.strip())

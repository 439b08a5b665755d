"""What the resources depend on: the loaded libslurm, the parser of an API version, the daemon's own identity."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

from libslurm.controller import Controller, ControllerPing
from libslurm.errors import SlurmError

from .data_parser.parser import Parser

if TYPE_CHECKING:
    from libslurm.identity import Identity, OwnIdentity
    from libslurm.library import Library

UNREACHABLE = "SLURMCTLD_COMMUNICATIONS_CONNECTION_ERROR"
"""Slurm's error for a slurmctld that is down."""


CONNECT_WITHIN = 2.0
"""Seconds that a slurmctld has to accept a connection, where it is only asked whether there is one."""


class Cluster:
    """One Slurm cluster, seen through one libslurm.

    While slurmctld is down libslurm retries for 9 to 20 s a call. So whoever finds it down says so (`unreachable`), and
    from then on a call is made only if something accepts connections there again, which costs a moment to find out.
    """

    def __init__(self, library: Library, own: OwnIdentity, parser: Parser | None = None) -> None:
        self.library, self.own = library, own
        self.parser = parser or Parser(library)
        self.unreachable = False

    def controller(self, identity: Identity) -> Controller:
        """Give slurmctld's calls, made as *identity*. There is no way to make them as nobody.

        Raises: SlurmError SLURMCTLD_COMMUNICATIONS_CONNECTION_ERROR at once, while slurmctld is known to be down.
        """
        if self.unreachable:
            if not self.listening():
                raise self.library.error(self.library.layout.constant(UNREACHABLE), "connect")
            self.unreachable = False
        return Controller(self.library, identity)

    def pings(self, identity: Identity) -> list[ControllerPing]:
        """Ping every slurmctld; where none accepts connections, all are down.

        A ping is not retried, but the daemon's own may need a token first, for which libslurm would try 9 s.
        """
        began = time.perf_counter()
        if identity.token or self.listening():
            return Controller(self.library, identity).ping()
        latency = int((time.perf_counter() - began) * 1e6)
        names = self.library.configuration().controllers
        return [ControllerPing(name, pinged=False, latency=latency, offset=offset) for offset, name in enumerate(names)]

    def answers(self) -> bool:
        """Ask, as the daemon's own user, whether a slurmctld answers a ping."""
        try:
            return any(ping.pinged for ping in self.pings(self.own))
        except SlurmError:
            return False

    def listening(self) -> bool:
        """Tell whether any slurmctld accepts connections. libslurm is not asked, and so does not retry."""
        conf = self.library.configuration()
        return any(_accepts(address, conf.port) for address in conf.addresses)

    @property
    def meta(self) -> dict[str, Any]:
        """The `Slurm` part of every document's meta: the release of the loaded libslurm."""
        major, minor, micro = self.library.release
        version = {"major": major, "micro": micro, "minor": minor}
        return {"version": version, "release": self.library.release_text}


def _accepts(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=CONNECT_WITHIN).close()
    except OSError:
        return False
    return True

"""What the resources depend on: the loaded libslurm, the parser of an API version, the daemon's own identity."""

from __future__ import annotations

import re
import socket
import time
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from libslurm.accounting import Accounting, Accountings
from libslurm.controller import Controller, ControllerPing
from libslurm.errors import SlurmError
from libslurm.sockets import accepts

from .calls import Calls
from .data_parser.parser import Parser

if TYPE_CHECKING:
    from libslurm.identity import Identity, OwnIdentity
    from libslurm.library import Library

UNREACHABLE = "SLURMCTLD_COMMUNICATIONS_CONNECTION_ERROR"
"""Slurm's error for a slurmctld that is down."""

NO_DATABASE = "ESLURM_DB_CONNECTION"
"""Slurm's error for a slurmdbd that is down."""

MANY = 1 << 30
"""Threads, where it is not known how many there are."""

UNDERSTOOD = range(2000, 3000)
"""Numbers of slurmctld's own errors: it has understood what it refuses."""

MUNGE_SOCKET = "/run/munge/munge.socket.2"
"""Where munged listens, if AuthInfo of slurm.conf does not say otherwise."""

CONNECT_WITHIN = 2.0
"""Seconds that a slurmctld has to accept a connection, where it is only asked whether there is one."""


class Cluster:
    """One Slurm cluster, seen through one libslurm.

    While slurmctld is down libslurm retries a call for 9 to 20 s, but not a ping. So the first call after a pause comes
    after a ping; whoever finds slurmctld down says so (`unreachable`), and from then on a call is made only if
    something accepts connections there again, which costs a moment to find out. Calls that hang are noticed by the
    next one (calls.py). threads: how many make calls in this process.
    Likewise slurmdbd (`no_database`). Neither knows of the other: /slurm works without slurmdbd.
    """

    def __init__(
        self, library: Library, own: OwnIdentity, parser: Parser | None = None, *, threads: int = MANY
    ) -> None:
        self.library, self.own = library, own
        self.parser = parser or Parser(library)
        self.accountings = Accountings(library)
        self.unreachable = False
        self.no_database = False
        self.calls = Calls(max(1, threads - 1), self._find)

    def accounting(self, identity: Identity, *, writing: bool = False) -> AbstractContextManager[Accounting]:
        """Give slurmdbd's calls, made as *identity*; for *writing* over a connection of their own.

        Raises: SlurmError ESLURM_DB_CONNECTION at once, while slurmdbd is known to be down.
        """
        if self.no_database:
            if not self.database_listening():
                raise self.library.error(self.library.layout.constant(NO_DATABASE), "slurmdb_connection_get")
            self.no_database = False
        return self.accountings.writing(identity) if writing else self.accountings.reading(identity)

    def database_listening(self) -> bool:
        """Tell whether any slurmdbd accepts connections."""
        conf = self.library.configuration()
        return any(accepts(host, conf.database_port, CONNECT_WITHIN) for host in conf.database_hosts)

    def controller(self, identity: Identity) -> Controller:
        """Give slurmctld's calls, made as *identity*. There is no way to make them as nobody.

        Raises: SlurmError SLURMCTLD_COMMUNICATIONS_CONNECTION_ERROR at once, while slurmctld is known to be down.
        """
        if self.unreachable or (self.calls.quiet and not self._answers(identity)):
            self._find()
        return Controller(self.library, identity, self.calls.one)

    def _find(self) -> None:
        """See whether slurmctld accepts connections. Raises: SlurmError where it does not."""
        self.unreachable = not self.listening()
        if self.unreachable:
            raise self.library.error(self.library.layout.constant(UNREACHABLE), "connect")

    def pings(self, identity: Identity) -> list[ControllerPing]:
        """Ping every slurmctld; where none accepts connections, all are down.

        A ping is not retried, but the daemon's own may need a token first, for which libslurm would try 9 s. To connect
        and say nothing costs less, but is an error in slurmctld's log.
        """
        began = time.perf_counter()
        if identity.ready or self.listening():
            return Controller(self.library, identity).ping()
        latency = int((time.perf_counter() - began) * 1e6)
        names = self.library.configuration().controllers
        return [ControllerPing(name, pinged=False, latency=latency, offset=offset) for offset, name in enumerate(names)]

    def answers(self) -> bool:
        """Ask, as the daemon's own user, whether a slurmctld answers a ping."""
        return self._answers(self.own)

    def _answers(self, identity: Identity) -> bool:
        try:
            return any(ping.pinged for ping in self.pings(identity))
        except SlurmError:
            return False

    def listening(self) -> bool:
        """Tell whether any slurmctld accepts connections. libslurm is not asked, and so does not retry."""
        conf = self.library.configuration()
        return any(accepts(address, conf.port, CONNECT_WITHIN) for address in conf.addresses)

    def foreign(self) -> bool:
        """Tell whether slurmctld is there and does not understand libslurm, as Slurm's protocol has its limits.

        Neither libslurm nor slurmctld says so clearly: each pair of releases has another error. So it is concluded from
        what else could be wrong, and is not: connections are accepted, the daemon's own credential can be made.
        """
        if not self.listening():
            return False
        try:
            if any(ping.pinged for ping in self.pings(self.own)):
                return False
        except SlurmError as error:
            if error.number in UNDERSTOOD:
                return False
        named = re.search(r"(?:^|,)socket=([^,]+)", self.library.configuration().auth_info)
        return _accepts_at(named[1] if named else MUNGE_SOCKET)

    @cached_property
    def meta(self) -> dict[str, Any]:
        """The `Slurm` part of every document's meta: the release of the loaded libslurm."""
        major, minor, micro = self.library.release
        version = {"major": major, "micro": micro, "minor": minor}
        return {"version": version, "release": self.library.release_text}


def _accepts_at(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(path) == 0

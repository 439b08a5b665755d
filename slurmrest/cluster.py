"""What the resources depend on: the loaded libslurm, the parser of an API version, the daemon's own identity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from libslurm.controller import Controller, ControllerPing
from libslurm.errors import SlurmError

from .data_parser.parser import Parser

if TYPE_CHECKING:
    from libslurm.identity import Identity, OwnIdentity
    from libslurm.library import Library

UNREACHABLE = "SLURMCTLD_COMMUNICATIONS_CONNECTION_ERROR"
"""Slurm's error for a slurmctld that is down."""


class Cluster:
    """One Slurm cluster, seen through one libslurm."""

    def __init__(self, library: Library, own: OwnIdentity, parser: Parser | None = None) -> None:
        self.library, self.own = library, own
        self.parser = parser or Parser(library)

    def controller(self, identity: Identity) -> Controller:
        """Give slurmctld's calls, made as *identity*. There is no way to make them as nobody."""
        return Controller(self.library, identity)

    def pings(self, slurm: Controller) -> list[ControllerPing]:
        """Ping every slurmctld. All are down where none gives the daemon the token that its own ping needs."""
        try:
            return slurm.ping()
        except SlurmError as error:
            if error.name != UNREACHABLE:
                raise
            names = self.library.configuration().controllers
            return [ControllerPing(name, pinged=False, latency=0, offset=offset) for offset, name in enumerate(names)]

    def answers(self) -> bool:
        """Ask, as the daemon's own user, whether a slurmctld answers a ping."""
        try:
            return any(ping.pinged for ping in self.controller(self.own).ping())
        except SlurmError:
            return False

    @property
    def meta(self) -> dict[str, Any]:
        """The `Slurm` part of every document's meta: the release of the loaded libslurm."""
        major, minor, micro = self.library.release
        version = {"major": major, "micro": micro, "minor": minor}
        return {"version": version, "release": self.library.release_text}

"""Which partitions a node is in, as each user may see them.

slurmctld tells it with the partitions, which are many bytes and seldom change. So what a user was told is kept, and
slurmctld asked each time whether it still holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from libslurm.errors import SlurmError
from libslurm.memory import decode

from ...ahead import Ahead
from ...shared import ByUser, Shared

if TYPE_CHECKING:
    from libslurm.controller import Controller
    from libslurm.owned import Owned

    from ...calls import Calls

MOST_NODES = 4096
"""Nodes of which it is kept which partitions they are in."""

QUIET = 0.1
"""Seconds without two questions at once, after which there is time for a thread that asks one of a request's two."""

UNCHANGED = "SLURM_NO_CHANGE_IN_DATA"


class Told(NamedTuple):
    """What one user was told. made: when (seconds since the epoch). hosts: partition -> its nodes, "n[1-3]".

    found: node -> its partitions, as far as somebody asked.
    """

    made: int
    hosts: dict[str, str]
    found: dict[str, list[str]]


class View:
    """The partitions as one user sees them."""

    def __init__(self) -> None:
        self._told: Told | None = None
        self.shared: Shared[Told] = Shared()

    def ask(self, slurm: Controller) -> Told:
        """Ask for them, or whether they are what they were. slurm: as this user. Raises: SlurmError."""
        told = self._told
        try:
            with slurm.load_partitions(told.made if told else 0) as message:
                told = Told(message.record.last_update, hosts_of(message), {})
        except SlurmError as error:
            if told is None or error.name != UNCHANGED:
                raise
        self._told = told
        return told


class Membership:
    """has: tells whether "n[1-3]" names a node. calls: those to slurmctld that are under way in this process."""

    def __init__(self, has: Callable[[str, str], bool], calls: Calls) -> None:
        self._has, self._calls = has, calls
        self._views: ByUser[View] = ByUser(View)
        self._ahead, self._crowded = Ahead(), 0.0

    def told(self, slurm: Controller, arrived: float) -> Callable[[], Told]:
        """Give what tells what held at *arrived* (time.monotonic) or later, as *slurm*'s user may know.

        It raises SlurmError. slurmctld is asked at once where this process has had time lately.
        """
        view = self._views.of(slurm.identity.key)

        def tell() -> Told:
            return view.shared.ask(lambda: view.ask(slurm), arrived)

        now = time.monotonic()
        if not self._calls.none:
            self._crowded = now
        return self._ahead.ask(tell) if now - self._crowded > QUIET and view.shared.known(arrived) is None else tell

    def of(self, node: str, told: Told) -> list[str]:
        """Name the partitions that *node* is in."""
        found = told.found.get(node)
        if found is None:
            found = [name for name, hosts in told.hosts.items() if self._has(hosts, node)]
            if len(told.found) >= MOST_NODES:
                told.found.clear()
            told.found[node] = found
        return found


def hosts_of(partitions: Owned) -> dict[str, str]:
    """Read the nodes of each partition: "n[1-3]" by its name."""
    records = partitions.records("partition_array", "record_count", "partition_info_t")
    return {decode(one.name): decode(one.nodes) for one in records if one.name}

"""What of a node is given to jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..names import Names


class Allocation(NamedTuple):
    """memory: MiB. tres: as text. weighted: billing weight."""

    cpus: int
    memory: int
    tres: str
    weighted: float


NOTHING = Allocation(0, 0, "", 0.0)


def allocation(
    names: Names, nodeinfo: int | None, cpus: int | None, memory: int | None, tres: str | None
) -> Allocation:
    """Find out what is given to jobs.

    Up to 24.11 the select plugin knows, from then on (25.05) it stands in the record, without a weight.
    """
    if nodeinfo:
        found = names.library.node_allocation(nodeinfo)
        return Allocation(*found) if found != NOTHING else NOTHING
    return Allocation(cpus or 0, memory or 0, tres or "", 0.0)


def alloc_memory(names: Names, allocation: Allocation) -> int:
    """Give the memory given to jobs, in MiB."""
    return allocation.memory


def alloc_cpus(names: Names, allocation: Allocation) -> int:
    """Give the number of CPUs given to jobs."""
    return allocation.cpus


def idle_cpus(names: Names, cpus: int, allocation: Allocation) -> int:
    """Give the number of CPUs not given to jobs."""
    return cpus - allocation.cpus


def tres_used(names: Names, allocation: Allocation) -> str:
    """Give the resources given to jobs: "cpu=4,gres/gpu=1"."""
    return allocation.tres


def tres_weighted(names: Names, allocation: Allocation) -> float:
    """Give the billing weight of the resources given to jobs."""
    return allocation.weighted

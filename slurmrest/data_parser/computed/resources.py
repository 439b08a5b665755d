"""What a job holds on each node, from the arrays and bitmaps of job_resources_t.

The bits of the core bitmaps run over the cores of all nodes in order. Nodes of the same shape that follow
each other share one element of sockets_per_node and cores_per_socket; sock_core_rep_count says how many do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from .arrays import Code, integers

if TYPE_CHECKING:
    from ..convert import JSON
    from ..names import Names


class Held(NamedTuple):
    """The members of job_resources_t that say what is held; addresses but for the first two."""

    nodes: str
    nhosts: int
    sockets_per_node: int
    cores_per_socket: int
    sock_core_rep_count: int
    core_bitmap: int
    core_bitmap_used: int
    cpus_used: int | None
    memory_used: int | None
    memory_allocated: int | None


MEMBERS = Held._fields
"""What allocated_nodes uses."""

AMOUNTS: dict[str, Code] = {"cpus_used": "H", "memory_used": "Q", "memory_allocated": "Q"}
"""Members with one number per node, shown under the same key -> type of the number."""


class Shape(NamedTuple):
    """Sockets of a node, cores of each, and the number of its first core."""

    sockets: int
    cores: int
    first: int


def allocated_nodes(names: Names, *values: Any) -> list[JSON]:
    """List what the job holds, node by node. values: those of MEMBERS."""
    held = Held(*values)
    if not (held.sockets_per_node and held.cores_per_socket and held.sock_core_rep_count):
        return []
    hosts = names.expand_hostlist(held.nodes)[: held.nhosts]
    cores, used = set(names.bits(held.core_bitmap)), set(names.bits(held.core_bitmap_used))
    amounts = list(_amounts(held, len(hosts)))
    return [
        {"sockets": _sockets(shape, cores, used), "nodename": host, **numbers}
        for host, shape, numbers in zip(hosts, _shapes(held, len(hosts)), amounts, strict=False)
    ]


def _amounts(held: Held, count: int) -> Iterator[dict[str, int]]:
    columns = [integers(code, getattr(held, key), count) or [0] * count for key, code in AMOUNTS.items()]
    return (dict(zip(AMOUNTS, row, strict=True)) for row in zip(*columns, strict=True))


def _shapes(held: Held, nodes: int) -> Iterator[Shape]:
    """Give the shape of each node. The arrays do not say how long they are: they cover all nodes, no more."""
    index = first = 0
    while nodes > 0:
        (sockets,) = integers("H", held.sockets_per_node + 2 * index, 1)
        (cores,) = integers("H", held.cores_per_socket + 2 * index, 1)
        (repeat,) = integers("I", held.sock_core_rep_count + 4 * index, 1)
        if repeat == 0:
            return
        for _ in range(min(repeat, nodes)):
            yield Shape(sockets, cores, first)
            first += sockets * cores
        nodes -= repeat
        index += 1


def _sockets(shape: Shape, cores: set[int], used: set[int]) -> JSON:
    """List the cores held of a node, by socket. cores, used: the bits set of the two bitmaps."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for number in range(shape.sockets * shape.cores):
        bit = shape.first + number
        if bit in cores:
            socket, core = divmod(number, shape.cores)
            in_socket = found.setdefault(str(socket), {"cores": {}})["cores"]
            in_socket[str(core)] = "allocated_and_in_use" if bit in used else "allocated"
    return found

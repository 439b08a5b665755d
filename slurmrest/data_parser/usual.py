"""What most records of one message have in common, found by looking at some of them.

In a cluster most members of nearly all records are the same: no deadline, no container, one task per core. A function
made for what is usual there tells by one comparison that a record is, and writes all of it at once.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from libslurm import memory

from .bind import unpacking
from .compile import unpacked_names

if TYPE_CHECKING:
    from .bind import Bound

SAMPLE = 128
"""Records looked at."""

MOST = 0.9
"""Part of them that must be usual in all constants together."""

OFTEN = 0.25
"""A member with more different values than this part of the sample is not worth remembering the values of."""

Column = Sequence[Any]


class Usual(NamedTuple):
    """constants: members, and their usual value as unpacked; a text is NULL. varied: seldom twice the same."""

    constants: Mapping[str, Any] = MappingProxyType({})
    varied: frozenset[str] = frozenset()


def sample(addresses: Sequence[int]) -> Sequence[int]:
    """Choose some records, from all over the message."""
    return addresses[:: max(1, len(addresses) // SAMPLE)]


def survey(bound: Bound, addresses: Sequence[int]) -> Usual:
    """Find out what is usual in the records at *addresses*, a sample."""
    names = unpacked_names(bound)
    unpack = bound.format(names, floats_as_bits=True).unpack_from
    rows = [unpack(memory.SPACE, address) for address in addresses]
    columns: dict[str, Column] = dict(zip(names, zip(*rows, strict=True), strict=True))
    constants = _constants(bound, columns, len(rows))
    read = {name: _texts(bound, name, addresses) if _is_text(bound, name) else columns[name] for name in names}
    varied = {name for name, values in read.items() if len(set(values)) > OFTEN * len(rows)}
    return Usual(constants, frozenset(varied - constants.keys()))


def _constants(bound: Bound, columns: Mapping[str, Column], count: int) -> dict[str, Any]:
    """Choose constants, the commonest first, as long as MOST of the records are usual in all of them."""
    commonest = {name: Counter(column).most_common(1)[0] for name, column in columns.items()}
    constants: dict[str, Any] = {}
    usual = set(range(count))
    for name, (value, _) in sorted(commonest.items(), key=lambda one: -one[1][1]):
        # Of a text only NULL can be told without reading it.
        if value and _is_text(bound, name):
            continue
        remaining = {index for index in usual if columns[name][index] == value}
        if len(remaining) >= MOST * count:
            constants[name], usual = value, remaining
    return constants


def _is_text(bound: Bound, name: str) -> bool:
    return bound.members[name].kind in ("str", "ptr")


def _texts(bound: Bound, name: str, addresses: Sequence[int]) -> Column:
    offset = bound.members[name].offset
    if bound.members[name].kind == "ptr":
        return [0]
    return [memory.STRINGS[(address + offset) >> 3] for address in addresses]


class Comparison:
    """How a record is told to be usual: the runs of its bytes that its constant members are, and what they must be.

    runs: offset, size and code. What is between members belongs to no run, as nobody sets it.
    """

    def __init__(self, bound: Bound, usual: Usual) -> None:
        self.runs: list[tuple[int, int, str]] = []
        expected: list[bytes] = []
        end = -1
        for name in sorted(usual.constants, key=lambda name: bound.members[name].offset):
            member = bound.members[name]
            value = struct.pack(f"={bound.code(name, floats_as_bits=True)}", usual.constants[name])
            if member.offset == end:
                offset, size, _ = self.runs.pop()
                value = expected.pop() + value
            else:
                offset, size = member.offset, 0
            end = offset + size + member.size
            self.runs.append((offset, end - offset, f"{end - offset}s"))
            expected.append(value)
        self.expected = tuple(expected)
        self._unpack = unpacking(self.runs, bound.size).unpack_from

    def holds(self, address: int) -> bool:
        """Tell whether the record at *address* is usual."""
        return bool(self._unpack(memory.SPACE, address) == self.expected)

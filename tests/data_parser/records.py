"""Random records: bytes of C structs of any layout, with real memory behind their pointers."""

from __future__ import annotations

import ctypes
import struct
from functools import cache
from random import Random
from typing import Any

from libslurm import lists
from libslurm.layout import Layout
from libslurm.library import Library
from libslurm.memory import Arena, address_of
from slurmrest.data_parser.bind import CODES, Bound, bind
from slurmrest.data_parser.fields import V0_0_39, Field, Table
from slurmrest.data_parser.lists import ListOf, TextList
from slurmrest.data_parser.special import Pointer, Records
from slurmrest.data_parser.tres import TresString

MARKS = (
    0,
    1,
    2,
    0x7FFF,
    0x8000,
    0xFFFE,
    0xFFFF,
    0x80000000,
    0xFFFFFFFE,
    0xFFFFFFFF,
    1 << 63,
    (1 << 64) - 2,
    (1 << 64) - 1,
)
"""Numbers that mean something to Slurm, of 16, 32 and 64 bits."""

TEXTS = ("", "a", "node01,node02", "n[1-3]", "żółć ☃", "line\nbreak\ttab", '"quoted" \\ back', "\x01\x7f", "*wk1")
INVALID_UTF8 = (b"\xff\xfe", b"ok\xc3", b"\xed\xa0\x80")

TRES_TEXTS = ("1=4,1001=2", "1=18446744073709551615", "1=1,1=2,x=3,4=,=5,6", "2=9223372036854775808")

LIST_TEXTS = ("1", "4", "+3", "a", "", "żółć ☃")

FLOATS = (0.0, 1.5, -1.0, 4294967294.0, 4294967295.0, 2.0**64)


@cache
def library() -> Library:
    """Open the installed libslurm, whose lists are real ones whatever the layout of the records in them."""
    return Library.open()


class Maker:
    """Makes records of one layout by *seed*. Everything they point to lives as long as the Maker.

    One seed instead of a draw per member: hypothesis takes milliseconds a draw, and a job has 140 members.
    """

    def __init__(self, seed: int, layout: Layout) -> None:
        self.random, self.layout = Random(seed), layout
        self.arena = Arena()

    def record(self, table: Table, depth: int = 0) -> int:
        """Make a record of *table*'s struct; its address."""
        bound = bind(table, V0_0_39, self.layout)
        return self._place([self._bytes(bound, depth)])

    def records(self, table: Table, count: int) -> int:
        """Make an array of records; its address."""
        bound = bind(table, V0_0_39, self.layout)
        return self._place([self._bytes(bound, 1) for _ in range(count)])

    def _place(self, parts: list[bytes]) -> int:
        data = b"".join(parts)
        buffer = self.arena.keep((ctypes.c_uint64 * (len(data) // 8 + 1))())
        ctypes.memmove(buffer, data, len(data))
        return address_of(buffer)

    def _bytes(self, bound: Bound, depth: int) -> bytes:
        if bound.table.struct not in bound.layout.structs:
            return b""
        data = bytearray(bound.size)
        rows = {row.member: row for row in bound.keyed if isinstance(row, Field)}
        values: dict[str, Any] = {}
        for name, member in bound.members.items():
            values.setdefault(name, self._value(rows.get(name), member, depth, values))
        for name, value in values.items():
            member = bound.members[name]
            if member.kind in CODES:
                code = CODES[member.kind]
                limit = 1 << (8 * member.size)
                fixed = value if code in "d?" else value % limit
                struct.pack_into("=" + (code if code in "d?" else code.upper()), data, member.offset, fixed)
        return bytes(data)

    def _value(self, row: Field | None, member: Any, depth: int, values: dict[str, Any]) -> Any:
        if member.kind == "str":
            texts = (*TRES_TEXTS, *TEXTS) if row and isinstance(row.type, TresString) else TEXTS
            text = self.random.choice((None, *texts, *INVALID_UTF8))
            return 0 if text is None else self.arena.string(text)
        if member.kind == "ptr":
            return self._pointer(row, depth, values)
        if member.kind == "f64":
            return self.random.choice(FLOATS)
        if member.kind == "bool":
            return self.random.random() < 0.5
        return self.random.choice((*MARKS, self.random.getrandbits(64), self.random.getrandbits(8)))

    def _pointer(self, row: Field | None, depth: int, values: dict[str, Any]) -> int:
        if row is None or depth > 2:
            return 0
        if isinstance(row.type, Pointer):
            return self.record(row.type.table, depth + 1) if self.random.random() < 0.7 else 0
        if isinstance(row.type, Records):
            count = self.random.randrange(4)
            values[row.type.count] = count
            return self.records(row.type.table, count) if count else 0
        if isinstance(row.type, ListOf):
            return self._list([self.record(row.type.table, depth + 1) for _ in range(self.random.randrange(3))])
        if isinstance(row.type, TextList):
            return self._list([self.arena.string(self.random.choice(LIST_TEXTS)) for _ in range(3)])
        return 0

    def _list(self, elements: list[int]) -> int:
        if not elements and self.random.random() < 0.5:
            return 0
        made: lists.List = self.arena.keep(lists.List(library(), elements))
        return made.address

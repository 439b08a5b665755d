"""A table bound to an API version and to a layout: which of its rows apply, and which members the release has."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from .fields import RECORD, Accept, Computed, Field, Let, Row, Table, Version
from .flags import Flags
from .special import Pointer, Records

if TYPE_CHECKING:
    from libslurm.layout import Layout, Member

Keyed = Field | Computed
Input = Field | Computed | Accept

CODES = {
    "u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i8": "b", "i16": "h", "i32": "i", "i64": "q",
    "bool": "?", "f64": "d", "str": "Q", "ptr": "Q",
}  # fmt: skip
"""Kind of a member -> its code in the struct module. Kinds without one are read as bytes."""


@dataclass(frozen=True, eq=False)
class Bound:
    """The rows of a table that belong to an API version, and the members that a layout has for them.

    members: by name; those of a struct embedded by value also by both names, "step_id.job_id".
    inputs: the rows that parse, in the order of the table.
    """

    table: Table
    version: Version
    layout: Layout
    keyed: tuple[Keyed, ...]
    lets: tuple[Let, ...]
    members: dict[str, Member]
    inputs: tuple[Input, ...]

    @property
    def size(self) -> int:
        """Size of one record in bytes; 0 where the release has no such struct."""
        return self.layout.structs[self.table.struct].size if self.table.struct in self.layout.structs else 0

    @cached_property
    def input_keys(self) -> list[tuple[Input, tuple[str, ...]]]:
        """The rows that parse, each with its keys from the top of the document."""
        return [(row, tuple(row.key.split("/"))) for row in self.inputs]

    def inputs_for(self, document: Iterable[str]) -> list[int]:
        """Give the places in input_keys of the rows that *document* has keys for, or must have, in their order.

        Most keys of most documents are not there, and a table has a hundred rows.
        """
        required, places = self._input_places
        return sorted(required.union(*[places[key] for key in document if key in places]))

    @cached_property
    def _input_places(self) -> tuple[frozenset[int], dict[str, list[int]]]:
        """The places in input_keys of the rows that must be there, and of the others by the first of their keys."""
        places: dict[str, list[int]] = {}
        for index, (_, keys) in enumerate(self.input_keys):
            places.setdefault(keys[0], []).append(index)
        return frozenset(n for n, row in enumerate(self.inputs) if getattr(row, "required", False)), places

    @cached_property
    def key_tree(self) -> dict[str, Any]:
        """The keys that a document may have on parse, nested as in it; the leaves are empty."""
        tree: dict[str, Any] = {}
        for _, keys in self.input_keys:
            branch = tree
            for key in keys:
                branch = branch.setdefault(key, {})
        return tree

    def of(self, table: Table) -> Bound:
        """Give another table, bound to the same version and layout."""
        return bind(table, self.version, self.layout)

    def uses(self) -> list[str]:
        """Names of the members that a dump reads, those the layout has, by offset."""
        wanted: set[str] = set()
        for row in (*self.keyed, *self.lets):
            wanted.update(_members(row))
        return sorted(wanted & self.members.keys(), key=lambda name: self.members[name].offset)

    def format(self, names: Iterable[str], *, floats_as_bits: bool = False) -> struct.Struct:
        """Give the Struct that unpacks the members *names*, sorted by offset, from the bytes of a record.

        A struct embedded by value is left out: it is used by its address. floats_as_bits: doubles as 64-bit integers.
        """
        places = ((self.members[name], self.code(name, floats_as_bits=floats_as_bits)) for name in names)
        read = [(member.offset, member.size, code) for member, code in places if member.kind != "struct"]
        return unpacking(read, self.size)

    def code(self, name: str, *, floats_as_bits: bool = False) -> str:
        """Give the code of a member in the struct module."""
        member = self.members[name]
        kind = "u64" if floats_as_bits and member.kind == "f64" else member.kind
        code = CODES.get(kind, f"{member.size}s")
        return code.upper() if name in self._unsigned else code

    @cached_property
    def _unsigned(self) -> set[str]:
        return {row.member for row in self.keyed if isinstance(row, Field) and row.type.unsigned}


def unpacking(pieces: Iterable[tuple[int, int, str]], size: int) -> struct.Struct:
    """Give the Struct that unpacks *pieces* of a record of *size* bytes: offset, size and code, by offset."""
    codes, position = ["="], 0
    for offset, length, code in pieces:
        codes.append(f"{offset - position}x{code}")
        position = offset + length
    codes.append(f"{size - position}x")
    return struct.Struct("".join(codes))


@cache
def bind(table: Table, version: Version, layout: Layout) -> Bound:
    """Bind *table* to an API version and a layout.

    Raises: ValueError where a row cannot read the kind of its member.
    """
    members = dict(_known(table.struct, layout))
    rows = [_fitted(row, version, layout, members) for row in table.rows if row.within(version)]
    inputs = tuple(row for row in rows if isinstance(row, Input))
    keyed = tuple(row for row in inputs if isinstance(row, Keyed))
    lets = tuple(row for row in rows if isinstance(row, Let))
    bound = Bound(table, version, layout, keyed, lets, members, inputs)
    _check_kinds(bound)
    return bound


def _known(struct: str | None, layout: Layout) -> Iterator[tuple[str, Member]]:
    if struct not in layout.structs:
        return
    for name, member in layout.structs[struct].members.items():
        yield name, member
        for inner, nested in _known(member.c_type, layout) if member.kind == "struct" else ():
            yield f"{name}.{inner}", nested._replace(offset=member.offset + nested.offset)


def _members(row: Keyed | Let) -> tuple[str, ...]:
    if not isinstance(row, Field):
        return row.uses
    return (row.member, row.type.count) if isinstance(row.type, Records) else (row.member,)


def _fitted(row: Row, version: Version, layout: Layout, members: dict[str, Member]) -> Row:
    """Give a row whose type is that of this version and layout."""
    if isinstance(row, Field | Computed) and isinstance(row.type, Flags):
        return replace(row, type=row.type.within(version).with_constants(layout.constants))
    if isinstance(row, Field) and isinstance(row.type, Pointer) and row.member not in members:
        # Clients look into it, so that its keys are there with nothing in them.
        return replace(row, type=Pointer(row.type.table, _nothing(bind(row.type.table, version, layout))))
    return row


def _nothing(bound: Bound) -> dict[str, Any]:
    """Give the document of a record that does not exist."""
    document: dict[str, Any] = {}
    for row in bound.keyed:
        put(document, row.key, row.type.zero)
    return document


def put(tree: dict[str, Any], key: str, leaf: Any) -> None:
    """Put *leaf* into a tree of a document's keys; `a/b` nests b in a."""
    *parents, last = key.split("/")
    for parent in parents:
        tree = tree.setdefault(parent, {})
    tree[last] = leaf


def _check_kinds(bound: Bound) -> None:
    for row in bound.keyed:
        member = bound.members.get(row.member) if isinstance(row, Field) else None
        if member and member.kind not in row.type.kinds:
            raise ValueError(
                f"{bound.table.struct}.{member.name} is {member.kind} in layout {bound.layout.release_text}, "
                f"{row.type} reads {', '.join(row.type.kinds)}"
            )


def uses_record(row: Computed | Let) -> bool:
    """Tell whether the function of *row* wants the record's address."""
    return RECORD in row.uses

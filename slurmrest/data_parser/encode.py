"""JSON text straight from records: for collections, where a dict per record would cost more than the RPC.

One function per (table, API version, layout, style), generated like those of compile.py:

    def encode_NODE(address):
        (c_boards, c_boot_time, ...) = unpack(space, address)
        s = address >> 3
        return b"".join((f0[strings[s + 3]], f2[c_boards], ...))

Most members have few values in a whole cluster. So each has its Fragments: the value of the member -> the JSON of its
key and its value, made by the reference dump of its type when it is first seen. What differs from record to record
(`varies` on a row) is written out each time. Text, types and rules are stated once, in types.py: this only remembers.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson

from libslurm import memory

from .bind import Bound, Keyed, bind
from .compile import call_source, compile_dump, define, unpacked_names, variable
from .convert import JSON
from .fields import Computed, Field, Table, Version
from .special import Pointer, Records
from .types import Integer, NullableInteger

if TYPE_CHECKING:
    from libslurm.layout import Layout

    from .names import Names

CHUNK = 256
"""Records encoded at a time: enough to make the cost of a chunk vanish, few enough to stay near a MiB."""

MOST_KEPT = 1024
"""Values that one member's Fragments remember before they start again."""

KEPT_FOR = 60.0
"""Seconds after which Fragments start again: names of users and groups change."""

DOUBLE = struct.Struct("=d")
BITS = struct.Struct("=Q")


@dataclass(frozen=True)
class Style:
    """How JSON is laid out: as orjson does it, compact or indented by two spaces. depth: that of the records."""

    pretty: bool
    depth: int = 2

    def line(self, depth: int) -> bytes:
        """Give what stands before a member at *depth*."""
        return b"\n" + b"  " * depth if self.pretty else b""

    def key(self, key: str) -> bytes:
        """Give a key and what stands before its value."""
        return orjson.dumps(key) + (b": " if self.pretty else b":")

    def value(self, document: JSON, depth: int) -> bytes:
        """Encode a value whose key stands at *depth*."""
        if not self.pretty:
            return orjson.dumps(document)
        return orjson.dumps(document, option=orjson.OPT_INDENT_2).replace(b"\n", self.line(depth))

    @property
    def between(self) -> bytes:
        """What stands between two records."""
        return b"," + self.line(self.depth)


class Fragments(dict[Any, bytes]):
    """The value of a member -> what comes before it in the record, and its JSON. Made when first wanted."""

    __slots__ = ("make", "prefix")

    def __init__(self, prefix: bytes, make: Callable[[Any], bytes]) -> None:
        super().__init__()
        self.prefix, self.make = prefix, make

    def __missing__(self, value: Any) -> bytes:
        fragment = self.prefix + self.make(value)
        if len(self) >= MOST_KEPT:
            self.clear()
        self[value] = fragment
        return fragment


@dataclass
class Encoder:
    """Encodes the records of one table in one style."""

    encode: Callable[[int], bytes]
    style: Style
    fragments: list[Fragments]
    expires: float = field(default=0.0)

    def chunks(self, addresses: Iterable[int]) -> Iterator[bytes]:
        """Give the records as JSON, separated as in an array, so many at a time."""
        self._forget_old()
        addresses = iter(addresses)
        between, encode = self.style.between, self.encode
        separator = b""
        while chunk := between.join(map(encode, islice(addresses, CHUNK))):
            yield separator + chunk
            separator = between

    def _forget_old(self) -> None:
        now = time.monotonic()
        if now > self.expires:
            self.expires = now + KEPT_FOR
            for fragments in self.fragments:
                fragments.clear()


def make_encoder(table: Table, version: Version, layout: Layout, names: Names, *, pretty: bool) -> Encoder:
    """Compile the encoder of *table* for an API version, a layout and a style."""
    return _Builder(bind(table, version, layout), names, Style(pretty)).build()


class _Builder:
    """Writes the source of one encoder. literal: text that no record changes, not yet part of a fragment."""

    def __init__(self, bound: Bound, names: Names, style: Style) -> None:
        self.bound, self.names, self.style = bound, names, style
        self.literal = b""
        self.parts: list[str] = []
        self.fragments: list[Fragments] = []
        self.scope: dict[str, Any] = {
            "names": names,
            "space": memory.SPACE,
            "strings": memory.STRINGS,
            "text_at": decoded,
            "to_double": to_double,
            "json": orjson.dumps,
            "quote": quote,
        }

    def build(self) -> Encoder:
        """Compile, and give the encoder."""
        tree: dict[str, Any] = {}
        for row in self.bound.keyed:
            branch = tree
            *parents, last = row.key.split("/")
            for parent in parents:
                branch = branch.setdefault(parent, {})
            branch[last] = row
        self._object(tree, self.style.depth)
        self._part(self._constant())
        name = f"encode_{self.bound.table.name}"
        function = define(name, "\n".join(self._lines(name)) + "\n", self.bound, self.scope)
        return Encoder(function, self.style, self.fragments)

    def _lines(self, name: str) -> Iterator[str]:
        yield f"def {name}(address):"
        unpacked = unpacked_names(self.bound, with_strings=False)
        if unpacked:
            self.scope["unpack"] = self.bound.format(unpacked, floats_as_bits=True).unpack_from
            yield f"    ({', '.join(map(variable, unpacked))},) = unpack(space, address)"
        yield "    s = address >> 3"
        for row in self.bound.lets:
            self.scope[f"let_{row.name}"] = row.function
            yield f"    v_{row.name} = {self._call(f'let_{row.name}', row)}"
        yield "    return b''.join(("
        yield from (f"        {part}," for part in self.parts)
        yield "    ))"

    def _object(self, tree: dict[str, Any], depth: int) -> None:
        before = b"{"
        for key, row in tree.items():
            self.literal += before + self.style.line(depth + 1) + self.style.key(key)
            if isinstance(row, dict):
                self._object(row, depth + 1)
            else:
                self._row(row, depth + 1)
            before = b","
        self.literal += self.style.line(depth) + b"}"

    def _row(self, row: Keyed, depth: int) -> None:
        if isinstance(row, Computed):
            self._computed(row, depth)
        elif row.member not in self.bound.members:
            self.literal += self.style.value(row.type.zero, depth)
        elif isinstance(row.type, Pointer | Records):
            self._nested(row, row.type, depth)
        else:
            self._member(row, depth)

    def _member(self, row: Field, depth: int) -> None:
        member = self.bound.members[row.member]
        if member.kind == "str":
            source = self._string(row.member)
            if row.varies:
                self._part(self._constant())
                self._part(f"quote({source})")
                return
            convert: Callable[[Any], Any] = decoded
        elif row.varies and isinstance(row.type, Integer) and not isinstance(row.type, NullableInteger):
            self._part(f"b'%b%d' % ({self._constant()}, {variable(row.member)})")
            return
        else:
            source = variable(row.member)
            convert = to_double if member.kind == "f64" else same
        type_, names, value = row.type, self.names, self.style.value
        self._fragment(source, lambda raw: value(type_.dump(convert(raw), names), depth))

    def _nested(self, row: Field, type_: Pointer | Records, depth: int) -> None:
        """A record in a record is rare, and dumped as a document; NULL is not."""
        pointer, inner = variable(row.member), bind(type_.table, self.bound.version, self.bound.layout)
        dump = self._bind("dump", compile_dump(type_.table, self.bound.version, self.bound.layout))
        if isinstance(type_, Pointer):
            self._either(pointer, f"{dump}({pointer}, names)", {}, depth)
            return
        count = variable(type_.count)
        documents = f"[{dump}({pointer} + i * {inner.size}, names) for i in range({count})]"
        self._either(f"{pointer} and {count}", documents, [], depth)

    def _computed(self, row: Computed, depth: int) -> None:
        used = [self.bound.members.get(name) for name in row.uses]
        if all(member is not None and member.kind not in ("str", "ptr", "struct") for member in used):
            function, names, value = row.function, self.names, self.style.value
            convert = [to_double if member and member.kind == "f64" else same for member in used]
            key = "".join(f"{variable(name)}, " for name in row.uses)
            self._fragment(
                f"({key})",
                lambda raw: value(function(names, *[c(r) for c, r in zip(convert, raw, strict=True)]), depth),
            )
            return
        call = self._call(self._bind("compute", row.function), row)
        if all(member is not None and member.kind not in ("str", "struct") for member in used):
            zero = row.function(self.names, *[0] * len(used))
            self._either(" or ".join(map(variable, row.uses)), call, zero, depth)
        else:
            self._part(self._constant())
            self._part(self._value(call, depth))

    def _either(self, condition: str, document: str, otherwise: JSON, depth: int) -> None:
        """Add a part that is the JSON of the expression *document* if *condition*, else that of a constant."""
        before = self.literal
        usual = self._bind("k", before + self.style.value(otherwise, depth))
        self.literal = b""
        self._part(f"{self._bind('k', before)} + {self._value(document, depth)} if {condition} else {usual}")

    def _value(self, document: str, depth: int) -> str:
        if not self.style.pretty:
            return f"json({document})"
        value = self.style.value
        return f"{self._bind('value', lambda found: value(found, depth))}({document})"

    def _fragment(self, source: str, make: Callable[[Any], bytes]) -> None:
        fragments = Fragments(self.literal, make)
        self.literal = b""
        self.fragments.append(fragments)
        self._part(f"{self._bind('f', fragments)}[{source}]")

    def _call(self, function: str, row: Any) -> str:
        return call_source(self.bound, function, row, lambda name: f"text_at({self._string(name)})", _float)

    def _string(self, name: str) -> str:
        return f"strings[s + {self.bound.members[name].offset >> 3}]"

    def _constant(self) -> str:
        name = self._bind("k", self.literal)
        self.literal = b""
        return name

    def _bind(self, prefix: str, thing: Any) -> str:
        name = f"{prefix}{len(self.scope)}"
        self.scope[name] = thing
        return name

    def _part(self, source: str) -> None:
        self.parts.append(source)


def _float(name: str) -> str:
    return f"to_double({variable(name)})"


def same(value: Any) -> Any:
    """Give the value as it was read."""
    return value


def decoded(raw: bytes | None) -> str:
    """Give the text of a `char *`: "" for NULL, U+FFFD for bytes that are no UTF-8."""
    return raw.decode("utf-8", "replace") if raw else ""


def to_double(bits: int) -> float:
    """Give the double that was read as 64 bits: those are exact as keys, where -0.0 equals 0.0 and NaN nothing."""
    value: float = DOUBLE.unpack(BITS.pack(bits))[0]
    return value


def quote(raw: bytes | None) -> bytes:
    """Encode the text of a `char *`."""
    return orjson.dumps(decoded(raw)) if raw else b'""'

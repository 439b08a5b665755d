"""The source of the functions that encode records.

    def encode_NODE(address):
        (c_boards, c_boot_time, ..., r0,) = unpack(space, address)
        if (r0,) != usual:
            return otherwise(address)
        s = address >> 3
        (t_name, t_node_addr,) = texts((strings[s + 22] or nothing, strings[s + 24] or nothing))
        (q0, q1,) = quoted((t_name, t_node_addr))
        return b"".join((f0[strings[s + 3]], f2[c_boards], k3, q0, ...))

A member has one of three forms. What is constant by Usual is part of the text around it, and told by the comparison at
the top. What varies is written out. Of the others, which have few values in a whole cluster, Fragments remember how
each value is written: the member's value -> the JSON of its key and its value. What the JSON of a value is comes from
the dump of its type in types.py, called when it is first needed: here it is only remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from libslurm import memory

from .bind import Bound, Keyed, put, unpacking
from .compile import call_source, compile_dump, define, source_of, unpacked_names, variable
from .fields import Computed, Field
from .fragments import Fragments, decoded, joined, quoted, same, texts, to_double
from .lists import ListOf
from .special import Pointer, Records
from .style import Style
from .types import String, Type
from .usual import Comparison, Usual

if TYPE_CHECKING:
    from .names import Names

Encode = Callable[[int], bytes]
"""Address of a record -> its JSON."""

PROBE = 12345
"""A number that fits 16 bits, by which is found where the digits of any other stand."""

SCALARS = frozenset(("u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "bool", "f64"))
"""Kinds of members that are their whole value."""


class Made(NamedTuple):
    """A function that encodes. fragments: what it remembers. is_usual: whether a record is what it was made for."""

    encode: Encode
    fragments: list[Fragments]
    is_usual: Callable[[int], bool]


class Builder:
    """Writes the source of one function. literal: text that no record changes, not yet part of anything.

    otherwise: encodes the records that are not as *usual*.
    """

    def __init__(
        self, bound: Bound, names: Names, style: Style, usual: Usual | None = None, otherwise: Encode | None = None
    ) -> None:
        declared = frozenset(row.member for row in bound.keyed if isinstance(row, Field) and row.varies)
        self.bound, self.names, self.style = bound, names, style
        self.usual = usual or Usual(varied=declared)
        self.literal = b""
        self.parts: list[str] = []
        self.texts: dict[str, str] = {}
        self.quoted: list[str] = []
        self.fragments: list[Fragments] = []
        self.scope: dict[str, Any] = {
            "names": names,
            "space": memory.SPACE,
            "strings": memory.STRINGS,
            "nothing": b"",
            "texts": texts,
            "to_double": to_double,
            "long_double": memory.long_double,
            "json": orjson.dumps,
            "quoted": quoted,
            "otherwise": otherwise,
        }

    def build(self) -> Made:
        """Compile the function."""
        self._object(self._tree(), self.style.depth)
        self._part(self._constant())
        name = f"encode_{self.bound.table.name}"
        comparison = Comparison(self.bound, self.usual)
        encode = define(name, "\n".join(self._lines(name, comparison)) + "\n", self.bound, self.scope)
        return Made(encode, self.fragments, comparison.holds)

    def _tree(self) -> dict[str, Any]:
        tree: dict[str, Any] = {}
        for row in self.bound.keyed:
            put(tree, row.key, row)
        return tree

    def _lines(self, name: str, comparison: Comparison) -> Iterator[str]:
        lets = [self._let(row) for row in self.bound.lets]
        yield f"def {name}(address):"
        yield from self._unpacking(comparison)
        yield "    s = address >> 3"
        if self.texts:
            read = "".join(f"{self._string(member)} or nothing, " for member in self.texts)
            yield f"    ({', '.join(self.texts.values())},) = texts(({read}))"
        yield from lets
        if self.quoted:
            variables = "".join(f"q{index}, " for index in range(len(self.quoted)))
            yield f"    ({variables}) = quoted(({', '.join(self.quoted)},))"
        yield "    return b''.join(("
        yield from (f"        {part}," for part in self.parts)
        yield "    ))"

    def _unpacking(self, comparison: Comparison) -> Iterator[str]:
        wanted = [name for name in unpacked_names(self.bound, with_strings=False) if name not in self.usual.constants]
        pieces = [(*self._place(name), variable(name)) for name in wanted]
        pieces += [(*run, f"r{index}") for index, run in enumerate(comparison.runs)]
        if not pieces:
            return
        pieces.sort()
        self.scope["unpack"] = unpacking([piece[:3] for piece in pieces], self.bound.size).unpack_from
        yield f"    ({', '.join(piece[3] for piece in pieces)},) = unpack(space, address)"
        if comparison.runs:
            self.scope["usual"] = comparison.expected
            yield f"    if ({', '.join(f'r{index}' for index in range(len(comparison.runs)))},) != usual:"
            yield "        return otherwise(address)"

    def _place(self, name: str) -> tuple[int, int, str]:
        member = self.bound.members[name]
        return member.offset, member.size, self.bound.code(name, floats_as_bits=True)

    def _let(self, row: Any) -> str:
        self.scope[f"let_{row.name}"] = row.function
        return f"    v_{row.name} = {self._call(f'let_{row.name}', row)}"

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
        elif isinstance(row.type, Pointer | Records | ListOf):
            self._nested(row, row.type, depth)
        elif self.bound.members[row.member].kind in ("ptr", "f128"):
            self._pointed(row, depth)
        else:
            self._member(row, depth)

    def _member(self, row: Field, depth: int) -> None:
        member, make = row.member, self._make(row.type, row.member, depth)
        is_text = self.bound.members[member].kind == "str"
        if member in self.usual.constants:
            self.literal += make(None if is_text else self.usual.constants[member])
        elif member not in self.usual.varied:
            self._fragment(self._string(member) if is_text else variable(member), make)
        elif is_text and isinstance(row.type, String):
            self._quote(self._text(member))
        elif not is_text and row.type.plain_below:
            self._number(member, row.type.plain_below, make)
        else:
            self._fragment(self._string(member) if is_text else variable(member), make)

    def _make(self, type_: Type, member: str, depth: int) -> Callable[[Any], bytes]:
        """Give the function that makes the JSON of a value as it was read."""
        kind, names, value = self.bound.members[member].kind, self.names, self.style.value
        conversions: dict[str, Callable[[Any], Any]] = {"str": decoded, "f64": to_double}
        convert = conversions.get(kind, same)
        return lambda raw: value(type_.dump(convert(raw), names), depth)

    def _number(self, member: str, below: int, make: Callable[[Any], bytes]) -> None:
        """Write out a number: the JSON of one of them has the place of the digits of all."""
        before, after = make(PROBE).split(b"%d" % PROBE)
        template = self._bind(
            "k", b"%b%%d%b" % tuple(part.replace(b"%", b"%%") for part in (self.literal + before, after))
        )
        source = variable(member)
        self._fragment(source, make, f"{template} % {source} if {source} < {below} else ")

    def _pointed(self, row: Field, depth: int) -> None:
        """What a pointer points to is not told by its address, and so not remembered; NULL is."""
        self.scope.update(row.type.bindings())
        source = self._value(row.type.emit(source_of(self.bound, row.member)), depth)
        if self.bound.members[row.member].kind == "ptr":
            self._either((row.member,), source, self.style.value(row.type.dump(0, self.names), depth))
        else:
            self._expression(source)

    def _nested(self, row: Field, type_: Pointer | Records | ListOf, depth: int) -> None:
        inner, pointer = self.bound.of(type_.table), source_of(self.bound, row.member)
        if isinstance(type_, Pointer):
            if self.bound.members[row.member].kind == "struct":
                self._expression(f"{self._inner(inner, depth)}({pointer})")
            elif all(inner.members[name].kind in SCALARS for name in inner.uses()):
                self._flat(inner, row.member, depth)
            else:
                self._either((row.member,), f"{self._inner(inner, depth)}({pointer})", b"{}")
            return
        array = self._bind("array", self._array(inner, depth))
        if isinstance(type_, ListOf):
            self._either((row.member,), f"{array}(names.elements({pointer}))", b"[]")
            return
        count = self._source(type_.count)
        addresses = f"range({pointer}, {pointer} + {count} * {inner.size}, {inner.size})"
        self._either((row.member,), f"{array}({addresses})", b"[]")

    def _flat(self, inner: Bound, member: str, depth: int) -> None:
        """A record of numbers alone, found by a pointer, is remembered by its bytes."""
        dump, names, value = compile_dump(inner.table, inner.version, inner.layout), self.names, self.style.value

        def make(raw: bytes) -> bytes:
            arena = memory.Arena()
            return value(dump(arena.string(raw), names) if raw else {}, depth)

        pointer = variable(member)
        if member in self.usual.constants and not self.usual.constants[member]:
            self.literal += make(b"")
        else:
            self._fragment(f"space[{pointer}:{pointer} + {inner.size}] if {pointer} else nothing", make)

    def _inner(self, inner: Bound, depth: int) -> str:
        made = Builder(inner, self.names, Style(self.style.pretty, depth)).build()
        self.fragments += made.fragments
        return self._bind("encode", made.encode)

    def _array(self, inner: Bound, depth: int) -> Callable[[Iterable[int]], bytes]:
        encode: Encode = self.scope[self._inner(inner, depth + 1)]
        first, between = b"[" + self.style.line(depth + 1), self.style.between(depth + 1)
        last = self.style.line(depth) + b"]"

        def array(addresses: Iterable[int]) -> bytes:
            elements = between.join(map(encode, addresses))
            return first + elements + last if elements else b"[]"

        return array

    def _computed(self, row: Computed, depth: int) -> None:
        kinds = {self._kind(name) for name in row.uses}
        if kinds <= SCALARS | {"few"}:
            self._remembered(row, depth)
        elif kinds <= SCALARS | {"ptr"}:
            call = self._value(self._call(self._bind("compute", row.function), row), depth)
            zero = self.style.value(row.function(self.names, *[0] * len(row.uses)), depth)
            self._either(row.uses, call, zero)
        elif isinstance(row.type, String):
            self._quote(self._call(self._bind("compute", row.function), row))
        else:
            self._expression(self._value(self._call(self._bind("compute", row.function), row), depth))

    def _kind(self, name: str) -> str:
        """Give the kind of what a Computed row uses: of a member, or "few" for a Let whose values can be keys."""
        if any(row.name == name and row.few for row in self.bound.lets):
            return "few"
        return self.bound.members[name].kind if name in self.bound.members else ""

    def _remembered(self, row: Computed, depth: int) -> None:
        """A value that follows from numbers, or from what has few values, is remembered by them."""
        function, names, value = row.function, self.names, self.style.value
        convert = [to_double if self._kind(name) == "f64" else same for name in row.uses]

        def make(raw: Sequence[Any]) -> bytes:
            return value(function(names, *[c(r) for c, r in zip(convert, raw, strict=True)]), depth)

        constants = self.usual.constants
        if all(name in constants for name in row.uses):
            self.literal += make([constants[name] for name in row.uses])
        else:
            key = "".join(f"{self._source(name) if name in self.bound.members else f'v_{name}'}, " for name in row.uses)
            self._fragment(f"({key})", make)

    def _either(self, members: Sequence[str], source: str, otherwise: bytes) -> None:
        """Add *source* where any of *members* is not 0, else the text *otherwise*."""
        constants = self.usual.constants
        if all(name in constants and not constants[name] for name in members):
            self.literal += otherwise
            return
        before, self.literal = self.literal, b""
        test = " or ".join(map(self._source, members))
        self._part(f"{self._bind('k', before)} + {source} if {test} else {self._bind('k', before + otherwise)}")

    def _value(self, document: str, depth: int) -> str:
        if not self.style.pretty:
            return f"json({document})"
        value = self.style.value
        return f"{self._bind('value', lambda found: value(found, depth))}({document})"

    def _fragment(self, source: str, make: Callable[[Any], bytes], unless: str = "") -> None:
        last = self.scope.get(self.parts[-1].partition("[")[0]) if self.parts else None
        if not unless and isinstance(last, Fragments) and self.parts[-1].endswith(f"[{source}]"):
            # Neighbours that follow from the same value are found at once.
            last.make = joined(last.make, self.literal, make)
            self.literal = b""
            return
        fragments = Fragments(self.literal, make)
        self.literal = b""
        self.fragments.append(fragments)
        self._part(f"{unless}{self._bind('f', fragments)}[{source}]")

    def _quote(self, text: str) -> None:
        self.literal += b'"'
        self._expression(f"q{len(self.quoted)}")
        self.quoted.append(text)
        self.literal = b'"'

    def _call(self, function: str, row: Any) -> str:
        return call_source(self.bound, function, row, self._read)

    def _read(self, name: str) -> str:
        kind = self.bound.members[name].kind
        if kind == "str":
            return self._text(name)
        return f"to_double({self._source(name)})" if kind == "f64" else self._source(name)

    def _source(self, name: str) -> str:
        """Give the source of a member's value as unpacked."""
        return repr(self.usual.constants[name]) if name in self.usual.constants else variable(name)

    def _text(self, name: str) -> str:
        """Give the source of a text member's text, which is read once."""
        if name in self.usual.constants:
            return "''"
        return self.texts.setdefault(name, f"t_{name.replace('.', '_')}")

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

    def _expression(self, source: str) -> None:
        """Put a value that an expression gives after what is constant before it."""
        self._part(self._constant())
        self._part(source)

    def _part(self, source: str) -> None:
        self.parts.append(source)

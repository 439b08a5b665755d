"""Members that are a list_t, of records or of texts; and pointers to one record that a client may send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from libslurm import memory

from .convert import JSON, to_bytes
from .fresh import fresh
from .parse import ConversionError, kind_of, parse_record, warn_mismatch
from .special import Pointer
from .types import Type

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .fields import Table
    from .names import Names
    from .parse import Context, Target


class ListOf(Type):
    """A list of records, NULL shown as []. Parsed to a list that the context's Arena keeps."""

    kinds = ("ptr",)
    zero: JSON = []

    def __init__(self, table: Table) -> None:
        self.table = table
        self.name = f"{table.name}_LIST"
        self.schema = {"type": "array"}

    def parse_member(self, document: JSON, target: Target) -> int:
        """Make a record of every element, each from what its struct is when unset. Raises: ConversionError."""
        context, addresses = target.context, []
        warn_mismatch(self.schema, document, context)
        for index, element in enumerate(elements_of(document)):
            with context.at(index):
                addresses.append(memory.address_of(_make(self.table, element, target)))
        return context.names.make_list(addresses, context.arena)


class Record(Pointer):
    """A pointer to another record that can also be parsed, NULL shown as {}."""

    def parse_member(self, document: JSON, target: Target) -> int:
        """Make a record, from what its struct is when unset; 0 for {}. Returns: its address."""
        warn_mismatch(self.schema, document, target.context)
        return memory.address_of(_make(self.table, document, target)) if document != {} else 0


class Embedded(Pointer):
    """Another record embedded by value, that can also be parsed."""

    def parse_member(self, document: JSON, target: Target) -> Any:
        """Make a record, to be copied into the member; an unset one for {}."""
        warn_mismatch(self.schema, document, target.context)
        if document == {}:
            return fresh(self.table.struct or "", target.bound.layout, target.context.arena)
        return _make(self.table, document, target)


def _make(table: Table, document: JSON, target: Target) -> Any:
    """Make a record of another table than the target's."""
    context, bound = target.context, target.bound.of(table)
    record = fresh(table.struct or "", bound.layout, context.arena)
    parse_record(document, record, bound, context)
    return record


class TextList(Type):
    """A list of `char *`, NULL shown as []. Parsed to a list that the context's Arena keeps."""

    kinds = ("ptr",)
    zero: JSON = []

    def __init__(self, name: str) -> None:
        self.name = name
        self.schema = {"type": "array", "items": {"type": "string"}}

    def dump(self, value: int, names: Names) -> JSON:
        return names.texts(value)

    def emit(self, value: str) -> str:
        return f"names.texts({value})"

    def convert(self, document: JSON, context: Context) -> int:
        return make_text_list(context.each(to_bytes, elements_of(document)), context)


def make_text_list(texts: Iterable[str | bytes], context: Context) -> int:
    """Make a list_t of texts that the context's Arena keeps; its address."""
    return context.names.make_list([context.arena.string(text) for text in texts], context.arena)


def elements_of(document: JSON) -> list[JSON]:
    """Give the elements of an array; of {}, by which generated clients may mean nothing, none.

    Raises: ConversionError.
    """
    if document == {}:
        return []
    if not isinstance(document, list):
        raise ConversionError("ESLURM_DATA_EXPECTED_LIST", f"Expected list but got {kind_of(document)}")
    return document


TEXT_LIST = TextList("STRING_LIST")

"""Dump by interpreting a bound table through ctypes attributes: slow, plain, and what compiled code is held against."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from libslurm import memory

from .bind import Bound, Keyed, bind
from .convert import JSON
from .fields import RECORD, Computed, Let
from .lists import ListOf
from .special import Pointer, Records

if TYPE_CHECKING:
    from .names import Names


def dump(bound: Bound, source: Any, names: Names) -> JSON:
    """Make the document of one record.

    source: the record's address, or the Python object of a table without a struct.
    """
    values: dict[str, Any] = {RECORD: source}
    record = source if bound.table.struct is None else _view(bound, source)
    for row in bound.lets:
        values[row.name] = _call(bound, row, record, values, names)
    document: dict[str, JSON] = {}
    for keyed in bound.keyed:
        _put(document, keyed.key, _dump_row(bound, keyed, record, values, names))
    return document


def _view(bound: Bound, address: int) -> Any:
    struct = bound.table.struct
    if struct is None or struct not in bound.layout.structs:
        return None
    return memory.record_at(bound.layout.record(struct), address)


def _dump_row(bound: Bound, row: Keyed, record: Any, values: dict[str, Any], names: Names) -> JSON:
    if isinstance(row, Computed):
        return _call(bound, row, record, values, names)
    value = _value(bound, record, row.member, unsigned=row.type.unsigned)
    if value is None:
        return row.type.zero
    if isinstance(row.type, Pointer):
        return dump(bind(row.type.table, bound.version, bound.layout), value, names) if value else {}
    if isinstance(row.type, Records):
        count = _value(bound, record, row.type.count) if value else 0
        inner = bind(row.type.table, bound.version, bound.layout)
        return [dump(inner, value + index * inner.size, names) for index in range(count)]
    if isinstance(row.type, ListOf):
        return [dump(bound.of(row.type.table), element, names) for element in names.elements(value)]
    return row.type.dump(value, names)


def _call(bound: Bound, row: Computed | Let, record: Any, values: dict[str, Any], names: Names) -> Any:
    return row.function(names, *[values[name] if name in values else _value(bound, record, name) for name in row.uses])


def _value(bound: Bound, record: Any, name: str, *, unsigned: bool = False) -> Any:
    """Read a member as types.py wants it; None where the layout lacks it."""
    if bound.table.struct is None:
        return getattr(record, name)
    if name not in bound.members:
        return None
    value, member = attrgetter(name)(record), bound.members[name]
    if member.kind == "str":
        return (value or b"").decode(errors="replace")
    if member.kind == "struct":
        return memory.address_of(record) + member.offset
    if unsigned and value < 0:
        return value + (1 << 8 * member.size)
    return 0 if value is None else value


def _put(document: dict[str, JSON], key: str, value: JSON) -> None:
    *parents, last = key.split("/")
    for parent in parents:
        document = document.setdefault(parent, {})
    document[last] = value

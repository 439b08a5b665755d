"""The table of parsing.py holds, and it has every type that a client can send something for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from libslurm.memory import Arena
from slurmrest.data_parser.fields import V0_0_39, Accept, Computed, Field
from slurmrest.data_parser.flags import BoundFlags, Flags
from slurmrest.data_parser.names import Names
from slurmrest.data_parser.parse import KINDS, SLURM_KINDS, Context, ConversionError
from slurmrest.data_parser.special import Pointer
from slurmrest.data_parser.tables import TABLES

from .made import V0_0_39_8, Made
from .parsing import KEYS_REFUSED, KEYS_TAKEN, REFUSED, TAKEN
from .records import library

INPUT = ("JOB_DESC_MSG", "UPDATE_NODE_MSG", "ACCOUNT", "USER", "ASSOC", "QOS", "WCKEY", "CLUSTER_REC", "TRES", "COORD")
"""The tables of what is sent, with those of their elements."""


def short(value: Any) -> str:
    """Name a case."""
    return str(value)[:40]


def mismatch(schema: dict[str, Any], document: Any) -> str:
    """The warning of a value that is not of its OpenAPI type."""
    wanted = schema["type"]
    format_ = f" format={schema['format']}" if "format" in schema else ""
    got, slurm = KINDS[type(document)]
    return (
        f"Expected OpenAPI type={wanted}{format_} (Slurm type={SLURM_KINDS[wanted]}) "
        f"but got OpenAPI type={got} (Slurm type={slurm})"
    )


@pytest.mark.parametrize(("type_", "document", "value", "warned"), TAKEN, ids=short)
def test_taken(type_: Any, document: Any, value: Any, warned: bool, names: Names) -> None:
    context = Context(names, Arena())
    assert type_.parse(document, context) == value
    assert [warning.text for warning in context.warnings] == [mismatch(type_.schema, document)] * warned
    assert context.errors == []


@pytest.mark.parametrize(("type_", "document", "name"), REFUSED, ids=short)
def test_refused(type_: Any, document: Any, name: str, names: Names) -> None:
    with pytest.raises(ConversionError) as caught:
        type_.parse(document, Context(names, Arena()))
    assert caught.value.name == name
    assert caught.value.text


def nested(key: str, value: Any) -> dict[str, Any]:
    """A document with one key, `a/b` being b in an object a."""
    for step in reversed(key.split("/")):
        value = {step: value}
    found: dict[str, Any] = value
    return found


@pytest.mark.parametrize(("table", "key", "document", "shown", "warned"), KEYS_TAKEN, ids=short)
def test_a_key_taken(table: str, key: str, document: Any, shown: Any, warned: bool) -> None:
    made = Made(table, library().layout)
    context = made.parse(nested(key, document), V0_0_39_8)
    path = f"#/{key}/"
    assert [error for error in context.errors if error.source.startswith(path)] == []
    assert [warning.source for warning in context.warnings] == [path] * warned
    found: Any = made.dump(V0_0_39_8)
    for step in key.split("/"):
        found = found[step]
    assert (found[0]["id"] if key == "accounting" else found) == shown


@pytest.mark.parametrize(("table", "key", "document", "name", "source"), KEYS_REFUSED, ids=short)
def test_a_key_refused(table: str, key: str, document: Any, name: str, source: str) -> None:
    made = Made(table, library().layout)
    errors = made.parse(nested(key, document), V0_0_39_8).errors
    assert (name, source) in [(error.name, error.source) for error in errors]


def inputs(table: str) -> Iterator[tuple[str, Any]]:
    """The keys that can be sent, and what takes each: the class and the name of a type, or a function."""
    for row in TABLES[table].rows:
        if isinstance(row, Field):
            yield row.key, kind_of(row.type)
        elif isinstance(row, (Computed, Accept)) and row.parse is not None:
            yield row.key, row.parse


def kind_of(type_: Any) -> Any:
    """What makes a type what it is; all flags are taken alike, and so are all pointers."""
    type_ = type_.flags if isinstance(type_, BoundFlags) else type_
    alike = isinstance(type_, (Flags, Pointer)) or hasattr(type_, "table")
    return type(type_) if alike else (type(type_), type_.name)


def test_the_table_has_every_type() -> None:
    taken = {kind_of(type_) for type_, *_ in TAKEN} | by_key(KEYS_TAKEN)
    refused = {kind_of(type_) for type_, *_ in REFUSED} | by_key(KEYS_REFUSED)
    missing = {f"{table}/{key}" for table in INPUT for key, kind in inputs(table) if kind not in taken & refused}
    assert missing == set()


def by_key(rows: list[Any]) -> set[Any]:
    """What takes the keys of KEYS_TAKEN or KEYS_REFUSED."""
    return {kind for table, key, *_ in rows for name, kind in inputs(table) if name == key}


HOSTILE: tuple[Any, ...] = (
    None, True, 0, -1, 2.6, 1e308, -1e308, 1 << 63, 1 << 64, -(1 << 63), "", "abc", "9" * 5000, f"-{'9' * 5000}",
    f"{'9' * 5000}G", "\ud800", "a\0b", "٣", "n[1-", ":", "1-", "1:2:3:4:5", "now+", f"now+{'9' * 5000}days", "%",
    f"1-{'9' * 5000}", f"1,2,{'9' * 5000}", f"plane={'9' * 5000}", f"SIG{'9' * 5000}", [], ["a"], [[]], [{}], [None],
    [True], ["\ud800"], ["9" * 5000], [5], ["a\0"], [1e308], [1 << 70, 1], {}, {"a": 1}, {"set": True},
    {"set": True, "number": "9" * 5000}, {"set": True, "number": []}, {"infinite": "x"}, {"\ud800": 1}, {"a": "\0"},
    {"id": "9" * 5000}, {"id": 1 << 70}, [{"type": "cpu", "count": "9" * 5000}], [{"id": "9" * 5000, "count": 1}],
    [{"id": 1, "count": 1 << 70}], [{"type": [], "count": 1}], [{"user": []}],
)  # fmt: skip


@pytest.mark.parametrize("table", INPUT)
def test_nothing_that_is_sent_is_more_than_an_error(table: str, names: Names) -> None:
    """Whatever JSON or YAML can say, for every key: parsing ends, and raises nothing."""
    keys = {row.key for row in TABLES[table].rows if isinstance(row, (Field, Computed, Accept))}
    for key in sorted(keys):
        for version in (V0_0_39, V0_0_39_8):
            for value in HOSTILE:
                made = Made(table, library().layout, names)  # type: ignore[arg-type]
                context = made.parse(nested(key, value), version)
                assert all(error.name and error.text for error in context.errors)

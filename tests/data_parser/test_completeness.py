"""Every member of every struct is a decision: published, used, or skipped. A new layout fails here first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from libslurm.layout import Layout
from slurmrest.data_parser.bind import bind
from slurmrest.data_parser.compile import compile_dump
from slurmrest.data_parser.fields import V0_0_39, Computed, Field, Let, Row, Skip, Table
from slurmrest.data_parser.flags import Flags
from slurmrest.data_parser.special import Records
from slurmrest.data_parser.tables import TABLES

LAYOUTS = [Layout.exact(release) for release in Layout.releases()]
STRUCTS = [table for table in TABLES.values() if table.struct]
VERSIONS = [(39, 3), (39, 4), (39, 8)]

SLURMS_OWN = {"CRON_ENTRY_FLAGS"}
"""Flags whose constants no header has."""

each_layout = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.release_text)
each_struct = pytest.mark.parametrize("table", STRUCTS, ids=lambda table: table.name)


def _members(row: Row) -> set[str]:
    """Members that a row accounts for, those in embedded structs by both names."""
    if isinstance(row, Field):
        return {row.member, row.type.count} if isinstance(row.type, Records) else {row.member}
    if isinstance(row, Computed | Let):
        return set(row.uses)
    return set(row.members) if isinstance(row, Skip) else set()


def _named(table: Table) -> set[str]:
    """Members and names that the rows of a table mention, without the names of Let rows."""
    lets = {row.name for row in table.rows if isinstance(row, Let)}
    return set().union(*map(_members, table.rows)) - lets


def _flags() -> Iterator[Flags]:
    for table in TABLES.values():
        for row in table.rows:
            if isinstance(row, Field) and isinstance(row.type, Flags):
                yield row.type


@each_layout
@each_struct
def test_every_member_is_published_used_or_skipped(table: Table, layout: Layout) -> None:
    if table.struct in layout.structs:
        known = {name.split(".")[0] for name in _named(table)}
        assert set(layout.structs[table.struct].members) - known == set()


@each_struct
def test_every_member_named_is_one_of_some_layout(table: Table) -> None:
    members = set().union(*(bind(table, V0_0_39, layout).members for layout in LAYOUTS))
    assert _named(table) - members == set()


@each_struct
def test_no_member_is_both_skipped_and_used(table: Table) -> None:
    used = set().union(*(_members(row) for row in table.rows if not isinstance(row, Skip)))
    skipped = set().union(*(_members(row) for row in table.rows if isinstance(row, Skip)))
    assert used & skipped == set()


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_no_key_is_given_twice(table: Table) -> None:
    for version in VERSIONS:
        keys = [row.key for row in bind(table, version, LAYOUTS[0]).inputs]
        assert len(keys) == len(set(keys))


@each_layout
@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_table_compiles(table: Table, layout: Layout) -> None:
    for version in VERSIONS:
        assert compile_dump(table, version, layout).__name__ == f"dump_{table.name}"


@pytest.mark.parametrize("flags", {flags.name: flags for flags in _flags()}.values(), ids=repr)
def test_every_flag_has_a_constant_in_some_layout(flags: Flags) -> None:
    if flags.name not in SLURMS_OWN:
        shown = set().union(
            *({match.name for match in flags.with_constants(layout.constants).matches} for layout in LAYOUTS)
        )
        assert {flag.name for flag in flags.flags} == shown


def test_flags_of_one_name_are_one_type() -> None:
    # The compiled code of a table tells them apart by name.
    types = {(flags.name, id(flags)) for flags in _flags()}
    assert len(types) == len({name for name, _ in types})

"""Compiled dump equals the reference, and dump(parse(x)) equals x: random records, all tables, all layouts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libslurm.layout import Layout, release_text
from libslurm.memory import Arena, address_of
from slurmrest.data_parser import reference
from slurmrest.data_parser.bind import bind
from slurmrest.data_parser.compile import compile_dump
from slurmrest.data_parser.emit import Made
from slurmrest.data_parser.encode import make_encoder
from slurmrest.data_parser.fields import V0_0_39, Computed, Field
from slurmrest.data_parser.names import Names
from slurmrest.data_parser.parse import Context, parse_record
from slurmrest.data_parser.tables import TABLES

from .records import TEXTS, Maker

LAYOUTS = [Layout.exact(release) for release in Layout.releases()]
VERSIONS = [V0_0_39, (39, 8)]
STRUCTS = [table for table in TABLES.values() if table.struct]
OBJECTS = [table for table in TABLES.values() if not table.struct]

SEEDS = st.integers(0, (1 << 32) - 1)

quick = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.release_text)
@pytest.mark.parametrize("table", STRUCTS, ids=lambda table: table.name)
def test_compiled_dump_equals_reference(table: Any, layout: Layout, names: Names) -> None:
    compiled = [(version, compile_dump(table, version, layout)) for version in VERSIONS]

    @quick
    @given(SEEDS)
    def check(seed: int) -> None:
        maker = Maker(seed, layout)
        address = maker.record(table)
        for version, dump in compiled:
            expected = reference.dump(bind(table, version, layout), address, names)
            found = dump(address, names)
            assert found == expected
            assert list(_keys(found)) == list(_keys(expected))
            assert orjson.dumps(found) == orjson.dumps(expected)

    check()


@pytest.mark.parametrize("pretty", [False, True], ids=["compact", "pretty"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.release_text)
@pytest.mark.parametrize("table", STRUCTS, ids=lambda table: table.name)
def test_encoded_text_is_byte_for_byte_that_of_the_reference(
    table: Any, layout: Layout, pretty: bool, names: Names
) -> None:
    bound = bind(table, V0_0_39, layout)
    encoder = make_encoder(table, V0_0_39, layout, names, pretty=pretty)
    option = orjson.OPT_INDENT_2 if pretty else None

    @quick
    @given(SEEDS)
    def check(seed: int) -> None:
        maker = Maker(seed, layout)
        records = [maker.record(table) for _ in range(3)]
        whole = {"records": [reference.dump(bound, record, names) for record in records]}
        text = b"".join(encoder.chunks(records))
        assert text in orjson.dumps(whole, option=option)
        assert text.startswith(b"{")
        assert text.endswith(b"}")

    check()


@pytest.mark.parametrize("pretty", [False, True], ids=["compact", "pretty"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.release_text)
@pytest.mark.parametrize("table", STRUCTS, ids=lambda table: table.name)
def test_so_is_what_a_function_made_for_one_message_encodes(
    table: Any, layout: Layout, pretty: bool, names: Names
) -> None:
    bound = bind(table, V0_0_39, layout)
    option = orjson.OPT_INDENT_2 if pretty else None
    encoder = make_encoder(table, V0_0_39, layout, names, pretty=pretty)
    encoder.many = 1

    @settings(quick, max_examples=4)
    @given(SEEDS)
    def check(seed: int) -> None:
        maker = Maker(seed, layout)
        # Most are alike, some are like nothing else: the first decide what is usual.
        alike, others = maker.record(table), [maker.record(table) for _ in range(seed % 8)]
        records = [*others, *[alike] * 8 * len(others), alike, *others]
        encoder.special = None
        whole = {"records": [reference.dump(bound, record, names) for record in records]}
        text = b"".join(encoder.chunks(records))
        special: Made | None = encoder.special
        assert special is not None
        assert special.is_usual(alike)
        assert text in orjson.dumps(whole, option=option)
        assert text.startswith(b"{")
        assert text.endswith(b"}")

    check()


@pytest.mark.parametrize("table", OBJECTS, ids=lambda table: table.name)
def test_compiled_dump_of_python_objects_equals_reference(table: Any, names: Names) -> None:
    bound = bind(table, V0_0_39, LAYOUTS[0])
    members = {row.member for row in bound.keyed if isinstance(row, Field)}
    members |= {name for row in bound.keyed if isinstance(row, Computed) for name in row.uses}
    dump = compile_dump(table, V0_0_39, LAYOUTS[0])

    @quick
    @given(
        st.fixed_dictionaries({name: st.integers(0, 3) for name in sorted(members - {"hostname"})}),
        st.sampled_from(TEXTS),
    )
    def check(values: dict[str, int], hostname: str) -> None:
        record = SimpleNamespace(hostname=hostname, **values)
        assert dump(record, names) == reference.dump(bound, record, names)

    check()


UNSET: tuple[Any, ...] = (None, "", [], {}, {"set": False, "infinite": False, "number": 0})

LOSSY = {
    "JOB_DESC_MSG": {
        # Three keys share a member, and only 0 and 1 can be told by all of them.
        "shared", "exclusive", "oversubscribe",
        # 0 stands for "not this one" in a dump and is refused on parse; the other one of the pair is kept.
        "core_specification", "thread_specification", "memory_per_cpu", "memory_per_node",
        # Read from text by libslurm, in their own test.
        "cpu_frequency", "distribution", "distribution_plane_size", "nodes", "minimum_nodes", "maximum_nodes",
        # A uid that no user has dumps as "".
        "user_id", "group_id", "crontab",
        # Random numbers go beyond what Slurm allows; test_types.py has the limits.
        "nice",
        # No signal has that number: dumped as the number, which is parsed as one.
        "kill_warning_signal",
    },
    # Of random states most are none that a node can be in, and have no name.
    "UPDATE_NODE_MSG": {"state", "reason_uid", "address", "hostname", "name"},
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.release_text)
@pytest.mark.parametrize("name", sorted(LOSSY))
def test_parse_is_the_inverse_of_dump(name: str, layout: Layout, names: Names) -> None:
    table = TABLES[name]
    bound = bind(table, V0_0_39, layout)

    @quick
    @given(SEEDS)
    def check(seed: int) -> None:
        maker = Maker(seed, layout)
        document = reference.dump(bound, maker.record(table), names)
        sent = {key: value for key, value in document.items() if key not in LOSSY[name] and value not in UNSET}
        arena = Arena()
        record, context = arena.record(layout.record(str(table.struct))), Context(names, arena)
        parse_record(sent, record, bound, context)
        assert not [error for error in context.errors if error.name != "ESLURM_NOT_SUPPORTED"]
        back = reference.dump(bound, address_of(record), names)
        assert {key: back[key] for key in sent} == sent

    check()


def test_every_shipped_layout_is_covered() -> None:
    assert [layout.release_text for layout in LAYOUTS] == [release_text(release) for release in Layout.releases()]
    assert len(LAYOUTS) >= 10


def _keys(document: Any) -> Any:
    """Every key of a document, in order, at every depth."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield key
            yield from _keys(value)
    elif isinstance(document, list):
        for value in document:
            yield from _keys(value)

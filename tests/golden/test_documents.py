"""Every document that the tables make has the keys, their order and the types of slurmrestd 23.02.3's."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from libslurm.layout import Layout
from libslurm.library import Library
from libslurm.memory import address_of
from slurmrest.cluster import Cluster
from slurmrest.data_parser.bind import bind
from slurmrest.data_parser.compile import compile_dump
from slurmrest.data_parser.fields import V0_0_39, Field, Table
from slurmrest.data_parser.flags import BoundFlags, Flags
from slurmrest.data_parser.parse import Problem
from slurmrest.data_parser.special import Pointer, Records
from slurmrest.data_parser.tables import TABLES
from slurmrest.data_parser.types import NO_VAL, Type
from slurmrest.exchange import Exchange
from slurmrest.media import JsonCodec
from tests.data_parser.made import LAYOUTS, FakeNames, Made

from .record import load
from .shapes import FOLDER, SHAPES, SLURM, SLURMDB, Shape, expand, faults, keys_of

FLAGS: dict[str, list[str]] = json.loads((FOLDER / "flags.json").read_text())
MANUAL: dict[str, list[str]] = json.loads((FOLDER / "manual.json").read_text())
CASES = {case.name: case for case in load("slurm")}

RECORDED = [name for name in SLURM if name in TABLES]
RECORDED_IN_DATABASE = [name for name in SLURMDB if name in TABLES]
ZEROS = [name for name in (*RECORDED, *RECORDED_IN_DATABASE) if name != "STEP"]
INSTALLED = Library.open().layout

each_table = pytest.mark.parametrize("name", RECORDED)
each_layout = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.release_text)


def dumped(name: str, layout: Layout) -> dict[str, Any]:
    """The document of a record whose bytes are all zero; of one at no address where the release has no such struct."""
    struct, names = TABLES[name].struct, FakeNames(layout)
    if struct in layout.structs:
        return Made(name, layout, names).dump()
    ping = SimpleNamespace(hostname="", pinged=False, latency=0, offset=0)
    dump: Any = compile_dump(TABLES[name], V0_0_39, layout)
    found: dict[str, Any] = dump(0 if struct else ping, names)
    return found


def of_schema(schema: dict[str, Any]) -> Shape:
    """The shape of what an OpenAPI schema describes."""
    kind = schema["type"]
    if "additionalProperties" in schema:
        return {"*": of_schema(schema["additionalProperties"])}
    if kind == "object":
        return {key: of_schema(value) for key, value in schema["properties"].items()}
    if kind == "array":
        return [of_schema(schema["items"])]
    return f"{kind}|null" if schema.get("nullable") else kind


def of_table(table: Table, layout: Layout) -> Shape:
    """The shape of what the rows of a table describe."""
    shape: dict[str, Shape] = {}
    for row in bind(table, V0_0_39, layout).keyed:
        *parents, last = row.key.split("/")
        place = shape
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = of_type(row.type, layout)
    return shape


def of_type(kind: Type, layout: Layout) -> Shape:
    """The shape of what a type shows."""
    if isinstance(kind, Pointer):
        return f"object|@{kind.table.name}"
    return [of_table(kind.table, layout)] if isinstance(kind, Records) else of_schema(kind.schema)


def flags_of(table: Table) -> Iterator[Flags]:
    """The lists of flags of a table."""
    for row in table.rows:
        if isinstance(row, Field) and isinstance(row.type, Flags | BoundFlags):
            yield row.type if isinstance(row.type, Flags) else row.type.flags


def test_the_recorded_documents_have_their_tables() -> None:
    assert set(SLURM) - set(RECORDED) == {"META", "NO_VAL", "FLOAT_NO_VAL"}
    computed = {"JOB_EXIT_CODE", "JOB_EXIT_CODE_PENDING", "JOB_EXIT_CODE_SIGNALED", "WCKEY_TAG", "TRES_NCT"}
    assert set(SLURMDB) - set(RECORDED_IN_DATABASE) == computed


@each_table
def test_the_rows_of_a_table_say_what_was_recorded(name: str) -> None:
    expected = {key: of_reference(shape) for key, shape in SHAPES[name].items()}
    assert json.dumps(of_table(TABLES[name], INSTALLED)) == json.dumps(expected)


def of_reference(shape: Shape) -> Shape:
    """Put the shapes of numbers that may be unset in the place of their names; leave those of other records."""
    if isinstance(shape, dict):
        return {key: of_reference(value) for key, value in shape.items()}
    if isinstance(shape, list):
        return [of_reference(item) for item in shape]
    return expand(shape) if shape.endswith("NO_VAL") else shape


@each_layout
@pytest.mark.parametrize("name", ZEROS)
def test_a_record_of_zeros_has_the_recorded_shape(name: str, layout: Layout) -> None:
    assert list(faults(dumped(name, layout), f"@{name}")) == []


@each_layout
def test_a_step_has_the_recorded_shape(layout: Layout) -> None:
    step = Made("STEP", layout, FakeNames(layout))
    step.record.step_id.step_het_comp = NO_VAL
    assert list(faults(step.dump(), "@STEP")) == []


@each_layout
def test_a_job_that_runs_has_the_recorded_shape(layout: Layout) -> None:
    names = FakeNames(layout, bitmaps={0x10: [0, 5, 7], 0x20: [5]})
    held = Made("JOB_RES", layout, names, nodes=b"n1,n2", nhosts=2, core_bitmap=0x10, core_bitmap_used=0x20)
    for member, kind, values in (
        ("sockets_per_node", ctypes.c_uint16, (2,)),
        ("cores_per_socket", ctypes.c_uint16, (2,)),
        ("sock_core_rep_count", ctypes.c_uint32, (2,)),
    ):
        setattr(held.record, member, held.array(kind, *values))
    job = Made("JOB_INFO", layout, names, job_resrcs=address_of(held.record), gres_detail_cnt=1)
    job.record.gres_detail_str = job.arena.strings(["gpu:1"])
    document = job.dump()
    assert list(faults(document, "@JOB_INFO")) == []
    assert [node["nodename"] for node in document["job_resources"]["allocated_nodes"]] == ["n1", "n2"]
    assert document["gres_detail"] == ["gpu:1"]


@each_layout
def test_statistics_have_the_recorded_shape(layout: Layout) -> None:
    made = Made("STATS_MSG", layout, rpc_type_size=1, rpc_user_size=1)
    for member, kind in (
        ("rpc_type_id", ctypes.c_uint16),
        ("rpc_type_cnt", ctypes.c_uint32),
        ("rpc_type_time", ctypes.c_uint64),
        ("rpc_user_id", ctypes.c_uint32),
        ("rpc_user_cnt", ctypes.c_uint32),
        ("rpc_user_time", ctypes.c_uint64),
    ):
        setattr(made.record, member, made.array(kind, 1))
    document = made.dump()
    assert list(faults(document, "@STATS_MSG")) == []
    assert [len(document[key]) for key in ("rpcs_by_message_type", "rpcs_by_user")] == [1, 1]


@each_layout
def test_a_reservation_of_cores_has_the_recorded_shape(layout: Layout) -> None:
    core = Made("RESERVATION_CORE_SPEC", layout, node_name=b"n1", core_id=b"0-1")
    document = Made("RESERVATION_INFO", layout, core_spec_cnt=1, core_spec=address_of(core.record)).dump()
    assert list(faults(document, "@RESERVATION_INFO")) == []
    assert document["core_specializations"] == [{"node": "n1", "core": "0-1"}]


def test_the_envelope_has_the_recorded_shape() -> None:
    cluster = Cluster(Library.open(), None)  # type: ignore[arg-type]
    exchange = Exchange(cluster, None, JsonCodec("application/json", pretty=True), "[localhost]:1")  # type: ignore[arg-type]
    exchange.warn("text", "#/job/")
    envelope = exchange.envelope([Problem("text", "#/job/", "ESLURM_INVALID_JOB_ID")])
    problem = {"description": "string", "error_number": "integer", "error": "string", "source": "string"}
    notice = {"description": "string", "source": "string"}
    assert list(faults(envelope, {"meta": "@META", "errors": [problem], "warnings": [notice]})) == []
    assert envelope["errors"][0]["error_number"] == 2017
    assert envelope["meta"]["plugin"] == {
        "type": "openapi/v0.0.39",
        "name": "Slurm OpenAPI v0.0.39",
        "data_parser": "v0.0.39",
    }


@pytest.mark.parametrize("name", FLAGS)
def test_flags_have_the_recorded_names_in_their_order(name: str) -> None:
    (flags,) = {flags for table in TABLES.values() for flags in flags_of(table) if flags.name == name}
    assert [flag.name for flag in flags.within(V0_0_39).flags] == FLAGS[name]


def test_all_flags_are_among_the_recorded() -> None:
    assert {flags.name for table in TABLES.values() for flags in flags_of(table)} == set(FLAGS)


@pytest.mark.parametrize(("key", "case"), [("pings", "ping"), ("nodes", "node_found"), ("result", "submit_manpage")])
def test_the_manual_page_shows_the_recorded_keys(key: str, case: str) -> None:
    recorded = {"meta": "@META", "errors": [], "warnings": [], **(CASES[case].answer.document or {})}
    if key == "result":
        recorded["warnings"] = [{"description": "string", "source": "string"}]
    assert list(keys_of(whole(recorded))) == MANUAL[key]


def whole(shape: Shape) -> Shape:
    """Put shapes in the place of their names, those of pointers included."""
    if isinstance(shape, dict):
        return {key: whole(value) for key, value in shape.items()}
    if isinstance(shape, list):
        return [whole(item) for item in shape]
    return whole(SHAPES[shape.rpartition("@")[2]]) if "@" in shape else shape

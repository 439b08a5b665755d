"""Records of slurmdbd: documents to records and back, on every layout, in both dialects."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from libslurm import lists, memory
from libslurm.layout import Layout
from libslurm.memory import Arena, address_of
from slurmrest.data_parser import reference
from slurmrest.data_parser.bind import bind
from slurmrest.data_parser.compile import compile_dump
from slurmrest.data_parser.fields import V0_0_39, Field, Version
from slurmrest.data_parser.fresh import UNSET, fresh
from slurmrest.data_parser.names import Names
from slurmrest.data_parser.parse import Context, parse_record
from slurmrest.data_parser.tables import TABLES
from slurmrest.data_parser.tres import tres_counts

from .accounted import CPU, FULL, INFINITE, NO_VAL, SHORT, WCKEY, filled
from .made import LAYOUTS, NEW, OLD, V0_0_39_8, FakeNames, Made
from .records import library

each_layout = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.release_text)

DIALECTS: list[tuple[Version, Any]] = [(V0_0_39, lambda document: document), (V0_0_39_8, filled)]


@each_layout
@pytest.mark.parametrize("name", FULL)
def test_a_document_that_says_everything_is_parsed_and_dumped_unchanged(name: str, layout: Layout) -> None:
    for version, dialect in DIALECTS:
        document = dialect(FULL[name]) if name in ("ASSOC", "QOS") else FULL[name]
        made = Made(name, layout)
        context = made.parse(document, version)
        assert context.errors == []
        assert [
            warning.text for warning in context.warnings if "this release of Slurm has no" not in warning.text
        ] == []
        found = made.dump(version)
        if not context.warnings:
            assert found == document
            assert list(found) == list(document)


@pytest.mark.parametrize("name", ["ASSOC", "QOS"])
def test_both_dialects_take_both_forms_of_a_limit(name: str) -> None:
    plain, other = Made(name), Made(name)
    assert plain.parse(FULL[name], V0_0_39_8).errors == []
    assert other.parse(filled(FULL[name]), V0_0_39).errors == []
    assert plain.dump() == other.dump() == FULL[name]


REQUIRED = {
    "ACCOUNT": {"name": "a", "description": "d", "organization": "o"},
    "USER": {"name": "a"},
    "ASSOC": {"user": ""},
    "WCKEY": {"cluster": "dev", "name": "w", "user": "a"},
    "QOS": {},
    "CLUSTER_REC": {},
}


@each_layout
@pytest.mark.parametrize("name", REQUIRED)
def test_nothing_is_set_that_the_document_does_not_name(name: str, layout: Layout) -> None:
    table, arena, names = TABLES[name], Arena(), FakeNames(layout)
    record = fresh(str(table.struct), layout, arena)
    before = {member: getattr(record, member) for member in _plain(layout, str(table.struct))}
    context = Context(names, arena)  # type: ignore[arg-type]
    assert parse_record(REQUIRED[name], record, bind(table, V0_0_39, layout), context)
    named = {row.member for row in table.rows if isinstance(row, Field) and row.key in REQUIRED[name]}
    changed = {member for member in before if getattr(record, member) != before[member]}
    assert changed <= named


def _plain(layout: Layout, struct: str) -> list[str]:
    return [name for name, member in layout.structs[struct].members.items() if member.kind not in ("struct", "array")]


@pytest.mark.parametrize("struct", UNSET)
def test_an_unset_record_is_that_of_libslurm(struct: str) -> None:
    layout, c = library().layout, library().c
    ours, theirs = fresh(struct, layout, Arena()), layout.record(struct)()
    numbers = (NO_VAL,) if struct == "slurmdb_qos_rec_t" else ()
    getattr(c, struct.replace("slurmdb_", "slurmdb_init_").removesuffix("_t"))(address_of(theirs), 0, *numbers)
    members = _plain(layout, struct)
    assert {name: getattr(ours, name) for name in members} == {name: getattr(theirs, name) for name in members}


def parsed(table: str, document: Any, **values: Any) -> tuple[Any, list[tuple[str, str | None]]]:
    """Parse; give the record, and the places and names of the errors."""
    made = Made(table, **values)
    context = made.parse(document)
    return made.record, [(error.source, error.name) for error in context.errors]


TRES_TEXTS = [
    ([], b""),
    ([CPU], b"1=64"),
    ([{"type": "CPU", "count": 4}], b"1=4"),
    ([{"type": "gres", "name": "gpu", "count": 2}, CPU], b"1001=2,1=64"),
    ([{"id": 1001, "count": 2}], b"1001=2"),
    ([{"type": "cpu", "count": "4"}], b"1=4"),
    ([{"type": "cpu", "count": -1}], b"1=18446744073709551615"),
    ([{"type": "cpu", "count": 4}, {"id": 1, "count": 5}], b"1=5"),
]


@pytest.mark.parametrize(("document", "text"), TRES_TEXTS, ids=str)
def test_tres_are_named_by_type_and_name_or_by_id(document: Any, text: bytes) -> None:
    record, errors = parsed("ASSOC", {"user": "a", "max": {"tres": {"total": document}}})
    assert errors == []
    assert record.grp_tres == text
    assert record.max_tres_pj is None


AT = "#/max/tres/total"

TRES_REFUSED = [
    ([{"type": "nope", "count": 1}], f"{AT}[0]/", "ESLURM_INVALID_TRES"),
    ([CPU, {"type": "gres", "name": "nope", "count": 1}], f"{AT}[1]/", "ESLURM_INVALID_TRES"),
    ([{"type": "cpu", "id": 2, "count": 1}], f"{AT}[0]/", "ESLURM_INVALID_TRES"),
    ([{"id": 77, "count": 1}], f"{AT}[0]/", "ESLURM_INVALID_TRES"),
    ([{"count": 1}], f"{AT}[0]/", "ESLURM_INVALID_TRES"),
    ([{"type": "cpu"}], f"{AT}[0]/", "ESLURM_DATA_PATH_NOT_FOUND"),
    ([{"type": "cpu", "count": -2}], f"{AT}[0]/", "ESLURM_DATA_CONV_FAILED"),
    ([{"type": "cpu", "count": "many"}], f"{AT}[0]/", "ESLURM_DATA_CONV_FAILED"),
    ([{"type": ["cpu"], "count": 1}], f"{AT}[0]/", "ESLURM_DATA_CONV_FAILED"),
    (["cpu=4"], f"{AT}[0]/", "ESLURM_DATA_EXPECTED_DICT"),
    ("cpu=4", f"{AT}/", "ESLURM_DATA_EXPECTED_LIST"),
]


@pytest.mark.parametrize(("document", "source", "name"), TRES_REFUSED, ids=str)
def test_what_is_no_tres_is_an_error_at_its_place(document: Any, source: str, name: str) -> None:
    _, errors = parsed("ASSOC", {"user": "a", "max": {"tres": {"total": document}}})
    assert errors == [(source, name)]


def test_counts_of_tres_have_a_sign_and_what_is_no_tres_is_left_out() -> None:
    assert tres_counts("1=4,1=5,1001=18446744073709551615,x=2,3=,=4,,7=-1") == {1: 4, 1001: -1, 7: -1}
    assert Made("CLUSTER_REC", tres_str=b"1=4,99=1").dump()["tres"] == [
        CPU | {"count": 4},
        {"type": "", "name": "", "id": 99, "count": 1},
    ]


@pytest.mark.parametrize(
    ("document", "number"),
    [("high", 4), ("HIGH", 4), ("4", 4), (4, 4), ({"name": "high"}, 4), ({"id": 1}, 1), ("", INFINITE)],
    ids=str,
)
def test_a_qos_is_named_by_name_or_by_id(document: Any, number: int) -> None:
    record, errors = parsed("ASSOC", {"user": "a", "default": {"qos": document}})
    assert errors == []
    assert record.def_qos_id == number


@pytest.mark.parametrize("document", ["nope", 77, ["high"], {}, {"name": ["x"]}, "-1", "٤"], ids=str)
def test_an_unknown_qos_is_an_error_at_its_place(document: Any) -> None:
    _, errors = parsed("ASSOC", {"user": "a", "default": {"qos": document}})
    assert errors in (
        [("#/default/qos/", "ESLURM_INVALID_QOS")],
        [("#/default/qos/", "ESLURM_DATA_CONV_FAILED")],
    )


def test_lists_of_qos_are_lists_of_ids() -> None:
    # The record outlives the list it points to unless the arena is kept.
    made = Made("ASSOC")
    assert made.parse({"user": "a", "qos": ["high", 1]}).errors == []
    assert lists.texts(library(), made.record.qos_list) == ["4", "1"]
    assert made.parse({"user": "a", "qos": []}).errors == []
    assert lists.texts(library(), made.record.qos_list) == [""]
    assert Made("ASSOC").parse({"user": "a", "qos": ["high", "nope", "none"]}).errors[1].source == "#/qos[2]/"


def test_preempted_qos_are_bits_in_and_a_list_out() -> None:
    names = FakeNames(bitmaps={16: [0, 1, 4, 7]})
    made = Made("QOS", names=names, preempt_bitstr=16)
    assert made.dump()["preempt"]["list"] == ["normal", "high", "7"]
    assert made.parse({"preempt": {"list": ["normal"]}}).errors == []
    assert lists.texts(library(), made.record.preempt_list) == ["1"]
    assert made.parse({"preempt": {"list": []}}).errors == []
    assert lists.texts(library(), made.record.preempt_list) == ["''"]
    (error,) = made.parse({"preempt": {"list": ["nope"]}}).errors
    assert (error.source, error.name) == ("#/preempt/list[0]/", "ESLURM_INVALID_QOS")


@pytest.mark.parametrize(
    "document", [-1, "-1", INFINITE, {"infinite": True}, {"set": True, "number": INFINITE}], ids=str
)
@pytest.mark.parametrize("version", [V0_0_39, V0_0_39_8], ids=str)
def test_a_limit_is_taken_off(document: Any, version: Version) -> None:
    if version == V0_0_39_8 and document == "-1":
        document = -1
    made = Made("ASSOC")
    assert made.parse({"user": "a", "max": {"jobs": {"active": document}}}, version).errors == []
    assert made.record.max_jobs == INFINITE


@pytest.mark.parametrize(("document", "value"), [(1.5, 1.5), (2, 2.0), ("0.5", 0.5), (-1, float(INFINITE))], ids=str)
def test_factors(document: Any, value: float) -> None:
    for key, member in (("usage_factor", "usage_factor"), ("usage_threshold", "usage_thres")):
        for sent in (document, {"set": True, "number": document}):
            record, errors = parsed("QOS", {key: sent})
            assert errors == []
            assert getattr(record, member) == value
    record, errors = parsed("QOS", {"limits": {"factor": document}})
    assert (record.limit_factor, errors) == (value, [])


@pytest.mark.parametrize("document", ["x", -2, True, [], "nan", {"set": True, "number": "x"}], ids=str)
def test_what_is_no_factor(document: Any) -> None:
    _, errors = parsed("QOS", {"usage_factor": document})
    assert [source for source, _ in errors] == ["#/usage_factor/"]


ELSEWHERE = [
    ("USER", {"name": "a", "administrator_level": ["Operator", "None"]}, "#/administrator_level/"),
    ("USER", {"name": "a", "administrator_level": ["Emperor"]}, "#/administrator_level[0]/"),
    ("USER", {"name": "a", "flags": ["NOPE"]}, "#/flags[0]/"),
    ("QOS", {"flags": ["DENY_LIMIT", "NOPE"]}, "#/flags[1]/"),
    ("QOS", {"preempt": {"mode": ["NOPE"]}}, "#/preempt/mode[0]/"),
    ("CLUSTER_REC", {"select_plugin": "nope"}, "#/select_plugin/"),
    ("ACCOUNT", {"name": "a", "description": "d"}, "#/organization/"),
    ("ACCOUNT", REQUIRED["ACCOUNT"] | {"coordinators": [{"name": "x"}, {}]}, "#/coordinators[1]/name/"),
    ("ACCOUNT", REQUIRED["ACCOUNT"] | {"associations": [{"user": []}]}, "#/associations[0]/user/"),
    ("ACCOUNT", REQUIRED["ACCOUNT"] | {"associations": [5]}, "#/associations[0]/"),
    ("ACCOUNT", REQUIRED["ACCOUNT"] | {"associations": "x"}, "#/associations/"),
    (
        "USER",
        {"name": "a", "wckeys": [WCKEY, WCKEY | {"accounting": [{"TRES": {"count": 1}}]}]},
        "#/wckeys[1]/accounting[0]/TRES/type/",
    ),
    ("CLUSTER_REC", {"associations": {"root": {"account": "x"}}}, "#/associations/root/user/"),
]


@pytest.mark.parametrize(("table", "document", "source"), ELSEWHERE, ids=str)
def test_errors_name_the_place(table: str, document: Any, source: str) -> None:
    _, errors = parsed(table, document)
    assert source in [where for where, _ in errors]


def test_one_administrator_level_as_a_text_or_in_a_list() -> None:
    for document in ("administrator", ["Administrator"]):
        record, errors = parsed("USER", {"name": "a", "administrator_level": document})
        assert (record.admin_level, errors) == (3, [])


def test_a_cluster_without_a_select_plugin_can_be_written_as_it_is_read() -> None:
    record, errors = parsed("CLUSTER_REC", {"select_plugin": ""})
    assert (record.plugin_id_select, errors) == (0, [])


def test_associations_in_a_list_begin_unset() -> None:
    made = Made("USER", NEW)
    assert made.parse({"name": "a", "associations": [SHORT]}).errors == []
    (address,) = lists.elements(library(), made.record.assoc_list)
    record: Any = memory.record_at(NEW.record("slurmdb_assoc_rec_t"), address)
    assert (record.acct, record.max_jobs, record.is_def) == (b"physics", NO_VAL, 0xFFFE)


def test_a_list_lives_as_long_as_its_arena() -> None:
    arena, names = Arena(), Names(library())
    address = names.make_list([arena.string("a"), arena.string("ü")], arena)
    gc.collect()
    assert names.texts(address) == ["a", "ü"]
    assert names.texts(0) == []


@each_layout
def test_long_doubles(layout: Layout) -> None:
    made = Made("ASSOC_USAGE", layout, usage_raw=1234.5, level_fs=float(INFINITE), usage_norm=float(NO_VAL))
    found = made.dump()
    assert (found["raw_usage"], found["fairshare_level"], found["normalized_usage"]) == (1234.5, None, None)


def test_usage_of_an_association_is_a_document_of_its_own() -> None:
    usage = Made("ASSOC_USAGE", used_jobs=3)
    found = Made("ASSOC", usage=address_of(usage.record)).dump()["usage"]
    assert found["active_jobs"] == 3
    assert found == usage.dump()


def test_the_compiled_dump_reads_lists_where_they_are() -> None:
    layout, arena = OLD, Arena()
    records = [arena.record(layout.record("slurmdb_coord_rec_t")) for _ in range(3)]
    for index, record in enumerate(records):
        record.name = f"user{index}".encode()
    made = Made("ACCOUNT", layout)
    with lists.List(library(), map(address_of, records)) as coordinators:
        made.record.coordinators = coordinators.address
        names: Any = made.names
        found = compile_dump(made.table, V0_0_39, layout)(address_of(made.record), names)
        assert found == reference.dump(bind(made.table, V0_0_39, layout), address_of(made.record), names)
    assert [one["name"] for one in found["coordinators"]] == ["user0", "user1", "user2"]

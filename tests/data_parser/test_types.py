"""Each type: what a document may say, with what warning, what is refused, and what it dumps."""

from __future__ import annotations

from typing import Any

import pytest

from libslurm.memory import Arena
from slurmrest.data_parser import special, types
from slurmrest.data_parser.flags import Flag, Flags
from slurmrest.data_parser.names import Names
from slurmrest.data_parser.parse import Context, ConversionError

FLAGS = Flags(
    "FLAGS",
    (Flag("NONE", "ZERO", "LOW", equal=True), Flag("ONE", "ONE", "LOW", equal=True), Flag("A", "A"), Flag("B", "B")),
).with_constants({"INFINITE64": (1 << 64) - 1, "ZERO": 0, "ONE": 1, "LOW": 3, "A": 4, "B": 8})

WARNED = True

ACCEPTED: list[tuple[Any, Any, Any, bool]] = [
    # type, document, what the member is set to, whether there is a warning
    (types.STRING, "żółć", "żółć".encode(), False),
    (types.STRING, 5, b"5", WARNED),
    (types.STRING, True, b"true", WARNED),
    (types.UINT16, 7, 7, False),
    (types.UINT16, "7", 7, WARNED),
    (types.UINT16, 2.6, 3, WARNED),
    (types.UINT16, -1, 0xFFFE, False),
    (types.UINT32, 0xFFFFFFFF, 0xFFFFFFFF, False),
    (types.UINT64, (1 << 64) - 1, (1 << 64) - 1, False),
    (types.UINT32, {"set": True, "infinite": False, "number": 7}, 7, WARNED),
    (types.UINT32, {"infinite": True}, 0xFFFFFFFF, WARNED),
    (types.UINT32, {"set": False}, 0xFFFFFFFE, WARNED),
    (types.UINT32_NO_VAL, {"set": True, "infinite": False, "number": 240}, 240, False),
    (types.UINT32_NO_VAL, {"number": 240}, 240, False),
    (types.UINT32_NO_VAL, {"set": False, "number": 5}, 0xFFFFFFFE, False),
    (types.UINT32_NO_VAL, {"infinite": True}, 0xFFFFFFFF, False),
    (types.UINT32_NO_VAL, {"set": "yes", "number": "30"}, 30, False),
    (types.UINT32_NO_VAL, {}, 0xFFFFFFFE, False),
    (types.UINT32_NO_VAL, 240, 240, WARNED),
    (types.UINT32_NO_VAL, -1, 0xFFFFFFFF, WARNED),
    (types.UINT64_NO_VAL, {"infinite": True}, (1 << 64) - 1, False),
    (types.BOOL16, True, 1, False),
    (types.BOOL16, "off", 0, WARNED),
    (types.BOOL16_NO_VAL, -1, 0xFFFE, WARNED),
    (types.CSV_LIST, ["n1", "n2"], b"n1,n2", False),
    (types.CSV_LIST, "n1,n2", b"n1,n2", WARNED),
    (FLAGS, ["A", "b"], 12, False),
    (FLAGS, "one", 1, False),
    (FLAGS, [], 0, False),
    (special.NICE, 5, 0x80000005, False),
    (special.NICE, -5, 0x7FFFFFFB, False),
    (special.CORE_SPEC, 3, 3, False),
    (special.THREAD_SPEC, 3, 0x8003, False),
    (special.JOB_MEM_PER_NODE, "1G", 1024, False),
    (special.JOB_MEM_PER_NODE, "1536K", 2, False),
    (special.JOB_MEM_PER_NODE, "200", 200, False),
    (special.JOB_MEM_PER_NODE, 500, 500, WARNED),
    (special.JOB_MEM_PER_NODE, {"set": True, "number": 500}, 500, False),
    (special.JOB_MEM_PER_NODE, {"set": True, "number": "2GB"}, 2048, False),
    (special.JOB_MEM_PER_NODE, {"infinite": True}, 0, False),
    (special.JOB_MEM_PER_NODE, {"set": False}, (1 << 64) - 2, False),
    (special.JOB_MEM_PER_CPU, 100, (1 << 63) | 100, WARNED),
    (special.SIGNAL, "USR1", 10, False),
    (special.SIGNAL, "sigusr1", 10, False),
    (special.SIGNAL, 10, 10, WARNED),
    (special.USER_ID, "root", 0, False),
    (special.USER_ID, 12345678, 12345678, WARNED),
    (special.TIME_LIMIT, {"set": True, "number": 240}, 240, False),
    (special.TIME_LIMIT, 240, 240, WARNED),
    (special.TIME_LIMIT, "240", 240, WARNED),
    (special.TIME_LIMIT, "4:00:00", 240, WARNED),
    (special.TIME_LIMIT, "1-0", 1440, WARNED),
    (special.TIME_LIMIT, "UNLIMITED", 0xFFFFFFFF, WARNED),
    (special.TIMESTAMP, 1893456000, 1893456000, False),
    (special.TIMESTAMP, "1893456000", 1893456000, WARNED),
]


@pytest.mark.parametrize(("type_", "document", "value", "warned"), ACCEPTED, ids=lambda value: str(value)[:40])
def test_accepted(type_: Any, document: Any, value: Any, warned: bool, names: Names) -> None:
    context = Context(names, Arena())
    assert type_.parse(document, context) == value
    assert bool(context.warnings) is warned
    assert context.errors == []


REFUSED: list[tuple[Any, Any, str]] = [
    (types.STRING, ["a"], "ESLURM_DATA_CONV_FAILED"),
    (types.STRING, {"a": 1}, "ESLURM_DATA_CONV_FAILED"),
    (types.STRING, "a\0b", "ESLURM_DATA_CONV_FAILED"),
    (types.STRING, "\ud800", "ESLURM_DATA_CONV_FAILED"),
    (types.UINT16, 65536, "ESLURM_DATA_CONV_FAILED"),
    (types.UINT32, "abc", "ESLURM_DATA_CONV_FAILED"),
    (types.UINT32, "1_0", "ESLURM_DATA_CONV_FAILED"),
    (types.UINT32, "٣", "ESLURM_DATA_CONV_FAILED"),
    (types.UINT32, True, "ESLURM_DATA_CONV_FAILED"),
    (types.UINT32, [2], "ESLURM_DATA_CONV_FAILED"),
    (types.UINT32, float("inf"), "ESLURM_DATA_CONV_FAILED"),
    (types.UINT32, 1 << 32, "ESLURM_DATA_CONV_FAILED"),
    (types.UINT32, -2, "ESLURM_DATA_CONV_FAILED"),
    (types.UINT32_NO_VAL, "240", "ESLURM_DATA_EXPECTED_DICT"),
    (types.UINT32_NO_VAL, True, "ESLURM_DATA_EXPECTED_DICT"),
    (types.UINT32_NO_VAL, [1], "ESLURM_DATA_EXPECTED_DICT"),
    (types.UINT32_NO_VAL, {"set": True}, "ESLURM_DATA_CONV_FAILED"),
    (types.UINT32_NO_VAL, {"set": True, "nummer": 3}, "ESLURM_DATA_CONV_FAILED"),
    (types.UINT32_NO_VAL, {"set": True, "number": "x"}, "ESLURM_DATA_CONV_FAILED"),
    (types.BOOL16, "maybe", "ESLURM_DATA_CONV_FAILED"),
    (types.BOOL16, [], "ESLURM_DATA_CONV_FAILED"),
    (types.CSV_LIST, {"a": 1}, "ESLURM_DATA_CONV_FAILED"),
    (types.CSV_LIST, [["a"]], "ESLURM_DATA_CONV_FAILED"),
    (FLAGS, 5, "ESLURM_DATA_FLAGS_INVALID_TYPE"),
    (FLAGS, ["NOPE"], "ESLURM_DATA_FLAGS_INVALID"),
    (FLAGS, [5], "ESLURM_DATA_FLAGS_INVALID"),
    (special.NICE, 1 << 31, "ESLURM_DATA_CONV_FAILED"),
    (special.CORE_SPEC, 0, "ESLURM_INVALID_CORE_CNT"),
    (special.THREAD_SPEC, 0x8000, "ESLURM_BAD_THREAD_PER_CORE"),
    (special.JOB_MEM_PER_NODE, "lots", "ESLURM_DATA_CONV_FAILED"),
    (special.JOB_MEM_PER_NODE, 1 << 63, "ESLURM_INVALID_TASK_MEMORY"),
    (special.JOB_MEM_PER_NODE, [1], "ESLURM_DATA_CONV_FAILED"),
    (special.SIGNAL, "FOO", "ESLURM_DATA_CONV_FAILED"),
    (special.USER_ID, "nosuchuser", "ESLURM_REST_MISSING_UID"),
    (special.GROUP_ID, "nosuchgroup", "ESLURM_REST_MISSING_GID"),
    (special.TIME_LIMIT, "soon", "ESLURM_DATA_CONV_FAILED"),
    (special.TIMESTAMP, "never", "ESLURM_DATA_CONV_FAILED"),
]


@pytest.mark.parametrize(("type_", "document", "name"), REFUSED, ids=lambda value: str(value)[:40])
def test_refused(type_: Any, document: Any, name: str, names: Names) -> None:
    with pytest.raises(ConversionError) as caught:
        type_.parse(document, Context(names, Arena()))
    assert caught.value.name == name
    assert caught.value.text


def test_the_warning_is_the_one_of_the_man_page(names: Names) -> None:
    context = Context(names, Arena())
    with context.at("job", "time_limit"):
        special.TIME_LIMIT.parse(240, context)
    (warning,) = context.warnings
    assert warning.source == "#/job/time_limit/"
    assert warning.text == (
        "Expected OpenAPI type=object (Slurm type=dictionary) but got OpenAPI type=integer (Slurm type=int 64bits)"
    )


def test_every_flag_of_a_list_is_kept_and_a_bad_one_is_named_by_its_index(names: Names) -> None:
    context = Context(names, Arena())
    with context.at("flags"), pytest.raises(ConversionError):
        FLAGS.parse(["A", "NOPE", "B", 7], context)
    assert [(error.source, error.name) for error in context.errors] == [
        ("#/flags[1]/", "ESLURM_DATA_FLAGS_INVALID"),
        ("#/flags[3]/", "ESLURM_DATA_FLAGS_INVALID"),
    ]


DUMPED: list[tuple[Any, Any, Any]] = [
    (types.UINT64, (1 << 64) - 2, None),
    (types.UINT32, 0xFFFFFFFF, 0xFFFFFFFF),
    (types.UINT16_NO_VAL, 0xFFFF, {"set": False, "infinite": True, "number": 0}),
    (types.UINT16_NO_VAL, 0xFFFE, {"set": False, "infinite": False, "number": 0}),
    (types.UINT16_NO_VAL, 0, {"set": True, "infinite": False, "number": 0}),
    (types.FLOAT64_NO_VAL, 4294967294.0, {"set": False, "infinite": False, "number": 0.0}),
    (types.BOOL16, 0xFFFE, True),
    (types.BOOL16_NO_VAL, 0xFFFE, False),
    (types.CSV_LIST, "a,,b", ["a", "b"]),
    (FLAGS, 13, ["ONE", "A", "B"]),
    (FLAGS, 4, ["NONE", "A"]),
    (special.CORE_SPEC, 0xFFFE, 0),
    (special.THREAD_SPEC, 0xFFFE, 32766),
    (special.NICE, 0x7FFFFFFB, -5),
    (special.NICE, 0xFFFFFFFE, 0),
    (special.JOB_MEM_PER_CPU, (1 << 63) | 100, {"set": True, "infinite": False, "number": 100}),
    (special.JOB_MEM_PER_NODE, (1 << 63) | 100, {"set": False, "infinite": False, "number": 0}),
    (special.PARTITION_MEMORY, (1 << 63) | 500, 500),
    (special.USER_ID, 0, "root"),
    (special.USER_ID, 0xFFFFFFFE, ""),
    (special.SIGNAL, 10, "USR1"),
]


@pytest.mark.parametrize(("type_", "value", "document"), DUMPED, ids=lambda value: str(value)[:40])
def test_dumped_the_same_by_the_reference_and_by_the_source(
    type_: Any, value: Any, document: Any, names: Names
) -> None:
    assert type_.dump(value, names) == document
    scope = {"names": names, "value": value, **type_.bindings()}
    assert eval(type_.emit("value"), scope) == document  # noqa: S307 - the source is the type's own

"""Each type: what it dumps, and how a warning and an error read. parsing.py has what each takes."""

from __future__ import annotations

from typing import Any

import pytest

from libslurm.memory import Arena
from slurmrest.data_parser import special, types
from slurmrest.data_parser.names import Names
from slurmrest.data_parser.parse import Context, ConversionError

from .parsing import FLAGS


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

"""What is shown of accounted jobs and steps that is more than a member: how they ended, and what they used."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from slurmrest.data_parser.accounted import JOB_EXIT_CODE, JOB_EXIT_CODE_NUMBERED, STEP_NODES, WHOLE_NUMBER, signal_text
from slurmrest.data_parser.computed import accounting, cpu_frequency
from slurmrest.data_parser.known import Known
from slurmrest.data_parser.types import NO_VAL
from tests.data_parser.made import FakeNames

NAMES: Any = FakeNames()

KILLED = {"signal_id": 9, "name": "Killed"}
ENDS = {
    0: ({"status": "SUCCESS", "return_code": 0},) * 2,
    3 << 8: ({"status": "ERROR", "return_code": 3},) * 2,
    255 << 8: ({"status": "ERROR", "return_code": 255},) * 2,
    9: tuple({"status": "SIGNALED", "return_code": code, "signal": KILLED} for code in (None, -127)),
    0x80 | 9: tuple({"status": "SIGNALED", "return_code": code, "signal": KILLED} for code in (None, -127)),
    NO_VAL: tuple({"status": "PENDING", "return_code": code} for code in (None, 0)),
}


@pytest.mark.parametrize(("status", "shown"), ENDS.items())
def test_exit_codes(status: int, shown: tuple[Any, Any]) -> None:
    assert (JOB_EXIT_CODE.dump(status, NAMES), JOB_EXIT_CODE_NUMBERED.dump(status, NAMES)) == shown


def test_a_signal_that_there_is_not_is_said_to_be_unknown() -> None:
    assert signal_text(70) == "Unknown signal 70"


@pytest.mark.parametrize(
    ("double", "shown"), [(0.0, 0), (2400000.7, 2400000), (-1.0, None), (math.nan, None), (math.inf, None)]
)
def test_a_frequency_is_a_whole_number(double: float, shown: int | None) -> None:
    assert WHOLE_NUMBER.dump(double, NAMES) == shown


def test_nodes_of_a_step_are_listed() -> None:
    assert (STEP_NODES.dump("n1,n2", NAMES), STEP_NODES.dump("", NAMES)) == (["n1", "n2"], [])


def test_who_used_most_of_each_resource() -> None:
    found = accounting.step_tres(NAMES, "n1,n2", "1=40,1001=2,7=0", "1=1,1001=9,7=99", "1=3")
    assert found == [
        {"type": "cpu", "name": "", "id": 1, "count": 40, "task": 3, "node": "n2"},
        {"type": "gres", "name": "gpu", "id": 1001, "count": 2, "task": 0, "node": ""},
    ]
    assert accounting.step_tres(NAMES, "n1", "", "", "") == []


def test_an_association_is_what_is_known_or_what_the_job_says() -> None:
    names: Any = SimpleNamespace(known=Known())
    names.known.learn_associations({("dev", 7): ("physics", "debug", "alice")})
    shown = [accounting.association(names, "dev", number, "sub1", "bob") for number in (0, NO_VAL, 7, 8)]
    assert shown == [
        {},
        {},
        {"account": "physics", "cluster": "dev", "partition": "debug", "user": "alice"},
        {"account": "sub1", "cluster": "dev", "partition": "", "user": "bob"},
    ]


def test_a_user_is_named_by_slurmdbd_or_the_system_or_not_at_all() -> None:
    assert [accounting.user(NAMES, *one) for one in (("alice", 0), ("", 0), ("", 4711))] == ["alice", "root", None]


def test_a_step_is_named_as_far_as_it_has_numbers() -> None:
    names: Any = SimpleNamespace(step_id=str)
    assert accounting.step_id(names, 7, NO_VAL, 0) == {"job_id": 7, "step_id": "0"}
    assert accounting.step_id(names, 7, 1, 2) == {"job_id": 7, "step_het_component": 1, "step_id": "2"}
    assert accounting.step_id(names, 7, NO_VAL, NO_VAL) == {"job_id": 7}


def test_a_governor_has_a_name() -> None:
    constants = NAMES.library.layout.constants
    numbers = (constants["CPU_FREQ_ONDEMAND"], 0, NO_VAL)
    assert [cpu_frequency.governor(NAMES, number) for number in numbers] == ["OnDemand", "0", "Unknown"]

"""Job ids as the URL has them."""

from __future__ import annotations

from typing import Any

import pytest

from slurmrest.errors import Problems
from slurmrest.resources.slurm.job_id import JobId, parse_job_id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", JobId("7", 7, None, None, None)),
        ("007", JobId("7", 7, None, None, None)),
        ("7_1", JobId("7_1", 7, "1", None, None)),
        ("7_[1-3,5]", JobId("7_[1-3,5]", 7, "[1-3,5]", None, None)),
        ("21+1", JobId("21+1", 21, None, 1, None)),
        ("7.batch", JobId("7", 7, None, None, "batch")),
        ("7_1.0", JobId("7_1", 7, "1", None, "0")),
    ],
)
def test_forms(text: str, expected: JobId) -> None:
    assert parse_job_id(text) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("0", "ESLURM_INVALID_JOB_ID_ZERO"),
        ("abc", "ESLURM_INVALID_JOB_ID_ZERO"),
        ("7_", "ESLURM_INVALID_JOB_ID_ZERO"),
        ("7 ", "ESLURM_INVALID_JOB_ID_ZERO"),
        ("٧", "ESLURM_INVALID_JOB_ID_ZERO"),
        ("-1", "ESLURM_INVALID_JOB_ID_NEGATIVE"),
        ("4294967295", "ESLURM_INVALID_JOB_ID_TOO_LARGE"),
    ],
)
def test_refused(text: str, name: str) -> None:
    with pytest.raises(Problems) as caught:
        parse_job_id(text)
    assert [error.name for error in caught.value.errors] == [name]


def _record(task: int | None, pending: str = "", offset: int = 0) -> dict[str, Any]:
    number = {"set": task is not None, "infinite": False, "number": task or 0}
    return {"array_task_id": number, "array_task_string": pending, "het_job_offset": {"number": offset}}


@pytest.mark.parametrize(
    ("text", "record", "selected"),
    [
        ("7", _record(3), True),
        ("7_3", _record(3), True),
        ("7_3", _record(4), False),
        ("7_3", _record(None, "1-5"), True),
        ("7_3", _record(None, "1,3%2"), True),
        ("7_3", _record(None, "1-9:4"), False),
        ("7_5", _record(None, "1-9:4"), True),
        ("7_3", _record(None, "4-9"), False),
        ("7_[3-4]", _record(3), True),
        ("7_[3-4]", _record(5), False),
        ("7_[3-4]", _record(None, "4-9"), True),
        ("21+1", _record(None, offset=1), True),
        ("21+1", _record(None, offset=0), False),
    ],
)
def test_selection(text: str, record: dict[str, Any], selected: bool) -> None:
    assert parse_job_id(text).selects(record) is selected

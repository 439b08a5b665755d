"""What holds the live tests' answers against the document can fail."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.plugins.conformity import check

META = {"plugin": {"type": "a", "name": "b", "data_parser": "v0.0.39"}}
ENVELOPE: dict[str, Any] = {"meta": META, "errors": [], "warnings": []}
PING = {"hostname": "n1", "pinged": "UP", "latency": 5, "mode": "primary"}


def passes(url: str, status: int, kind: str, body: bytes) -> bool:
    """Whether an answer is as the document has it."""
    try:
        check("GET", url, status, kind, body)
    except AssertionError:
        return False
    return True


def ping(status: int = 200, kind: str = "application/json", url: str = "/slurm/v0.0.39/ping", **keys: Any) -> bool:
    """Whether an answer to a ping is."""
    return passes(url, status, kind, json.dumps(ENVELOPE | keys).encode())


def test_what_is_as_described_passes() -> None:
    assert ping(pings=[PING])
    assert ping(pings=[])
    assert ping(url="/slurm/v0.0.39/ping?a=b", pings=[])
    assert ping(kind="application/x-yaml", pings=[PING])
    assert ping(status=502, errors=[{"description": "no"}], pings=[])
    assert passes("/slurm/v0.0.39/ping", 401, "text/plain", b"Authentication failure")
    assert passes("/nowhere", 200, "application/json", b"{}")


@pytest.mark.parametrize(
    "wrong",
    [
        {"pings": {}},
        {"pings": [PING | {"latency": "5"}]},
        {"pings": [PING | {"colour": "red"}]},
        {"pings": [], "extra": 1},
        {"errors": [{"text": "no"}]},
        {"status": 502, "errors": [{"error_number": "5"}]},
        {"status": 502, "warnings": None},
        {"kind": "text/html"},
    ],
)
def test_what_is_not_fails(wrong: dict[str, Any]) -> None:
    assert not ping(**wrong)


@pytest.mark.parametrize(
    ("dialect", "value", "expected"),
    [
        ("v0.0.39", 0, True),
        ("v0.0.39", {"set": True, "infinite": False, "number": 0}, False),
        ("v0.0.39+23.02.8", {"set": True, "infinite": False, "number": 0}, True),
        ("v0.0.39+23.02.8", 0, False),
    ],
)
def test_an_answer_is_held_against_its_own_dialect(dialect: str, value: Any, expected: bool) -> None:
    meta = {"plugin": META["plugin"] | {"data_parser": dialect}}
    document = {"meta": meta, "errors": [], "warnings": [], "jobs": [{"exit_code": value}]}
    assert passes("/slurm/v0.0.39/jobs", 200, "application/json", json.dumps(document).encode()) == expected

"""What must be refused: nothing is submitted, every error says where it is, and no worker is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.live.jobs import API, COMMON, SCRIPT, Jobs
from tests.plugins.client import Answer, Client
from tests.plugins.cluster import Cluster

SUBMIT = f"{API}/job/submit"
MIB = 1 << 20

pytestmark = pytest.mark.usefixtures("workers")

WRONG: dict[str, list[Any]] = {
    "account": [["a"], {}],
    "account_gather_frequency": [{"a": 1}],
    "argv": ["text", 5, [{}], ["a", ["b"]]],
    "array": [[1]],
    "begin_time": ["when I like", [], {"a": 1}, 1 << 70],
    "flags": ["NOPE", ["SPREAD_JOB", "NOPE"], [5], [None], {"a": 1}, 5, True],
    "contiguous": ["perhaps", []],
    "core_specification": ["x", 0, -1, 70000],
    "cpu_frequency": ["quick", []],
    "cpus_per_task": ["x", -5, 65536, [], True],
    "crontab": [{"minute": "1"}, "* * * * *"],
    "deadline": ["never"],
    "delay_boot": ["x", -5, 1 << 32],
    "dependency": [{}],
    "distribution": ["everywhere", [], "plane", "plane="],
    "environment": ["A=1", 5, [{}], {"A": []}, True],
    "excluded_nodes": [[[]], {"a": 1}],
    "exclusive": ["sometimes", ["never"], 5],
    "group_id": ["no-such-group", [], "-1"],
    "hold": ["perhaps", [], {}],
    "kill_warning_delay": ["x", {"set": True}, 1 << 16],
    "kill_warning_flags": ["NOPE"],
    "kill_warning_signal": ["NOPE", [], "-1"],
    "mail_type": ["NOPE", ["BEGIN", "NOPE"], [[]], 5],
    "memory_per_cpu": ["lots", "1X", -5, [], {"set": True}, {"number": "x"}, {"amount": 5}],
    "memory_per_node": ["lots", "1.5G", "", True, {"set": True, "number": []}],
    "minimum_cpus": ["many", -5, 1 << 32],
    "name": [["a"], {"a": 1}],
    "nice": ["x", [], 1 << 31, -(1 << 31)],
    "nodes": ["a-b", "1-", [1, 2, 3], {}, -1, True],
    "open_mode": ["NOPE"],
    "overcommit": ["perhaps"],
    "priority": ["high", -5, 1 << 32],
    "profile": ["NOPE"],
    "requeue": ["perhaps"],
    "required_switches": ["x"],
    "script": [[], {}],
    "shared": ["NOPE"],
    "spank_environment": ["A=1"],
    "standard_output": [[]],
    "tasks": ["abc", [], {}, True, -5, 1.5e300],
    "tasks_per_node": [65536],
    "time_limit": ["soon", "1-2-3", "1:2:3:4", [], True, -5, 1 << 32, {"set": True}, {"number": "x"}],
    "time_minimum": ["soon"],
    "user_id": ["no-such-user", [], "-1"],
    "wait_all_nodes": ["perhaps"],
    "x11": ["NOPE"],
}
"""Values that no field of that name can take."""

CASES = [(key, value) for key, values in WRONG.items() for value in values]


def sources(answer: Answer) -> list[str]:
    """Where the errors are."""
    return [error.get("source", "") for error in answer.document["errors"]]


def send(client: Client, body: str | bytes, kind: str | None = "application/json") -> Answer:
    """POST a body as it is."""
    return client.request("POST", SUBMIT, body=body, headers={"Content-Type": kind} if kind else {})


def test_values_that_cannot_be_converted(cluster: Cluster, client: Client, jobs: Jobs) -> None:
    before = jobs.count()
    found = {}
    for key, value in CASES:
        answer = jobs.post(client, {"script": SCRIPT, "job": COMMON | {key: value}})
        if (
            answer.status not in (400, 422)
            or not sources(answer)
            or not any(f"/{key}" in one for one in sources(answer))
        ):
            found[f"{key}: {value}"] = (answer.status, answer.document["errors"], answer.document["warnings"])
    assert found == {}
    assert jobs.count() == before

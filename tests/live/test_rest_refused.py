"""What must be refused: nothing is submitted, every error says where it is, and no worker is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.live.jobs import API, COMMON, SCRIPT, Jobs
from tests.plugins.client import Answer, Client

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
    "tasks": ["abc", [], True, -5, 1.5e300],
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


def test_values_that_cannot_be_converted(client: Client, jobs: Jobs) -> None:
    found = {}
    with jobs.unchanged():
        for key, value in CASES:
            answer = jobs.post(client, {"script": SCRIPT, "job": COMMON | {key: value}})
            if answer.status != 422 or not any(one.startswith(f"#/job/{key}") for one in sources(answer)):
                found[f"{key}: {value}"] = (answer.status, answer.document["errors"], answer.document["warnings"])
    assert found == {}


def test_every_error_is_named(client: Client, jobs: Jobs) -> None:
    bad = COMMON | {"tasks": "abc", "environment": ["A=1", {}], "time_limit": "soon", "flags": ["NOPE"]}
    with jobs.unchanged():
        one = jobs.post(client, {"script": SCRIPT, "job": bad})
        many = jobs.post(client, {"script": SCRIPT, "jobs": [COMMON, COMMON | {"nice": "x"}, bad]})
    assert (one.status, many.status) == (422, 422)
    assert {"#/job/tasks/", "#/job/environment[1]/", "#/job/time_limit/", "#/job/flags[0]/"} <= set(sources(one))
    assert {"#/jobs[1]/nice/", "#/jobs[2]/tasks/"} <= set(sources(many))
    for error in one.document["errors"] + many.document["errors"]:
        assert set(error) == {"description", "error_number", "error", "source"}


def test_unknown_keys_are_warned_of(client: Client, jobs: Jobs) -> None:
    unknown = {"colour": "red", "Name": "x", "memory_per_cpu": {"set": True, "number": 50}, "": 1}
    answer = jobs.post(client, {"script": SCRIPT, "job": COMMON | unknown | {"hold": True}, "priority": 1})
    assert (answer.status, answer.document["errors"]) == (200, [])
    warned = {warning["source"] for warning in answer.document["warnings"]}
    assert {"#/priority/", "#/job/colour/", "#/job/Name/", "#/job//"} <= warned


REFUSED: dict[str, tuple[Any, int]] = {
    "list": ([], 422),
    "number": (5, 422),
    "text": ("job", 422),
    "true": (True, 422),
    "null": (None, 422),
    "empty": ({}, 422),
    "no job": ({"script": SCRIPT}, 422),
    "both": ({"script": SCRIPT, "job": COMMON, "jobs": [COMMON]}, 422),
    "job is a list": ({"script": SCRIPT, "job": [COMMON]}, 422),
    "job is text": ({"script": SCRIPT, "job": "x"}, 422),
    "job is null": ({"script": SCRIPT, "job": None}, 422),
    "jobs is an object": ({"script": SCRIPT, "jobs": COMMON}, 422),
    "jobs is empty": ({"script": SCRIPT, "jobs": []}, 400),
    "jobs has null": ({"script": SCRIPT, "jobs": [None, COMMON]}, 422),
    "too many jobs": ({"script": SCRIPT, "jobs": [COMMON] * 129}, 400),
    "script is a list": ({"script": ["#!/bin/sh"], "job": COMMON}, 422),
    "script is empty": ({"script": "", "job": COMMON}, 422),
    "no environment": ({"script": SCRIPT, "job": {"name": "x"}}, 422),
    "empty environment": ({"script": SCRIPT, "job": {"environment": []}}, 422),
    "no script": ({"job": COMMON}, 422),
    "unknown partition": ({"script": SCRIPT, "job": COMMON | {"partition": "nowhere"}}, 422),
    "unknown account": ({"script": SCRIPT, "job": COMMON | {"account": "nowhere"}}, 422),
    "unknown qos": ({"script": SCRIPT, "job": COMMON | {"qos": "nowhere"}}, 422),
    "unknown reservation": ({"script": SCRIPT, "job": COMMON | {"reservation": "nowhere"}}, 422),
    "unknown licence": ({"script": SCRIPT, "job": COMMON | {"licenses": "nowhere"}}, 422),
    "unknown dependency": ({"script": SCRIPT, "job": COMMON | {"dependency": "nowhere:1"}}, 422),
    "a deadline that passed": ({"script": SCRIPT, "job": COMMON | {"deadline": 1000, "time_limit": 5}}, 422),
    "a text that is too long": ({"script": SCRIPT, "job": COMMON | {"mail_user": "x" * (64 * MIB >> 3)}}, 422),
    "NUL in a name": ({"script": SCRIPT, "job": COMMON | {"name": "a\0b"}}, 422),
    "NUL in a script": ({"script": f"{SCRIPT}\0", "job": COMMON}, 422),
    "NUL in an environment": ({"script": SCRIPT, "job": COMMON | {"environment": {"A": "\0"}}}, 422),
    "NUL in a key of it": ({"script": SCRIPT, "job": COMMON | {"environment": {"A\0": "1"}}}, 422),
}
"""Documents that are well-formed and no submission -> status."""


def test_documents_that_are_no_submission(client: Client, jobs: Jobs) -> None:
    found = {}
    with jobs.unchanged():
        for case, (document, status) in REFUSED.items():
            answer = jobs.post(client, document)
            errors = answer.document["errors"]
            if answer.status != status or not errors or not all(error.get("error_number") for error in errors):
                found[case] = (answer.status, errors)
    assert found == {}


BODIES: dict[str, tuple[bytes, str | None, int]] = {
    "nothing": (b"", "application/json", 422),
    "no JSON": (b"{", "application/json", 400),
    "trailing comma": (b'{"job": {},}', "application/json", 400),
    "comment": (b'{} // {"job": 1}', "application/json", 400),
    "two documents": (b"{}{}", "application/json", 400),
    "not a number": (b'{"job": NaN}', "application/json", 400),
    "lone surrogate": (rb'{"job": {"name": "\ud800"}}', "application/json", 400),
    "not UTF-8": (b'{"job": {"name": "\xff"}}', "application/json", 400),
    "UTF-16": ('{"job": {}}'.encode("utf-16"), "application/json", 400),
    "byte order mark": (b'\xef\xbb\xbf{"job": {}}', "application/json", 400),
    "deep": (b'{"job": ' + b"[" * 100_000, "application/json", 400),
    "deep and closed": (b'{"job": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "application/json", 400),
    "deep objects": (b'{"job": ' * 50_000 + b"1" + b"}" * 50_000, "application/json", 400),
    "deep but not too deep": (b'{"job": {"comment": ' + b"[" * 200 + b"]" * 200 + b"}}", "application/json", 422),
    "huge integer": (b'{"job": {"tasks": 1' + b"0" * 5000 + b"}}", "application/json", 400),
    "huge exponent": (b'{"job": {"tasks": 1e400}}', "application/json", 400),
    "64 bits": (b'{"job": {"tasks": 18446744073709551616}}', "application/json", 422),
    "text": (b"{}", "text/plain", 415),
    "form": (b"job=1", "application/x-www-form-urlencoded", 415),
    "nonsense type": (b"{}", "/", 415),
    "no YAML": (b"{[", "application/yaml", 400),
    "YAML alias": (b"a: &a [1]\njob: *a", "application/yaml", 400),
    "YAML object of Python": (b"job: !!python/object/apply:os.system [id]", "application/yaml", 400),
    "YAML binary": (b"job: !!binary aGk=", "application/yaml", 400),
    "deep YAML": (b"[" * 20_000, "application/yaml", 400),
    "deep YAML in blocks": (b"".join(b" " * n + b"a:\n" for n in range(3000)), "application/yaml", 400),
    "two YAML documents": (b"--- {}\n--- {}\n", "application/yaml", 400),
    "empty YAML": (b"", "application/yaml", 422),
    "huge hexadecimal": (b"job: {tasks: 0x1" + b"0" * 10_000 + b"}", "application/yaml", 400),
    "huge hexadecimal memory": (b"job: {memory_per_cpu: 0x1" + b"0" * 10_000 + b"}", "application/yaml", 400),
    "huge hexadecimal name": (b"job: {name: 0x1" + b"0" * 10_000 + b"}", "application/yaml", 400),
    "infinite": (b"job: {tasks: .inf}", "application/yaml", 422),
    "infinite memory": (b"job: {memory_per_cpu: .inf}", "application/yaml", 422),
    "infinite time": (b"job: {time_limit: .inf}", "application/yaml", 422),
    "not a number, in YAML": (b"job: {tasks: .nan}", "application/yaml", 400),
    "keys that are objects": (b"job: {{a: 1}: 2}", "application/yaml", 400),
}
"""Bodies -> their type and the status."""


def test_bodies_that_are_no_document(client: Client, jobs: Jobs) -> None:
    with jobs.unchanged():
        answers = {case: send(client, body, kind) for case, (body, kind, _) in BODIES.items()}
    statuses = {case: status for case, (_, _, status) in BODIES.items()}
    assert {case: answer.status for case, answer in answers.items()} == statuses
    assert [case for case, answer in answers.items() if not answer.document] == []


@pytest.mark.parametrize("kind", ["application/json", "application/yaml"])
def test_a_body_of_51_mib(client: Client, jobs: Jobs, kind: str) -> None:
    with jobs.unchanged():
        assert send(client, b" " * (51 * MIB), kind).status == 413


def test_large_scripts(client: Client, jobs: Jobs) -> None:
    # slurmctld takes scripts up to 4 MiB.
    assert jobs.submit(client, script=SCRIPT + "\n# " + "x" * (3 * MIB), hold=True)
    with jobs.unchanged():
        assert jobs.post(client, {"script": SCRIPT + "\n# " + "x" * (5 * MIB), "job": COMMON}).status == 422


@pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD"])
def test_a_body_where_none_may_be(client: Client, jobs: Jobs, method: str) -> None:
    job = jobs.submit(client, hold=True)
    answer = client.request(method, f"{API}/job/{job}", body=json.dumps({"a": 1}))
    assert answer.status == 400
    assert jobs.state(job) == "PENDING"

"""Both dialects of v0.0.39, chosen on the command line and in the environment."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live.jobs import API, Jobs
from tests.plugins.client import Client
from tests.plugins.conformity import the_document
from tests.plugins.daemon import Factory

VARIABLE = "SLURMRESTD_DATA_PARSER_PLUGINS"
OLD, NEW = "v0.0.39", "v0.0.39+23.02.8"
EXITED: dict[str, Any] = {OLD: 768, NEW: {"set": True, "infinite": False, "number": 768}}


def test_list_names_them(daemon: Factory) -> None:
    for done in (daemon.run("-d", "list"), daemon.run(env={VARIABLE: "list"})):
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr.splitlines()[1:] == [f"slurmrestd: data_parser/{name}" for name in (OLD, NEW)]


@pytest.mark.parametrize("name", ["v0.0.38", "v0.0.39+23.02.5", f"{OLD},{NEW}", ",", "v0.0.39+"])
def test_one_that_there_is_not_starts_nothing(daemon: Factory, name: str) -> None:
    for done in (daemon.run("-d", name, "127.0.0.1:1"), daemon.run("127.0.0.1:1", env={VARIABLE: name})):
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert name in done.stderr


@pytest.mark.parametrize(
    ("options", "env", "dialect"),
    [
        ([], {}, OLD),
        (["-d", OLD], {VARIABLE: NEW}, OLD),
        (["-d", NEW], {}, NEW),
        ([], {VARIABLE: f"data_parser/{NEW}"}, NEW),
    ],
)
def test_documents_are_in_the_dialect(
    daemon: Factory, jobs: Jobs, options: list[str], env: dict[str, str], dialect: str
) -> None:
    with daemon(*options, env=env) as server:
        client = server.client
        ended, held = jobs.submit(client, script="#!/bin/sh\nexit 3"), submit_both_ways(jobs, client)
        jobs.until(ended, "FAILED")
        shown = client.get(f"{API}/job/{ended}").document
        assert shown["meta"]["plugin"]["data_parser"] == dialect
        assert shown["jobs"][0]["exit_code"] == EXITED[dialect]
        assert ("hold" in shown["jobs"][0]) == (dialect == NEW)
        (node,) = client.get(f"{API}/node/node01").document["nodes"]
        assert isinstance(node["energy"]["current_watts"], dict if dialect == NEW else int)
        assert client.get("/openapi").document == the_document(dialect)
    assert {jobs.shown(job)[0]["Priority"] for job in held} == {"0"}


def submit_both_ways(jobs: Jobs, client: Client) -> list[int]:
    """Submit held jobs in every form: what is understood does not depend on the dialect."""
    number = {"set": True, "infinite": False, "number": 0}
    forms: list[dict[str, Any]] = [{"hold": True}, {"priority": 0}, {"priority": number}]
    return [jobs.submit(client, **form) for form in forms]

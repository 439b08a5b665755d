"""The bindings on a real cluster: identities, lifetimes, and what happens when munged is away."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from libslurm.identity import REFUSED
from tests.bindings.interpreter import environment
from tests.bindings.test_identity import make_token
from tests.plugins.cluster import Cluster

ALLOWED = {"resident": 256 * 1024, "allocated": 4096}
"""Bytes that a process may grow by in a test and still be called flat; one leaked byte string a call is more."""


CONTAINER = 48
"""Bytes that libslurm 22.05 loses with each job that names a container: it reads that text twice, and the second
takes the first one's place, so that nobody can free it any more."""


class Process:
    """A bindings_child on the cluster."""

    module = "tests.live.bindings_child"

    def __init__(self, cluster: Cluster, **variables: str) -> None:
        self._child = subprocess.Popen(
            (sys.executable, "-m", self.module),
            env=environment(SLURM_CONF=str(cluster.conf), **variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, *command: Any) -> Any:
        """Give a command. Returns: {"result": …} or the parts of a SlurmError."""
        assert self._child.stdin
        assert self._child.stdout
        self._child.stdin.write(json.dumps(command) + "\n")
        self._child.stdin.flush()
        line = self._child.stdout.readline()
        assert line, f"the process ended with {self._child.wait()}"
        return json.loads(line)

    def get(self, *command: Any) -> Any:
        """The result of a command that works."""
        answer = self.ask(*command)
        assert "result" in answer, answer
        return answer["result"]

    def is_flat(self, call: str, times: int, *arguments: Any, lost: int = 0) -> bool:
        """Whether the process does not grow by so many calls, but for *lost* bytes each."""
        growth = self.get("growth", call, times, *arguments)
        assert {name: size for name, size in growth.items() if size > ALLOWED[name] + times * lost} == {}
        return True

    def close(self) -> int:
        """Let the process end. Returns: its status."""
        self._child.communicate()
        return self._child.returncode


CHILD = Process


@pytest.fixture
def containers(cluster: Cluster) -> int:
    """How many of slurmctld's jobs name a container."""
    return cluster.run("scontrol", "show", "jobs", "--oneliner").stdout.count("Container=")


@pytest.fixture(scope="module")
def tokens(cluster: Cluster, users: tuple[str, ...]) -> dict[str, str]:
    """User -> token."""
    return {user: cluster.token(user) for user in users}


@pytest.fixture(scope="module")
def held(munge: Process, jwt: Process, tokens: dict[str, str]) -> Iterator[dict[str, int]]:
    """A held job of each user, cancelled in the end; with texts that libslurm itself forgets to free."""
    jobs = {user: jwt.get("submit", user, token) for user, token in tokens.items()}
    for job in jobs.values():
        munge.get("once_updated", job)
    munge.get("once_node_update")
    yield jobs
    for job in jobs.values():
        munge.get("cancel", job)


def test_identities_never_mix(jwt: Process, held: dict[str, int], tokens: dict[str, str]) -> None:
    assert len(held) == 8
    assert jwt.get("mix", tokens, 16, 200) == {"made": 3200, "wrong": []}


def test_a_process_by_munge_is_its_own_user(munge: Process, held: dict[str, int]) -> None:
    assert len(set(munge.get("load_jobs"))) >= len(held)
    assert munge.get("ping") == [True]


def test_a_process_by_tokens_is_its_own_user_too(jwt: Process, held: dict[str, int]) -> None:
    assert len(set(jwt.get("load_jobs"))) >= len(held)
    assert jwt.get("own_token_is_kept")
    assert jwt.get("ping") == [True]


def test_a_token_in_a_process_by_munge_calls_nothing(munge: Process, tokens: dict[str, str]) -> None:
    answer = munge.ask("load_jobs", tokens["daemon"])
    assert (answer["function"], answer["number"]) == ("auth_g_thread_config", 6000)


@pytest.mark.parametrize("kind", ["nonsense", "unsigned", "changed"])
def test_a_bad_token_is_refused(jwt: Process, tokens: dict[str, str], kind: str) -> None:
    good = tokens["daemon"]
    bad = {"nonsense": "nonsense", "unsigned": make_token("root"), "changed": good[:-6] + good[-6:][::-1]}[kind]
    answer = jwt.ask("load_jobs", bad)
    assert (answer["function"], answer["name"] in REFUSED) == ("slurm_load_jobs", True)
    assert jwt.get("load_jobs", good)


def test_a_thread_without_an_identity_is_nobody(jwt: Process, held: dict[str, int]) -> None:
    assert jwt.ask("as_nobody")["name"] in REFUSED


def test_an_unknown_job_has_its_number_and_name(munge: Process) -> None:
    assert munge.ask("cancel", 0xFFFFFF00)["name"] == "ESLURM_INVALID_JOB_ID"


@pytest.mark.parametrize(
    "call",
    [
        "statistics",
        "licenses",
        "partitions",
        "reservations",
        "ping",
        "jobs",
        "job",
        "nodes",
        "node",
        "refused",
    ],
)
def test_what_was_fetched_is_freed(munge: Process, held: dict[str, int], containers: int, call: str) -> None:
    assert munge.is_flat(call, 300, lost=containers * CONTAINER if call.startswith("job") else 0)


@pytest.mark.parametrize("call", ["submitted", "het_job", "node_update"])
def test_what_was_sent_is_freed(munge: Process, call: str) -> None:
    assert munge.is_flat(call, 100)


def test_what_an_update_answers_is_freed(munge: Process, held: dict[str, int]) -> None:
    assert munge.is_flat("updated", 100, held["daemon"])


@pytest.mark.parametrize("call", ["jobs", "statistics"])
def test_what_was_fetched_by_a_token_is_freed(jwt: Process, held: dict[str, int], containers: int, call: str) -> None:
    assert jwt.is_flat(call, 300, lost=containers * CONTAINER if call == "jobs" else 0)


def test_without_munged_there_are_errors_and_the_process_lives(cluster: Cluster, munge: Process) -> None:
    assert munge.get("ping") == [True]
    with cluster.stopped("munged"):
        assert munge.ask("load_jobs")["name"] == "SLURM_PROTOCOL_AUTHENTICATION_ERROR"
        assert munge.get("ping") == [False]
    assert munge.get("ping") == [True]
    assert "result" in munge.ask("load_jobs")


def test_without_munged_tokens_that_are_there_go_on(
    cluster: Cluster, jwt: Process, held: dict[str, int], tokens: dict[str, str]
) -> None:
    with cluster.stopped("munged"):
        assert jwt.get("load_jobs", tokens["daemon"])

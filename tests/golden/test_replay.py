"""The recorded requests, replayed against the development cluster.

Every answer has the recorded shape, status, error numbers and paths, but for the differences that are listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fnmatch import fnmatchcase
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.plugins.client import eventually
from tests.plugins.cluster import Cluster
from tests.plugins.daemon import Factory, free_port

from .difference import Difference, Release
from .differences import DIFFERENCES, meant
from .record import Answer, Case, load
from .replay import Player
from .shapes import faults
from .stage import Stage

CASES = [*load("slurm"), *load("slurmdb")]
NO_SLURMCTLD = [case for case in CASES if case.name.startswith("slurmctld_down_")]
NO_SLURMDBD = [case for case in CASES if case.name.startswith("slurmdbd_down_")]
ORDINARY = [case for case in CASES if case not in NO_SLURMCTLD + NO_SLURMDBD]

UNAVAILABLE = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)
"""slurmctld was restarted by somebody else, perhaps."""
SIGNALLING = [[2020, ""]]
"""A signal that was sent just before, CONT, is still on its way, and slurmctld sends no STOP until it arrived."""


@pytest.fixture(scope="module")
def stage(cluster: Cluster) -> Iterator[Stage]:
    made = Stage(cluster)
    yield made
    made.clear()


@pytest.fixture(scope="module")
def player(stage: Stage) -> Player:
    """Replays to the cluster's own daemon."""
    return Player(stage, CASES, stage.cluster.socket, stage.cluster.tcp)


@pytest.fixture(scope="module")
def release(cluster: Cluster) -> Release:
    """The release of the cluster's Slurm."""
    return cluster.release


@pytest.fixture(scope="module")
def without_slurmctld(daemon: Factory, stage: Stage) -> dict[str, Answer]:
    """What a daemon answers that cannot reach slurmctld."""
    return answers_without("SlurmctldPort", NO_SLURMCTLD, daemon, stage)


@pytest.fixture(scope="module")
def without_slurmdbd(daemon: Factory, stage: Stage) -> dict[str, Answer]:
    """What a daemon answers that cannot reach slurmdbd."""
    return answers_without("AccountingStoragePort", NO_SLURMDBD, daemon, stage)


def answers_without(key: str, cases: list[Case], daemon: Factory, stage: Stage) -> dict[str, Answer]:
    """Replay to a daemon in whose slurm.conf a port is wrong; all at once, for libslurm tries for nine seconds."""
    with wrong_port(stage.cluster, key) as conf, daemon(conf=conf, tcp=True) as server:
        assert server.socket
        player = Player(stage, CASES, server.socket, server.network.address)
        requested = [player.request(case.sent) for case in cases]
        with ThreadPoolExecutor(len(requested)) as threads:
            return dict(zip((case.name for case in cases), threads.map(player.play, cases), strict=True))


@contextmanager
def wrong_port(cluster: Cluster, key: str) -> Iterator[Path]:
    """Have a slurm.conf that says that a daemon listens where nobody does."""
    path = cluster.run_directory / f"{key}.conf"
    path.write_text(re.sub(f"(?m)^{key}=.*", f"{key}={free_port()}", cluster.conf.read_text()))
    path.chmod(0o644)
    yield path
    path.unlink()


def assert_as_recorded(case: Case, found: Answer, release: Release) -> None:
    """Hold an answer against the one that was recorded."""
    expected = meant(case.name, case.answer, release)
    assert {**vars(found), "document": None} == {**vars(expected), "document": None}
    assert (found.document is None) == (expected.document is None)
    if found.document is not None and expected.document is not None:
        assert list(faults(found.document, expected.document)) == []
        assert [key for key, shape in expected.document.items() if shape and found.document[key] == []] == []


@pytest.mark.parametrize("case", ORDINARY, ids=str)
def test_answers_are_as_recorded(case: Case, player: Player, release: Release) -> None:
    found = player.play(case)
    if found.status in UNAVAILABLE:
        eventually(lambda: player.play(player.cases["diag"]).status == HTTPStatus.OK, 60.0)
        found = player.play(case)
    if found.errors == SIGNALLING != meant(case.name, case.answer, release).errors:
        found = eventually(lambda: [again for again in [player.play(case)] if again.errors != SIGNALLING])[0]
    assert_as_recorded(case, found, release)


@pytest.mark.parametrize("case", NO_SLURMCTLD, ids=str)
def test_without_slurmctld(case: Case, without_slurmctld: dict[str, Answer], release: Release) -> None:
    assert_as_recorded(case, without_slurmctld[case.name], release)


@pytest.mark.parametrize("case", NO_SLURMDBD, ids=str)
def test_without_slurmdbd(case: Case, without_slurmdbd: dict[str, Answer], release: Release) -> None:
    assert_as_recorded(case, without_slurmdbd[case.name], release)


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.cases[0])
def test_a_difference_changes_all_that_it_names(difference: Difference) -> None:
    assert [name for name in difference.cases if not any(fnmatchcase(case.name, name) for case in CASES)] == []
    earlier = DIFFERENCES[: DIFFERENCES.index(difference)]
    for case in (case for case in CASES if difference.concerns(case.name, difference.since)):
        answer = meant(case.name, case.answer, difference.since, earlier)
        assert difference.apply(answer) != answer, case

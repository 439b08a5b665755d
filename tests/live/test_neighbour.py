"""The answers of the installed release's own C daemon, in its version nearest to v0.0.39, and ours, field by field.

What differs and is meant is listed in neighbour/differences.py and neighbour/rules.py, each with its reason; what is
listed for such a release and does not occur is a failure too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from slurmrest.routes import NAMES
from tests.live.neighbour.compare import Finding
from tests.live.neighbour.daemon import OURS, Neighbour, started
from tests.live.neighbour.entry import NEW, OLD, Run
from tests.live.neighbour.judge import Judge
from tests.live.neighbour.stage import Stage, staged
from tests.plugins.client import Answer, Client
from tests.plugins.cluster import Cluster
from tests.plugins.daemon import Factory

ATTEMPTS = 4
"""How often two answers may differ before it is no longer because something went on in between."""
SHOWN = 60


class Compared:
    """What was found with one of our dialects, for one user."""

    def __init__(self, stage: Stage, neighbour: Neighbour, ours: Client, dialect: str) -> None:
        self.stage, self.neighbour, self.ours = stage, neighbour, ours
        self.judge = Judge(Run(neighbour.version, neighbour.release, dialect))

    def unexplained(self, url: str) -> list[Finding]:
        """What nothing explains in the answers to a URL, each time that it is asked."""
        found: list[Finding] = []
        for _ in range(ATTEMPTS):
            theirs, ours = self.neighbour.get(url), self.ours.get(url)
            if refused(theirs) or refused(ours):
                # Statuses and errors have tests of their own: here it matters that neither gives anything.
                both = refused(theirs) and refused(ours)
                found = [] if both else [Finding(url, "status", "value", theirs.status, ours.status)]
            else:
                both_own = self.own(theirs.document), self.own(ours.document)
                if url.endswith("/config") and self.neighbour.version > OURS:
                    leave_out_what_was_deleted(*both_own)
                found = self.judge.judge(url, *both_own)
            if not found:
                break
        return found

    def own(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document without the jobs of others, and without what other tests had and is deleted.

        What is deleted and who shows it is a meant difference, but not one that every cluster has.
        """
        for key, records in document.items():
            if isinstance(records, list):
                document[key] = [one for one in records if not deleted(one)]
        if "jobs" in document:
            document["jobs"] = [job for job in document["jobs"] if job["name"] == self.stage.called]
        return document


def leave_out_what_was_deleted(theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    """Take from their config what ours lacks: later versions show what was deleted, also inside of accounts and users.

    That nothing else is missing the URL of each part says.
    """
    for key in ("accounts", "users", "qos"):
        names = {one["name"] for one in ours[key]}
        theirs[key] = [one for one in theirs[key] if one["name"] in names]
        for record in (*theirs[key], *ours[key]):
            record.pop("associations", None)


def deleted(record: Any) -> bool:
    """Tell whether a record of slurmdbd's is one that was deleted."""
    return isinstance(record, dict) and "DELETED" in (record.get("flags") or ())


def refused(answer: Answer) -> bool:
    """Tell whether an answer to a question about one thing is that there is none, or not for this user."""
    lists = [value for key, value in answer.document.items() if isinstance(value, list) and key != "warnings"]
    return answer.status >= 400 or bool(answer.document["errors"]) or (len(lists) == 2 and not any(lists))


@pytest.fixture(scope="module")
def stage(cluster: Cluster) -> Iterator[Stage]:
    """Something of everything."""
    with staged(cluster) as made:
        yield made


@pytest.fixture(scope="module", params=[(OLD, "root"), (NEW, "root"), (OLD, "games")], ids="-".join)
def compared(
    request: pytest.FixtureRequest, cluster: Cluster, daemon: Factory, stage: Stage
) -> Iterator[tuple[Compared, list[Finding]]]:
    """Both daemons on all of it, and what differs and is not meant."""
    with ExitStack() as stack:
        dialect, user = request.param
        neighbour = stack.enter_context(started(daemon, user))
        server = stack.enter_context(daemon("-d", dialect))
        both = Compared(stage, neighbour, server.client.as_user(user, cluster.token(user)), dialect)
        yield both, [finding for url in stage.urls for finding in both.unexplained(url)]


def test_every_url_that_can_be_read_is_asked(stage: Stage) -> None:
    asked = {url.partition("?")[0] for url in stage.urls}
    patterns = {url: re.sub(r"{\w+}", "[^/]+", url) for url in NAMES if url != "/slurm/v0.0.39/job/submit"}
    assert [url for url, pattern in patterns.items() if not any(re.fullmatch(pattern, one) for one in asked)] == []


def test_every_field_is_what_the_c_daemon_says_or_a_difference_that_is_meant(
    compared: tuple[Compared, list[Finding]],
) -> None:
    both, findings = compared
    lines = list(dict.fromkeys(str(finding) for finding in findings))
    assert not lines, "\n".join([f"{len(lines)} differences:", *lines[:SHOWN]])
    # Every one that is meant has to occur; but nobody else sees all of it.
    assert both.ours.user != "root" or list(both.judge.unused()) == []

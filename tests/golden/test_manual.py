"""The documents that the manual page of slurmrestd prints have the keys of ours, in their order."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.live.jobs import API, Jobs
from tests.plugins.cluster import CHECKOUT, Cluster

from .shapes import FOLDER, keys_of

MANUAL: dict[str, list[str]] = json.loads((FOLDER / "manual.json").read_text())
EXAMPLE = json.loads((CHECKOUT / "conf" / "dev" / "example_job.json").read_text())


@pytest.fixture
def jobs(cluster: Cluster) -> Iterator[Jobs]:
    """Jobs of this test alone."""
    own = Jobs(cluster)
    yield own
    own.cancel()


@pytest.mark.parametrize(("path", "key"), [("ping", "pings"), ("node/node01", "nodes")])
def test_what_is_shown(path: str, key: str, cluster: Cluster) -> None:
    assert list(keys_of(cluster.unix.get(f"{API}/{path}").document)) == MANUAL[key]


def test_what_is_submitted(cluster: Cluster, jobs: Jobs) -> None:
    document = jobs.post(cluster.unix, EXAMPLE).document
    assert list(keys_of(document)) == MANUAL["result"]
    # The manual page lost its slashes.
    assert [warning["source"].replace("/", "") for warning in document["warnings"]] == MANUAL["warnings"]

"""The scripts of docs/examples, run as root with curl as an administrator would."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.live.jobs import Jobs
from tests.plugins.client import eventually
from tests.plugins.cluster import Cluster

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
ACCOUNT, USER = "example", "irc"


@pytest.fixture
def account(cluster: Cluster) -> Iterator[str]:
    """The name of an account that is gone afterwards."""
    yield ACCOUNT
    cluster.run("sacctmgr", "-i", "delete", "user", f"name={USER}", check=False)
    cluster.run("sacctmgr", "-i", "delete", "account", f"name={ACCOUNT}", check=False)


def example(cluster: Cluster, name: str, *arguments: str) -> list[str]:
    """Run a script. Returns: the lines that it printed. Fails where it failed."""
    argv = (str(EXAMPLES / f"{name}.sh"), *arguments)
    environment = cluster.env | {"SLURMREST_SOCKET": str(cluster.socket)}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done.stdout.splitlines()


def associations(cluster: Cluster) -> set[str]:
    """What sacctmgr says of the account."""
    columns = "format=account,user,parentname,fairshare,grptres,maxjobs,maxwall,qos"
    return set(cluster.run("sacctmgr", "-nP", "show", "assoc", f"account={ACCOUNT}", columns).stdout.splitlines())


@contextmanager
def nothing_starts(cluster: Cluster) -> Iterator[None]:
    """Jobs are taken and wait: else what is short may be over before anybody looks."""
    cluster.run("scontrol", "update", "PartitionName=debug", "State=DOWN")
    try:
        yield
    finally:
        cluster.run("scontrol", "update", "PartitionName=debug", "State=UP")


def test_an_account_and_a_user_with_limits(cluster: Cluster, account: str) -> None:
    shown = example(cluster, "account", account, USER)
    assert shown == [f"{account}\t\tcpu=64,node=4\t0", f"{account}\t{USER}\t\t1440"]
    found = {tuple(line.split("|")[:7]) for line in associations(cluster)}
    assert found == {
        (account, "", "root", "10", "cpu=64,node=4", "", ""),
        (account, USER, "", "1", "", "10", "1-00:00:00"),
    }


def test_run_again_it_keeps_what_somebody_else_set(cluster: Cluster, account: str) -> None:
    example(cluster, "account", account, USER)
    limits = ("set", "maxsubmitjobs=7", "grptresmins=cpu=99")
    cluster.run("sacctmgr", "-i", "modify", "user", f"name={USER}", f"account={account}", *limits)
    example(cluster, "account", account, USER)
    columns = "format=user,maxsubmitjobs,grptresmins,maxjobs"
    shown = cluster.run("sacctmgr", "-nP", "show", "assoc", f"account={account}", f"user={USER}", columns).stdout
    assert shown.strip() == f"{USER}|7|cpu=99|10"


def test_an_array_and_the_job_that_waits_for_it(cluster: Cluster, jobs: Jobs) -> None:
    with nothing_starts(cluster):
        ids, waiting = example(cluster, "array")
        array, summary = ids.split()
        jobs.known += [array, summary]
    assert waiting.startswith("summary PENDING waits for afterok:")
    eventually(lambda: all(one["JobState"] == "COMPLETED" for one in jobs.shown(summary)), 60.0)
    assert {one["JobState"] for one in jobs.shown(array)} == {"COMPLETED"}


def test_a_node_out_of_service_and_back(cluster: Cluster) -> None:
    out, back = example(cluster, "drain", "node03", "a new disk")
    assert out.startswith("node03 ")
    assert "DRAIN" in out
    assert out.endswith("a new disk")
    assert "DRAIN" not in back


def test_a_reservation(cluster: Cluster) -> None:
    terms = ("Users=root", "Nodes=node04", "StartTime=now+1hour", "Duration=60", "Flags=maint,ignore_jobs")
    cluster.run("scontrol", "create", "reservation", "ReservationName=example", *terms)
    try:
        (shown,) = example(cluster, "reservation", "example")
    finally:
        cluster.run("scontrol", "delete", "ReservationName=example")
    assert shown.startswith("example node04 for root from ")
    assert "MAINT" in shown


def test_a_month_of_a_user(cluster: Cluster, jobs: Jobs) -> None:
    failing = jobs.sbatch(user="games", script="#!/bin/sh\nexit 3")
    working = jobs.sbatch(user="games", script="#!/bin/sh\nexit 0")
    jobs.until(failing, "FAILED")
    jobs.until(working, "COMPLETED")

    def accounted() -> set[str]:
        return {line.split(":")[0] for line in example(cluster, "usage", "games", "completed,failed")}

    eventually(lambda: accounted() == {"COMPLETED", "FAILED"}, 30.0)
    assert {line.split(":")[0] for line in example(cluster, "usage", "games", "failed")} == {"FAILED"}

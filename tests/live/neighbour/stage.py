"""Something of everything in the cluster, and what is asked about it.

staged(cluster)   a with block; gives a Stage
    .urls         every URL that is asked, in v0.0.39
    .called       the name of the jobs of the stage: those of others are left out of the comparison
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from tests.live.jobs import Jobs
from tests.live.sacctmgr import LIST, objects
from tests.plugins.client import eventually
from tests.plugins.cluster import Cluster

from .made import ACCOUNTING, JOBS, NAME, PARTITION, REASON, RESERVATION

SLURM = (
    *("ping", "diag", "licenses", "jobs", "nodes", "node/node01", "node/node04", "partitions", "partition/debug"),
    *("partition/gpu", f"partition/{NAME}", "reservations", "reservation/maintenance", "reservation/course"),
    f"reservation/{NAME}",
)
SLURMDB = (
    *("accounts", "account/gpuacct", "account/rdsub", f"account/{NAME}", "users", "user/games", "user/proxy"),
    *(f"user/{LIST}", "associations", "qos", "qos/high", "qos/rdqos", f"qos/{NAME}", "tres", "clusters", "cluster/dev"),
    *("association?cluster=dev&account=sub1&user=games", "wckeys", "wckey/wk1", "config", "diag"),
)


@dataclass(frozen=True)
class Stage:
    """What was made. called: the name of the jobs. jobs: their ids by what they are for."""

    called: str
    jobs: dict[str, int]

    @property
    def urls(self) -> list[str]:
        """Every URL that is asked."""
        slurm = (*SLURM, *(f"job/{job}" for job in self.jobs.values()))
        queried = f"jobs?job_name={self.called}"
        slurmdb = (*SLURMDB, queried, *(f"job/{job}" for name, job in self.jobs.items() if JOBS[name][3] != "PENDING"))
        return [f"/slurm/v0.0.39/{quote(url)}" for url in slurm] + [f"/slurmdb/v0.0.39/{url}" for url in slurmdb]


@contextmanager
def staged(cluster: Cluster) -> Iterator[Stage]:
    """Make it all, and unmake it."""
    jobs = Jobs(cluster)
    called = f"{NAME}-{time.time_ns()}"
    with objects(cluster), accounted(cluster), drained(cluster, "node04"), controlled(cluster):
        try:
            yield Stage(called, submitted(cluster, jobs, called))
        finally:
            jobs.cancel()


def submitted(cluster: Cluster, jobs: Jobs, called: str) -> dict[str, int]:
    """Submit the jobs, and wait until slurmctld and slurmdbd know what became of them."""
    ids = {
        name: jobs.sbatch(f"--job-name={called}", *options, user=user, script=script)
        for name, (user, options, script, _) in JOBS.items()
    }
    for name in ("cancelled", "suspended", "requeued"):
        jobs.until(ids[name], "RUNNING")
    cluster.run("scancel", str(ids["cancelled"]))
    cluster.run("scontrol", "suspend", str(ids["suspended"]))
    cluster.run("scontrol", "requeuehold", str(ids["requeued"]))
    jobs.until(ids["requeued"], "PENDING")
    cluster.run("scontrol", "update", f"jobid={ids['held']}", "admincomment=noted", "comment=also")
    for name, (*_, state) in JOBS.items():
        eventually(partial(settled, cluster, ids[name], state), 60.0)
    completing = ("squeue", "--noheader", "--states=completing", f"--name={called}")
    eventually(lambda: not cluster.run(*completing).stdout, 20.0)
    return ids


def settled(cluster: Cluster, job: int, state: str) -> bool:
    """Tell whether slurmdbd has the job, or a task of it, in that state; and no steps that run where it has ended."""
    said = cluster.run("sacct", "--duplicates", "--noheader", "--parsable2", "--format=State", f"--jobs={job}").stdout
    states = {line.split()[0] for line in said.splitlines() if line}
    return state in states and (state in ("RUNNING", "PENDING") or "RUNNING" not in states)


@contextmanager
def drained(cluster: Cluster, name: str) -> Iterator[None]:
    """Have a node drained, with a reason, a comment, and something extra."""
    change = ("scontrol", "update", f"nodename={name}")
    cluster.run(*change, "state=drain", f"reason={REASON}", "comment=a comment", "extra=more")
    try:
        yield
    finally:
        cluster.run(*change, "state=undrain", "comment=", "extra=")
        cluster.run(*change, "reason=nobody there")


@contextmanager
def accounted(cluster: Cluster) -> Iterator[None]:
    """Have an account and a QOS with every limit that there is."""

    def gone() -> None:
        for kind in ("account", "qos"):
            cluster.run("sacctmgr", "-i", "delete", kind, NAME, check=False)

    gone()
    for arguments in ACCOUNTING:
        cluster.run("sacctmgr", "-i", *arguments)
    try:
        yield
    finally:
        gone()


@contextmanager
def controlled(cluster: Cluster) -> Iterator[None]:
    """Have a partition and a reservation with most that they can have."""

    def gone() -> None:
        for kind in ("reservationname", "partitionname"):
            cluster.run("scontrol", "delete", f"{kind}={NAME}", check=False)

    gone()
    cluster.run("scontrol", "create", f"partitionname={NAME}", *PARTITION)
    cluster.run("scontrol", "create", f"reservationname={NAME}", *RESERVATION)
    try:
        yield
    finally:
        gone()

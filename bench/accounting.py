"""What slurmdbd keeps: all accounted jobs at once, and single accounts and users by wrk.

The floor of the jobs is the bare slurmdb_jobs_get, its list freed and nothing else. The C daemon is asked for all jobs
once: at full size that takes it minutes and 14 GiB, which it keeps.
"""

from collections.abc import Iterator
from http import HTTPStatus
from statistics import median
from typing import Any

from settings import Failure

from .database import AccountingCluster
from .report import Row
from .requests import Request, rounds, rows
from .servers import Server, running

OURS = ("compact", "ours")
JOBS = "db/jobs?start_time=2020-01-01"
"""All of them: without a time the C daemon takes those since midnight."""
MARKER = '"derived_exit_code"'
"""Text that is in each job once, in both versions."""

REQUESTS = (Request("account/{name}", "db/account/sub1"), Request("user/{name}", "db/user/games"))


def measure(cluster: AccountingCluster) -> Iterator[Row]:
    """The collection, then the small ones."""
    with running(cluster, "c") as (server,):
        c = counted(server, cluster.plan.jobs)
    with running(cluster, *OURS) as found:
        yield from whole(cluster, dict(zip(OURS, found, strict=True)), c)
    with running(cluster, "c", "ours") as (server, ours):
        yield from small(cluster, {"c": server, "ours": ours})


def whole(cluster: AccountingCluster, servers: dict[str, Server], c: dict[str, Any]) -> Iterator[Row]:
    """A first download, which is counted but not timed, then ours and the floor in turns. c: what the C daemon took."""
    for server in servers.values():
        counted(server, cluster.plan.jobs)
    took: dict[str, list[float]] = {name: [] for name in servers}
    sizes: dict[str, int] = {}
    floors = []
    for _ in range(cluster.plan.rounds):
        for name, server in servers.items():
            answer = download(server)
            took[name].append(answer["seconds"])
            sizes[name] = answer["size"]
        floors.append(cluster.bare("slurmdb_jobs_get")["seconds"])
    for ours, manner in (("compact", "compact"), ("ours", "pretty")):
        yield Row(f"`/slurmdb jobs`, time, {manner}", "s", c["seconds"], median(took[ours]), median(floors))
    for ours, manner in (("compact", "compact"), ("ours", "pretty")):
        yield Row(f"`/slurmdb jobs`, size, {manner}", "MB", c["size"], sizes[ours])


def counted(server: Server, jobs: int) -> dict[str, Any]:
    """GET all jobs, and see that all are there. Raises: Failure."""
    answer = download(server, marker=MARKER)
    if answer["found"] != jobs:
        raise Failure(f"{server.kind.name}: {answer['found']} accounted jobs, {jobs} expected")
    return answer


def small(cluster: AccountingCluster, servers: dict[str, Server]) -> Iterator[Row]:
    """One account and one user at all numbers of connections."""
    for request in REQUESTS:
        for server in servers.values():
            server.warm_up(request.first)
        for connections in cluster.plan.connections:
            found = rounds(cluster.plan, servers, request, connections)
            yield from rows(request, connections, found)


def download(server: Server, marker: str = "") -> dict[str, Any]:
    """GET all jobs. Raises: Failure."""
    answer: dict[str, Any] = server.ask("download", JOBS, marker=marker)
    if answer["status"] != HTTPStatus.OK:
        raise Failure(f"{server.kind.name}: status {answer['status']} for the jobs of slurmdbd")
    return answer

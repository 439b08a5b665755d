"""What slurmdbd keeps: all accounted jobs at once, and single accounts and users by wrk.

The floor of the jobs is the bare slurmdb_jobs_get, its list freed and nothing else.
"""

from collections.abc import Iterator
from http import HTTPStatus
from statistics import median
from typing import Any

from settings import Failure

from .database import AccountingCluster
from .report import Row
from .requests import WARM_UP, Request, rounds
from .servers import Server, running

SERVERS = ("c", "compact", "ours")
MARKER = '"derived_exit_code"'
"""Text that is in each job once, in both versions."""

REQUESTS = (Request("account/{name}", "db/account/sub1"), Request("user/{name}", "db/user/games"))


def measure(cluster: AccountingCluster) -> Iterator[Row]:
    """The collection, then the small ones."""
    with running(cluster, *SERVERS) as found:
        servers = dict(zip(SERVERS, found, strict=True))
        yield from whole(cluster, servers)
        yield from small(cluster, {"c": servers["c"], "ours": servers["ours"]})


def whole(cluster: AccountingCluster, servers: dict[str, Server]) -> Iterator[Row]:
    """A first download, which is counted but not timed, then A B A B."""
    for server in servers.values():
        found = download(server, marker=MARKER)["found"]
        if found != cluster.plan.jobs:
            raise Failure(f"{server.kind.name}: {found} accounted jobs, {cluster.plan.jobs} expected")
    took: dict[str, list[float]] = {name: [] for name in servers}
    sizes: dict[str, int] = {}
    floors = []
    for _ in range(cluster.plan.rounds):
        for name, server in servers.items():
            answer = download(server)
            took[name].append(answer["seconds"])
            sizes[name] = answer["size"]
        floors.append(cluster.bare("slurmdb_jobs_get")["seconds"])
    seconds = {name: median(found) for name, found in took.items()}
    for ours, manner in (("compact", "compact"), ("ours", "pretty")):
        yield Row(f"`/slurmdb jobs`, time, {manner}", "s", seconds["c"], seconds[ours], median(floors))
    for ours, manner in (("compact", "compact"), ("ours", "pretty")):
        yield Row(f"`/slurmdb jobs`, size, {manner}", "MB", sizes["c"], sizes[ours])


def small(cluster: AccountingCluster, servers: dict[str, Server]) -> Iterator[Row]:
    """One account and one user at all numbers of connections."""
    for request in REQUESTS:
        for server in servers.values():
            server.warm_up(request.first, each=WARM_UP)
        for connections in cluster.plan.connections:
            found = rounds(cluster.plan, servers, request, connections)
            what = f"`{request.name}`, {connections} connection{'s' * (connections > 1)}"
            for label, unit, more in (("rate", "1/s", ""), ("p50", "ms", ", p50"), ("p99", "ms", ", p99")):
                c, ours = (median(getattr(result, label) for result in found[name]) for name in ("c", "ours"))
                yield Row(what + more, unit, c, ours, more=label == "rate")


def download(server: Server, marker: str = "") -> dict[str, Any]:
    """GET all jobs. Raises: Failure."""
    answer: dict[str, Any] = server.ask("download", "db/jobs", marker=marker)
    if answer["status"] != HTTPStatus.OK:
        raise Failure(f"{server.kind.name}: status {answer['status']} for the jobs of slurmdbd")
    return answer

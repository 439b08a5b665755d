"""What a small request waits while a large one is served: pings on one connection beside downloads in a loop."""

import json
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from statistics import median

from settings import Failure

from . import CHECKOUT
from .cluster import ScaleCluster
from .report import Row
from .servers import Server, running

SERVERS = ("c", "compact", "ours")
ALONE_SECONDS = 1.0
FIGURES: dict[str, Callable[[Iterable[float]], float]] = {"p50": median, "p99": median, "longest": max}
"""What is told of the pings, and how that of one round is made that of all."""

Found = dict[str, float]


def measure(cluster: ScaleCluster) -> Iterator[Row]:
    """The same pings with nothing else to do, then beside /jobs as each daemon writes it."""
    alone: dict[str, list[Found]] = {name: [] for name in SERVERS}
    beside: dict[str, list[Found]] = {name: [] for name in SERVERS}
    for _ in range(cluster.plan.rounds):
        for name in SERVERS:
            # Started anew each time, because of the gigabytes that the C daemon does not give back.
            with running(cluster, name) as (server,):
                alone[name].append(pings(server, min(ALONE_SECONDS, cluster.plan.beside)))
                with downloading(server):
                    beside[name].append(pings(server, cluster.plan.beside))
    yield row("with nothing beside", "p99", alone, "ours")
    for ours, manner in (("compact", "beside compact `/jobs`"), ("ours", "beside pretty `/jobs`")):
        for figure in FIGURES:
            yield row(manner, figure, beside, ours)


def row(manner: str, figure: str, found: dict[str, list[Found]], ours: str) -> Row:
    """One line."""
    c, own = (FIGURES[figure](one[figure] for one in found[name]) for name in ("c", ours))
    return Row(f"`ping` {manner}, {figure}", "ms", c, own)


def pings(server: Server, seconds: float) -> Found:
    """One ping after the other. Raises: Failure."""
    found = server.ask("polls", "ping", seconds=seconds)
    if found["statuses"] != [HTTPStatus.OK]:
        raise Failure(f"{server.kind.name}: status {found['statuses']} for ping")
    return {figure: float(found[figure]) for figure in FIGURES}


@contextmanager
def downloading(server: Server) -> Iterator[None]:
    """Have /jobs downloaded in a loop. Raises: Failure where a download failed."""
    cluster = server.cluster
    process = subprocess.Popen(
        cluster.argv("client"),
        cwd=CHECKOUT,
        env=cluster.environment("client"),
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            if process.stdin is not None:
                process.stdin.write(json.dumps(server.task("repeat", "jobs")))
                process.stdin.close()
            yield
        finally:
            ended = process.poll() is not None
            process.terminate()
        said = process.stdout.read() if process.stdout else ""
        if ended or {line.split()[0] for line in said.splitlines()} - {"200"}:
            raise Failure(f"{server.kind.name}: a download of /jobs failed beside pings")

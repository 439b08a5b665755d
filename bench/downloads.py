"""Whole collections: seconds, bytes, and the memory of the process that serves them.

Memory is that of the first download from daemons that were started for this collection; it also checks that
every record is there. It warms up the C daemon, whose downloads are slow and leave gigabytes; ours, which
has several workers, is asked some more. The floor is the bare RPC.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from statistics import median
from typing import Any

from settings import Failure

from .cluster import PARTITIONS, ScaleCluster
from .memory import NOW, PEAK, Watch, resident
from .report import Row
from .servers import Server, running

SHORT_REST = 2.0
"""Seconds after a collection that is not /jobs."""
SERVERS = ("c", "compact", "ours")
"""The C daemon, ours writing compact JSON, and ours as it is by default, which is pretty, as the C daemon's."""


@dataclass(frozen=True)
class Collection:
    """name: of the URL. marker: text that is in each record once, in both versions."""

    name: str
    marker: str

    def records(self, cluster: ScaleCluster) -> int:
        """How many there are."""
        counts = {"jobs": cluster.plan.jobs, "nodes": cluster.plan.nodes, "partitions": len(PARTITIONS)}
        return counts[self.name]


COLLECTIONS = (
    Collection("partitions", '"alternat'),
    Collection("nodes", '"slurmd_start_time"'),
    Collection("jobs", '"job_id"'),
)


def measure(cluster: ScaleCluster) -> Iterator[Row]:
    """All collections."""
    for collection in COLLECTIONS:
        with running(cluster, *SERVERS) as servers:
            comparison = Comparison(cluster, collection, servers)
            yield from comparison.speed_and_memory()
            if collection.name == "jobs":
                yield from comparison.memory_after_many()


class Comparison:
    """One collection, served by all. Sizes are bytes, times seconds."""

    def __init__(self, cluster: ScaleCluster, collection: Collection, servers: list[Server]) -> None:
        self.cluster, self.collection, self.plan = cluster, collection, cluster.plan
        self.servers = dict(zip(SERVERS, servers, strict=True))
        self.watches = {name: Watch(server.pids()) for name, server in self.servers.items()}

    def speed_and_memory(self) -> Iterator[Row]:
        """A first download for memory, a rest, then the rounds."""
        sizes = {name: self.first(server) for name, server in self.servers.items()}
        grown = {name: watch.growth(PEAK) for name, watch in self.watches.items()}
        served = {name: watch.serving() for name, watch in self.watches.items()}
        before = {name: self.watches[name].before[pid] for name, pid in served.items()}
        peaks = {name: resident(pid, PEAK) for name, pid in served.items()}
        time.sleep(self.plan.rest if self.collection.name == "jobs" else min(SHORT_REST, self.plan.rest))
        rested = {name: resident(pid) for name, pid in served.items()}
        for name in SERVERS[1:]:
            self.servers[name].warm_up(self.collection.name, 4)
        seconds, bare = self.rounds()
        floor = median(one["seconds"] for one in bare)
        message = max(one["message"] for one in bare)
        yield self.row("time, compact", "s", seconds, floor)
        yield self.row("time, pretty", "s", seconds, floor)
        yield self.row("size, compact", "MB", sizes)
        yield self.row("size, pretty", "MB", sizes)
        yield self.row("memory before", "MiB", before)
        yield self.row("memory at its peak", "MiB", peaks)
        yield self.row("memory after a rest", "MiB", rested)
        yield self.row("peak above before, compact", "MiB", grown, message)
        yield self.row("peak above before, pretty", "MiB", grown, message)

    def memory_after_many(self) -> Iterator[Row]:
        """How much more than at the start is held after several, one after the other and at once."""
        time.sleep(self.plan.rest)
        after = {name: watch.growth(NOW) for name, watch in self.watches.items()}
        yield self.row("all rounds, held after a rest", "MiB", after)
        for together, count in ((1, self.plan.in_a_row), (self.plan.at_once, self.plan.at_once)):
            peak, held = self.many(self.servers["compact"], count, together)
            manner = "at once" if together > 1 else "in a row"
            yield self.row(f"{count} {manner}, peak above before", "MiB", {"compact": peak})
            yield self.row(f"{count} {manner}, held after a rest", "MiB", {"compact": held})

    def many(self, server: Server, count: int, together: int) -> tuple[int, int]:
        """Download so often. Returns: how far above the start one process was at its peak, all are after a rest."""
        watch = self.watches["compact"]
        watch.start()
        with ThreadPoolExecutor(together) as threads:
            list(threads.map(self.download, [server] * count))
        peak = watch.grown(watch.serving(), PEAK)
        time.sleep(self.plan.rest)
        return peak, watch.growth(NOW)

    def first(self, server: Server) -> int:
        """Download and count the records. Returns: the size. Raises: Failure."""
        answer = self.download(server, marker=self.collection.marker)
        wanted = self.collection.records(self.cluster)
        if answer["found"] != wanted:
            raise Failure(f"{server.kind.name}: {answer['found']} {self.collection.name}, {wanted} expected")
        return int(answer["size"])

    def rounds(self) -> tuple[dict[str, float], list[dict[str, Any]]]:
        """A B A B. Returns: the median seconds of each, and what bare.py said each time."""
        took: dict[str, list[float]] = {name: [] for name in self.servers}
        bare = []
        for _ in range(self.plan.rounds):
            for name, server in self.servers.items():
                took[name].append(self.download(server)["seconds"])
            bare.append(self.cluster.bare(self.collection.name))
        return {name: median(seconds) for name, seconds in took.items()}, bare

    def download(self, server: Server, marker: str = "") -> dict[str, Any]:
        """GET the collection. Raises: Failure."""
        answer: dict[str, Any] = server.ask("download", self.collection.name, marker=marker)
        if answer["status"] != HTTPStatus.OK:
            raise Failure(f"{server.kind.name}: status {answer['status']} for {self.collection.name}")
        return answer

    def row(self, what: str, unit: str, found: dict[str, Any], floor: float | None = None) -> Row:
        """A line about this collection. Pretty is ours as it is by default."""
        ours = "ours" if what.endswith("pretty") else "compact"
        return Row(f"`/{self.collection.name}`, {what}", unit, found.get("c"), found.get(ours), floor)

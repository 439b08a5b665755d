"""Asking again while nothing changed: what that costs beside the whole document."""

import time
from collections.abc import Iterator
from http import HTTPStatus
from statistics import median
from typing import Any

from .cluster import ScaleCluster
from .report import Row
from .servers import Server, running

POLLS = 20


def measure(cluster: ScaleCluster) -> Iterator[Row]:
    """/jobs whole, with update_time, and with the entity tag that it came with where there was one."""
    with running(cluster, "c", "compact") as servers:
        wholes = [whole(server) for server in servers]
        found = [
            [poll(server, one["headers"]) for server, one in zip(servers, wholes, strict=True)]
            for _ in range(cluster.plan.rounds)
        ]
    for manner in ("update_time", "If-None-Match"):
        c, ours = (middle(manner, [one[place] for one in found]) for place in range(2))
        yield Row(f"`/jobs` unchanged, by {manner}", "ms", c, ours)
        c, ours = (one and all_["seconds"] / one for one, all_ in zip((c, ours), wholes, strict=True))
        yield Row(f"`/jobs` unchanged, by {manner}, cheaper than the whole", "times", c, ours, more=True)


def whole(server: Server) -> dict[str, Any]:
    """The whole document, asked for a second time. Returns: what client.download does."""
    server.ask("download", "jobs")
    answer: dict[str, Any] = server.ask("download", "jobs")
    return answer


def middle(manner: str, found: list[dict[str, float]]) -> float | None:
    """The median seconds; None where there are none, because the answer was not 304."""
    seconds = [one[manner] for one in found if manner in one]
    return median(seconds) if seconds else None


def poll(server: Server, headers: dict[str, str]) -> dict[str, float]:
    """The seconds of each manner of asking that is understood. headers: of the whole document."""
    found: dict[str, float] = {}
    take(found, "update_time", server.ask("polls", f"jobs?update_time={int(time.time())}", count=POLLS))
    if tag := headers.get("etag"):
        take(found, "If-None-Match", server.ask("polls", "jobs", headers={"If-None-Match": tag}, count=POLLS))
    return found


def take(found: dict[str, float], manner: str, said: dict[str, Any]) -> None:
    """Take up the median of an answer, if it says that nothing changed."""
    if said["statuses"] == [HTTPStatus.NOT_MODIFIED]:
        found[manner] = float(said["p50"])

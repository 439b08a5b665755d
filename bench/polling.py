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
MILLI = 1e-3


def measure(cluster: ScaleCluster) -> Iterator[Row]:
    """/jobs whole, with update_time, and with the entity tag that it came with where there was one."""
    with running(cluster, "c", "compact") as servers:
        for server in servers:
            server.ask("download", "jobs")
        found = [[poll(server) for server in servers] for _ in range(cluster.plan.rounds)]
    theirs, ours = ([one[place] for one in found] for place in (0, 1))
    for manner in ("update_time", "If-None-Match"):
        c, own = middle(theirs, manner), middle(ours, manner)
        yield Row(f"`/jobs` unchanged, by {manner}", "ms", *(one and one / MILLI for one in (c, own)))
        saved = (one and middle(all_, "whole", 1.0) / one for one, all_ in ((c, theirs), (own, ours)))
        yield Row(f"`/jobs` unchanged, by {manner}, cheaper than the whole", "times", *saved, more=True)


def middle(found: list[dict[str, float]], manner: str, default: float | None = None) -> Any:
    """The median seconds; *default* where there is none, because the answer was not 304."""
    seconds = [one[manner] for one in found if manner in one]
    return median(seconds) if seconds else default


def poll(server: Server) -> dict[str, float]:
    """The seconds of each manner of asking for which there is an answer."""
    whole = server.ask("download", "jobs")
    found = {"whole": float(whole["seconds"])}
    since = server.ask("polls", f"jobs?update_time={int(time.time())}", count=POLLS)
    take(found, "update_time", since)
    if tag := whole["headers"].get("etag"):
        take(found, "If-None-Match", server.ask("polls", "jobs", headers={"If-None-Match": tag}, count=POLLS))
    return found


def take(found: dict[str, float], manner: str, said: Any) -> None:
    """Take up the median of an answer, if it says that nothing changed."""
    if said["statuses"] == [HTTPStatus.NOT_MODIFIED]:
        found[manner] = float(said["p50"])

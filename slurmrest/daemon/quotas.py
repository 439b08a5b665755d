"""Threads and connections are totals over all workers; here each worker gets its share.

A share belongs to a place among the workers, and a worker that replaces another takes over its place.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

from .balance import Loads

RESERVED_FILES = 128
"""Open files a worker needs besides its connections: libraries, logs, temporary files, connections to slurmctld."""


class Quota(NamedTuple):
    """Threads and connections of one worker, or of all of them."""

    threads: int
    connections: int

    def share(self, place: int, workers: int) -> Quota:
        """Give the share of the worker at *place* of so many *workers*; all shares together are the whole."""
        return Quota(_share(self.threads, place, workers), _share(self.connections, place, workers))


def _share(total: int, place: int, workers: int) -> int:
    """Share out *total*; what does not divide goes to the first places. Nobody gets nothing."""
    return max(1, total // workers + (place < total % workers))


def worker_count(total: Quota) -> int:
    """Choose the number of workers: one for each processor, each with two threads at least and a connection.

    A worker with one thread would let its connections wait behind a single slow call while others are idle.
    """
    processors = len(os.sched_getaffinity(0))
    return max(1, min(processors, total.threads // 2, total.connections))


def assigner(total: Quota) -> Callable[[Any, Any], None]:
    """Make gunicorn's pre_fork hook that gives each new worker a free place, its share, and sight of the others."""
    loads = Loads()

    def pre_fork(arbiter: Any, worker: Any) -> None:
        taken = {other.place for other in arbiter.WORKERS.values() if other is not worker}
        worker.place = next(place for place in range(len(taken) + 1) if place not in taken)
        workers = arbiter.num_workers
        worker.quota = total.share(worker.place % workers, workers)
        worker.load = loads.of(worker.place)

    return pre_fork

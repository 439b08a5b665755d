"""The floors that are RPCs: `python -m bench.bare jobs`, any of COLLECTIONS and SMALL, or slurmdb_jobs_get.

A collection is loaded and freed, and nothing is read of it but the number of its records. A small one is what
a request of that kind asks slurmctld for. BENCH_TOKEN is the token that is used. Prints JSON: seconds of one
call; for a collection also message, the bytes by which the process grew in the first, at its peak; for a
small one processor, the seconds of processor time.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

from libslurm import Arena, Controller, Library, TokenIdentity, read
from libslurm.accounting import Accountings
from libslurm.memory import POINTERS

from .memory import PEAK, Watch

REPEATS = 200
"""Calls of a small kind, of which the median is told."""


class Call(NamedTuple):
    """The C functions that load and free one kind of message, its struct, and the flags that the daemon asks with."""

    load: str
    free: str
    struct: str
    flags: tuple[str, ...]


# fmt: off
COLLECTIONS = {
    "jobs": Call("slurm_load_jobs", "slurm_free_job_info_msg", "job_info_msg_t",
                 ("SHOW_ALL", "SHOW_DETAIL")),
    "nodes": Call("slurm_load_node", "slurm_free_node_info_msg", "node_info_msg_t",
                  ("SHOW_ALL", "SHOW_DETAIL", "SHOW_MIXED")),
    "partitions": Call("slurm_load_partitions", "slurm_free_partition_info_msg", "partition_info_msg_t",
                       ("SHOW_ALL",)),
}
# fmt: on


def load_node(slurm: Controller) -> None:
    """A node shows its partitions, which are asked for with it."""
    slurm.load_node("node00001").close()
    slurm.load_partitions().close()


def submit_job(slurm: Controller) -> None:
    """The job of requests.HELD, as far as it matters."""
    arena, job = Arena(), slurm.new_job_description()
    job.name, job.account, job.script, job.work_dir = b"submitted", b"physics", b"#!/bin/sh\ntrue\n", b"/"
    job.priority = 0
    job.environment, job.env_size = arena.strings(["PATH=/bin"]), 1
    slurm.submit_batch_job(job).close()


SMALL: dict[str, Callable[[Controller], object]] = {
    "ping": Controller.ping,
    "job/{id}": lambda slurm: slurm.load_job(1).close(),
    "node/{name}": load_node,
    "diag": lambda slurm: slurm.statistics().close(),
    "job/submit": submit_job,
}


class Bare:
    """One of COLLECTIONS, ready to be loaded."""

    def __init__(self, library: Library, call: Call) -> None:
        self.load, self.free = getattr(library.c, call.load), getattr(library.c, call.free)
        self.flags = sum(library.layout.constant(name) for name in call.flags)
        self.count = library.layout.structs[call.struct].members["record_count"]
        self.arena = Arena()
        # A NULL pointer of our own: where the function puts the address of its answer.
        self.out = self.arena.strings(())

    def once(self) -> int:
        """Load and free. Returns: the number of records."""
        self.load(0, self.out, self.flags)
        address = POINTERS[self.out >> 3]
        records = int.from_bytes(read(address + self.count.offset, self.count.size), sys.byteorder)
        self.free(address)
        return records


def collection(library: Library, identity: TokenIdentity, name: str) -> dict[str, Any]:
    """Load twice: once for memory, once for time."""
    bare = Bare(library, COLLECTIONS[name])
    with identity.acting():
        # What libslurm loads at its first call is no part of the message.
        library.c.slurm_ping(0)
        watch = Watch([os.getpid()])
        records = bare.once()
        message = watch.growth(PEAK)
        seconds = timed(bare.once)
    return {"seconds": seconds, "message": message, "records": records}


def small(library: Library, identity: TokenIdentity, name: str) -> dict[str, Any]:
    """Call often, the first time uncounted."""
    slurm, call = Controller(library, identity), SMALL[name]
    call(slurm)
    before = time.process_time()
    seconds = median(timed(lambda: call(slurm)) for _ in range(REPEATS))
    return {"seconds": seconds, "processor": (time.process_time() - before) / REPEATS}


def accounted(library: Library, identity: TokenIdentity) -> dict[str, Any]:
    """Load and free all accounted jobs over a connection that is there, as the daemon's mostly is."""
    with Accountings(library).reading(identity) as slurmdbd:
        slurmdbd.tres().close()
        return {"seconds": timed(lambda: slurmdbd.jobs().close())}


def timed(call: Callable[[], object]) -> float:
    """The seconds that a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def main() -> None:
    """Measure what the command line names."""
    name = sys.argv[1]
    library = Library.open()
    library.init(os.environ["SLURM_CONF"])
    identity = TokenIdentity(library, os.environ["BENCH_TOKEN"])
    if name == "slurmdb_jobs_get":
        json.dump(accounted(library, identity), sys.stdout)
        return
    measure = collection if name in COLLECTIONS else small
    json.dump(measure(library, identity, name), sys.stdout)


if __name__ == "__main__":
    main()

"""The floor under a collection: the RPC alone, `python -m bench.bare jobs|nodes|partitions`.

The message is loaded and freed, and nothing is read of it but the number of its records. BENCH_TOKEN is the
token that is used. Prints JSON: seconds of the second call; message, the bytes by which the process grew in
the first, at its peak.
"""

import json
import os
import sys
import time
from typing import Any, NamedTuple

from libslurm import Arena, Library, TokenIdentity, read
from libslurm.memory import POINTERS

from .memory import PEAK, Watch


class Call(NamedTuple):
    """The C functions that load and free one kind of message, its struct, and the flags that the daemon asks with."""

    load: str
    free: str
    struct: str
    flags: tuple[str, ...]


CALLS = {
    "jobs": Call("slurm_load_jobs", "slurm_free_job_info_msg", "job_info_msg_t", ("SHOW_ALL", "SHOW_DETAIL")),
    "nodes": Call(
        *("slurm_load_node", "slurm_free_node_info_msg", "node_info_msg_t"),
        ("SHOW_ALL", "SHOW_DETAIL", "SHOW_MIXED"),
    ),
    "partitions": Call(
        *("slurm_load_partitions", "slurm_free_partition_info_msg", "partition_info_msg_t"), ("SHOW_ALL",)
    ),
}


class Bare:
    """One of CALLS, ready to be made."""

    def __init__(self, library: Library, call: Call) -> None:
        self.library = library
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


def measure(call: Call) -> dict[str, Any]:
    """Make the call twice."""
    library = Library.open()
    library.init(os.environ["SLURM_CONF"])
    with TokenIdentity(library, os.environ["BENCH_TOKEN"]).acting():
        bare, watch = Bare(library, call), Watch([os.getpid()])
        records = bare.once()
        message = watch.growth(PEAK)
        began = time.perf_counter()
        bare.once()
        seconds = time.perf_counter() - began
    return {"seconds": seconds, "message": message, "records": records}


if __name__ == "__main__":
    json.dump(measure(CALLS[sys.argv[1]]), sys.stdout)

"""What test_rest_many.py does with libslurm, in a process of its own: `python -m tests.live.many_child submit 3000`.

submit      submits so many held jobs of all kinds. Prints the ids of the first and the last.
reference   prints every job that slurmctld has as the reference dump has it, a JSON document a line.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import orjson

from libslurm import Arena, Controller, Library
from slurmrest.data_parser import reference
from slurmrest.data_parser.bind import bind
from slurmrest.data_parser.fields import V0_0_39
from slurmrest.data_parser.names import Names
from slurmrest.data_parser.tables import TABLES

NAMES = (
    b"plain",
    "żółć ☃ 日本".encode(),
    b"\xff\xfe no UTF-8 \xc3",
    b'"quoted" \\ and / slashed',
    # No line ends: scontrol would write them as they are, and other tests read what it writes.
    b"bell\x07delete\x7f",
    b'","',
    b"%j%%d 100%",
    b"\\u0000 is no NUL",
)
COMMENTS = (None, b"", *NAMES)


def members(number: int, arena: Arena) -> Iterator[tuple[str, Any]]:
    """What one of the jobs asks for."""
    yield "name", NAMES[number % len(NAMES)]
    yield "comment", COMMENTS[number % len(COMMENTS)]
    yield "priority", 0
    yield "work_dir", f"/tmp/many/{number}/żółć".encode()  # noqa: S108 - nothing is ever written there
    yield "script", b"#!/bin/sh\ntrue\n"
    yield "environment", arena.strings(["PATH=/bin"])
    yield "env_size", 1
    if number % 3:
        yield "std_out", f"out-{number}-%j-%x-%u-%A-%a".encode()
    if number % 50 == 0:
        yield "array_inx", b"0-9:3%2"
    if number % 31 == 0:
        yield "time_limit", number
    if number % 37 == 0:
        yield "dependency", b"singleton"


def submit(controller: Controller, count: int) -> list[int]:
    """Submit. Returns: the ids."""
    found = []
    for number in range(count):
        arena, record = Arena(), controller.new_job_description()
        for name, value in members(number, arena):
            setattr(record, name, value)
        with controller.submit_batch_job(record) as answer:
            found.append(answer.record.job_id)
    return found


def documents(controller: Controller) -> Iterator[bytes]:
    """The reference dump of every job."""
    names, bound = Names(controller.library), bind(TABLES["JOB_INFO"], V0_0_39, controller.library.layout)
    with controller.load_jobs() as message:
        for address in message.addresses("job_array", "record_count", "slurm_job_info_t"):
            yield orjson.dumps(reference.dump(bound, address, names))


def main() -> None:
    """Do what the command line names."""
    library = Library.open()
    library.init(os.environ["SLURM_CONF"])
    controller = Controller(library)
    if sys.argv[1] == "submit":
        ids = submit(controller, int(sys.argv[2]))
        sys.stdout.write(f"{ids[0]} {ids[-1]}\n")
    else:
        sys.stdout.buffer.write(b"\n".join(documents(controller)))


if __name__ == "__main__":
    main()

"""A process of its own that uses the bindings on the cluster, as it is told on standard input.

Each line is a JSON list, [command, argument ...]; the answer is a line of JSON. SLURM_CONF names the cluster,
SLURM_JWT in the environment makes it a JWT process.
"""

from __future__ import annotations

import ctypes
import gc
import json
import pwd
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from libslurm import (
    Arena,
    Controller,
    Identity,
    Library,
    OwnIdentity,
    SlurmError,
    TokenIdentity,
    linux,
    record_at,
)

PAGE = 4096
JOBS = ("job_array", "record_count", "slurm_job_info_t")
NODES = ("node_array", "record_count", "node_info_t")


class Mallinfo(ctypes.Structure):
    """Struct mallinfo2 of malloc.h."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in [
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        ]
    )


MALLINFO = ctypes.CDLL(None).mallinfo2
MALLINFO.restype = Mallinfo


class Nobody(Identity):
    """A thread that was not configured."""

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Configure nothing."""
        yield


class Child:
    """The commands."""

    def __init__(self) -> None:
        linux.limit_arenas()
        self.library = Library.open()
        self.library.init()
        self.own = OwnIdentity(self.library)
        self.job = self.library.layout.record("slurm_job_info_t")
        self.node = self.library.layout.record("node_info_t")

    def controller(self, token: str | None = None) -> Controller:
        """The controller, as a token's user or as the own."""
        return Controller(self.library, TokenIdentity(self.library, token) if token else self.own)

    def load_jobs(self, token: str | None = None) -> list[int]:
        """The user ids of all jobs that are seen."""
        return self.seen(self.controller(token))

    def seen(self, controller: Controller) -> list[int]:
        """The user ids of all jobs that the controller shows."""
        with controller.load_jobs() as jobs:
            records: list[Any] = [record_at(self.job, address) for address in jobs.addresses(*JOBS)]
            return [record.user_id for record in records]

    def as_nobody(self) -> list[int]:
        """The user ids of all jobs that a thread without an identity sees."""
        return self.seen(Controller(self.library, Nobody()))

    def own_token_is_kept(self) -> bool:
        """Whether the own identity has a token, and the same twice."""
        source = self.own._source  # noqa: SLF001 - whether it was fetched again cannot be seen from outside
        return source is not None and source.current() == source.current()

    def ping(self, token: str | None = None) -> list[bool]:
        """Whether each slurmctld answered."""
        return [ping.pinged for ping in self.controller(token).ping()]

    def submit(self, user: str, token: str | None = None) -> int:
        """Submit a held job of *user*. Returns: its id."""
        controller = self.controller(token)
        arena = Arena()
        description = self.description(controller, arena, user)
        with controller.submit_batch_job(description) as answer:
            return int(answer.record.job_id)

    def description(self, controller: Controller, arena: Arena, user: str) -> Any:
        """A held job of *user*, kept alive by *arena*."""
        made = arena.keep(controller.new_job_description())
        made.name, made.work_dir, made.priority = b"bindings", b"/tmp", 0
        made.script = arena.string("#!/bin/sh\ntrue\n")
        made.environment, made.env_size = arena.strings(["PATH=/usr/bin:/bin"]), 1
        entry = pwd.getpwnam(user)
        made.user_id, made.group_id = entry.pw_uid, entry.pw_gid
        return made

    def cancel(self, job_id: int) -> None:
        """Cancel a job."""
        self.controller().kill_job(str(job_id), 9)

    def mix(self, tokens: dict[str, str], threads: int, calls: int) -> dict[str, Any]:
        """Let threads list jobs as one user after another. Returns: the calls made, and what was wrong."""
        wrong: list[Any] = []
        made: list[int] = []
        turns = list(tokens.items())

        def work(number: int) -> None:
            for call in range(calls):
                user, token = turns[(number + call) % len(turns)]
                found = self.load_jobs(token)
                wrong.extend((user, uid) for uid in found if uid != pwd.getpwnam(user).pw_uid)
                wrong.extend((user, "sees nothing") for _ in range(not found))
                made.append(call)

        running = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        return {"made": len(made), "wrong": wrong}

    def growth(self, call: str, times: int, *arguments: Any) -> dict[str, int]:
        """What the process grew by over so many calls, after as many to warm up, in bytes.

        Returns: "resident" in memory, trimmed, and "allocated" by malloc and not freed.
        """
        work: Callable[..., None] = getattr(self, f"once_{call}")
        for _ in range(times):
            work(*arguments)
        before = self.memory()
        for _ in range(times):
            work(*arguments)
        return {name: after - before[name] for name, after in self.memory().items()}

    def memory(self) -> dict[str, int]:
        """What the process has: "resident" and "allocated" bytes."""
        gc.collect()
        linux.trim_heap()
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
        info = MALLINFO()
        return {"resident": resident, "allocated": info.uordblks + info.hblkhd}

    def once_statistics(self) -> None:
        """Fetch the counters."""
        self.controller().statistics().close()

    def once_licenses(self) -> None:
        """Fetch the licences."""
        self.controller().load_licenses().close()

    def once_partitions(self) -> None:
        """Fetch the partitions."""
        self.controller().load_partitions().close()

    def once_reservations(self) -> None:
        """Fetch the reservations."""
        self.controller().load_reservations().close()

    def once_ping(self) -> None:
        """Ping."""
        self.controller().ping()

    def once_jobs(self) -> None:
        """Fetch all jobs, and the paths of some."""
        with self.controller().load_jobs() as jobs:
            for address in jobs.addresses(*JOBS)[:20]:
                self.library.job_paths(address)

    def once_job(self) -> None:
        """Fetch all jobs, then the newest alone: slurmctld may forget an old one in between."""
        with self.controller().load_jobs() as jobs:
            newest = max(job.job_id for job in jobs.records(*JOBS))
            self.controller().load_job(newest).close()

    def once_nodes(self) -> None:
        """Fetch nodes and partitions, fill in the one from the other, and what is allocated."""
        controller = self.controller()
        with controller.load_nodes() as nodes, controller.load_partitions() as partitions:
            controller.populate_node_partitions(nodes, partitions)
            for address in nodes.addresses(*NODES):
                node: Any = record_at(self.node, address)
                # From 25.05 on it is in the node itself.
                if self.library.has("slurm_get_select_nodeinfo"):
                    self.library.node_allocation(node.select_nodeinfo)

    def once_node(self) -> None:
        """Fetch all nodes, then the first alone."""
        with self.controller().load_nodes() as nodes:
            first: Any = record_at(self.node, nodes.addresses(*NODES)[0])
            self.controller().load_node(first.name.decode()).close()

    def once_submitted(self) -> None:
        """Submit and cancel."""
        self.cancel(self.submit("root"))

    def once_het_job(self) -> None:
        """Submit and cancel a job of two components."""
        controller, arena = self.controller(), Arena()
        components = [self.description(controller, arena, "root") for _ in range(2)]
        with controller.submit_batch_het_job(components) as answer:
            self.cancel(answer.record.job_id)

    def once_updated(self, job_id: int) -> None:
        """Change a job, and take the answer."""
        controller = self.controller()
        update = controller.new_job_description()
        update.job_id_str = str(job_id).encode()
        update.comment = update.admin_comment = b"a comment"
        answer = controller.update_job(update)
        if answer is not None:
            answer.close()

    def once_node_update(self) -> None:
        """Change the first node."""
        controller = self.controller()
        with controller.load_nodes() as nodes:
            first: Any = record_at(self.node, nodes.addresses(*NODES)[0])
            update = controller.new_node_update()
            update.node_names = first.name
            update.comment = b"a comment"
            controller.update_node(update)

    def once_refused(self) -> None:
        """Ask for a job that is not there."""
        try:
            self.controller().load_job(0xFFFFFF00)
        except SlurmError:
            return
        raise AssertionError


def answer(child: Child, command: str, *arguments: Any) -> Any:
    """What a command returned, or the parts of its SlurmError."""
    try:
        return {"result": getattr(child, command)(*arguments)}
    except SlurmError as error:
        return {"number": error.number, "name": error.name, "function": error.function}


def serve(child: Child) -> None:
    """Answer until standard input ends."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(child, *json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve(Child())

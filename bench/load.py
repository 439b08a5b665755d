"""Fills the scale cluster with held jobs, by a loop on libslurm: `python -m bench.load JOBS`, as root.

What a job says varies as it does on a real cluster: names, users, accounts, partitions, times, dependencies,
environments, paths and comments, some of it outside ASCII. The same numbers give the same jobs. slurmctld
takes root's word for whose job it is, so that one process with munge submits for all users.
"""

import json
import os
import pwd
import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from libslurm import Arena, Controller, Library

SUBMITTERS = 3
"""Threads; more do not make slurmctld any faster."""

PLAIN_USERS = ("daemon", "bin", "sys", "games", "man", "lp", "mail", "news", "uucp", "proxy", "www-data", "backup")
ACCOUNTS = ("physics", "chemistry", "biology", "climate", "materials", "astro", "cfd", "ml-group", "teaching")
NAMES = ("relax", "md_run", "train", "preproc", "render", "blast", "wrf", "sweep", "gromacs", "größe", "解析")
PARTITIONS = ("batch", "batch", "batch", "debug", "long", "gpu", "bigmem", "batch,long")
FEATURES = (None, None, None, "skylake", "ib", "rome|milan", "rack1&broadwell")
COMMENTS = (None, None, "restart of an earlier run", "für die Konferenz", 'quoted "twice" and \\ tab\t', "第二版")
DAY = 86400


class Submitter:
    """One thread's share of the jobs. seed: makes its jobs; they follow from it alone."""

    def __init__(self, controller: Controller, seed: int) -> None:
        self.controller = controller
        self.random = random.Random(seed)
        self.last = 0
        self.per_cpu = controller.library.layout.constant("MEM_PER_CPU")

    def submit(self, count: int) -> int:
        """Submit so many jobs. Returns: the number of the last. Raises: SlurmError."""
        for number in range(count):
            arena = Arena()
            record = self.controller.new_job_description()
            for part in (self.identify, self.place, self.size, self.schedule, self.surround):
                for name, value in part(number, arena):
                    setattr(record, name, value)
            with self.controller.submit_batch_job(record) as answer:
                self.last = answer.record.job_id
        return self.last

    def identify(self, number: int, _arena: Arena) -> Iterator[tuple[str, Any]]:
        """Whose it is and what it is called."""
        pick = self.random.choice
        user = pwd.getpwnam(pick(PLAIN_USERS))
        yield "user_id", user.pw_uid
        yield "group_id", user.pw_gid
        yield "name", f"{pick(NAMES)}_{number % 997}".encode()
        yield "account", pick(ACCOUNTS).encode()
        if comment := pick(COMMENTS):
            yield "comment", f"{comment} #{self.random.randrange(500)}".encode()
        if number % 11 == 0:
            yield "wckey", f"wk{number % 7}".encode()
        if number % 5 == 0:
            yield "mail_user", f"{user.pw_name}@example.org".encode()
            yield "mail_type", self.random.randrange(1, 16)

    def place(self, number: int, _arena: Arena) -> Iterator[tuple[str, Any]]:
        """Where it may run."""
        pick = self.random.choice
        yield "partition", pick(PARTITIONS).encode()
        if feature := pick(FEATURES):
            yield "features", feature.encode()
        if number % 13 == 0:
            yield "exc_nodes", f"node{self.random.randrange(1, 40):05}".encode()
        if number % 17 == 0:
            yield "licenses", f"{pick(('matlab', 'fluent'))}:{self.random.randrange(1, 5)}".encode()
        if number % 9 == 0:
            yield "tres_per_node", f"gres:gpu:{self.random.randrange(1, 5)}".encode()

    def size(self, number: int, _arena: Arena) -> Iterator[tuple[str, Any]]:
        """How large it is."""
        tasks, each = self.random.choice((1, 1, 2, 4, 12, 24, 48)), self.random.choice((1, 1, 2, 4))
        yield "num_tasks", tasks
        yield "cpus_per_task", each
        yield "min_cpus", tasks * each
        yield "min_nodes", self.random.choice((1, 1, 2))
        memory = self.random.randrange(100, 64_000, 100)
        yield "pn_min_memory", memory if number % 2 else memory // 48 | self.per_cpu
        if number % 20 == 0:
            # Small ones: each task counts towards MaxJobCount.
            yield "array_inx", f"0-{self.random.randrange(1, 40)}%{self.random.randrange(1, 20)}".encode()

    def schedule(self, number: int, _arena: Arena) -> Iterator[tuple[str, Any]]:
        """When it may run: never, as it is held."""
        yield "priority", 0
        yield "time_limit", self.random.choice((5, 30, 60, 120, 240, 720, 1440, 2880))
        yield "nice", 0x80000000 + self.random.choice((0, 0, 0, 10, 100))
        if number % 6 == 0:
            yield "begin_time", int(time.time()) + self.random.randrange(DAY, 30 * DAY)
        if self.last and number % 8 == 0:
            kind = self.random.choice(("afterok", "afterany", "afternotok"))
            yield "dependency", f"{kind}:{self.last}".encode()

    def surround(self, number: int, arena: Arena) -> Iterator[tuple[str, Any]]:
        """Its script, its environment and its files."""
        project = f"/home/{self.random.choice(ACCOUNTS)}/run{self.random.randrange(2000):04}"
        variables = [f"VARIABLE_{index}={self.random.random()}" for index in range(self.random.randrange(2, 40))]
        variables += ["PATH=/usr/local/bin:/usr/bin:/bin", f"HOME={project}"]
        yield "work_dir", project.encode()
        yield "std_out", f"{project}/out-%j.txt".encode() if number % 3 else None
        yield "std_err", f"{project}/err-%j.txt".encode() if number % 4 == 0 else None
        yield "script", f"#!/bin/sh\ncd {project}\nexec ./step{number}\n".encode()
        yield "environment", arena.strings(variables)
        yield "env_size", len(variables)


def main() -> None:
    """Submit, and print how many jobs there are and how long it took."""
    count = int(sys.argv[1])
    library = Library.open()
    library.init(os.environ["SLURM_CONF"])
    controller = Controller(library)
    shares = [count // SUBMITTERS + (place < count % SUBMITTERS) for place in range(SUBMITTERS)]
    began = time.perf_counter()
    with ThreadPoolExecutor(SUBMITTERS) as threads:
        submitters = [Submitter(controller, seed) for seed in range(SUBMITTERS)]
        last = max(threads.map(Submitter.submit, submitters, shares))
    json.dump({"last": last, "seconds": time.perf_counter() - began}, sys.stdout)


if __name__ == "__main__":
    main()

"""A worker that served 2,000 requests of every kind holds no more memory than after the first 200."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from tests.live.jobs import API, COMMON, SCRIPT, Jobs
from tests.plugins.client import Client
from tests.plugins.cluster import Cluster
from tests.plugins.daemon import Daemon, Factory

MIB = 1 << 20
ALLOWED = 4 * MIB
"""A leak of one record of a node or a job (2 KiB and more) a request would be 4 MiB and more. What is allowed is
what comes and goes: the buffers of the requests that the threads happen to serve at the same time."""

URLS = ("ping", "diag", "licenses", "nodes", "node/node01", "partitions", "partition/gpu", "reservations")
SUBMISSION = {"script": SCRIPT, "job": COMMON | {"hold": True, "mail_type": ["END", "FAIL"], "array": "1-3"}}
HETEROGENEOUS = {"script": SCRIPT, "jobs": [COMMON | {"hold": True}] * 2}
WRONG = {"script": SCRIPT, "job": COMMON | {"tasks": "x", "time_limit": "soon", "flags": ["NOPE"], "colour": 1}}

Request = Callable[[], Any]


class Load:
    """Makes requests of every kind. answered: how many."""

    def __init__(self, server: Daemon, jobs: Jobs, cluster: Cluster) -> None:
        self.server, self.jobs = server, jobs
        self.local = server.client
        self.user = server.network.as_user("news", cluster.token("news"))
        self.root = server.client.as_user("root", cluster.token("root"))
        # The jobs that are submitted are not those of the user whose jobs are listed, who would have ever more.
        self.busy = server.network.as_user("mail", cluster.token("mail"))
        self.job = str(jobs.submit(self.user, hold=True))

    def requests(self) -> Iterator[Request]:
        """One request after another, of every kind in turn."""
        clients = itertools.cycle([self.local, self.user, self.root])
        for number, client in enumerate(clients):
            yield from self._round(client)
            # slurmctld keeps the record of every job for a while: not too many.
            if number % 4 == 0:
                yield from (partial(self._submit_and_delete, one) for one in (SUBMISSION, HETEROGENEOUS))

    def _round(self, client: Client) -> list[Request]:
        own = self.user
        yaml = {"Accept": "text/yaml"}
        job = f"{API}/job/{self.job}"
        return [
            *(lambda url=url: client.get(f"{API}/{url}") for url in URLS),
            *(lambda url=url: client.request("HEAD", f"{API}/{url}") for url in URLS[:3]),
            *(lambda url=url: client.get(f"{API}/{url}", headers=yaml) for url in ("nodes", "diag")),
            lambda: own.get(f"{API}/jobs"),
            lambda: own.get(job),
            lambda: own.get(f"{API}/job/67108863"),
            lambda: own.get(f"{API}/nodes?update_time=9999999999"),
            lambda: own.post(job, {"comment": "x" * 1000}),
            lambda: own.post(job, {"comment": []}),
            lambda: own.delete(f"{job}?signal=NOPE"),
            lambda: self.jobs.post(client, WRONG),
            lambda: client.request("POST", f"{API}/job/submit", body=json.dumps(["x" * 100] * 1000)),
            lambda: client.request("POST", f"{API}/job/submit", body="{"),
            lambda: client.get(f"{API}/nowhere"),
            lambda: client.get(f"{API}/jobs", token="nonsense"),  # noqa: S106 - no token at all
            lambda: self.root.post(f"{API}/node/nowhere", {"comment": "x"}),
        ]

    def _submit_and_delete(self, document: Any) -> None:
        job = self.jobs.post(self.busy, document).document["job_id"]
        assert self.busy.delete(f"{API}/job/{job}").status == 200

    def resident(self) -> dict[int, int]:
        """Bytes in memory, by worker."""
        pages = {pid: int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.server.workers()}
        return {pid: number * 4096 for pid, number in pages.items()}


def test_memory_is_flat(daemon: Factory, cluster: Cluster, jobs: Jobs) -> None:
    with daemon(tcp=True) as server, ThreadPoolExecutor(4) as pool:
        load = Load(server, jobs, cluster)
        requests = load.requests()
        workers = len(server.workers())

        def serve(count: int) -> dict[int, int]:
            for answered in pool.map(lambda request: request(), itertools.islice(requests, count * workers)):
                assert answered is None or answered.status != 500
            return load.resident()

        first = serve(200)
        last = serve(2000)
    assert set(last) == set(first)
    grown = {pid: last[pid] - first[pid] for pid in first}
    assert {pid: size for pid, size in grown.items() if size > ALLOWED} == {}

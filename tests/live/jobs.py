"""Jobs of the live tests: submitted, looked at by Slurm's own commands, and cancelled in the end.

jobs      a test's own Jobs
    .post(client, document)          POST job/submit. Returns: the Answer
    .submit(client, **fields)        the same for one job that must be accepted. Returns: its id
    .sbatch(*options, user=…)        by Slurm's own command. Returns: its id
    .shown(job)                      what scontrol says of it, a dictionary for each part of it
    .got(client, job)                what the daemon says of it, likewise
    .until(job, state)               waits until it is in that state
    .account(job)                    has slurmdbd told that the components of a held job belong together
    .unchanged()                     around a with block: fails where slurmctld took a job of the daemon's user
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from tests.live.commands import Record, scontrol
from tests.plugins.client import Answer, Client, eventually
from tests.plugins.cluster import Cluster

API = "/slurm/v0.0.39"
SCRIPT = "#!/bin/sh\nexec sleep 600"
ENVIRONMENT = ["PATH=/usr/bin:/bin"]
COMMON = {"environment": ENVIRONMENT, "current_working_directory": "/tmp", "standard_output": "/dev/null"}  # noqa: S108 - every user's


class Jobs:
    """The jobs of one test."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.known: list[str] = []

    def post(self, client: Client, document: Any) -> Answer:
        """Submit a document as it is."""
        answer = client.post(f"{API}/job/submit", document)
        if isinstance(answer.document, dict) and answer.document.get("job_id"):
            self.known.append(str(answer.document["job_id"]))
        return answer

    def submit(self, client: Client, script: str = SCRIPT, **fields: Any) -> int:
        """Submit one job that must be accepted."""
        answer = self.post(client, {"script": script, "job": COMMON | fields})
        assert answer.status == 200, answer.document
        assert answer.document["errors"] == []
        return int(answer.document["job_id"])

    def sbatch(self, *options: str, user: str | None = None, script: str = SCRIPT) -> int:
        """Submit a job by sbatch."""
        common = ("--parsable", "--chdir=/tmp", "--output=/dev/null")
        done = self.cluster.run("sbatch", *common, *options, user=user, text=script)
        self.known.append(done.stdout.strip())
        return int(done.stdout)

    def shown(self, job: int | str) -> list[Record]:
        """What scontrol says."""
        return scontrol(self.cluster, "job", str(job))

    def got(self, client: Client, job: int | str) -> list[dict[str, Any]]:
        """What the daemon says."""
        answer = client.get(f"{API}/job/{job}")
        assert answer.status == 200, answer.document
        found: list[dict[str, Any]] = answer.document["jobs"]
        return found

    def state(self, job: int | str) -> str:
        """The state of a job that has one part."""
        (record,) = self.shown(job)
        return record["JobState"]

    def until(self, job: int | str, state: str) -> None:
        """Wait until the job is in that state."""
        eventually(lambda: self.state(job) == state, 20.0)

    def account(self, job: int | str) -> None:
        """Have slurmdbd told that the components of a job that waits belong together.

        From 24.11 on slurmctld tells it of each one when it is made, before the others are, and again only when
        something of it changes.
        """
        for part in self.shown(job):
            self.cluster.run("scontrol", "update", f"jobid={part['JobId']}", "timelimit=99")

    @contextlib.contextmanager
    def unchanged(self) -> Iterator[None]:
        """Fail where there is a job of the daemon's user afterwards that was not there before."""
        before = self._all()
        yield
        assert self._all() == before

    def _all(self) -> set[str]:
        listed = ("squeue", "--all", "--states=all", "--noheader", "--format=%i", f"--user={self.cluster.daemon_user}")
        return set(self.cluster.run(*listed).stdout.split())

    def cancel(self) -> None:
        """Cancel them all, and wait until none holds anything."""
        if self.known:
            self.cluster.run("scancel", "--quiet", *self.known, check=False)
            eventually(lambda: not self._active(), 20.0)

    def _active(self) -> str:
        return self.cluster.run("squeue", "--noheader", f"--jobs={','.join(self.known)}", check=False).stdout

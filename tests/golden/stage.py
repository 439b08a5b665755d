"""The jobs and nodes of the development cluster that recorded requests are about, made when one is first asked for.

{completed} {running} {held} {deleted}   a job in that state; {signalled}, one that runs and outlives its signals
{array} {het}                            a held array of uucp, a held heterogeneous job; {deleted_het}
{new} {new_array} {new_het}              a held one of its own for each request
{idle_node} {drained_node} {down_node}   a node that nobody answers for, in that state
{busy_node}                              the node of {running}
{submit_…}                               the job that the recorded request of that name submits

Jobs are daemon's. All are cancelled in the end, and the nodes are as they were.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from functools import cached_property

from tests.live.jobs import Jobs
from tests.plugins.client import eventually
from tests.plugins.cluster import Cluster

USER = "daemon"
STUBBORN = "#!/bin/sh\ntrap '' USR1\nwhile :; do sleep 600; done"
CHANGED = ("node03", "node04")


class Stage:
    """One cluster, and what was put on it for the replay."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster, self.jobs = cluster, Jobs(cluster)
        self.roles: dict[str, str] = {}
        self._tokens: dict[str, str] = {}

    def find(self, role: str) -> str:
        """Give the id of the job, or the name of the node, that plays a role."""
        if role.endswith("_node"):
            return self._node(role.removesuffix("_node"))
        if role in self.roles:
            return self.roles[role]
        play: Callable[[], int] | int = getattr(self, role)
        return str(play() if callable(play) else play)

    def submitted(self, role: str, job: str) -> None:
        """Let a job that was submitted play the role of its name."""
        self.roles[role] = job
        self.jobs.known.append(job)

    def token(self, user: str) -> str:
        """Give a token of *user*; of "expired" one of root that was good once."""
        if user not in self._tokens:
            self._tokens[user] = self._expired() if user == "expired" else self.cluster.token(user)
        return self._tokens[user]

    def clear(self) -> None:
        """Leave the cluster as it was."""
        self.jobs.cancel()
        for node in CHANGED:
            self._update(node, "state=resume", check=False)
            self._update(node, "state=down", "reason=nobody there", "comment=", "extra=", "weight=10", check=False)
            self._update(node, "gres=", "availablefeatures=slow,rack2", "activefeatures=slow,rack2", check=False)

    @cached_property
    def completed(self) -> int:
        job = self.jobs.sbatch(user=USER, script="#!/bin/sh\nexit 3")
        self.jobs.until(job, "FAILED")
        return job

    @cached_property
    def running(self) -> int:
        return self._run()

    @cached_property
    def signalled(self) -> int:
        return self._run(STUBBORN)

    @cached_property
    def held(self) -> int:
        return self.new()

    @cached_property
    def deleted(self) -> int:
        return self._delete(self.new())

    @cached_property
    def deleted_het(self) -> int:
        return self._delete(self.new_het())

    @cached_property
    def array(self) -> int:
        return self.jobs.sbatch("--hold", "--array=1-3%2", user="uucp")

    @cached_property
    def het(self) -> int:
        return self.new_het()

    def new(self) -> int:
        return self.jobs.sbatch("--hold", user=USER)

    def new_array(self) -> int:
        return self.jobs.sbatch("--hold", "--array=1-3", user=USER)

    def new_het(self) -> int:
        return self.jobs.sbatch("--hold", "--ntasks=1", ":", "--ntasks=2", user=USER)

    def _run(self, *script: str) -> int:
        job = self.jobs.sbatch(user=USER, **({"script": script[0]} if script else {}))
        self.jobs.until(job, "RUNNING")
        return job

    def _delete(self, job: int) -> int:
        self.cluster.run("scancel", str(job))
        eventually(lambda: all(part["JobState"] == "CANCELLED" for part in self.jobs.shown(job)))
        return job

    def _node(self, state: str) -> str:
        """Put node04 into a state, or name the node of the job that runs."""
        if state == "busy":
            (job,) = self.jobs.shown(self.running)
            assert job["JobState"] == "RUNNING"
            return job["NodeList"]
        name = CHANGED[-1]
        self._update(name, "state=down", "reason=golden")
        if state != "down":
            self._update(name, "state=resume")
        if state == "drained":
            self._update(name, "state=drain", "reason=golden")
        return name

    def _update(self, node: str, *changes: str, check: bool = True) -> None:
        self.cluster.run("scontrol", "update", f"nodename={node}", *changes, check=check)

    def _expired(self) -> str:
        """Sign a token that ended an hour ago, as scontrol would have."""
        now = int(time.time())
        parts = ({"alg": "HS256", "typ": "JWT"}, {"exp": now - 3600, "iat": now - 7200, "sun": "root"})
        text = b".".join(_encoded(json.dumps(part).encode()) for part in parts)
        key = (self.cluster.conf.parent / "jwt.key").read_bytes()
        return (text + b"." + _encoded(hmac.new(key, text, hashlib.sha256).digest())).decode()


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")

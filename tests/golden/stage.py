"""What recorded requests are about, in the development cluster: jobs, nodes and more, made when first asked for.

{completed} {running} {held} …           a job, see JOBS; one whose name begins with "new" is new for each request
{idle_node} {drained_node} {down_node}   a node that nobody answers for, in that state
{busy_node}                              the node of {running}
{rest1} {rest5} {other}                  two accounts and a cluster of that name
{submit_…}                               the job that the recorded request of that name submits

All jobs are cancelled in the end, the nodes are as they were, and what was added to the database is removed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from pathlib import Path

from tests.live.jobs import SCRIPT, Jobs
from tests.plugins.client import eventually
from tests.plugins.cluster import Cluster

OWNER = "daemon"
CHANGED = ("node03", "node04")


@dataclass(frozen=True)
class Job:
    """A job to make. options: of sbatch. state: to wait for. cancel: before that. accounted: in slurmdbd, too.

    says_when_ready: its script makes a file once it is what it is to be.
    """

    options: tuple[str, ...] = ()
    state: str = "PENDING"
    script: str = SCRIPT
    owner: str = OWNER
    cancel: bool = False
    accounted: bool = False
    says_when_ready: bool = False


DEAF = "#!/bin/sh\ntrap '' USR1\n: > /tmp/golden-$SLURM_JOB_ID\nwhile :; do sleep 600; done"
"""A script that USR1 does not end."""

HOLD, ARRAY, HET = ("--hold",), ("--hold", "--array=1-3%2"), ("--hold", "--ntasks=1", ":", "--ntasks=2")

JOBS = {
    "completed": Job(state="FAILED", script="#!/bin/sh\nexit 3"),
    "running": Job(state="RUNNING"),
    "signalled": Job(state="RUNNING", script=DEAF, says_when_ready=True),
    "held": Job(HOLD),
    "new": Job(HOLD),
    "deleted": Job(HOLD, "CANCELLED", cancel=True),
    "array": Job(ARRAY, owner="uucp"),
    "new_array": Job(ARRAY),
    "het": Job(HET),
    "new_het": Job(HET),
    "deleted_het": Job(HET, "CANCELLED", cancel=True),
    "accounted": Job(("--job-name=golden",), "FAILED", script="#!/bin/sh\nsrun true\nexit 3", accounted=True),
    "accounted_array": Job(("--array=1-3",), "FAILED", script="#!/bin/sh\nexit 3", accounted=True),
    "accounted_het": Job(HET, accounted=True),
}

ENTITIES = {"rest1": "account", "rest5": "account", "other": "cluster"}
"""What sacctmgr makes, for a recording to remove."""

LEFT = {
    "user": ("carol", "restonly", "cfgu"),
    "account": ("rest1", "rest3", "rest5", "cfg1", "va"),
    "qos": ("restq", "cfgq", "vq"),
    "cluster": ("other",),
}
"""What recordings may leave behind."""


class Stage:
    """One cluster, and what was put on it for the replay."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster, self.jobs = cluster, Jobs(cluster)
        self.roles: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        self._submitted: list[str] = []

    def find(self, role: str) -> str:
        """Give the id of the job, or the name of the node, that plays a role."""
        if role.endswith("_node"):
            return self._node(role.removesuffix("_node"))
        if role in ENTITIES:
            self.cluster.run("sacctmgr", "-i", "add", ENTITIES[role], role)
            return role
        if role not in self.roles or role.startswith("new"):
            self.roles[role] = self._make(JOBS[role])
        if role == "signalled":
            # STOP and CONT are refused until the one before has arrived.
            eventually(lambda: all(part["JobState"] != "SIGNALING" for part in self.jobs.shown(self.roles[role])))
        return self.roles[role]

    def submitted(self, role: str, job: str) -> None:
        """Let a job that was submitted play a role."""
        self.roles[role] = job
        self.jobs.known.append(job)
        self._submitted.append(job)

    def token(self, user: str) -> str:
        """Give a token of *user*; of "expired" one of root that was good once."""
        if user not in self._tokens:
            self._tokens[user] = self._expired() if user == "expired" else self.cluster.token(user)
        return self._tokens[user]

    def clear(self) -> None:
        """Leave the cluster as it was."""
        self.jobs.cancel()
        for kind, names in LEFT.items():
            self.cluster.run("sacctmgr", "-i", "delete", kind, ",".join(names), check=False)
        for node in CHANGED:
            self._update(node, "state=resume", check=False)
            self._update(node, "state=down", "reason=nobody there", "comment=", "extra=", "weight=10", check=False)
            self._update(node, "availablefeatures=slow,rack2", "activefeatures=slow,rack2", check=False)

    def _make(self, job: Job) -> str:
        if job.accounted and self._submitted:
            # By now what requests submitted may have all of the only node.
            self.cluster.run("scancel", "--quiet", *self._submitted, check=False)
            self._submitted.clear()
        made = self.jobs.sbatch(*job.options, user=job.owner, script=job.script)
        if job.cancel:
            self.cluster.run("scancel", str(made))
        eventually(lambda: all(part["JobState"] == job.state for part in self.jobs.shown(made)), 60.0)
        if job.says_when_ready:
            ready = Path(f"/tmp/golden-{made}")  # noqa: S108 - where a job of any user can write
            eventually(ready.exists, 20.0)
            ready.unlink()
        if job.accounted:
            if job.options == HET:
                self.jobs.account(made)
            eventually(lambda: self._accounted(made) == [job.state] * len(self.jobs.shown(made)), 20.0)
            # What failed in this very second would be found by requests whose recordings found nothing.
            eventually(lambda: not self._sacct("--allusers", "--state=failed", "--starttime=now"), 20.0)
        return str(made)

    def _accounted(self, job: int) -> list[str]:
        """The states that slurmdbd knows of a job and its other parts."""
        return self._sacct(f"--jobs={job}")

    def _sacct(self, *options: str) -> list[str]:
        listed = ("sacct", "--noheader", "--parsable2", "--format=state", "--allocations")
        return self.cluster.run(*listed, *options).stdout.split()

    def _node(self, state: str) -> str:
        """Put node04 into a state, or name the node of the job that runs."""
        if state == "busy":
            (job,) = self.jobs.shown(self.find("running"))
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

"""The scale cluster: munge and slurmctld on ports of their own, with nodes at which nobody answers.

It has no database and no slurmd. Its daemons are rows of the development cluster's table of services, its
state is a directory of its own, and whatever an interrupted run left of it is ended before the next.
"""

import contextlib
import itertools
import json
import os
import shutil
import signal
import string
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import contents
from lifecycle import locked
from processes import alive, end, family, mark, marked
from services import Service, check_ports, command, environment, services, start, wait_ready
from settings import DAEMON_USER, Failure, Settings

from . import CHECKOUT
from .plan import Plan

SERVICES = ("munged", "slurmctld")
GRACE_SECONDS = 0.2
"""Nothing of its state is kept, so that nobody is given time to save it."""
SWEEPS = 3
TOKEN_SECONDS = 24 * 3600
TEMPLATE = Path(__file__).with_name("slurm.conf")

# What a quarter of the nodes has.
RACKS = (
    "CoresPerSocket=12 RealMemory=192000 Feature=rack1,broadwell Weight=10",
    "CoresPerSocket=24 RealMemory=384000 Feature=rack2,skylake,opa Weight=20",
    'CoresPerSocket=32 RealMemory=512000 Feature=rack3,rome,ib Weight=30 Gres=gpu:a100:4 Reason="no power"',
    "CoresPerSocket=64 RealMemory=1024000 Feature=rack4,milan,ib Weight=40 TmpDisk=800000",
)
# Name, the racks it has, and the rest.
PARTITIONS = (
    ("batch", (0, 1, 2, 3), "Default=YES"),
    ("debug", (0,), "MaxTime=60 MaxNodes=2 PriorityJobFactor=10"),
    ("long", (0, 1), "MaxTime=43200 DefMemPerCPU=2000"),
    ("gpu", (2,), "TRESBillingWeights=CPU=1.0,Mem=0.25G"),
    ("bigmem", (3,), "MaxMemPerCPU=16000 OverSubscribe=YES:4"),
)


class ScaleCluster:
    """The cluster once it is up. settings: where it is. user: whom the daemons run as, and whose token is used."""

    user = DAEMON_USER
    names: tuple[str, ...] = SERVICES

    def __init__(self, settings: Settings, plan: Plan) -> None:
        self.settings, self.plan = settings, plan
        self.token = ""

    @property
    def services(self) -> list[Service]:
        """Those of its daemons that Slurm consists of."""
        return [service for service in services(self.settings) if service.name in self.names]

    def up(self) -> None:
        """Start it anew, with no job. Raises: Failure."""
        sweep(self.settings)
        check_ports(self.settings, self.services)
        for name in ("etc", "log", "run", "state"):
            shutil.rmtree(self.settings.state / name, ignore_errors=True)
        self.settings.etc.mkdir(parents=True)
        contents.make_keys(self.settings)
        contents.put(self.settings.slurm_conf, slurm_conf(self.settings, self.plan).encode())
        for service in self.services:
            wait_ready(self.settings, service, start(self.settings, service))
        self.token = self._token()

    def down(self) -> None:
        """Stop it, and remove all but its logs."""
        sweep(self.settings)
        # A hundred thousand files, which Python would take a minute to remove.
        subprocess.run(("rm", "-rf", str(self.settings.state / "state")), check=False)

    @property
    def release(self) -> str:
        """Slurm's release, "22.05.8"."""
        return command(self.settings, "scontrol", "--version").stdout.split()[-1]

    def environment(self, name: str, **more: str) -> dict[str, str]:
        """What a process of the run gets, with the mark by which it is found should the run be killed."""
        return environment(self.settings) | mark(name, self.settings.state) | more

    def run(self, module: str, *arguments: object, given: Any = None, **more: str) -> Any:
        """Run a module of this package as a process of its own. Returns: what it printed, read as JSON.

        given: for its standard input, as JSON. more: variables of its environment. Raises: Failure.
        """
        done = subprocess.run(
            self.argv(module, *arguments),
            input=json.dumps(given),
            text=True,
            check=False,
            cwd=CHECKOUT,
            env=self.environment(module, **more),
            capture_output=True,
        )
        if done.returncode != 0:
            raise Failure(f"bench.{module} failed: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def bare(self, name: str) -> Any:
        """Make one of the RPCs of bare.py, with the token that the servers get. Returns: what it cost."""
        return self.run("bare", name, BENCH_TOKEN=self.token, SLURM_JWT="daemon")

    def argv(self, module: str, *arguments: object) -> Sequence[str]:
        """The command line of a module of this package."""
        return sys.executable, "-m", f"bench.{module}", *map(str, arguments)

    def _token(self) -> str:
        asked = ("scontrol", "token", f"username={self.user}", f"lifespan={TOKEN_SECONDS}")
        said = command(self.settings, *asked).stdout
        if "SLURM_JWT=" not in said:
            raise Failure(f"no token for {self.user}: {said.strip()}")
        return said.strip().rpartition("SLURM_JWT=")[2]


@contextlib.contextmanager
def scale_cluster(settings: Settings, plan: Plan) -> Iterator[ScaleCluster]:
    """Have a scale cluster for a while."""
    if os.getuid() != 0:
        raise Failure("the scale cluster runs daemons as several users and has to be started by root")
    cluster = ScaleCluster(settings, plan)
    with locked(settings):
        try:
            cluster.up()
            yield cluster
        finally:
            # A second Ctrl-C would leave half of it running.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            cluster.down()


def sweep(settings: Settings) -> None:
    """End whatever bears the cluster's mark, the last one started first.

    More than once: what was just being started when a signal came did not yet bear it.
    """
    for _ in range(SWEEPS):
        for process in sorted(marked(settings.state), key=lambda process: -process.started):
            end(family([process.pid]) if alive(process.pid) else (), GRACE_SECONDS)


def slurm_conf(settings: Settings, plan: Plan) -> str:
    """The text of slurm.conf for so many nodes."""
    ranges = [f"node[{first:05}-{last:05}]" for first, last in quarters(plan.nodes)]
    nodes = [
        f"NodeName={hosts} NodeHostname={hosts.replace('node', 'absent')} NodeAddr={settings.address} {rack}"
        for hosts, rack in zip(ranges, RACKS, strict=True)
    ]
    partitions = [
        f"PartitionName={name} Nodes={','.join(ranges[rack] for rack in racks)} {rest}"
        for name, racks, rest in PARTITIONS
    ]
    names = {"nodes": "\n".join(nodes), "partitions": "\n".join(partitions)}
    return string.Template(TEMPLATE.read_text(encoding="utf-8")).substitute(settings.variables() | names)


def quarters(count: int) -> list[tuple[int, int]]:
    """The first and last number of each quarter of 1 … *count*."""
    ends = [count * part // 4 for part in range(5)]
    return [(low + 1, high) for low, high in itertools.pairwise(ends)]

"""The development cluster (conf/dev/cluster.py) as a fixture.

cluster   session: Slurm is up. It is left as it was found: down again, unless it was up before or another
          session of tests still uses it.
    SLURMREST_TEST_CLUSTER="--state DIR --shift N" in the environment chooses another than that of .dev.
    .conf .env        slurm.conf, and the environment of a command that uses it
    .socket .tcp      where the cluster's own daemon listens: Path, ("127.0.0.1", port). It is started, or
                      restarted where the sources changed, when one of these four is first asked for
    .unix .network    Clients of those: .unix is root's, and so served as the daemon's user
    .daemon_user      the user whom the daemon runs as
    .release          of its Slurm, (22, 5, 8): for what differs between releases
    .token(user, lifetime=3600) -> a JWT; lifetime in seconds
    .run(*argv, user=None, text=None, check=True) -> CompletedProcess of scontrol, squeue, sbatch, curl …
    .stop(name)       munged, mariadbd, slurmdbd, slurmctld, slurmd or slurmrestd; waits until it is gone
    .start(name)      waits until it works
    .stopped(name)    both, around a with block
    .pid(name)        of a service that runs
users     session: eight plain users that have an account and see only their own jobs
"""

import contextlib
import fcntl
import functools
import json
import os
import pwd
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from libslurm.layout import Release, parse_release
from tests.plugins.client import Client

CHECKOUT = Path(__file__).resolve().parents[2]
SLURM = ("munged", "mariadbd", "slurmdbd", "slurmctld", "slurmd")
USERS = ("daemon", "bin", "sys", "games", "man", "lp", "mail", "news")
Completed = subprocess.CompletedProcess[str]


def control(*arguments: str) -> str:
    """Run cluster.py. Returns: what it printed. Fails with what it complained of."""
    program = ("/usr/bin/python3", str(CHECKOUT / "conf" / "dev" / "cluster.py"))
    done = subprocess.run((*program, *arguments), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"cluster.py {' '.join(arguments)}: {done.stderr}{done.stdout}"
    return done.stdout


def identity_of(user: str) -> dict[str, Any]:
    """The arguments of subprocess that make a child *user*, without supplementary groups."""
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": ()}


class Cluster:
    """A development cluster that runs. options: those of cluster.py that choose it."""

    def __init__(self, *options: str) -> None:
        facts = json.loads(control(*options, "facts"))
        self.options = options
        self.state = Path(facts["state"])
        self.run_directory = Path(facts["run"])
        self.venv = Path(facts["venv"])
        self.conf = Path(facts["conf"])
        self.daemon_user: str = facts["daemon_user"]
        self.addresses = (Path(facts["socket"]), (str(facts["tcp"][0]), int(facts["tcp"][1])))
        path = f"{self.venv}/bin:{os.environ['PATH']}:/usr/sbin:/sbin"
        self.env = {"SLURM_CONF": str(self.conf), "PATH": path, "LANG": "C.UTF-8"}

    @functools.cached_property
    def served(self) -> tuple[Path, tuple[str, int]]:
        """Where the daemon listens, once it does."""
        self.start("slurmrestd")
        return self.addresses

    @functools.cached_property
    def release(self) -> Release:
        """The release of Slurm's commands and daemons."""
        return parse_release(self.run("scontrol", "--version").stdout.split()[1])

    @property
    def socket(self) -> Path:
        """The daemon's unix socket."""
        return self.served[0]

    @property
    def tcp(self) -> tuple[str, int]:
        """The daemon's host and port."""
        return self.served[1]

    @property
    def unix(self) -> Client:
        """A client of the unix socket, with no token."""
        return Client(self.socket)

    @property
    def network(self) -> Client:
        """A client over TCP, with no token."""
        return Client(self.tcp)

    def token(self, user: str, lifetime: int = 3600) -> str:
        """A JWT of *user*, good for *lifetime* seconds."""
        answer = self.run("scontrol", "token", f"username={user}", f"lifespan={lifetime}")
        return answer.stdout.strip().removeprefix("SLURM_JWT=")

    def run(self, *argv: str, user: str | None = None, text: str | None = None, check: bool = True) -> Completed:
        """Run a command as *user*, with *text* as input. check: fail where its status is not 0."""
        identity = identity_of(user or "root")
        done: Completed = subprocess.run(
            argv,
            env=self.env,
            cwd="/",
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            input=text or "",
            **identity,
        )
        assert not check or done.returncode == 0, f"{argv}: {done.stderr}{done.stdout}"
        return done

    def stop(self, name: str) -> None:
        """Stop a service, and wait until it is gone."""
        control(*self.options, "stop", name)

    def start(self, name: str) -> None:
        """Start a service, and wait until it works."""
        control(*self.options, "up", name)

    @contextlib.contextmanager
    def stopped(self, name: str) -> Iterator[None]:
        """Have a service stopped for a while."""
        self.stop(name)
        try:
            yield
        finally:
            self.start(name)

    def pid(self, name: str) -> int:
        """The main process of a service."""
        lines = (line.split() for line in control(*self.options, "status").splitlines())
        return next(int(words[2]) for words in lines if words[0] == name and words[1] == "pid")


@contextlib.contextmanager
def shared(cluster: Cluster) -> Iterator[None]:
    """Have Slurm up, and down again where no session of tests found it up and none uses it any more."""
    # `cluster.py up`, by a person, takes the file away: then it stays up.
    ours = cluster.state / "started-by-tests"
    cluster.state.mkdir(parents=True, exist_ok=True)
    with (cluster.state / "sessions").open("w") as sessions:
        fcntl.flock(sessions, fcntl.LOCK_SH)
        if "pid" not in control(*cluster.options, "status"):
            ours.touch()
        control(*cluster.options, "up", *SLURM)
        yield
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(sessions, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if ours.exists():
                ours.unlink()
                control(*cluster.options, "down")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The development cluster, with Slurm up."""
    found = Cluster(*shlex.split(os.environ.get("SLURMREST_TEST_CLUSTER", "")))
    with shared(found):
        yield found


@pytest.fixture(scope="session")
def users(cluster: Cluster) -> tuple[str, ...]:
    """Eight plain users that have an account and see only their own jobs."""
    return USERS

"""The servers that are compared, on ports of their own: Debian's slurmrestd, ours, and the constant.

Both daemons run with their default settings but for the number of threads, as the same unprivileged user,
with SLURM_JWT, and write what they log to a file.
"""

import contextlib
import http.client
import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import services
from processes import alive, end, family, wait_until
from settings import Failure, venv

from . import client
from .cluster import ScaleCluster

START_SECONDS = 60.0
STOP_SECONDS = 30.0
POLL_SECONDS = 0.002
PORTS = range(20_000, 32_000)
JWT = {"SLURM_JWT": "daemon"}


@dataclass(frozen=True)
class Kind:
    """What is started. api: the version that is asked of it. user: "" for that of the daemons."""

    name: str
    argv: tuple[str, ...]
    api: str = "v0.0.39"
    environment: dict[str, str] = field(default_factory=dict)
    user: str = ""


def kinds(cluster: ScaleCluster) -> dict[str, Kind]:
    """The servers by name: c, ours with default settings, ours writing compact JSON, and the constant."""
    # Its other plugins end it where there is no slurmdbd.
    plugins = "openapi/v0.0.38,openapi/dbv0.0.38" if "slurmdbd" in cluster.names else "openapi/v0.0.38"
    theirs = (debian_slurmrestd(), "-s", plugins)
    ours = (str(venv() / "bin" / "slurmrestd"),)
    found = (
        Kind("c", theirs, "v0.0.38"),
        Kind("ours", ours),
        Kind("compact", ours, environment={"SLURMRESTD_JSON": "compact"}),
        # As the user of this run, who can read this checkout.
        Kind("constant", tuple(cluster.argv("constant")), user="root"),
    )
    return {kind.name: kind for kind in found}


def debian_slurmrestd() -> str:
    """The path of the C daemon, which ours may hide on PATH. Raises: Failure."""
    found = shutil.which("slurmrestd", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if found is None:
        raise Failure("there is no C slurmrestd: install the package slurmrestd")
    return found


class Server:
    """One that runs. started: seconds from its start to its first answer. headers: those of every request."""

    def __init__(self, kind: Kind, cluster: ScaleCluster, *options: str) -> None:
        self.kind, self.cluster = kind, cluster
        self.port = free_port()
        self.headers = {"X-SLURM-USER-NAME": cluster.user, "X-SLURM-USER-TOKEN": cluster.token}
        self.log = cluster.settings.log(f"{kind.name}-slurmrestd")
        began = time.perf_counter()
        self.process = start(kind, cluster, (*options, f"127.0.0.1:{self.port}"), self.log)
        if not wait_until(self._settled, START_SECONDS, POLL_SECONDS) or self.process.poll() is not None:
            self.stop()
            raise Failure(f"{kind.name} does not answer: {last_line(self.log)}")
        self.started = time.perf_counter() - began

    def path(self, rest: str) -> str:
        """The path of a URL of /slurm, "jobs", or of /slurmdb, "db/jobs", in the version that this server is asked."""
        plugin = "slurmdb" if rest.startswith("db/") else "slurm"
        return f"/{plugin}/{self.kind.api}/{rest.removeprefix('db/')}"

    def pids(self) -> list[int]:
        """Its processes."""
        return sorted(pid for pid in family([self.process.pid]) if alive(pid))

    def processor_time(self) -> float:
        """Seconds of processor time that its processes have taken, those included that have ended."""
        return sum(processor_time(pid, ended=pid == self.process.pid) for pid in self.pids())

    def warm_up(self, rest: str, connections: int = 8, each: int = 1) -> None:
        """Ask for a URL on connections that are open at once, so that every worker has done it. Raises: Failure."""
        request = client.head(self.path(rest), self.headers)
        with contextlib.ExitStack() as stack:
            opened = [stack.enter_context(client.Connection(self.port)) for _ in range(connections)]
            for connection in opened * each:
                status = connection.exchange(request).status
                if status != http.client.OK:
                    raise Failure(f"{self.kind.name}: status {status} for {rest}")

    def ask(self, what: str, rest: str, **more: Any) -> Any:
        """Run a task of client.py in a process of its own, on one URL. Raises: Failure."""
        return self.cluster.run("client", given=self.task(what, rest, **more))

    def task(self, what: str, rest: str, **more: Any) -> dict[str, Any]:
        """The task as client.py takes it. more: arguments; headers are added to those of every request."""
        headers = self.headers | more.pop("headers", {})
        return {"what": what, "port": self.port, "path": self.path(rest), "headers": headers, **more}

    def stop(self) -> None:
        """End it, the first process first, and wait until all are gone."""
        helpers = family([self.process.pid])
        end([self.process.pid], STOP_SECONDS)
        end((pid for pid in helpers if alive(pid)), STOP_SECONDS)
        self.process.wait()

    def _settled(self) -> bool:
        return self.process.poll() is not None or self._answers()

    def _answers(self) -> bool:
        try:
            return bool(client.download(self.port, self.path("ping"), self.headers)["status"] == http.client.OK)
        except (OSError, client.IncompleteError):
            return False


def start(
    kind: Kind,
    cluster: ScaleCluster,
    arguments: tuple[str, ...],
    log: Path,
    variables: dict[str, str] = JWT,
    **streams: Any,
) -> subprocess.Popen[bytes]:
    """Start a daemon in a session of its own; does not wait for it."""
    who = services.identity(kind.user or cluster.user)
    environment = cluster.environment(kind.name, **variables, **kind.environment)
    # The constant is found in the checkout; the daemons do not care where they are.
    directory = Path(__file__).parent.parent if kind.user else "/"
    kept: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL} | streams | who
    with log.open("ab") as errors:
        return subprocess.Popen(
            (*kind.argv, *arguments), cwd=directory, env=environment, stderr=errors, start_new_session=True, **kept
        )


@contextlib.contextmanager
def running(cluster: ScaleCluster, *names: str) -> Iterator[list[Server]]:
    """Have servers for a while, started anew, with the threads of the plan."""
    table = kinds(cluster)
    with contextlib.ExitStack() as stack:
        found = []
        for name in names:
            server = Server(table[name], cluster, "-t", str(cluster.plan.threads))
            stack.callback(server.stop)
            server.warm_up("ping")
            found.append(server)
        yield found


def processor_time(pid: int, *, ended: bool) -> float:
    """Seconds that a process has taken; ended: and its children that are no more. Source: stat, proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11 : 15 if ended else 13])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A TCP port that nobody has, and none of those from which connections are made.

    A client that tries such a port before the server is there may be given it, and find itself connected to itself.
    """
    while True:
        with contextlib.suppress(OSError), socket.socket() as probe:
            port = random.choice(PORTS)
            probe.bind(("127.0.0.1", port))
            return port


def last_line(log: Path) -> str:
    """What a log ends with."""
    return log.read_text(errors="replace").strip().rpartition("\n")[2]

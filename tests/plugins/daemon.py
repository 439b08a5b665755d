"""Our daemon, started by a test for itself.

daemon    session: a factory.
    with daemon(*arguments, unix=True, tcp=False, env={}, conf=None, user="slurmrestd") as server:
        starts `slurmrestd -f conf arguments… addresses…` on a new unix socket, a free TCP port, or both;
        waits until it answers; stops it by pid. env is laid over SLURM_JWT=daemon and PATH;
        None takes one away.
    server.socket .port     where it listens
    server.client           a Client of the unix socket, or of TCP where there is no unix socket
    server.network          a Client over TCP
    server.pid .workers()   its main process, and the children of that
    server.log()            what it wrote to stderr so far
    server.stop(number=SIGTERM, seconds=15) -> exit status
    daemon.run(*arguments, env={}, text=None, user="slurmrestd") -> CompletedProcess
        runs `slurmrestd arguments…` to its end, for what ends by itself
"""

import contextlib
import http.client
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.client import Client, eventually
from tests.plugins.cluster import Cluster, Completed, identity_of

Variables = Mapping[str, str | None]


class Daemon:
    """A slurmrestd that was started for a test."""

    def __init__(self, process: subprocess.Popen[bytes], directory: Path, socket: Path | None, port: int) -> None:
        self.process = process
        self.pid = process.pid
        self.directory = directory
        self.socket = socket
        self.port = port
        self.network = Client(("127.0.0.1", port))
        self.client = Client(socket) if socket else self.network

    def log(self) -> str:
        """What it wrote to stderr."""
        return (self.directory / "log").read_text(errors="replace")

    def workers(self) -> list[int]:
        """The processes that it started."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def answers(self) -> bool:
        """Whether it answers a request, with whatever status."""
        assert self.process.poll() is None, f"slurmrestd ended with {self.process.returncode}: {self.log()}"
        with contextlib.suppress(OSError, http.client.HTTPException):
            return bool(self.client.request("GET", "/openapi").status)
        return False

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 15.0) -> int:
        """Send a signal, and wait for the end. Returns: the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(seconds)


class Factory:
    """Starts daemons on a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.program = str(cluster.venv / "bin" / "slurmrestd")

    @contextlib.contextmanager
    def __call__(
        self,
        *arguments: str,
        unix: bool = True,
        tcp: bool = False,
        env: Variables | None = None,
        conf: Path | None = None,
        user: str | None = None,
    ) -> Iterator[Daemon]:
        """Have a daemon for a while."""
        user = user or self.cluster.daemon_user
        with self.directory(user) as directory:
            path = directory / "slurmrestd.sock" if unix else None
            port = free_port()
            addresses = [f"unix:{path}"] * unix + [f"127.0.0.1:{port}"] * (tcp or not unix)
            argv = (self.program, "-f", str(conf or self.cluster.conf), *arguments, *addresses)
            with (directory / "log").open("wb") as log, self.popen(argv, env, user, stderr=log) as process:
                server = Daemon(process, directory, path, port)
                try:
                    eventually(server.answers, 20.0)
                    yield server
                finally:
                    finish(server)

    def run(
        self, *arguments: str, env: Variables | None = None, text: str | None = None, user: str | None = None
    ) -> Completed:
        """Run the program to its end."""
        identity = identity_of(user or self.cluster.daemon_user)
        done: Completed = subprocess.run(
            (self.program, *arguments),
            env=self.environment(env),
            cwd="/",
            input=text or "",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **identity,
        )
        return done

    def popen(self, argv: tuple[str, ...], env: Variables | None, user: str, **streams: Any) -> Any:
        """Start a process as *user*, in a session of its own."""
        # The mark lets `cluster.py down` end a daemon that an interrupted test left behind.
        mark = {"SLURMREST_DEVELOPMENT": f"test 0 {self.cluster.state}"}
        variables = self.environment(env) | mark
        null = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        kept = streams | null | identity_of(user)
        return subprocess.Popen(argv, env=variables, cwd="/", start_new_session=True, **kept)

    def environment(self, env: Variables | None) -> dict[str, str]:
        """The variables of a daemon, with those of the test laid over them."""
        laid = {"SLURM_JWT": "daemon", "PATH": self.cluster.env["PATH"], "LANG": "C.UTF-8"} | dict(env or {})
        return {name: value for name, value in laid.items() if value is not None}

    @contextlib.contextmanager
    def directory(self, user: str) -> Iterator[Path]:
        """A new directory of *user*, with a name short enough for sockets."""
        path = Path(tempfile.mkdtemp(prefix="test-", dir=self.cluster.run_directory))
        try:
            os.chown(path, pwd.getpwnam(user).pw_uid, -1)
            path.chmod(0o755)
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)


def finish(server: Daemon) -> None:
    """Stop a daemon. Fails where it does not stop; then it is killed with its workers."""
    workers = server.workers() if server.process.poll() is None else []
    try:
        server.stop()
    except subprocess.TimeoutExpired:
        for pid in (server.pid, *workers):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        pytest.fail(f"slurmrestd did not stop: {server.log()}")


def free_port() -> int:
    """A TCP port that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def daemon(cluster: Cluster) -> Factory:
    """Starts daemons on the development cluster."""
    return Factory(cluster)

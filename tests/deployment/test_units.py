"""The systemd units: systemd's own tools judge them, and start the daemon by them as far as they can without PID 1."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from slurmrest.daemon.application import GRACE
from slurmrest.daemon.limits import KIB, MIB, Limits
from slurmrest.daemon.settings import THREADS_MAX
from slurmrest.daemon.sockets import BACKLOG
from tests.live.jobs import API
from tests.plugins.client import Client, eventually
from tests.plugins.cluster import CHECKOUT, Cluster
from tests.plugins.daemon import Factory, free_port

from .hardened import Directives, directives
from .proxy import CONF as NGINX
from .proxy import program, run

CONF = CHECKOUT / "conf"
UNITS = ("slurmrestd.service", "slurmrestd.socket")
PROGRAM = "/opt/slurmrest/bin/slurmrestd"
EXPOSURE = 15
"""What systemd-analyze 252 counts as open, times ten: 96 for a unit that says nothing, 14 for this one."""
DEADLINE = 20.0


@pytest.fixture
def units(folder: Path, cluster: Cluster) -> list[str]:
    """The units, with this machine's program and user in them."""
    found = []
    for name in UNITS:
        text = (CONF / name).read_text().replace(PROGRAM, f"{cluster.venv}/bin/slurmrestd")
        text = re.sub("(?m)^(User|Group)=.*", rf"\1={cluster.daemon_user}", text)
        (folder / name).write_text(text)
        found.append(str(folder / name))
    return found


def test_systemd_finds_no_fault(units: list[str]) -> None:
    # That a manual page is not installed is no fault of the units.
    assert run(program("systemd-analyze"), "verify", "--man=no", *units) == ""


def test_systemd_would_find_faults(units: list[str]) -> None:
    path = Path(units[0])
    path.write_text(path.read_text() + "Nonsense=1\n[Service]\nProtectSystem=perhaps\n")
    said = subprocess.run(
        (program("systemd-analyze"), "verify", str(path)), capture_output=True, text=True, check=False
    )
    assert "Nonsense" in said.stderr
    assert "perhaps" in said.stderr


def test_little_is_open(units: list[str]) -> None:
    options = ("--offline=yes", f"--threshold={EXPOSURE}", "--no-pager")
    assert "Overall exposure level" in run(program("systemd-analyze"), "security", *options, units[0])


def test_the_units_say_why() -> None:
    """Each group of lines that decides something has a comment above its first line."""
    groups = [group for unit in UNITS for group in (CONF / unit).read_text().split("\n\n")]
    assert [
        group for group in groups if not re.match(r"(\[\w+\]\n(Description.*\nDocumentation.*\n)?)?#|\[Inst", group)
    ] == [
        "[Unit]\nDescription=Socket of the Slurm REST API\nDocumentation=man:slurmrestd(8)",
    ]


def seconds(unit: Directives, name: str) -> int:
    """Give a time of a unit."""
    return int(unit[name][-1])


def test_the_files_fit_each_other_and_the_daemon() -> None:
    service, sock = directives(CONF / "slurmrestd.service"), directives(CONF / "slurmrestd.socket")
    nginx, limits = NGINX.read_text(), Limits()
    assert f"server unix:{sock['ListenStream'][0]} " in nginx
    assert sock["Backlog"] == [str(BACKLOG)]
    assert seconds(service, "TimeoutStopSec") > 2 * GRACE
    assert seconds(service, "TasksMax") > THREADS_MAX
    assert service["User"] == service["Group"] == ["slurmrestd"]
    assert f"client_max_body_size {limits.body // MIB}m;" in nginx
    count, size = map(int, re.findall(r"large_client_header_buffers (\d+) (\d+)k;", nginx)[0])
    assert count * size * KIB < limits.head
    assert f"client_header_timeout {limits.reading_head:.0f}s;" in nginx
    assert f"client_body_timeout {limits.stalled:.0f}s;" in nginx
    kept = re.findall(r"keepalive_timeout (\d+)s;", nginx)
    assert int(kept[0]) < limits.keep_alive


class Activated:
    """A daemon that systemd-socket-activate starts when somebody connects. log: what both write."""

    def __init__(self, process: subprocess.Popen[bytes], path: Path, port: int, log: Path) -> None:
        self.process, self.log = process, log
        self.client, self.network = Client(path), Client(("127.0.0.1", port))

    def started(self) -> bool:
        """Whether the daemon has taken the activator's place."""
        return b"slurmrestd" in Path(f"/proc/{self.process.pid}/cmdline").read_bytes().split(b"\0", 2)[1]

    def workers(self) -> list[int]:
        """Its worker processes."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]


@contextmanager
def activated(daemon: Factory, *before: str, user: str | None = None, **variables: str) -> Iterator[Activated]:
    """Have a daemon be started by its sockets. before: what comes before the program on the line."""
    with daemon.directory(daemon.cluster.daemon_user) as directory:
        path, port = directory / "socket", free_port()
        env = {"SLURM_CONF": str(daemon.cluster.conf), **variables}
        names = [f"--setenv={name}" for name in (*daemon.environment(env), "SLURMREST_DEVELOPMENT")]
        line = (program("systemd-socket-activate"), "-l", str(path), "-l", f"127.0.0.1:{port}", *names)
        log = directory / "log"
        with log.open("wb") as errors:
            process: Any = daemon.popen(
                (*line, *before, daemon.program), env, user or daemon.cluster.daemon_user, stderr=errors
            )
        with process:
            try:
                eventually(path.exists)
                yield Activated(process, path, port, log)
            finally:
                process.terminate()
                process.wait(DEADLINE)
        # The socket is systemd's, and must be there for the next start.
        assert path.exists()


def test_the_first_client_starts_the_daemon(daemon: Factory, cluster: Cluster) -> None:
    with activated(daemon) as service:
        assert not service.started()
        assert service.client.get(f"{API}/ping").status == 200
        assert service.started()
        assert service.network.as_user("games", cluster.token("games")).get(f"{API}/jobs").status == 200
        assert service.network.get(f"{API}/ping").status == 401
        before = set(service.workers())
        service.process.send_signal(signal.SIGHUP)
        eventually(lambda: len(service.workers()) == len(before) and not before & set(service.workers()))
        assert service.client.get(f"{API}/ping").status == 200
        service.process.terminate()
        assert service.process.wait(DEADLINE) == 0


def test_it_listens_elsewhere_too(daemon: Factory) -> None:
    port = free_port()
    with activated(daemon, SLURMRESTD_LISTEN=f"127.0.0.1:{port}") as service:
        assert service.client.get(f"{API}/ping").status == 200
        assert Client(("127.0.0.1", port)).get(f"{API}/ping").status == 401


def test_it_serves_under_what_the_unit_forbids(
    daemon: Factory, cluster: Cluster, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File systems read-only, system calls filtered, no capabilities: by the unit's own lines, as systemd has them."""
    monkeypatch.chdir(CHECKOUT)
    writable = folder / "writable"
    writable.mkdir()
    helper = f"import runpy, sys; sys.path.insert(0, {str(CHECKOUT)!r}); from tests.deployment import hardened"
    before = (sys.executable, "-c", f"{helper}; hardened.main(*sys.argv[1:])")
    where = (str(CONF / "slurmrestd.service"), str(writable), cluster.daemon_user)
    with activated(daemon, *before, *where, user="root") as service:
        assert service.client.get(f"{API}/jobs").status == 200
        token = cluster.token("games")
        assert service.network.as_user("games", token).get(f"{API}/nodes").status == 200
        assert service.network.as_user("games", token).post("/slurmdb/v0.0.39/users", {}).status < 500
        # A body that is too large for memory goes to a file.
        body = b'{"script": "' + b"x" * (1 << 20)
        assert service.client.request("POST", f"{API}/job/submit", body=body).status == 400
        for worker in service.workers():
            status = Path(f"/proc/{worker}/status").read_text()
            assert re.search(r"CapBnd:\s0+\n", status)
            assert re.search(r"NoNewPrivs:\s1\n", status)
            assert re.search(r"Seccomp:\s2\n", status)
            mounts = [line.split() for line in Path(f"/proc/{worker}/mountinfo").read_text().splitlines()]
            assert [words[5].split(",")[0] for words in mounts if words[4] == "/"][-1] == "ro"
        assert "Traceback" not in service.log.read_text()

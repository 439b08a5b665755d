"""Daemons with a stand-in app, as processes of their own: `shared` by most tests, `start` for one with options."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .wire import DEADLINE, Wire

ROOT = Path(__file__).parent.parent.parent


class Daemon:
    """A running daemon. addresses: of its sockets, in the order asked for; log: what it wrote to stderr."""

    def __init__(self, options: dict[str, Any], log: Path) -> None:
        self.log = log
        command = [sys.executable, "-m", "tests.daemon.standin", json.dumps(options)]
        with log.open("wb") as stderr:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, cwd=ROOT)
        assert self.process.stdout is not None
        workers, *addresses = json.loads(self.process.stdout.readline())
        self.addresses: list[Any] = addresses
        for _ in range(workers):
            assert self.process.stdout.readline()

    def connect(self, number: int = 0) -> Wire:
        """Connect to one of the addresses."""
        return Wire(self.addresses[number])

    def signal(self, number: int) -> None:
        """Send a signal to the master."""
        self.process.send_signal(number)

    def wait(self) -> int:
        """Wait for the master to end, and give its exit status."""
        status = self.process.wait(DEADLINE)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status

    def stop(self) -> int:
        """Ask for a graceful stop, and give the exit status."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.wait()

    @property
    def workers(self) -> list[int]:
        """Process ids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]


Start = Callable[..., Daemon]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start daemons; each must end with status 0, unless the test has ended it."""
    with contextlib.ExitStack() as stack:

        def start(*addresses: str, **options: Any) -> Daemon:
            options["addresses"] = addresses or ("127.0.0.1:0",)
            daemon = Daemon(options, tmp_path / "log")
            stack.callback(daemon.stop)
            return daemon

        yield start


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon with two workers and short deadlines, on TCP and on a unix socket."""
    folder = tmp_path_factory.mktemp("daemon")
    options = {
        "addresses": ["127.0.0.1:0", f"unix:{folder}/socket"],
        "threads": 8,
        "limits": {"body": 1 << 20, "body_in_memory": 1 << 16, "lingering": 1.0},
    }
    daemon = Daemon(options, folder / "log")
    yield daemon
    assert daemon.stop() == 0
    assert not os.path.lexists(daemon.addresses[1])


@pytest.fixture(params=["tcp", "unix"])
def wire(request: pytest.FixtureRequest, shared: Daemon) -> Iterator[Wire]:
    """A connection to `shared`, on TCP and on its unix socket."""
    with shared.connect(["tcp", "unix"].index(request.param)) as wire:
        yield wire


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    """What requests to /hold wait for."""
    gate = Gate(tmp_path)
    yield gate
    gate.close()


class Gate:
    """Requests wait at it until it is opened; it knows how many do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "held"
        self.folder.mkdir()
        self.path = folder / "gate"
        os.mkfifo(self.path)
        self._writer: int | None = None

    @property
    def headers(self) -> tuple[str, str]:
        """What a request to /hold must bring."""
        return f"X-Until: {self.path}", f"X-Tell: {self.folder}"

    @property
    def held(self) -> int:
        """How many requests wait."""
        return len(list(self.folder.iterdir()))

    def open(self) -> None:
        """Let all pass, from now on."""
        self._writer = os.open(self.path, os.O_RDWR)

    def close(self) -> None:
        """Let go of it."""
        if self._writer is not None:
            os.close(self._writer)


def eventually(what: Callable[[], object]) -> bool:
    """Wait until *what* is true: True then, and failure if it does not become so."""
    end = time.monotonic() + DEADLINE
    pause = threading.Event()
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if what():
                return True
        pause.wait(0.01)
    raise AssertionError("it did not happen in time")

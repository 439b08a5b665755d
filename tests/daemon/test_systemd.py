"""What systemd is told, and the sockets it hands over. Its side is played here, by the documented protocol."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from slurmrest.daemon.systemd import Notifier, inherited

from .conftest import Gate, Start, eventually
from .test_command import Command, command
from .wire import DEADLINE, request

__all__ = ("command",)


class Manager:
    """Hears what a service says. name: for NOTIFY_SOCKET."""

    def __init__(self, name: str) -> None:
        self.name, self.heard = name, ""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(f"\0{name[1:]}" if name.startswith("@") else name)
        if not name.startswith("@"):
            Path(name).chmod(0o777)
        self.sock.settimeout(0)

    def close(self) -> None:
        """Hear no more."""
        self.sock.close()

    def listen(self) -> str:
        """Take what has been said since, and give everything since `forget`."""
        try:
            while True:
                self.heard += self.sock.recv(4096).decode() + "\n"
        except BlockingIOError:
            return self.heard

    def hears(self, *words: str) -> bool:
        """Wait until all *words* were said."""
        return eventually(lambda: all(word in self.listen() for word in words))

    def forget(self) -> None:
        """Forget what has been said."""
        self.listen()
        self.heard = ""


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    """A manager on a socket of either kind."""
    name = f"@slurmrestd-test-{os.getpid()}" if request.param == "abstract" else f"{tmp_path}/notify"
    with closing(Manager(name)) as manager:
        yield manager


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch, command: Command) -> Iterator[Manager]:
    """A manager that processes started from now on talk to."""
    with closing(Manager(f"{command.folder}/notify")) as manager:
        monkeypatch.setenv("NOTIFY_SOCKET", manager.name)
        yield manager


def test_the_life_of_the_command_is_told(listening: Manager, command: Command) -> None:
    command.environment["NOTIFY_SOCKET"] = listening.name
    with command.serving("-f", str(command.conf), "-t4") as process:
        assert listening.hears("READY=1\nSTATUS=2 of 2 workers serve")
        listening.forget()
        process.send_signal(signal.SIGHUP)
        assert listening.hears("RELOADING=1\nMONOTONIC_USEC=", "STATUS=Replacing the workers", "READY=1")
        assert listening.heard.index("RELOADING=1") < listening.heard.index("READY=1")
        listening.forget()
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0
        assert "STOPPING=1" in listening.listen()


def test_a_hangup_that_changes_nothing_ends_reloading_too(listening: Manager, command: Command) -> None:
    command.environment["NOTIFY_SOCKET"] = listening.name
    with command.serving("-f", str(command.conf), "-t2") as process:
        assert listening.hears("READY=1")
        listening.forget()
        command.conf.rename(command.folder / "away")
        process.send_signal(signal.SIGHUP)
        assert listening.hears("RELOADING=1", "READY=1\nSTATUS=1 of 1 workers serve; they were not replaced: ")


def test_it_is_ready_only_when_all_workers_serve(listening: Manager, start: Start) -> None:
    """The stand-in's first line says that it is bound; the workers say for themselves that they are about to serve."""
    daemon = start(threads=4)
    assert listening.hears("READY=1")
    with daemon.connect() as wire:
        assert wire.get("/ping").body == b"pong"
    assert listening.heard.count("READY=1") == 1
    assert "gunicorn" not in listening.heard.lower()


def test_the_variables_are_not_left_to_child_processes(listening: Manager, start: Start) -> None:
    daemon = start(threads=2)
    with daemon.connect() as wire:
        names = json.loads(wire.get("/variables").body)
    assert "PATH" in names
    assert "NOTIFY_SOCKET" not in names


def test_the_watchdog_hears_of_workers_that_serve_and_of_no_others(
    listening: Manager, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "600000")
    daemon = start(threads=4, gunicorn={"timeout": 60}, silence=1.5)
    assert listening.hears("READY=1", "WATCHDOG=1")
    listening.forget()
    assert listening.hears("WATCHDOG=1")
    first, second = daemon.workers
    os.kill(first, signal.SIGSTOP)
    assert listening.hears("STATUS=1 of 2 workers serve")
    listening.forget()
    assert listening.hears("WATCHDOG=1")
    os.kill(second, signal.SIGSTOP)
    assert listening.hears("STATUS=0 of 2 workers serve")
    listening.forget()
    pause(1.0)
    assert "WATCHDOG=1" not in listening.listen()
    for worker in (first, second):
        os.kill(worker, signal.SIGCONT)
    assert listening.hears("STATUS=2 of 2 workers serve", "WATCHDOG=1")


def pause(seconds: float) -> None:
    """Let a time pass in which something must not happen."""
    end = time.monotonic() + seconds
    assert eventually(lambda: time.monotonic() >= end)


def test_a_worker_whose_threads_hang_is_replaced(start: Start, gate: Gate) -> None:
    daemon = start(threads=2, limits={"stuck": 0.5}, gunicorn={"timeout": 2})
    (worker,) = daemon.workers
    wires = [daemon.connect() for _ in range(3)]
    for wire in wires:
        wire.send(request("/hold", *gate.headers))
    eventually(lambda: daemon.workers != [worker] and len(daemon.workers) == 1)
    with daemon.connect() as wire:
        assert wire.get("/ping").body == b"pong"
    for wire in wires:
        wire.sock.close()
    gate.open()


def test_notifier_says_nothing_where_nobody_asked() -> None:
    notifier = Notifier.take({})
    notifier.ready("")
    notifier.alive()
    assert not notifier


def test_the_watchdog_of_another_process_is_not_ours(manager: Manager) -> None:
    variables = {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}
    notifier = Notifier.take(variables)
    notifier.alive()
    assert (notifier.watchdog, manager.listen(), variables) == (0.0, "", {})


def test_the_watchdog_is_told_three_times_in_its_time_and_not_more(manager: Manager) -> None:
    variables = {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "300000000", "WATCHDOG_PID": str(os.getpid())}
    notifier = Notifier.take(variables)
    for _ in range(10):
        notifier.alive()
    assert (notifier.watchdog, manager.listen()) == (300.0, "WATCHDOG=1\n")


def test_a_manager_that_is_gone_disturbs_nobody(manager: Manager) -> None:
    notifier = Notifier(manager.name)
    manager.close()
    notifier.ready("")
    assert notifier


@pytest.mark.parametrize("variables", [{}, {"LISTEN_FDS": "1"}, {"LISTEN_FDS": "1", "LISTEN_PID": "1"}])
def test_sockets_for_somebody_else_are_not_taken(variables: dict[str, str]) -> None:
    assert inherited(variables) == []
    assert variables == {}


INHERIT = """
import os, socket, sys
from slurmrest.daemon.systemd import inherited
os.environ.update(LISTEN_FDS={count!r}, LISTEN_PID=str(os.getpid()))
{make}
print([str(one) for one in inherited(os.environ)], sorted(name for name in os.environ if name.startswith("LISTEN")))
"""
LISTENER = "s = socket.create_server(('127.0.0.1', 0)); os.dup2(s.fileno(), 3, inheritable=True)"
CONNECTED = "a, b = socket.socketpair(); os.dup2(a.fileno(), 3, inheritable=True)"
DATAGRAM = "s = socket.socket(type=socket.SOCK_DGRAM); os.dup2(s.fileno(), 3, inheritable=True)"


def inherit(command: Command, make: str, count: str = "1") -> tuple[str, str]:
    """Take sockets in a process of its own, whose file descriptor 3 is what *make* makes. Gives stdout and stderr."""
    code = INHERIT.format(make=make, count=count)
    line = [sys.executable, "-c", "import os; os.closerange(3, 20)\n" + code]
    done = subprocess.run(line, env=command.environment, capture_output=True, text=True, check=False)
    return done.stdout, done.stderr


def test_a_listening_socket_is_taken(command: Command) -> None:
    output, errors = inherit(command, LISTENER)
    assert "127.0.0.1:" in output, errors
    assert output.endswith(" []\n")


def test_a_connection_is_left_to_inetd_mode(command: Command) -> None:
    assert inherit(command, CONNECTED)[0] == "[] []\n"


def test_what_is_no_stream_socket_is_refused(command: Command) -> None:
    assert "stream socket" in inherit(command, DATAGRAM)[1]
    assert "is no socket" in inherit(command, "os.dup2(0, 3)")[1]
    assert "is no socket" in inherit(command, "os.closerange(3, 20)")[1]

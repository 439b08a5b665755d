"""Limits hold over all workers, whatever clients do: who is too many waits, who is slow costs nothing."""

from __future__ import annotations

import resource
import socket
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from .conftest import Daemon, Gate, Start, eventually
from .test_command import Command, assert_refused, command
from .test_patience import files, memory, tick
from .wire import Wire, request

__all__ = ("command",)

MIB = 1 << 20
HEAD = "GET /ping HTTP/1.1\r\nHost: a\r\nX-A: "


def answered_within(daemon: Daemon, seconds: float) -> bool:
    """Tell whether a client that does nothing wrong is served in time."""
    began = time.monotonic()
    with daemon.connect() as wire:
        assert wire.get("/ping").body == b"pong"
    return time.monotonic() - began < seconds


def test_more_clients_than_the_limits_wait_and_none_is_lost(start: Start, gate: Gate, tmp_path: Path) -> None:
    daemon = start(f"unix:{tmp_path}/s", threads=5, connections=7, limits={"parking": 0.005})
    with ExitStack() as stack:
        wires = [stack.enter_context(daemon.connect()) for _ in range(400)]
        for wire in wires:
            wire.send(request("/hold", *gate.headers))
        eventually(lambda: gate.held == 5)
        assert all(wire.silent(0.001) for wire in wires[::20])
        assert gate.held == 5
        gate.open()
        assert [wire.response().body for wire in wires] == [b"held"] * 400


def test_on_a_unix_socket_the_backlog_is_the_limit_and_beyond_it_connecting_waits(
    start: Start, gate: Gate, tmp_path: Path
) -> None:
    daemon = start(f"unix:{tmp_path}/s", threads=2, connections=1, backlog=5)
    with ExitStack() as stack:
        first = stack.enter_context(daemon.connect())
        first.send(request("/hold", *gate.headers))
        eventually(lambda: gate.held == 1)
        waiting = []
        while (one := hasty(f"{tmp_path}/s")) is not None:
            waiting.append(stack.enter_context(one))
        assert len(waiting) == 6
        answers: list[bytes] = []
        late = threading.Thread(target=lambda: answers.append(patient(f"{tmp_path}/s")))
        late.start()
        gate.open()
        assert first.response().body == b"held"
        for wire in waiting:
            assert wire.get("/ping").body == b"pong"
        late.join()
        assert answers == [b"pong"]


def patient(path: str) -> bytes:
    """Connect as a C program does, waiting in connect(), and be served."""
    wire = Wire.__new__(Wire)
    wire.buffer = b""
    with socket.socket(socket.AF_UNIX) as wire.sock:
        wire.sock.connect(path)
        return wire.get("/ping").body


def hasty(path: str) -> Wire | None:
    """Connect without waiting; None where the backlog is full."""
    try:
        wire = Wire(path, timeout=0)
    except BlockingIOError:
        return None
    wire.sock.settimeout(20)
    return wire


def test_two_thousand_connections_on_a_unix_socket_at_once(start: Start, tmp_path: Path) -> None:
    daemon = start(f"unix:{tmp_path}/s", threads=8, connections=124)
    with daemon.connect() as wire:
        wire.get("/ping")
    before = memory(daemon)
    with ExitStack() as stack:
        # Nobody waits to be accepted before the next one comes.
        wires = [hasty(f"{tmp_path}/s") for _ in range(2000)]
        assert None not in wires
        found = [stack.enter_context(wire) for wire in wires if wire is not None]
        assert all(wire.get("/ping").body == b"pong" for wire in found[::100])
        eventually(lambda: len(files(daemon)) > 2000)
        assert answered_within(daemon, 2.0)
        assert memory(daemon) - before < 32 * MIB
    eventually(lambda: len(files(daemon)) < 100)
    assert answered_within(daemon, 2.0)


@pytest.mark.parametrize(
    "text",
    [HEAD, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx", "POST /echo HTTP/1.1\r\nHost: a\r\n"],
)
def test_half_requests_by_more_clients_than_the_limit_do_not_hold_up_others(start: Start, text: str) -> None:
    daemon = start(threads=2, connections=4)
    with ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(daemon.connect()).send(text)
        assert all(answered_within(daemon, 4.0) for _ in range(3))


def test_clients_that_trickle_do_not_hold_up_others(start: Start) -> None:
    daemon = start(threads=2, connections=4)
    with ExitStack() as stack:
        wires = [stack.enter_context(daemon.connect()).send(HEAD) for _ in range(60)]
        done = threading.Event()
        trickle = threading.Thread(target=trickling, args=(wires, done))
        trickle.start()
        try:
            assert all(answered_within(daemon, 4.0) for _ in range(5))
        finally:
            done.set()
            trickle.join()


def trickling(wires: list[Wire], done: threading.Event) -> None:
    """Send a byte on each connection, again and again."""
    while not done.wait(0.02):
        for wire in wires:
            wire.send("a")


def test_a_slow_upload_is_served_among_many(start: Start) -> None:
    """It loses its slot and gets it back, and not a byte is lost."""
    daemon = start(threads=2, connections=2)
    with ExitStack() as stack:
        slow = [stack.enter_context(daemon.connect()) for _ in range(6)]
        for wire in slow:
            wire.send(request("/echo", "Content-Length: 20", method="POST"))
        for turn in range(20):
            for wire in slow:
                wire.send(f"{turn % 10}")
            tick(0.06)
        assert [wire.response().body for wire in slow] == [b"01234567890123456789"] * 6


def test_the_time_for_a_head_does_not_begin_again_with_each_slot(start: Start) -> None:
    daemon = start(threads=2, connections=1, limits={"reading_head": 1.0})
    with daemon.connect() as wire, daemon.connect() as other:
        wire.send(HEAD)
        while wire.silent(0.05):
            wire.send("a")
            assert other.get("/ping").body == b"pong"
        assert wire.response().status == 408


def test_half_requests_do_not_fill_the_memory(start: Start) -> None:
    daemon = start(threads=2, connections=10, limits={"parked": 4 * MIB})
    with daemon.connect() as wire:
        wire.get("/ping")
    before = memory(daemon)
    with ExitStack() as stack:
        wires = [stack.enter_context(daemon.connect()).send(HEAD + "a" * 70_000) for _ in range(400)]
        assert wires[0].response().status == 408
        assert answered_within(daemon, 4.0)
        # 400 of 70 KB are 27 MiB; what is allowed is 4, and what is in the kernel's buffers is not ours.
        assert memory(daemon) - before < 16 * MIB


def test_open_files_are_allowed_as_needed(command: Command) -> None:
    options = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, 4000))}
    with command.serving("-f", str(command.conf), "-t4", "--max-connections", "1000", **options) as process:
        eventually(lambda: workers_of(process.pid))
        for pid in (process.pid, *workers_of(process.pid)):
            assert soft_limit(pid) >= 628


def test_a_start_without_enough_open_files_is_refused(command: Command) -> None:
    options = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, 300))}
    done = command.run("-f", str(command.conf), "--max-connections", "1000", "127.0.0.1:6820", **options)
    assert_refused(done, "open files", "300", "--max-connections")


def workers_of(pid: int) -> list[int]:
    """Child processes."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def soft_limit(pid: int) -> int:
    """How many files a process may open."""
    (line,) = [one for one in Path(f"/proc/{pid}/limits").read_text().splitlines() if one.startswith("Max open files")]
    return int(line.split()[3])


def test_a_worker_that_may_open_no_more_files_goes_on(start: Start) -> None:
    """It accepts again as soon as one is closed."""
    daemon = start(threads=2, connections=10)
    (worker,) = daemon.workers
    with daemon.connect() as wire:
        wire.get("/ping")
        most = max(int(file.name) for file in files(daemon)) + 4
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (most, resource.prlimit(worker, resource.RLIMIT_NOFILE)[1]))
        others = [daemon.connect() for _ in range(20)]
        assert wire.get("/ping").body == b"pong"
        for other in others:
            other.sock.close()
        assert answered_within(daemon, 10.0)

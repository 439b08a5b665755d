"""Slow and silent clients: each has its deadline, and none costs the others anything. Limits make wait, not refuse."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .conftest import Daemon, Gate, Start, eventually
from .wire import Wire, request

SHORT = {
    "silent": 0.4,
    "reading_head": 0.6,
    "stalled": 0.6,
    "transfer": 0.6,
    "keep_alive": 0.4,
    "lingering": 0.4,
}
"""Deadlines for tests that wait for them. They are looked at once a second."""


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon with short deadlines."""
    folder = tmp_path_factory.mktemp("hasty")
    options = {"addresses": ["127.0.0.1:0", f"unix:{folder}/socket"], "limits": SHORT}
    daemon = Daemon(options, folder / "log")
    yield daemon
    assert daemon.stop() == 0


def test_a_client_that_never_speaks_is_closed(hasty: Daemon) -> None:
    with hasty.connect() as wire:
        assert wire.ended()


def test_an_idle_connection_is_closed(hasty: Daemon) -> None:
    with hasty.connect() as wire:
        assert wire.get("/ping").body == b"pong"
        assert wire.ended()


@pytest.mark.parametrize("text", ["GET /ping HTTP/1.1\r\nHost: ", "\r\n", "G"])
def test_a_head_that_does_not_end_is_answered_with_408(hasty: Daemon, text: str) -> None:
    with hasty.connect() as wire:
        assert wire.send(text).response().status == 408
        assert wire.ended()


def test_a_head_that_trickles_is_answered_with_408(hasty: Daemon) -> None:
    with hasty.connect() as wire:
        wire.send("GET /ping HTTP/1.1\r\n")
        while wire.silent(0.05):
            wire.send("X-A: b\r\n")
        assert wire.response().status == 408


def test_a_body_that_stops_is_answered_with_408(hasty: Daemon) -> None:
    with hasty.connect() as wire:
        wire.send(request("/echo", "Content-Length: 100", method="POST") + "some")
        assert wire.response().status == 408
        assert wire.ended()


def test_a_body_that_trickles_is_answered_with_408(hasty: Daemon) -> None:
    with hasty.connect() as wire:
        wire.send(request("/echo", "Content-Length: 1000", method="POST"))
        while wire.silent(0.05):
            wire.send("x")
        assert wire.response().status == 408


@pytest.mark.parametrize("number", [0, 1])
def test_a_client_that_does_not_read_is_dropped(hasty: Daemon, number: int, tmp_path: Path) -> None:
    tell = tmp_path / "tell"
    with hasty.connect(number) as wire:
        wire.send(request("/download/10000", f"X-Tell: {tell}"))
        eventually(tell.exists)
    assert int(tell.read_text().split()[-1]) < 2000


def test_a_client_that_reads_too_slowly_is_dropped(hasty: Daemon, tmp_path: Path) -> None:
    """Each byte is progress, but not enough: 16 KiB/s are asked for."""
    tell = tmp_path / "tell"
    with hasty.connect(1) as wire:
        wire.send(request("/download/10000", f"X-Tell: {tell}"))
        while not tell.exists():
            wire.sock.recv(1)
            tick()


def test_a_client_that_reads_steadily_is_served_beyond_the_deadline(hasty: Daemon) -> None:
    with hasty.connect(1) as wire:
        wire.send(request("/download/400"))
        wire.head()
        began, size = time.monotonic(), 0
        while chunk := wire.chunk():
            size += len(chunk)
            if size % (1 << 20) == 0:
                tick(0.08)
        assert time.monotonic() - began > SHORT["stalled"] * 2
    assert size == 400 << 16


def tick(seconds: float = 0.002) -> None:
    """Let a moment pass in which the client does nothing."""
    threading.Event().wait(seconds)


@pytest.mark.parametrize("end", ["keep-alive", "close"])
def test_a_client_that_lingers_after_the_end_is_closed(hasty: Daemon, end: str) -> None:
    before = len(files(hasty))
    with hasty.connect() as wire:
        wire.get("/ping", f"Connection: {end}")
        assert wire.ended()
        eventually(lambda: len(files(hasty)) <= before)


def files(daemon: Daemon) -> list[Path]:
    """Give the open files of all workers."""
    return [file for worker in daemon.workers for file in Path(f"/proc/{worker}/fd").iterdir()]


def test_hundreds_of_silent_clients_do_not_hold_up_others(start: Start) -> None:
    daemon = start(connections=8)
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(daemon.connect())
        for _ in range(5):
            began = time.monotonic()
            with daemon.connect() as wire:
                assert wire.get("/ping").body == b"pong"
            assert time.monotonic() - began < 10


def test_hundreds_of_half_requests_do_not_take_threads(start: Start) -> None:
    daemon = start(threads=2, connections=400)
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(daemon.connect()).send("POST /echo HTTP/1.1\r\nContent-Length: 100\r\n\r\nx")
        with daemon.connect() as wire:
            assert wire.get("/ping").body == b"pong"


def test_readers_that_stall_do_not_take_threads(start: Start) -> None:
    daemon = start(threads=2)
    with ExitStack() as stack:
        for _ in range(20):
            wire = stack.enter_context(daemon.connect())
            wire.send(request("/download/1000")).head()
        with daemon.connect() as wire:
            assert wire.get("/ping").body == b"pong"


def test_two_thousand_connections_most_of_them_idle(start: Start) -> None:
    daemon = start(threads=8, connections=124)
    with ExitStack() as stack:
        wires = [stack.enter_context(daemon.connect()) for _ in range(2000)]
        for wire in wires[::100]:
            assert wire.get("/ping").body == b"pong"
        with daemon.connect() as wire:
            assert wire.get("/ping").body == b"pong"
    with daemon.connect() as wire:
        assert wire.get("/ping").body == b"pong"
    eventually(lambda: len(files(daemon)) < 100)


def test_the_oldest_silent_clients_make_room(start: Start) -> None:
    daemon = start(threads=2, connections=4, limits={"held": 50})
    with ExitStack() as stack:
        wires = [stack.enter_context(daemon.connect()) for _ in range(200)]
        with daemon.connect() as wire:
            assert wire.get("/ping").body == b"pong"
        assert wires[0].ended()


def test_clients_beyond_max_connections_wait_and_are_served(start: Start, gate: Gate) -> None:
    daemon = start(threads=16, connections=3)
    with ExitStack() as stack:
        wires = [stack.enter_context(daemon.connect()) for _ in range(30)]
        for wire in wires:
            wire.send(request("/hold", *gate.headers))
        eventually(lambda: gate.held == 3)
        assert all(wire.silent(0.02) for wire in wires)
        assert gate.held == 3
        gate.open()
        assert [wire.response().body for wire in wires] == [b"held"] * 30


def test_a_connection_beyond_the_limit_waits_for_one_to_close(start: Start) -> None:
    daemon = start(connections=2, limits={"parking": 60})
    with daemon.connect() as first, daemon.connect() as second, daemon.connect() as third:
        assert first.get("/ping").body == b"pong"
        assert second.get("/ping").body == b"pong"
        third.send(request("/ping"))
        assert third.silent()
        first.sock.close()
        assert third.response().body == b"pong"


def test_an_idle_connection_makes_way_and_comes_back(start: Start) -> None:
    daemon = start(connections=1)
    with daemon.connect() as first, daemon.connect() as second:
        for _ in range(3):
            assert first.get("/ping").body == b"pong"
            assert second.get("/ping").body == b"pong"


def test_threads_are_a_total_over_all_workers(start: Start, gate: Gate) -> None:
    daemon = start(threads=5, connections=100)
    with ExitStack() as stack:
        wires = [stack.enter_context(daemon.connect()) for _ in range(40)]
        for wire in wires:
            wire.send(request("/hold", *gate.headers))
        eventually(lambda: gate.held == 5)
        assert all(wire.silent(0.01) for wire in wires)
        assert gate.held == 5
        gate.open()
        assert [wire.response().body for wire in wires] == [b"held"] * 40


def test_bodies_that_wait_do_not_wait_in_memory(start: Start) -> None:
    daemon = start(connections=60)
    with daemon.connect() as wire:
        wire.get("/ping")
    before = memory(daemon)
    with ExitStack() as stack:
        wires: list[Wire] = [stack.enter_context(daemon.connect()) for _ in range(20)]
        for wire in wires:
            wire.send(request("/count", f"Content-Length: {10 << 20}", method="POST"))
            wire.send(b"x" * ((10 << 20) - 1))
        assert memory(daemon) - before < 64 << 20
        assert [wire.send(b"x").response().body for wire in wires] == [b"10485760 10485760"] * 20


def memory(daemon: Daemon) -> int:
    """Give what all workers together hold in memory, in bytes."""
    statm = [Path(f"/proc/{worker}/statm").read_text().split() for worker in daemon.workers]
    return sum(int(fields[1]) for fields in statm) * os.sysconf("SC_PAGE_SIZE")

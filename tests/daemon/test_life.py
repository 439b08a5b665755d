"""Workers and their master: how they stop, are replaced, and take each other's place."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from .conftest import Daemon, Gate, Start, eventually
from .wire import Wire, request


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_with_idle_connections_is_quick_and_clean(start: Start, tmp_path: Path, number: int) -> None:
    daemon = start(f"unix:{tmp_path}/s", "127.0.0.1:0")
    with ExitStack() as stack:
        wires = [stack.enter_context(daemon.connect(turn % 2)) for turn in range(20)]
        for wire in wires[:10]:
            wire.get("/ping")
        began = time.monotonic()
        daemon.signal(number)
        assert daemon.wait() == 0
        assert time.monotonic() - began < 2
        assert all(wire.ended() for wire in wires)
    assert not (tmp_path / "s").exists()


def test_a_stop_finishes_what_was_read(start: Start, gate: Gate) -> None:
    # One process: how connections are shared out between several is not this test's business.
    daemon = start(threads=2)
    with ExitStack() as stack:
        wires = [stack.enter_context(daemon.connect()) for _ in range(12)]
        for wire in wires:
            # Only a connection that was accepted is the daemon's; one in the backlog ends with the listener.
            assert wire.get("/ping").body == b"pong"
        for wire in wires:
            wire.send(request("/hold", *gate.headers) + request("/ping"))
        eventually(lambda: gate.held == 2)
        daemon.signal(signal.SIGTERM)
        eventually(lambda: refuses(daemon.addresses[0]))
        gate.open()
        for wire in wires:
            assert wire.response().body == b"held"
            last = wire.response()
            assert (last.body, last.headers["connection"]) == (b"pong", "close")
    assert daemon.wait() == 0


def test_a_stop_finishes_a_download(start: Start) -> None:
    daemon = start()
    with daemon.connect() as wire:
        wire.send(request("/download/1000")).head()
        size = len(wire.chunk())
        daemon.signal(signal.SIGTERM)
        eventually(lambda: refuses(daemon.addresses[0]))
        while chunk := wire.chunk():
            size += len(chunk)
    assert size == 1000 << 16
    assert daemon.wait() == 0


def test_a_stop_waits_only_so_long(start: Start, gate: Gate) -> None:
    daemon = start(gunicorn={"graceful_timeout": 2})
    with daemon.connect() as wire:
        wire.send(request("/hold", *gate.headers))
        eventually(lambda: gate.held == 1)
        daemon.signal(signal.SIGTERM)
        assert daemon.wait() == 0
        assert wire.ended()


def test_a_stop_does_not_wait_for_half_a_request(start: Start) -> None:
    daemon = start(limits={"stopping": 0.2})
    with daemon.connect() as wire:
        wire.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nx")
        with daemon.connect() as other:
            other.get("/ping")
        began = time.monotonic()
        daemon.signal(signal.SIGTERM)
        assert daemon.wait() == 0
        assert time.monotonic() - began < 4


def refuses(address: str | list[object]) -> bool:
    """Tell whether nobody listens any more."""
    try:
        Wire(address).sock.close()
    except OSError:
        return True
    return False


def test_a_killed_worker_is_replaced(start: Start) -> None:
    daemon = start()
    before = daemon.workers
    with daemon.connect() as wire:
        victim = int(json.loads(wire.get("/show").body)["process"])
        os.kill(victim, signal.SIGKILL)
        assert wire.ended()
    eventually(lambda: len(daemon.workers) == len(before) and victim not in daemon.workers)
    for _ in range(10):
        with daemon.connect() as wire:
            assert wire.get("/ping").body == b"pong"


def test_workers_end_with_their_master(start: Start) -> None:
    daemon = start()
    workers = daemon.workers
    daemon.signal(signal.SIGKILL)
    daemon.wait()
    assert eventually(lambda: not any(alive(worker) for worker in workers))
    daemon.process.returncode = 0


def alive(process: int) -> bool:
    """Tell whether a process runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_workers_are_replaced_after_many_requests_and_none_is_lost(start: Start) -> None:
    daemon = start(limits={"requests": 50})
    first = set(daemon.workers)
    wire = daemon.connect()
    for number in count():
        if not first & set(daemon.workers):
            break
        answer = wire.get(f"/ping/{number}")
        assert answer.body == f"pong{number}".encode()
        if answer.headers.get("connection") == "close":
            assert wire.ended()
            wire.sock.close()
            wire = daemon.connect()
    wire.sock.close()
    assert number > 50


def test_a_worker_that_holds_too_much_memory_is_replaced(start: Start) -> None:
    daemon = start(limits={"resident": 200 << 20})
    with daemon.connect() as wire:
        swollen = int(wire.get("/swell/300").body)
    eventually(lambda: not alive(swollen) and len(daemon.workers) == 2)
    with daemon.connect() as wire:
        assert wire.get("/ping").body == b"pong"


def test_a_worker_to_be_replaced_finishes_what_was_read(start: Start, gate: Gate) -> None:
    daemon = start(threads=2, limits={"requests": 1, "replacing": 0.1})
    (worker,) = daemon.workers
    with daemon.connect() as wire:
        wire.send(request("/hold", *gate.headers) + request("/ping"))
        eventually(lambda: gate.held == 1)
        eventually(lambda: "is replaced" in daemon.log.read_text())
        gate.open()
        assert wire.response().body == b"held"
        assert wire.response().headers["connection"] == "close"
    eventually(lambda: not alive(worker) and len(daemon.workers) == 1)


def test_hangup_replaces_the_workers_and_no_request_is_lost(start: Start) -> None:
    daemon = start()
    before = set(daemon.workers)
    with daemon.connect() as wire:
        wire.get("/ping")
        daemon.signal(signal.SIGHUP)
        eventually(lambda: len(daemon.workers) == 2 and not before & set(daemon.workers))
    with daemon.connect() as wire:
        assert wire.get("/ping").body == b"pong"


def test_a_worker_to_be_replaced_announces_that_it_closes(start: Start) -> None:
    daemon = start(limits={"parting": 10})
    with daemon.connect() as wire:
        answer = wire.get("/ping")
        daemon.signal(signal.SIGHUP)
        while "connection" not in answer.headers:
            answer = wire.get("/ping")
            assert answer.body == b"pong"
        assert wire.ended()


@pytest.mark.parametrize("number", [signal.SIGPIPE, signal.SIGUSR2, signal.SIGTTIN, signal.SIGTTOU])
def test_other_signals_change_nothing(start: Start, number: int) -> None:
    daemon = start()
    before = daemon.workers
    daemon.signal(number)
    with daemon.connect() as wire:
        assert wire.get("/ping").body == b"pong"
    assert daemon.workers == before


def test_an_answer_on_the_way_out_is_not_cut_off(start: Start) -> None:
    """The client sends more than was read, which must not make the kernel take the answer back."""
    daemon = start()
    with daemon.connect() as wire:
        wire.send(request("/ping", "Connection: close") + "x" * 100_000)
        assert wire.response().body == b"pong"


def test_the_socket_file_is_for_everyone(start: Start, tmp_path: Path) -> None:
    daemon = start(f"unix:{tmp_path}/s")
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o777
    assert daemon.stop() == 0


def test_a_socket_file_of_somebody_else_is_not_removed(start: Start, tmp_path: Path) -> None:
    daemon = start(f"unix:{tmp_path}/s")
    (tmp_path / "s").unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(tmp_path / "s"))
        assert daemon.stop() == 0
        assert (tmp_path / "s").exists()


def test_each_request_is_one_line_in_a_verbose_log(start: Start) -> None:
    daemon = start(verbose=1)
    with daemon.connect() as wire:
        wire.get("/ping/7?secret=1", "X-SLURM-USER-TOKEN: secret")
    daemon.stop()
    lines = [line for line in daemon.log.read_text().splitlines() if "/ping/7" in line]
    assert len(lines) == 1
    assert "GET /ping/7 200" in lines[0]
    assert "secret" not in daemon.log.read_text()


def test_nothing_fails_in_silence(shared: Daemon) -> None:
    """The log of all tests on the shared shared has no traceback but those of apps that fail on purpose."""
    with shared.connect() as wire:
        wire.get("/ping")
    assert "Unhandled exception" not in shared.log.read_text()

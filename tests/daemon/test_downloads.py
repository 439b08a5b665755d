"""Answers that are streamed: back-pressure, clients that leave, apps that fail in the middle."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from .conftest import Daemon, Start, eventually
from .test_patience import memory
from .wire import Wire, request


def test_a_large_answer_arrives_whole(wire: Wire) -> None:
    wire.send(request("/download/300"))
    assert len(wire.response().body) == 300 << 16
    assert wire.get("/ping").body == b"pong"


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 20_000_000])
def test_a_large_answer_in_one_piece_arrives_whole(wire: Wire, size: int) -> None:
    wire.send(request(f"/big/{size}") + request("/ping"))
    assert wire.response().body == b"x" * size
    assert wire.response().body == b"pong"


def test_pipelined_downloads_arrive_in_order(wire: Wire) -> None:
    wire.send("".join(request(f"/download/{pieces}") for pieces in (50, 1, 30)))
    assert [len(wire.response().body) >> 16 for _ in range(3)] == [50, 1, 30]


def test_an_answer_is_made_no_faster_than_it_is_taken(start: Start) -> None:
    daemon = start()
    with daemon.connect() as wire:
        wire.get("/ping")
    before = memory(daemon)
    with ExitStack() as stack:
        for _ in range(20):
            wire = stack.enter_context(daemon.connect())
            wire.send(request("/download/5000")).head()
        assert memory(daemon) - before < 32 << 20


@pytest.mark.parametrize("read", [0, 1 << 20])
def test_a_client_that_leaves_frees_the_answer_at_once(wire: Wire, tmp_path: Path, read: int) -> None:
    tell = tmp_path / "tell"
    wire.send(request("/download/5000", f"X-Tell: {tell}"))
    wire.head()
    while len(wire.buffer) < read:
        wire.chunk()
        break
    wire.sock.close()
    eventually(tell.exists)
    assert int(tell.read_text().split()[-1]) < 5000 - 1


def test_an_answer_is_closed_when_it_is_complete(wire: Wire, tmp_path: Path) -> None:
    tell = tmp_path / "tell"
    wire.get("/download/3", f"X-Tell: {tell}")
    assert eventually(lambda: tell.read_text() == "closed after 2")


def test_the_answer_to_head_is_closed_and_never_made(wire: Wire, tmp_path: Path) -> None:
    tell = tmp_path / "tell"
    wire.get("/download/3", f"X-Tell: {tell}", method="HEAD")
    assert eventually(lambda: tell.read_text() == "closed after 0")


@pytest.mark.parametrize("number", [0, 1])
def test_a_failure_in_the_middle_is_visible(shared: Daemon, number: int, tmp_path: Path) -> None:
    tell = tmp_path / "tell"
    with shared.connect(number) as wire:
        wire.send(request("/download/10", f"X-Tell: {tell}", "X-Fail-At: 5"))
        wire.head()
        with pytest.raises((AssertionError, ConnectionResetError)):
            list(iter(wire.chunk, b""))
    eventually(tell.exists)


def test_a_failure_in_the_middle_resets_where_nothing_else_would_show_it(shared: Daemon) -> None:
    with shared.connect() as wire:
        wire.send("GET /download/10 HTTP/1.0\r\nX-Fail-At: 5\r\n\r\n").head()
        with pytest.raises(ConnectionResetError):
            wire.rest()


def test_a_failure_at_the_beginning_is_an_ordinary_error(wire: Wire) -> None:
    assert wire.get("/download/10", "X-Fail-At: 0").status == 500


@pytest.mark.parametrize("length", [65536 * 3 - 1, 65536 * 3 + 1])
def test_a_wrong_content_length_breaks_the_answer(shared: Daemon, length: int) -> None:
    with shared.connect() as wire:
        wire.send(request("/download/3", f"X-Length: {length}"))
        assert wire.head().headers["content-length"] == str(length)
        with pytest.raises(ConnectionResetError):
            assert len(wire.rest()) != length


def test_a_right_content_length_keeps_the_connection(wire: Wire) -> None:
    assert len(wire.get("/download/3", f"X-Length: {65536 * 3}").body) == 65536 * 3
    assert wire.get("/ping").body == b"pong"

"""How the threads of a worker take turns."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from slurmrest.daemon.turns import SHORT, USUAL, Turns, yield_to_others

from .conftest import Start
from .test_answering import answer_to, giving


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    """Begin and end with Python's own value."""
    assert sys.getswitchinterval() == pytest.approx(USUAL)
    yield
    assert sys.getswitchinterval() == pytest.approx(USUAL)


def test_turns_are_short_until_the_last_large_answer_is_made() -> None:
    several = Turns()
    with several:
        with several:
            assert sys.getswitchinterval() == pytest.approx(SHORT)
        assert sys.getswitchinterval() == pytest.approx(SHORT)
    assert sys.getswitchinterval() == pytest.approx(USUAL)


def test_another_thread_may_end_it() -> None:
    several = Turns()
    several.__enter__()
    thread = threading.Thread(target=several.__exit__, args=(None, None, None))
    thread.start()
    thread.join()
    assert sys.getswitchinterval() == pytest.approx(USUAL)


@pytest.mark.parametrize("wanted", [1, 3], ids=["gone", "whole"])
def test_an_answer_in_pieces_is_a_large_one(wanted: int) -> None:
    pieces = answer_to().pieces(giving(iter([b"a", b"b"])), {})
    for _ in range(wanted):
        assert next(pieces)
        assert sys.getswitchinterval() == pytest.approx(SHORT)
    assert wanted == 1 or next(pieces, None) is None
    pieces.close()  # type: ignore[attr-defined]  # a generator, as the server knows


def test_an_answer_in_one_piece_is_not() -> None:
    pieces = answer_to().pieces(giving([b"a"], "200 OK", ("Content-Length", "1")), {})
    assert next(pieces).endswith(b"\r\n\r\na")
    assert sys.getswitchinterval() == pytest.approx(USUAL)


def test_every_thread_of_a_worker_lets_others_run(start: Start) -> None:
    daemon = start(threads=3)
    with daemon.connect() as wire:
        wire.get("/ping")
    for worker in daemon.workers:
        threads = [int(path.name) for path in Path(f"/proc/{worker}/task").iterdir()]
        assert len(threads) > 3
        assert {os.sched_getscheduler(thread) for thread in threads} == {os.SCHED_BATCH}
    assert os.sched_getscheduler(daemon.process.pid) == os.SCHED_OTHER


def test_where_that_is_forbidden_it_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    yield_to_others()
    assert os.sched_getscheduler(0) == os.SCHED_OTHER

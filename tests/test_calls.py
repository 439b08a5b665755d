"""When another call to slurmctld is begun, and when somebody looks whether it is there first."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from slurmrest import calls
from slurmrest.calls import Calls


class Gone(Exception):
    """Nothing listens."""


class Look:
    """Counts how often it was looked, and what for."""

    def __init__(self) -> None:
        self.times, self.gone = 0, False

    def __call__(self) -> None:
        """Look."""
        self.times += 1
        if self.gone:
            raise Gone


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Look:
    """A look, and little patience."""
    monkeypatch.setattr(calls, "PATIENCE", 0.05)
    return Look()


@contextmanager
def under_way(made: Calls, count: int) -> Iterator[None]:
    """Have calls under way, that do not return."""
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(made.one())
        yield


def outlast_patience() -> None:
    """Let calls under way become old."""
    threading.Event().wait(calls.PATIENCE * 1.2)


def test_nobody_looks_while_calls_return(look: Look) -> None:
    made = Calls(2, look)
    for _ in range(100):
        with made.one(), made.one():
            continue
    assert look.times == 0


def test_one_that_would_be_too_many_waits_and_then_looks(look: Look) -> None:
    made = Calls(2, look)
    with under_way(made, 2):
        began = time.monotonic()
        with made.one():
            assert look.times == 1
        assert time.monotonic() - began >= calls.PATIENCE


def test_one_that_would_be_too_many_goes_on_when_another_returns(look: Look) -> None:
    made = Calls(1, look)
    first = made.one()
    first.__enter__()
    threading.Timer(0.01, first.__exit__, (None, None, None)).start()
    with made.one():
        assert look.times == 0


def test_one_after_another_that_hangs_looks(look: Look) -> None:
    made = Calls(10, look)
    look.gone = True
    with under_way(made, 1):
        outlast_patience()
        with pytest.raises(Gone), made.one():
            pytest.fail("it was called")
        with pytest.raises(Gone), made.one():
            pytest.fail("it was called")
    assert look.times == 2
    with made.one():
        assert look.times == 2


def test_a_long_call_among_others_that_return_is_no_reason_to_look(look: Look) -> None:
    made = Calls(10, look)
    with under_way(made, 1):
        with made.one():
            outlast_patience()
        with made.one():
            assert look.times == 0


def test_what_was_seen_is_believed_for_a_while(look: Look) -> None:
    made = Calls(10, look)
    with under_way(made, 1):
        outlast_patience()
        with made.one(), made.one():
            assert look.times == 1

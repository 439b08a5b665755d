"""A question that is asked beside another."""

from __future__ import annotations

import threading

import pytest

from slurmrest.ahead import Ahead


class Refused(Exception):
    """What a question may raise."""


def refuse() -> int:
    """Raise."""
    raise Refused


def test_it_is_asked_before_anybody_waits() -> None:
    asked = threading.Event()
    wait = Ahead().ask(asked.set)
    assert asked.wait(10)
    wait()


def test_what_it_raises_is_raised_where_it_is_waited_for() -> None:
    ahead = Ahead()
    for _ in range(3):
        with pytest.raises(Refused):
            ahead.ask(refuse)()
    assert ahead.ask(lambda: 7)() == 7


def test_while_it_is_at_one_another_is_asked_by_whoever_waits() -> None:
    ahead, free = Ahead(), threading.Event()
    first = ahead.ask(lambda: free.wait(10))
    second = ahead.ask(threading.get_ident)
    assert second() == threading.get_ident()
    free.set()
    assert first()

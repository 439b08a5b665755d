"""Which thread takes a connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from slurmrest.daemon.threads import MANY, MOMENT, Threads


def work(connection: Any) -> None:
    """Do what stands for a connection, a function."""
    connection()


@pytest.mark.parametrize("count", [1, 2, MANY, MANY + 1, MANY + 3])
def test_all_threads_take_what_there_is_for_them(count: int) -> None:
    threads = Threads(count, work)
    together = threading.Barrier(count + 1)
    taking: set[int] = set()

    def take() -> None:
        taking.add(threading.get_ident())
        together.wait(10)

    for _ in range(3):
        taking.clear()
        for _ in range(count):
            submit(threads, take)
        together.wait(10)
        assert len(taking) == count


def test_when_all_others_are_held_up_the_last_takes_what_comes() -> None:
    threads, free = Threads(MANY + 1, work), threading.Event()
    for _ in range(MANY):
        submit(threads, lambda: free.wait(10))
    done = threading.Semaphore(0)
    began = time.monotonic()
    for _ in range(10):
        submit(threads, done.release)
    assert all(done.acquire(timeout=10) for _ in range(10))
    free.set()
    assert time.monotonic() - began < 50 * MOMENT


def submit(threads: Threads, function: Callable[[], object]) -> None:
    """Submit a function in place of a connection."""
    stand_in: Any = function
    threads.submit(stand_in)

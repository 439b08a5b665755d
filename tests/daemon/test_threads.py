"""Which thread takes a connection, and that only one does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from slurmrest.daemon.threads import MANY, MOMENT, Threads
from tests.plugins.client import eventually


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


class Talk:
    """A connection as far as Threads knows it: what one end sends, the other hears. answered: by whom."""

    def __init__(self) -> None:
        self.near, self.far = socket.socketpair()
        self.near.settimeout(0)
        self.fd = self.near.fileno()
        self.answered: list[str] = []
        self.done = threading.Semaphore(0)

    def __call__(self) -> None:
        """What a thread does with it."""
        self.answered.append(threading.current_thread().name)
        self.near.recv(100)
        self.done.release()


@pytest.fixture
def talk() -> Iterator[Talk]:
    """One that nobody has."""
    made = Talk()
    with made.near, made.far:
        yield made


def test_whoever_hears_of_a_connection_takes_it_once(talk: Talk) -> None:
    threads: Any = Threads(3, work)
    for number in range(1, 51):
        threads.hear(talk)
        talk.far.send(b"x")
        assert talk.done.acquire(timeout=10)
        assert len(talk.answered) == number
    assert not threads.unhear(talk)


def test_what_was_taken_back_is_no_threads(talk: Talk) -> None:
    threads: Any = Threads(2, work)
    threads.hear(talk)
    assert threads.unhear(talk)
    assert not threads.unhear(talk)
    talk.far.send(b"x")
    assert not talk.done.acquire(timeout=0.2)
    # And again, though epoll has reported it meanwhile.
    threads.hear(talk)
    assert talk.done.acquire(timeout=10)


def test_what_is_said_while_all_are_at_work_is_told(talk: Talk) -> None:
    threads, free = cast("Any", Threads(2, work)), threading.Event()
    threads.hear(talk)
    for _ in range(2):
        submit(threads, lambda: free.wait(10))
    assert eventually(lambda: threads.busy)
    talk.far.send(b"x")
    assert (threads.many, threads.spoken(), threads.spoken()) == (True, [talk], [])
    free.set()
    assert eventually(lambda: not (threads.busy or threads.many))
    assert talk.answered == []


def submit(threads: Threads, function: Callable[[], object]) -> None:
    """Submit a function in place of a connection."""
    stand_in: Any = function
    threads.submit(stand_in)

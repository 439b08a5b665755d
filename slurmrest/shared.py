"""One answer of Slurm's for all requests of a user that wanted it when it was asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, NamedTuple, TypeVar

Answer = TypeVar("Answer")

MOST_USERS = 64
"""Users whose questions are known; the one known for the longest time makes room."""


class Given(NamedTuple, Generic[Answer]):
    """An answer, and when the question was put (time.monotonic)."""

    asked: float
    answer: Answer


class Shared(Generic[Answer]):
    """A question that many threads ask. However many do, one at a time asks Slurm; the others share what it is told.

    Nobody is given an answer that was asked for before their request arrived.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asking: Future[Answer] | None = None
        self._next: Future[Answer] | None = None
        self._last: Given[Answer] | None = None

    def ask(self, question: Callable[[], Answer], arrived: float | None = None) -> Answer:
        """Give the answer. arrived: time.monotonic() of when the request did, by default of now.

        Raises: whatever *question* raised, for all who shared it.
        """
        if (known := self.known(arrived)) is not None:
            return known.answer
        with self._lock:
            before, flight = self._asking, self._next
            if flight is None:
                mine: Future[Answer] = Future()
                if before is None:
                    self._asking = mine
                else:
                    self._next = mine
        if flight is not None:
            return flight.result()
        if before is not None:
            before.exception()
        return self._fly(mine, question)

    def known(self, arrived: float | None) -> Given[Answer] | None:
        """Give the last answer where it was asked for at *arrived* or later."""
        last = self._last
        return last if arrived is not None and last is not None and last.asked >= arrived else None

    def _fly(self, mine: Future[Answer], question: Callable[[], Answer]) -> Answer:
        with self._lock:
            # From here on whoever comes has come too late for this one.
            self._asking = mine
            if self._next is mine:
                self._next = None
        asked = time.monotonic()
        try:
            answer = question()
            self._last = Given(asked, answer)
            mine.set_result(answer)
        except BaseException as error:  # noqa: BLE001 - whatever it was, the others are not left waiting
            mine.set_exception(error)
        with self._lock:
            if self._asking is mine:
                self._asking = None
        return mine.result()


class ByUser(Generic[Answer]):
    """A question of which every user has an answer of their own. make: makes what a new user begins with."""

    def __init__(self, make: Callable[[], Answer]) -> None:
        self._make = make
        self._users: dict[Hashable, Answer] = {}

    def of(self, user: Hashable) -> Answer:
        """Give what *user*, the key of an identity, has."""
        found = self._users.get(user)
        if found is None:
            found = self._users.setdefault(user, self._make())
            while len(self._users) > MOST_USERS:
                self._users.pop(next(iter(self._users)), None)
        return found

"""Who shares an answer with whom."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from slurmrest.shared import MOST_USERS, ByUser, Shared


class Question:
    """Answers with the number of times it was asked; holds each answer back until `release`."""

    def __init__(self) -> None:
        self.numbers = count(1)
        self.begun, self.free = threading.Semaphore(0), threading.Semaphore(0)
        self.last = 0

    def __call__(self) -> int:
        """Answer, once it may."""
        self.last = number = next(self.numbers)
        self.begun.release()
        assert self.free.acquire(timeout=10)
        return number


def test_one_after_the_other_each_has_an_answer_of_its_own() -> None:
    shared: Shared[int] = Shared()
    numbers = count(1)
    assert [shared.ask(lambda: next(numbers)) for _ in range(3)] == [1, 2, 3]


def test_who_comes_late_shares_the_next_answer_and_not_the_one_under_way() -> None:
    shared: Shared[int] = Shared()
    question = Question()
    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(shared.ask, question)
        assert question.begun.acquire(timeout=10)
        late = [threads.submit(shared.ask, question) for _ in range(5)]
        question.free.release()
        assert first.result(10) == 1
        for _ in range(5):
            question.free.release()
        answers = [one.result(10) for one in late]
    assert min(answers) >= 2
    assert question.last <= 6


def test_an_error_is_everyone_s_and_the_next_question_is_asked_again() -> None:
    shared: Shared[int] = Shared()

    def fails() -> int:
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            shared.ask(fails)
    assert shared.ask(lambda: 7) == 7


def test_many_threads_ask_less_often_than_they_are_many_and_none_gets_an_old_answer() -> None:
    shared: Shared[int] = Shared()
    asked = count(1)
    clock = count(1)
    pause = threading.Event()

    def question() -> int:
        begun = next(clock)
        next(asked)
        pause.wait(0.001)
        return begun

    def ask(_: int) -> bool:
        came = next(clock)
        return shared.ask(question) > came

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(ask, range(400)))
    assert next(asked) - 1 < 400


def test_an_answer_asked_for_after_the_request_arrived_will_do() -> None:
    shared: Shared[int] = Shared()
    numbers = count(1)

    def question() -> int:
        return next(numbers)

    arrived = time.monotonic()
    assert shared.ask(question, arrived) == 1
    assert shared.ask(question, arrived) == 1
    assert shared.ask(question, time.monotonic()) == 2
    assert shared.ask(question) == 3


def test_users_share_nothing_and_the_oldest_makes_room() -> None:
    users: ByUser[list[int]] = ByUser(list)
    users.of("a").append(1)
    assert (users.of("a"), users.of("b")) == ([1], [])
    for number in range(MOST_USERS):
        users.of(number)
    assert users.of("a") == []

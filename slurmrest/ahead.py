"""One question that is asked beside another, so that whoever needs both answers waits only for the longer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class Ahead:
    """A thread that asks. Worth its price where there is nothing else to do: under load it would only take turns."""

    def __init__(self) -> None:
        self._free, self._started = threading.Lock(), False
        self._questions: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()

    def ask(self, question: Callable[[], Answer]) -> Callable[[], Answer]:
        """Have *question* asked now. Returns: what waits for the answer, and raises what *question* raised.

        While the thread is at another question it is asked by whoever wants the answer, when they do.
        """
        if not self._free.acquire(blocking=False):
            return question
        if not self._started:
            # Not before the process has forked.
            threading.Thread(target=self._run, name="ahead", daemon=True).start()
            self._started = True
        answer: Future[Answer] = Future()
        self._questions.put((question, answer))
        return answer.result

    def _run(self) -> None:
        while True:
            question, answer = self._questions.get()
            try:
                found = question()
            except BaseException as error:  # noqa: BLE001 - whoever waits is told, whatever it was
                self._free.release()
                answer.set_exception(error)
            else:
                self._free.release()
                answer.set_result(found)

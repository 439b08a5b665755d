"""A small HTTP client on plain sockets, as a process of its own: `python -m bench.client`.

It costs little beside the server: what arrives is counted, not kept, and that it arrived whole is checked by
Content-Length or by the last chunk. Standard input is a JSON object with `what`, a key of TASKS, and the
arguments of that function; the result is printed as JSON. Only the standard library is used.
"""

import json
import socket
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Self

TIMEOUT = 600.0
BUFFER = 1 << 20


class IncompleteError(Exception):
    """The answer broke off, or was none."""


@dataclass(frozen=True)
class Answer:
    """One answer. size: bytes of its body, without the framing. seconds: from the request to the last of them.

    found: how often the marker is in the body.
    """

    status: int
    headers: dict[str, str]
    size: int
    seconds: float
    found: int = 0


class Counter:
    """Counts a marker in a body that comes in pieces."""

    def __init__(self, marker: bytes) -> None:
        self.marker, self.found, self.tail = marker, 0, b""

    def __call__(self, piece: memoryview) -> None:
        """Take up a piece; the marker may lie across two."""
        text = self.tail + piece
        self.found += text.count(self.marker)
        self.tail = text[-(len(self.marker) - 1) :]


class Connection:
    """A connection to a server on loopback. Raises: OSError, IncompleteError."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray(BUFFER)
        self.view = memoryview(self.buffer)
        self.start = self.end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.socket.close()

    def exchange(self, request: bytes, take: Callable[[memoryview], None] | None = None) -> Answer:
        """Send a request and read the whole answer. take: gets the body piece by piece."""
        began = time.perf_counter()
        self.socket.sendall(request)
        status, headers = self._head()
        size = 0 if status == HTTPStatus.NOT_MODIFIED else self._body(headers, take or _ignore)
        return Answer(status, headers, size, time.perf_counter() - began)

    def _head(self) -> tuple[int, dict[str, str]]:
        status = int(self._line().split()[1])
        headers = {}
        while line := self._line():
            name, _, value = line.partition(b":")
            headers[name.decode().lower()] = value.strip().decode()
        return status, headers

    def _body(self, headers: dict[str, str], take: Callable[[memoryview], None]) -> int:
        if headers.get("transfer-encoding") == "chunked":
            return self._chunks(take)
        return self._pass(int(headers["content-length"]), take)

    def _chunks(self, take: Callable[[memoryview], None]) -> int:
        size = 0
        while length := int(self._line(), 16):
            size += self._pass(length, take)
            self._line()
        while self._line():
            pass
        return size

    def _pass(self, length: int, take: Callable[[memoryview], None]) -> int:
        left = length
        while left:
            if self.start == self.end:
                self._fill()
            step = min(left, self.end - self.start)
            take(self.view[self.start : self.start + step])
            self.start += step
            left -= step
        return length

    def _line(self) -> bytes:
        while (found := self.buffer.find(b"\r\n", self.start, self.end)) < 0:
            self._more()
        line, self.start = bytes(self.view[self.start : found]), found + 2
        return line

    def _fill(self) -> None:
        self.start = self.end = 0
        self._more()

    def _more(self) -> None:
        if self.end == BUFFER:
            left = self.end - self.start
            self.buffer[:left] = self.buffer[self.start : self.end]
            self.start, self.end = 0, left
        count = self.socket.recv_into(self.view[self.end :])
        if not count:
            raise IncompleteError("the server closed before the end of its answer")
        self.end += count


def _ignore(_piece: memoryview) -> None:
    """Do nothing with a piece of the body."""


def head(path: str, headers: dict[str, str]) -> bytes:
    """A GET request."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def download(port: int, path: str, headers: dict[str, str], marker: str = "") -> dict[str, Any]:
    """GET *path* once, on a connection of its own; connecting counts. marker: is counted, which takes time."""
    counter = Counter(marker.encode()) if marker else None
    began = time.perf_counter()
    with Connection(port) as connection:
        answer = connection.exchange(head(path, headers), counter)
    return asdict(answer) | {"seconds": time.perf_counter() - began, "found": counter.found if counter else 0}


def repeat(port: int, path: str, headers: dict[str, str]) -> None:
    """GET *path* again and again until ended, and print a line for each."""
    while True:
        answer = download(port, path, headers)
        sys.stdout.write(f"{answer['status']} {answer['size']}\n")
        sys.stdout.flush()


def polls(port: int, path: str, headers: dict[str, str], *, count: int = 0, seconds: float = 0) -> dict[str, Any]:
    """GET *path* on one connection, one after the other, so often or so long; at least once.

    Returns: the statuses that came, and in seconds the median, the 99th percentile, and the longest.
    """
    request, end = head(path, headers), time.perf_counter() + seconds
    answers: list[Answer] = []
    with Connection(port) as connection:
        while not answers or len(answers) < count or time.perf_counter() < end:
            answers.append(connection.exchange(request))
    took = sorted(answer.seconds for answer in answers)
    return {
        "statuses": sorted({answer.status for answer in answers}),
        "count": len(took),
        "p50": statistics.median(took),
        "p99": took[(len(took) * 99 - 1) // 100],
        "longest": took[-1],
    }


TASKS: dict[str, Callable[..., Any]] = {"download": download, "repeat": repeat, "polls": polls}


def main() -> None:
    """Do what standard input says."""
    arguments = json.load(sys.stdin)
    json.dump(TASKS[arguments.pop("what")](**arguments), sys.stdout)


if __name__ == "__main__":
    main()

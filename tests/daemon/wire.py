"""A client that sends what it is told, byte for byte, and reads answers strictly. Every wait has a deadline."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from types import TracebackType
from typing import Self

DEADLINE = 20.0
"""Seconds after which a test that waits has failed; far more than anything here takes."""


@dataclass
class Response:
    """One answer. headers: names in lower case."""

    status: int
    reason: str
    headers: dict[str, str]
    body: bytes
    version: str


class Wire:
    """One connection. address: a path, or host and port."""

    def __init__(self, address: str | list[object], *, timeout: float = DEADLINE) -> None:
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        self.sock.settimeout(timeout)
        try:
            self.sock.connect(address if isinstance(address, str) else tuple(address))
        except OSError:
            self.sock.close()
            raise
        self.buffer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sock.close()

    def send(self, data: bytes | str) -> Self:
        """Send all of *data*."""
        self.sock.sendall(data.encode("latin-1") if isinstance(data, str) else data)
        return self

    def get(self, path: str, *headers: str, method: str = "GET") -> Response:
        """Ask and wait for the answer."""
        self.send(request(path, *headers, method=method))
        return self.response(method=method)

    def end(self) -> Self:
        """Send no more."""
        self.sock.shutdown(socket.SHUT_WR)
        return self

    def response(self, *, method: str = "GET") -> Response:
        """Read one answer, not a byte more. Raises: AssertionError where it is not well-formed."""
        response = self.head()
        if method == "HEAD" or response.status in (204, 304):
            return response
        if response.headers.get("transfer-encoding") == "chunked":
            response.body = b"".join(iter(self.chunk, b""))
        elif "content-length" in response.headers:
            response.body = self._take(int(response.headers["content-length"]))
        else:
            response.body = self.rest()
        return response

    def head(self) -> Response:
        """Read status line and headers."""
        first, *lines = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, status, reason = first.split(" ", 2)
        assert version in ("HTTP/1.0", "HTTP/1.1"), first
        headers = {}
        for name, _, value in (line.partition(": ") for line in lines):
            assert name.lower() not in headers, lines
            headers[name.lower()] = value
        return Response(int(status), reason, headers, b"", version)

    def chunk(self) -> bytes:
        """Read one chunk; b"" for the last."""
        size = int(self._until(b"\r\n"), 16)
        data = self._take(size)
        assert self._take(2) == b"\r\n"
        return data

    def rest(self) -> bytes:
        """Read until the server closes."""
        while self._more():
            continue
        data, self.buffer = self.buffer, b""
        return data

    def ended(self) -> bool:
        """Wait for the server to close, and tell whether nothing came before that."""
        try:
            return self.rest() == b""
        except ConnectionResetError:
            return True

    def silent(self, seconds: float = 0.3) -> bool:
        """Tell whether nothing arrives for so long."""
        self.sock.settimeout(seconds)
        try:
            self._more()
        except TimeoutError:
            return True
        finally:
            self.sock.settimeout(DEADLINE)
        return False

    def _until(self, end: bytes) -> bytes:
        while end not in self.buffer:
            assert self._more(), f"the server closed after {self.buffer!r}"
        data, _, self.buffer = self.buffer.partition(end)
        return data

    def _take(self, size: int) -> bytes:
        while len(self.buffer) < size:
            assert self._more(), f"the server closed {size - len(self.buffer)} bytes before the end"
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def _more(self) -> bool:
        data = self.sock.recv(1 << 20)
        self.buffer += data
        return bool(data)


def request(path: str, *headers: str, method: str = "GET", body: str = "") -> str:
    """Write a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines) + "\r\n\r\n" + body

"""Calls the app and turns what it gives into bytes for the wire, piece by piece, as they are asked for.

The pieces may be asked for by one thread after another: an answer to a slow reader waits without a thread. What an
app gives is therefore iterated, and closed, by any thread; never by two at once.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from gunicorn.http.message import TOKEN_RE

from . import refusal
from .logs import request_id
from .reading import Incoming
from .turns import TURNS

log = logging.getLogger("slurmrestd")

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]

VALUE = re.compile(r"[ \t\x21-\x7e\x80-\xff]*")
STATUS = re.compile(r"[2-5][0-9]{2}(?: [ \t\x21-\x7e\x80-\xff]*)?")
HOP_BY_HOP = frozenset({"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"})
"""Headers that are the server's business; an app's own are dropped, but for the wish to close."""
REQUEST_ID = refusal.REQUEST_ID
OURS = HOP_BY_HOP | {REQUEST_ID.lower()}
JOINED = 64 * 1024
"""A body up to so many bytes goes out in one piece with its head."""


class Answer:
    """The answer to one request: iterate it for the bytes to send. Close it, wherever the iteration ended.

    An exception from the iteration means that the answer cannot be completed and that part of it was sent.
    keep: whether the connection may stay open, asked when the head is made. identifier: of the request, for the
    client and for the log. environ: what the app was called with, and has added to.
    """

    def __init__(self, incoming: Incoming, keep: Callable[[], bool]) -> None:
        self.incoming, self._may_keep = incoming, keep
        self.method: str = incoming.head.method
        self.keep, self.status, self.sent = False, "", 0
        self.identifier = ""
        self.environ: dict[str, Any] = {}
        self.headers: Headers = []
        self.length: int | None = None
        self.began = time.monotonic()
        self.result: Iterable[bytes] = ()
        self._written: list[bytes] = []
        self._head_made, self._close = False, False

    def pieces(self, app: App, environ: dict[str, Any]) -> Iterator[bytes]:
        """Call *app* and give the answer's bytes. What fails before the head was made is answered with 500."""
        self.environ = environ
        self.identifier = environ["slurmrest.request_id"] = request_id(environ.get("HTTP_X_REQUEST_ID"))
        try:
            self.result = app(environ, self.start_response)
            chunks = self._chunks()
            first = next(chunks, b"")
            head = self._head(len(first) if self._is_whole() else None)
        except Exception:
            log.exception("%s %s failed, request %s", self.method, refusal.printable(self.path), self.identifier)
            yield self._failed()
            return
        if self._is_simple(first):
            self.close()
            self.sent = len(first)
            yield head + first
        else:
            with TURNS:
                yield from self._body(head, first, chunks)

    def start_response(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], None]:
        """Take status and headers from the app, as PEP 3333 says. Raises: ValueError for what would break HTTP."""
        if exc_info and self._head_made:
            raise exc_info[1].with_traceback(exc_info[2])
        if self.status and not exc_info:
            raise AssertionError("start_response was called twice")
        if not STATUS.fullmatch(status):
            raise ValueError(f"{status!r} is not a status")
        self.status = status if " " in status else f"{status} "
        self.headers, self.length, self._close = [], None, False
        for name, value in headers:
            self._add_header(name, value)
        return self._written.append

    def _add_header(self, name: str, value: str) -> None:
        if not (TOKEN_RE.fullmatch(name) and VALUE.fullmatch(value)):
            raise ValueError(f"header {name!r} cannot be sent")
        lower = name.lower()
        if lower == "content-length":
            self.length = int(value)
        if lower not in OURS:
            self.headers.append((name, value))
        elif lower == "connection" and value.lower() == "close":
            self._close = True

    def _chunks(self) -> Iterator[bytes]:
        """Give what the app gives, without empty pieces; when it has no more, it is closed at once."""
        for chunk in self.result:
            while self._written:
                yield self._written.pop(0)
            if chunk:
                yield chunk
        yield from self._written
        self.close()

    def _is_whole(self) -> bool:
        """Tell whether the first chunk is all there is, for an app that did not say how long its answer is."""
        return isinstance(self.result, list | tuple) and len(self.result) <= 1 and len(self._written) <= 1

    def _is_simple(self, first: bytes) -> bool:
        """Tell whether *first* is the body, short and as long as announced, as most are: there is nothing to watch."""
        result = self.result
        only = isinstance(result, list) and len(result) == 1 and result[0] is first and not self._written
        return only and len(first) == self.length and len(first) <= JOINED and not self.bodiless

    @property
    def path(self) -> str:
        """What was asked for, without the query, which may hold a secret."""
        return str(self.incoming.head.path)

    @property
    def bodiless(self) -> bool:
        """Whether HTTP forbids a body here: HEAD, 204, 304."""
        return self.method == "HEAD" or self.status[:3] in ("204", "304")

    def _head(self, known: int | None) -> bytes:
        """Make the head. known: length of the body where the app did not say, None for a stream."""
        if not self.status:
            raise AssertionError("start_response was not called")
        if self.length is None and known is not None and not self.bodiless:
            self.length = known
            self.headers.append(("Content-Length", str(known)))
        if self.status[:3] == "204":
            self.headers = [header for header in self.headers if header[0].lower() != "content-length"]
        self.keep = self.incoming.keep_alive and not self._close and self._framed and self._may_keep()
        self._head_made = True
        lines = [f"HTTP/1.{1 if not self.incoming.old else 0} {self.status}"]
        lines += [f"{name}: {value}" for name, value in (*self._own_headers(), *self.headers)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    @property
    def _framed(self) -> bool:
        """Whether the client can tell where the body ends without the connection ending there."""
        return self.bodiless or self.length is not None or not self.incoming.old

    def _own_headers(self) -> Headers:
        own = [(REQUEST_ID, self.identifier)]
        if not self.keep:
            own.append(("Connection", "close"))
        elif self.incoming.old:
            own.append(("Connection", "keep-alive"))
        if self.length is None and not self.incoming.old and not self.bodiless:
            own.append(("Transfer-Encoding", "chunked"))
        return own

    def _body(self, head: bytes, first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
        if self.bodiless:
            self.close()
            yield head
        elif self.length is not None:
            yield from self._counted(head, first, chunks)
        elif self.incoming.old:
            yield head + first
            yield from chunks
        else:
            yield from self._chunked(head, first, chunks)

    def _counted(self, head: bytes, first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Give a body of announced length, and not a byte more or less."""
        announced = self.length or 0
        if len(first) > JOINED:
            yield head
            head = b""
        for chunk in chain((first,), chunks):
            self.sent += len(chunk)
            if self.sent > announced:
                raise ValueError(f"the body is longer than the {announced} bytes announced")
            yield head + chunk
            head = b""
        if self.sent < announced:
            raise ValueError(f"the body has {self.sent} bytes, {announced} were announced")

    def _chunked(self, head: bytes, chunk: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
        while chunk:
            self.sent += len(chunk)
            yield b"%b%x\r\n%b\r\n" % (head, len(chunk), chunk)
            head, chunk = b"", next(chunks, b"")
        yield head + b"0\r\n\r\n"

    def _failed(self) -> bytes:
        """Answer 500 in place of an app that failed before anything was sent."""
        self.keep, self.status = False, "500"
        text = "The server failed; its log says how"
        return refusal.answer(500, text, head_only=self.method == "HEAD", identifier=self.identifier)

    def close(self) -> None:
        """Close what the app gave, once: this frees what it holds. A failure there is logged, nothing more."""
        result, self.result = self.result, ()
        close = getattr(result, "close", None)
        if close is None:
            return
        try:
            close()
        except Exception:
            log.exception("closing the answer to %s failed", self.method)

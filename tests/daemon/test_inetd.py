"""Parts of inetd mode by themselves: lenient heads, answers of known length, what standard input is."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from gunicorn.config import Config

from slurmrest.daemon import environ
from slurmrest.daemon.inetd import measured, refuse_everybody
from slurmrest.daemon.lenient import LenientReader
from slurmrest.daemon.limits import Limits
from slurmrest.daemon.reading import RequestReader, parser_settings
from slurmrest.daemon.refusal import Refused
from slurmrest.daemon.stdin import credentials

Start = Callable[..., Any]
LIMITS = Limits(head=2000)
SETTINGS = parser_settings(LIMITS)


def reader() -> LenientReader:
    """A reader of a local client."""
    return LenientReader(SETTINGS, LIMITS, "")


def paths(text: bytes, size: int) -> list[tuple[str, bytes]]:
    """Feed *text* in pieces. Gives path and body of every request."""
    one, found = reader(), []
    for begin in range(0, len(text), size):
        one.feed(text[begin : begin + size])
        while (incoming := one.next()) is not None:
            with incoming.body as body:
                found.append((incoming.head.path, body.read()))
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("last", [b"\n", b"\r\n"])
def test_lines_end_as_people_write_them(size: int, end: bytes, last: bytes) -> None:
    text = end.join([b"GET http://localhost:8080/a?b=c HTTP/1.1", b"A: b", b"C: d", b""]) + last
    body = b"POST /b HTTP/1.1" + end + b"Content-Length: 6" + end + last + b"\n\r\n\n\n\n"
    assert paths(text + body + text, size) == [("/a", b""), ("/b", b"\n\r\n\n\n\n"), ("/a", b"")]


def test_a_body_hides_no_request() -> None:
    inner = b"GET /inner HTTP/1.1\n\n"
    text = b"POST /outer HTTP/1.1\nContent-Length: %d\n\n%b" % (len(inner), inner)
    assert paths(text + b"GET /next HTTP/1.1\n\n", 1000) == [("/outer", inner), ("/next", b"")]


@pytest.mark.parametrize(
    "text",
    [
        b"GET / HTTP/1.1\rX: y\n\n",
        b"GET / HTTP/1.1\nX: y\r\r\n\n",
        b"GET / HTTP/1.1\nX: y\n Z: folded\n\n",
        b"GET / HTTP/1.1\nTransfer-Encoding: chunked\nContent-Length: 3\n\n",
        b"GET / HTTP/1.1\nContent-Length : 3\n\n",
        b"GET  / HTTP/1.1\n\n",
        b"GET / HTTP/1.1\nX: " + b"y" * 3000,
    ],
)
def test_nothing_else_is_lenient(text: bytes) -> None:
    one = reader()
    one.feed(text)
    with pytest.raises(Refused):
        one.next()


def test_chunks_are_framed_strictly() -> None:
    one = reader()
    one.feed(b"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n")
    assert one.next() is None
    one.feed(b"\r\n")
    with pytest.raises(Refused):
        one.next()
    one.close()


def test_a_listening_daemon_is_strict() -> None:
    strict = RequestReader(SETTINGS, LIMITS, "")
    strict.feed(b"GET / HTTP/1.1\n\n")
    with pytest.raises(Refused):
        strict.next()


def test_the_parser_finds_the_settings_that_gunicorn_has() -> None:
    """Those that are not ours on purpose are gunicorn's defaults, so that a new gunicorn is looked at again."""
    ours, default = vars(parser_settings(Limits())), Config()
    chosen = {
        "limit_request_fields", "limit_request_field_size", "limit_request_line", "http_parser", "is_ssl",
        "forwarder_headers", "forwarded_allow_ips", "proxy_allow_ips", "secure_scheme_headers",
    }  # fmt: skip
    assert chosen <= set(ours)
    assert {name: value for name, value in ours.items() if name not in chosen} == {
        name: getattr(default, name) for name in ours if name not in chosen
    }


class Pieces:
    """A stream that tells when it was closed."""

    def __init__(self) -> None:
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from (b"a" * 100_000, b"", b"b" * 300_000, b"c")

    def close(self) -> None:
        """Tell."""
        self.closed = True


def called(app: Any, method: str = "GET") -> tuple[list[Any], bytes]:
    """Call an app. Gives what it said last, and the body."""
    said: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        assert exc_info is not None or not said
        said[:] = [status, dict(headers)]
        return lambda _: None

    result = app({"REQUEST_METHOD": method}, start_response)
    body = b"".join(result)
    getattr(result, "close", bool)()
    return said, body


def test_a_stream_gets_its_length() -> None:
    pieces = Pieces()

    def app(_: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        start_response("200 OK", [("X-A", "b")])
        return pieces

    said, body = called(measured(app))
    assert body == b"a" * 100_000 + b"b" * 300_000 + b"c"
    assert said == ["200 OK", {"X-A": "b", "Content-Length": "400001"}]
    assert pieces.closed


def test_what_has_a_length_stays_as_it_is() -> None:
    result = iter([b"ab"])

    def app(_: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        start_response("200 OK", [("content-length", "2")])
        return result

    assert measured(app)({"REQUEST_METHOD": "GET"}, lambda *_: None) is result


def test_everybody_is_refused() -> None:
    said, body = called(refuse_everybody)
    assert (said[0], body) == ("401 Unauthorized", b"Authentication failure")


def test_the_peer_of_a_socket_is_who_made_it() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert credentials(ours) == (os.geteuid(), os.getegid())


def test_no_header_is_what_the_server_says() -> None:
    one = reader()
    one.feed(b"GET / HTTP/1.1\nslurmrest.peer_uid: 0\nSlurmrest-Peer-Uid: 0\nslurmrest.source: x\n\n")
    incoming = one.next()
    assert incoming is not None
    incoming.body.close()
    made = environ.of_request(environ.of_connection(None, "", ""), incoming)
    assert not {name for name in made if name.startswith("slurmrest.")}


def test_closed_standard_streams() -> None:
    """Nothing is read from whatever file happens to get the number of a closed stream."""
    code = "from slurmrest.daemon.stdin import origin; origin()"
    for closed in ("<&-", ">&-"):
        line = f"exec {sys.executable} -c '{code}' {closed}"
        env = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ["PATH"]}
        done = subprocess.run(("/bin/sh", "-c", line), capture_output=True, text=True, check=False, env=env)
        assert done.returncode == 1
        assert "StartError" in done.stderr

"""What an app gives, and the bytes that come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from slurmrest.daemon.answering import Answer, App
from slurmrest.daemon.limits import Limits
from slurmrest.daemon.reading import RequestReader, parser_settings

SETTINGS = parser_settings(Limits())
Start = Callable[..., Any]


def answer_to(text: str = "GET / HTTP/1.1\r\n\r\n", *, keep: bool = True) -> Answer:
    """Make the answer to a request."""
    reader = RequestReader(SETTINGS, Limits(), ("127.0.0.1", 1))
    reader.feed(text.encode())
    incoming = reader.next()
    assert incoming is not None
    return Answer(incoming, lambda: keep)


def wire(app: App, text: str = "GET / HTTP/1.1\r\n\r\n") -> bytes:
    """Give all bytes of the answer of *app*."""
    answer = b"".join(answer_to(text).pieces(app, {"HTTP_X_REQUEST_ID": "r1"}))
    assert answer.count(b"X-Request-ID: r1\r\n") == 1
    return answer.replace(b"X-Request-ID: r1\r\n", b"")


def giving(result: Iterable[bytes], status: str = "200 OK", *headers: tuple[str, str]) -> App:
    """Make an app that gives *result*."""

    def app(_: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        start_response(status, list(headers))
        return result

    return app


def test_a_single_piece_gets_its_length() -> None:
    assert wire(giving([b"abc"])) == b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
    assert wire(giving([])) == b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def test_several_pieces_are_chunks() -> None:
    expected = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"
    assert wire(giving([b"a", b"", b"bc"])) == expected
    assert wire(giving(iter([b"", b"a", b"bc", b""]))) == expected


def test_an_announced_length_is_kept() -> None:
    app = giving([b"a", b"bc"], "200 OK", ("content-length", "3"))
    assert wire(app) == b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc"


@pytest.mark.parametrize("length", ["2", "4", "0"])
def test_a_body_of_another_length_is_an_error(length: str) -> None:
    pieces = answer_to().pieces(giving([b"ab", b"c"], "200 OK", ("Content-Length", length)), {})
    with pytest.raises(ValueError, match="announced"):
        list(pieces)


def test_start_response_may_come_with_the_first_piece() -> None:
    def app(_: dict[str, Any], start_response: Start) -> Iterator[bytes]:
        start_response("201 Created", [])
        yield b"a"

    assert wire(app).startswith(b"HTTP/1.1 201 Created\r\n")


def test_an_error_may_replace_what_was_not_sent() -> None:
    def app(_: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", "99"), ("X-A", "b")])
        start_response("400 Bad Request", [], (ValueError, ValueError(), None))
        return [b"no"]

    assert wire(app) == b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno"


def test_what_is_written_comes_first() -> None:
    def app(_: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", "2")])(b"a")
        return [b"b"]

    assert wire(app).endswith(b"\r\n\r\nab")


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("200 OK\r\nX: y", []),
        ("OK", []),
        ("100 Continue", []),
        ("200 OK", [("A\r\nB", "c")]),
        ("200 OK", [("A", "b\r\nC: d")]),
        ("200 OK", [("A", "b\x00")]),
        ("200 OK", [("", "b")]),
        ("200 OK", [("Content-Length", "many")]),
    ],
)
def test_what_http_does_not_allow_is_500(status: str, headers: list[tuple[str, str]]) -> None:
    assert wire(giving([b"a"], status, *headers)).startswith(b"HTTP/1.1 500 ")


def test_an_app_that_does_not_begin_is_500() -> None:
    assert wire(lambda _environ, _start_response: [b"a"]).startswith(b"HTTP/1.1 500 ")


def test_headers_between_server_and_client_are_the_servers() -> None:
    app = giving([b"a"], "200 OK", ("Transfer-Encoding", "gzip"), ("Keep-Alive", "5"), ("Connection", "x"))
    assert wire(app) == b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"


def test_an_app_may_close_the_connection() -> None:
    answer = answer_to()
    head = b"".join(answer.pieces(giving([b"a"], "200 OK", ("Connection", "close")), {}))
    assert b"\r\nConnection: close\r\n" in head
    assert not answer.keep


def test_the_server_may_close_the_connection() -> None:
    answer = answer_to(keep=False)
    assert b"\r\nConnection: close\r\n" in b"".join(answer.pieces(giving([b"a"]), {}))
    assert not answer.keep


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_statuses_without_a_body_get_none(status: str) -> None:
    assert wire(giving([b"a"], status)) == f"HTTP/1.1 {status}\r\n\r\n".encode()


def test_204_has_no_length() -> None:
    assert b"Length" not in wire(giving([], "204 No Content", ("Content-Length", "0")))


def test_a_status_without_a_reason_is_well_formed() -> None:
    assert wire(giving([], "200")).startswith(b"HTTP/1.1 200 \r\n")


class Result:
    """What an app may give: closed once, in every case."""

    def __init__(self, pieces: Iterable[bytes], failure: Exception | None = None) -> None:
        self.pieces, self.failure, self.closed = pieces, failure, 0

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces
        if self.failure is not None:
            raise self.failure

    def close(self) -> None:
        """Count."""
        self.closed += 1
        raise RuntimeError("closing fails, and nothing comes of it")


def test_a_complete_answer_is_closed_before_its_end_is_sent() -> None:
    result = Result([b"a", b"b"])
    answer = answer_to()
    pieces = answer.pieces(giving(result), {})
    assert next(pieces).endswith(b"a\r\n")
    assert next(pieces) == b"1\r\nb\r\n"
    assert result.closed == 0
    assert next(pieces) == b"0\r\n\r\n"
    assert result.closed == 1
    answer.close()
    assert result.closed == 1


def test_a_failure_after_the_head_is_passed_on() -> None:
    result = Result([b"a"], OSError("failing on purpose"))
    answer = answer_to()
    pieces = answer.pieces(giving(result), {})
    assert next(pieces).endswith(b"a\r\n")
    with pytest.raises(OSError, match="on purpose"):
        next(pieces)
    answer.close()
    assert result.closed == 1


def test_a_failure_before_the_head_is_500_and_closed() -> None:
    result = Result([], ValueError("failing on purpose"))
    answer = answer_to()
    assert b"".join(answer.pieces(giving(result), {})).startswith(b"HTTP/1.1 500 ")
    answer.close()
    assert result.closed == 1


def test_an_answer_may_be_closed_at_any_time() -> None:
    result = Result([b"a"] * 10)
    answer = answer_to()
    pieces = answer.pieces(giving(result), {})
    next(pieces)
    answer.close()
    assert result.closed == 1

"""HTTP as a client sees it, against a running daemon: framing, bodies, pipelining, what is refused."""

from __future__ import annotations

import json
import os
import re
import socket
import threading

import pytest

from .conftest import Daemon
from .wire import Response, Wire, request


def test_answers_carry_what_the_app_said_and_no_more(wire: Wire) -> None:
    answer = wire.get("/ping")
    assert (answer.status, answer.reason, answer.body) == (200, "OK", b"pong")
    identifier = answer.headers.pop("x-request-id")
    assert re.fullmatch(r"[0-9a-f]{12}-[0-9a-f]+", identifier)
    assert answer.headers == {"content-length": "4", "content-type": "text/plain"}


def test_a_connection_serves_many_requests(wire: Wire) -> None:
    assert [wire.get(f"/ping/{number}").body for number in range(50)] == [
        f"pong{number}".encode() for number in range(50)
    ]


def test_pipelined_requests_are_all_answered_in_order(wire: Wire) -> None:
    wire.send("".join(request(f"/ping/{number}") for number in range(200)))
    assert [wire.response().body for _ in range(200)] == [f"pong{number}".encode() for number in range(200)]


def test_pipelined_requests_with_bodies_of_every_kind(wire: Wire) -> None:
    wire.send(
        request("/echo", method="POST", body="one")
        + request("/echo", "Transfer-Encoding: chunked", method="POST")
        + "3\r\ntwo\r\n0\r\n\r\n"
        + request("/ping")
        + request("/echo", "Transfer-Encoding: chunked", method="POST")
        + "2;x=y\r\nth\r\n3\r\nree\r\n0\r\nX-Sum: x\r\n\r\n"
        + request("/echo", method="POST", body="four")
    )
    assert [wire.response().body for _ in range(5)] == [b"one", b"two", b"pong", b"three", b"four"]


def test_a_body_that_the_app_does_not_read_is_not_taken_for_a_request(wire: Wire) -> None:
    wire.send(request("/ping/1", method="POST", body="GET /ping/evil HTTP/1.1\r\n\r\n") + request("/ping/2"))
    assert [wire.response().body for _ in range(2)] == [b"pong1", b"pong2"]


def test_a_request_may_be_split_anywhere(shared: Daemon) -> None:
    head = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    whole = (head + "4\r\nbody\r\n0\r\nA: b\r\n\r\n").encode()
    with shared.connect() as wire:
        for position in range(1, len(whole)):
            wire.send(whole[:position])
            # The rest goes out in a segment of its own: Nagle's algorithm is off.
            wire.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wire.send(whole[position:])
            assert wire.response().body == b"body"


def test_a_request_may_come_byte_by_byte(wire: Wire) -> None:
    for byte in request("/echo", method="POST", body="body").encode():
        wire.send(bytes([byte]))
    assert wire.response().body == b"body"


def test_an_empty_line_between_requests_is_ignored(wire: Wire) -> None:
    wire.send(request("/echo", method="POST", body="one") + "\r\n" + request("/ping"))
    assert [wire.response().body for _ in range(2)] == [b"one", b"pong"]


def test_head_has_the_headers_and_no_body(wire: Wire) -> None:
    wire.send(request("/ping", method="HEAD") + request("/lines", method="HEAD") + request("/ping/2"))
    assert wire.response(method="HEAD").headers["content-length"] == "4"
    assert "content-length" not in wire.response(method="HEAD").headers
    assert wire.response().body == b"pong2"


@pytest.mark.parametrize("status", [204, 304])
def test_some_statuses_have_no_body(wire: Wire, status: int) -> None:
    assert wire.get(f"/empty/{status}").status == status
    assert wire.get("/ping").body == b"pong"


def test_an_answer_of_unknown_length_is_chunked(wire: Wire) -> None:
    answer = wire.get("/lines")
    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.body == b"line 0\nline 1\nline 2\n"
    assert wire.get("/ping").body == b"pong"


def test_http_1_0_closes_after_the_answer(wire: Wire) -> None:
    answer = wire.send("GET /ping HTTP/1.0\r\n\r\n").response()
    assert (answer.version, answer.body, answer.headers["connection"]) == ("HTTP/1.0", b"pong", "close")
    assert wire.ended()


def test_http_1_0_gets_no_chunks(wire: Wire) -> None:
    answer = wire.send("GET /lines HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").response()
    assert answer.body == b"line 0\nline 1\nline 2\n"
    assert answer.headers["connection"] == "close"


def test_http_1_0_may_keep_the_connection(wire: Wire) -> None:
    for _ in range(2):
        answer = wire.send("GET /ping HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").response()
        assert answer.headers["connection"] == "keep-alive"


@pytest.mark.parametrize("value", ["close", "Close", "te, close", "close, te"])
def test_the_client_may_ask_to_close(wire: Wire, value: str) -> None:
    assert wire.get("/ping", f"Connection: {value}").headers["connection"] == "close"
    assert wire.ended()


def test_a_client_that_sends_no_more_gets_its_answers(wire: Wire) -> None:
    wire.send(request("/ping/1") + request("/lines") + request("/ping/2")).end()
    assert [wire.response().body[:5] for _ in range(3)] == [b"pong1", b"line ", b"pong2"]
    assert wire.ended()


def test_half_a_request_is_answered_with_nothing(wire: Wire) -> None:
    assert wire.send("GET /ping HTTP/1.1\r\nHost").end().ended()


def test_continue_is_said_once_before_the_body(wire: Wire) -> None:
    wire.send(request("/echo", "Expect: 100-continue", "Content-Length: 4", method="POST"))
    assert wire.head().status == 100
    wire.send("bo")
    assert wire.send("dy").response().body == b"body"


def test_continue_is_not_said_where_the_body_is_there(wire: Wire) -> None:
    wire.send(request("/echo", "Expect: 100-continue", method="POST", body="body"))
    assert wire.response().body == b"body"


def test_continue_is_not_said_to_a_body_that_is_refused(wire: Wire) -> None:
    wire.send(request("/echo", "Expect: 100-continue", "Content-Length: 99999999", method="POST"))
    assert wire.response().status == 413


SIZES = [0, 1, 65535, 65536, 65537, 200_000, 1 << 20]


@pytest.mark.parametrize("size", SIZES)
def test_bodies_up_to_the_limit_reach_the_app(wire: Wire, size: int) -> None:
    wire.send(request("/count", f"Content-Length: {size}", method="POST")).send(b"x" * size)
    assert wire.response().body == f"{size} {size}".encode()


@pytest.mark.parametrize("size", SIZES)
def test_chunked_bodies_reach_the_app_with_their_length(wire: Wire, size: int) -> None:
    wire.send(request("/count", "Transfer-Encoding: chunked", method="POST"))
    for start in range(0, size, 10_000):
        piece = min(10_000, size - start)
        wire.send(f"{piece:x}\r\n".encode() + b"x" * piece + b"\r\n")
    assert wire.send("0\r\n\r\n").response().body == f"{size} {size}".encode()


def test_a_body_beyond_the_limit_is_refused(wire: Wire) -> None:
    assert_refused(wire.get("/echo", f"Content-Length: {(1 << 20) + 1}", method="POST"), wire, 413)


def test_a_client_that_sends_a_body_beyond_the_limit_sees_the_answer(wire: Wire) -> None:
    size = 8 << 20
    wire.send(request("/echo", f"Content-Length: {size}", method="POST")).send(b"x" * size)
    assert wire.response().status == 413


def test_a_chunked_body_beyond_the_limit_is_refused(wire: Wire) -> None:
    wire.send(request("/echo", "Transfer-Encoding: chunked", method="POST"))
    for _ in range(17):
        wire.send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
    assert_refused(wire.response(), wire, 413)


def test_headers_may_have_80_kib(wire: Wire) -> None:
    fixed = len(request("/ping", "X-A: "))
    assert wire.get("/ping", "X-A: " + "a" * (80 * 1024 - fixed)).body == b"pong"
    assert_refused(wire.get("/ping", "X-A: " + "a" * (80 * 1024 - fixed + 1)), wire, 400)


def test_a_request_line_may_be_long(wire: Wire) -> None:
    assert wire.get("/ping/1?" + "a" * 70_000).body == b"pong1"


def test_endless_headers_are_refused(wire: Wire) -> None:
    wire.send("GET /ping HTTP/1.1\r\n").send("X-A: b\r\n" * 20_000)
    assert_refused(wire.response(), wire, 400)


def assert_refused(answer: Response, wire: Wire, status: int) -> None:
    """See that *answer* is one of the server's own, well-formed and the last on its connection."""
    assert answer.status == status
    assert answer.headers["connection"] == "close"
    assert answer.headers["content-type"] == "text/plain"
    assert len(answer.body) == int(answer.headers["content-length"]) > 0
    assert wire.ended()


REFUSED = {
    "no http": ("hello\r\n\r\n", 400),
    "tls": ("\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
    "http 0.9": ("GET /ping\r\n\r\n", 400),
    "http 2": ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "lower case method": ("get /ping HTTP/1.1\r\n\r\n", 400),
    "two spaces": ("GET  /ping HTTP/1.1\r\n\r\n", 400),
    "byte in the target": ("GET /p\xefng HTTP/1.1\r\n\r\n", 400),
    "lines without CR": ("GET /ping HTTP/1.1\nHost: a\n\n", 400),
    "one line without CR": ("GET /ping HTTP/1.1\r\nA: b\nC: d\r\n\r\n", 400),
    "folded header": ("GET /ping HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400),
    "space before colon": ("GET /ping HTTP/1.1\r\nA : b\r\n\r\n", 400),
    "no colon": ("GET /ping HTTP/1.1\r\nA\r\n\r\n", 400),
    "control character": ("GET /ping HTTP/1.1\r\nA: \x00\r\n\r\n", 400),
    "two hosts": ("GET /ping HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "two lengths": ("POST /echo HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", 400),
    "list of lengths": ("POST /echo HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\na", 400),
    "signed length": ("POST /echo HTTP/1.1\r\nContent-Length: +1\r\n\r\na", 400),
    "length and chunks": (
        "POST /echo HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    "chunks and length": (
        "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        400,
    ),
    "chunks in 1.0": ("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunks twice": ("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
    "unknown coding": ("POST /echo HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n", 406),
    "packed chunks": ("POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 406),
    "packed body": ("POST /echo HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\na", 406),
    "upgrade": ("GET /ping HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 406),
    "expectation": ("GET /ping HTTP/1.1\r\nExpect: miracles\r\n\r\n", 417),
    "connect": ("CONNECT a:1 HTTP/1.1\r\n\r\n", 405),
    "chunk size": ("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
    "chunk size prefix": ("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n", 400),
    "chunk end": ("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", 400),
    "chunk line without CR": ("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n", 400),
    "trailer of framing": (
        "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n",
        400,
    ),
    "tiny chunks": (
        "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + "1\r\na\r\n" * 30_000,
        400,
    ),
    "too many headers": ("GET /ping HTTP/1.1\r\n" + "A: b\r\n" * 257 + "\r\n", 400),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_a_sound_request_is_refused(wire: Wire, name: str) -> None:
    text, status = REFUSED[name]
    assert_refused(wire.send(text).response(), wire, status)


def test_nothing_after_a_refused_request_is_served(wire: Wire) -> None:
    wire.send(request("/ping/1") + REFUSED["length and chunks"][0] + request("/ping/2"))
    assert wire.response().body == b"pong1"
    assert_refused(wire.response(), wire, 400)


def test_an_app_that_fails_is_500(wire: Wire) -> None:
    assert_refused(wire.get("/fail"), wire, 500)


def test_a_header_that_would_split_the_answer_is_500(wire: Wire) -> None:
    assert_refused(wire.get("/split"), wire, 500)


def test_the_environ_of_a_request(shared: Daemon) -> None:
    with shared.connect() as wire:
        host, port = wire.sock.getsockname()
        environ = json.loads(
            wire.get("/show//a%20b?q=%41", "X-Twice: a", "X-Twice: b", "X_Y: z", "SCRIPT_NAME: /evil").body
        )
    assert (environ["REMOTE_ADDR"], environ["REMOTE_PORT"]) == (host, str(port))
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == (host, str(shared.addresses[0][1]))
    assert (environ["PATH_INFO"], environ["RAW_URI"]) == ("/show//a b", "/show//a%20b?q=%41")
    assert (environ["SCRIPT_NAME"], environ["QUERY_STRING"]) == ("", "q=%41")
    assert (environ["HTTP_X_TWICE"], environ["REQUEST_METHOD"]) == ("a,b", "GET")
    assert "HTTP_X_Y" not in environ


def test_an_absolute_uri_is_taken_without_its_host(wire: Wire) -> None:
    environ = json.loads(wire.get("http://elsewhere:80/show?a").body)
    assert (environ["PATH_INFO"], environ["QUERY_STRING"]) == ("/show", "a")


def test_the_peer_of_a_unix_socket_is_known_on_every_request(shared: Daemon) -> None:
    with shared.connect(1) as wire:
        peers = [json.loads(wire.get("/show").body)["peer"] for _ in range(3)]
    assert peers == [f"{os.getpid()},{os.geteuid()},{os.getegid()}"] * 3


def test_many_clients_at_once(shared: Daemon) -> None:
    wrong: list[object] = []

    def client(number: int) -> None:
        with shared.connect(number % 2) as wire:
            for turn in range(50):
                body = f"{number}-{turn}" * 100
                wire.send(request("/echo", method="POST", body=body))
                if (answer := wire.response().body) != body.encode():
                    wrong.append(answer)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []

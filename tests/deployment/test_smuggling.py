"""Requests that two programs could read differently: nginx with conf/nginx.conf in front, our server behind it.

What reaches the app is recorded, and must be exactly what was meant, or nothing. After each a few requests on other
connections must get their own answers, over the connections that nginx keeps to the server.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from .proxy import HOST, Behind, received

Record = tuple[str, str, str]
NOTHING: list[Record] = []
EVIL = "GET /evil HTTP/1.1\r\nHost: x\r\n\r\n"
POST = f"POST /echo HTTP/1.1\r\nHost: {HOST}\r\n"
GET = f"GET /show HTTP/1.1\r\nHost: {HOST}\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"
HELLO = "5\r\nhello\r\n0\r\n\r\n"
ODD = "/show/./%2e%2E/%2F;a?b=%0d%0a&c=%00"
ECHO = [("POST", "/echo", "hello")]
SHOW = [("GET", "/show", "")]
REACHED = [("GET", "/evil", "")]


def chunk(text: str) -> str:
    """A chunk of a body."""
    return f"{len(text):x}\r\n{text}\r\n"


def length(text: str) -> str:
    """A body with its length, after the head's other lines."""
    return f"Content-Length: {len(text)}\r\n\r\n{text}"


SHAPES: dict[str, tuple[str, list[Record]]] = {
    # Both lengths.
    "CL.TE": (POST + f"Content-Length: {5 + len(EVIL)}\r\n{CHUNKED}\r\n0\r\n\r\n{EVIL}", NOTHING),
    "TE.CL": (POST + f"{CHUNKED}Content-Length: 4\r\n\r\n{chunk(EVIL)}0\r\n\r\n", NOTHING),
    "CL.TE in HTTP/1.0": (
        f"POST /echo HTTP/1.0\r\nHost: {HOST}\r\nContent-Length: 5\r\n{CHUNKED}\r\n0\r\n\r\n{EVIL}",
        NOTHING,
    ),
    "CL 0 and TE": (POST + f"Content-Length: 0\r\n{CHUNKED}\r\n{chunk(EVIL)}0\r\n\r\n", NOTHING),
    # Two codings, or one in disguise.
    "TE.TE": (POST + f"{CHUNKED}Transfer-Encoding: x\r\n\r\n{HELLO}{EVIL}", NOTHING),
    "TE.TE the other way": (POST + f"Transfer-Encoding: x\r\n{CHUNKED}\r\n{HELLO}{EVIL}", NOTHING),
    "TE twice": (POST + f"{CHUNKED}{CHUNKED}\r\n{HELLO}{EVIL}", NOTHING),
    "TE list": (POST + f"Transfer-Encoding: chunked, identity\r\n\r\n{HELLO}{EVIL}", NOTHING),
    "TE identity and CL": (POST + f"Transfer-Encoding: identity\r\n{length('hello')}{EVIL}", NOTHING),
    "TE with a prefix": (POST + f"Transfer-Encoding: xchunked\r\n\r\n{HELLO}{EVIL}", NOTHING),
    "TE with a vertical tab": (POST + f"Transfer-Encoding: \x0bchunked\r\n\r\n{HELLO}{EVIL}", NOTHING),
    "TE in quotes": (POST + f'Transfer-Encoding: "chunked"\r\n\r\n{HELLO}{EVIL}', NOTHING),
    "TE with a space before the colon": (POST + f"Transfer-Encoding : chunked\r\n\r\n{HELLO}{EVIL}", NOTHING),
    "TE folded": (POST + f"Transfer-Encoding:\r\n chunked\r\n\r\n{HELLO}{EVIL}", NOTHING),
    "TE after a bare CR": (POST + f"X: x\rTransfer-Encoding: chunked\r\n\r\n{HELLO}{EVIL}", NOTHING),
    "TE in HTTP/1.0": (f"POST /echo HTTP/1.0\r\nHost: {HOST}\r\n{CHUNKED}\r\n{HELLO}{EVIL}", NOTHING),
    "TE in capitals": (POST + f"Transfer-Encoding: CHUNKED\r\n\r\n{HELLO}", ECHO),
    # An unknown header: there is no body, and what follows is no request.
    "TE with an underscore": (POST + f"Transfer_Encoding: chunked\r\n\r\n{HELLO}", [("POST", "/echo", "")]),
    # Lengths.
    "CL twice": (POST + f"Content-Length: 5\r\n{length('hello')}", NOTHING),
    "CL twice, different": (POST + f"Content-Length: {5 + len(EVIL)}\r\n{length('hello')}{EVIL}", NOTHING),
    "CL list": (POST + "Content-Length: 5, 5\r\n\r\nhello", NOTHING),
    "CL with a sign": (POST + "Content-Length: +5\r\n\r\nhello", NOTHING),
    "CL negative": (POST + f"Content-Length: -1\r\n\r\n{EVIL}", NOTHING),
    "CL hexadecimal": (POST + "Content-Length: 0x5\r\n\r\nhello", NOTHING),
    "CL empty": (POST + f"Content-Length:\r\n\r\n{EVIL}", NOTHING),
    "CL beyond 64 bits": (POST + "Content-Length: 18446744073709551621\r\n\r\nhello", NOTHING),
    "CL with zeros": (POST + "Content-Length: 0005\r\n\r\nhello", ECHO),
    "CL of a GET": (GET + length(EVIL), [("GET", "/show", EVIL)]),
    "CL too small": (POST + f"Content-Length: 5\r\n\r\nhello{EVIL}", [*ECHO, *REACHED]),
    "a body like a request": (POST + length(EVIL), [("POST", "/echo", EVIL)]),
    # Ends of lines.
    "bare LF": (f"POST /echo HTTP/1.1\nHost: {HOST}\nContent-Length: 5\n\nhello", ECHO),
    "bare LF before a length": (POST + f"X: x\nContent-Length: {len(EVIL)}\r\n\r\n{EVIL}", [("POST", "/echo", EVIL)]),
    "bare CR": (POST + f"X: x\rContent-Length: 5\r\n\r\nhello{EVIL}", NOTHING),
    "obs-fold": (GET + "X-SLURM-USER-NAME: a\r\n b\r\n\r\n", NOTHING),
    "obs-fold of the first header": (f"GET /show HTTP/1.1\r\n X: y\r\nHost: {HOST}\r\n\r\n", NOTHING),
    "NUL in a header": (GET + "X-SLURM-USER-NAME: ro\x00ot\r\n\r\n", NOTHING),
    # Chunks.
    "chunk extension": (POST + f'{CHUNKED}\r\n5;a="b;c"\r\nhello\r\n0;z\r\n\r\n', ECHO),
    "chunk extension with a bare CR": (POST + f"{CHUNKED}\r\n5;a\rb\r\nhello\r\n0\r\n\r\n", NOTHING),
    "chunk extension with a bare LF": (POST + f"{CHUNKED}\r\n5;a\nhello\r\n0\r\n\r\n{EVIL}", [*ECHO, *REACHED]),
    "chunk trailers": (POST + f"{CHUNKED}\r\n5\r\nhello\r\n0\r\nX-SLURM-USER-NAME: root\r\n\r\n", ECHO),
    "chunk size with a prefix": (POST + f"{CHUNKED}\r\n0x5\r\nhello\r\n0\r\n\r\n", NOTHING),
    "chunk size negative": (POST + f"{CHUNKED}\r\n-5\r\nhello\r\n0\r\n\r\n", NOTHING),
    "chunk size beyond 64 bits": (POST + f"{CHUNKED}\r\n10000000000000005\r\nhello\r\n0\r\n\r\n", NOTHING),
    "chunk without its end": (POST + f"{CHUNKED}\r\n5\r\nhelloGET /evil HTTP/1.1\r\n0\r\n\r\n", NOTHING),
    "a chunk like a request": (POST + f"{CHUNKED}\r\n{chunk(EVIL)}0\r\n\r\n", [("POST", "/echo", EVIL)]),
    # Hosts and targets.
    "two hosts": (GET + "Host: y\r\n\r\n", NOTHING),
    "no host": ("GET /show HTTP/1.1\r\n\r\n", NOTHING),
    "a host that is none": ("GET /show HTTP/1.1\r\nHost: a/../b\r\n\r\n", NOTHING),
    "absolute URI, another host": (f"GET http://elsewhere/show HTTP/1.1\r\nHost: {HOST}\r\n\r\n", SHOW),
    "absolute URI with a user": (f"GET http://a@{HOST}/show HTTP/1.1\r\nHost: {HOST}\r\n\r\n", NOTHING),
    "authority": (f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}\r\n\r\n", NOTHING),
    "odd path": (GET.replace("/show", f"/{ODD}") + "\r\n", [("GET", f"/{ODD}", "")]),
    "CR LF in the path": (GET.replace("/show", "/show%0d%0aX:y") + "\r\n", [("GET", "/show%0d%0aX:y", "")]),
    "dots in the path": (GET.replace("/show", "/show/%2e%2e/evil") + "\r\n", [("GET", "/show/%2e%2e/evil", "")]),
    "a tab in the target": (GET.replace("/show", "/show\tHTTP/1.1") + "\r\n", NOTHING),
    # Other protocols.
    "HTTP/2 by its preface": ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + EVIL, NOTHING),
    "HTTP/2 by an upgrade": (GET + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n", SHOW),
    "HTTP/1.2": (f"GET /show HTTP/1.2\r\nHost: {HOST}\r\n\r\n", SHOW),
    # What is in order.
    "two requests at once": (GET + "\r\n" + POST + length("hello"), [*SHOW, *ECHO]),
}


@pytest.fixture(scope="module")
def behind(folder: Path) -> Iterator[Behind]:
    """The proxy and a recording daemon."""
    with closing(Behind(folder)) as both:
        yield both


@pytest.mark.parametrize("name", SHAPES)
def test_what_reaches_the_app_is_what_was_meant(behind: Behind, name: str) -> None:
    text, meant = SHAPES[name]
    behind.reached()
    behind.ask(text)
    for number in range(4):
        answer = behind.ask(f"GET /ping/{number} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n")
        assert answer.startswith("HTTP/1.1 200 "), answer
        assert answer.endswith(f"pong{number}"), answer
    reached = [(method, target, body) for method, target, _, body in behind.reached()]
    assert [one for one in reached if not one[1].startswith(("/last", "/ping/"))] == meant


@pytest.mark.parametrize(
    "header",
    [
        "X-SLURM-USER-TOKEN : t",
        "X_SLURM_USER_TOKEN: t",
        "X-SLURM-USER-TOKEN\x0b: t",
        "X.SLURM.USER.TOKEN: t",
        "Proxy: t",
        "Cookie: t",
        "X-Real-IP: t",
        "Forwarded: for=t",
        "X-Original-URL: t",
        "Transfer-Encodin: t",
    ],
)
def test_no_header_reaches_the_app_but_those_that_are_meant_for_it(behind: Behind, header: str) -> None:
    behind.reached()
    behind.ask(f"{GET}{header}\r\n\r\n")
    for _, _, headers, _ in behind.reached():
        assert "t" not in headers.values()
        assert "for=t" not in headers.values()
        assert set(headers) <= {"HOST", "X_FORWARDED_FOR", "X_FORWARDED_PROTO", "X_REQUEST_ID"}


def test_the_headers_of_a_request_pass_and_the_proxys_cannot_be_given(behind: Behind) -> None:
    passed = {
        "X-SLURM-USER-TOKEN": "a.b.c",
        "X-SLURM-USER-NAME": "alice",
        "Authorization": "Bearer a.b.c",
        "Accept": "application/yaml",
        "If-None-Match": '"1"',
        "User-Agent": "test",
    }
    faked = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "http", "X-Request-ID": "x", "Via": "x"}
    # Headers of which a client says that they are for the next hop only stay what they are.
    lines = {**passed, **faked, "Connection": "close, X-Forwarded-For, X-SLURM-USER-NAME"}
    behind.reached()
    with behind.nginx.connect() as link:
        link.sendall((GET + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n").encode())
        received(link)
    ((_, _, headers, _),) = behind.reached()
    assert len(headers.pop("X_REQUEST_ID")) == 32
    expected = {name.upper().replace("-", "_"): value for name, value in passed.items()}
    assert headers == expected | {"HOST": HOST, "X_FORWARDED_FOR": "127.0.0.1", "X_FORWARDED_PROTO": "https"}


def test_http_2_is_not_spoken(behind: Behind) -> None:
    with behind.nginx.connect(("h2", "http/1.1")) as link:
        assert link.selected_alpn_protocol() in (None, "http/1.1")


@pytest.mark.parametrize("path", ["/lines", "/empty/204", "/empty/304", "/fail", "/big/300000"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_answers_of_every_kind_end_where_the_proxy_thinks(behind: Behind, method: str, path: str) -> None:
    answer = behind.ask(f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
    assert answer.count("HTTP/1.1 ") == 2
    assert answer.endswith("no such path")


def test_nginx_complains_of_clients_and_not_of_us(behind: Behind) -> None:
    assert [line for line in behind.nginx.errors() if "upstream" in line] == []

"""The reader: the same requests come out however the bytes come in, and what is unsound never does."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import closing

import pytest

from slurmrest.daemon.limits import Limits
from slurmrest.daemon.reading import RequestReader, parser_settings
from slurmrest.daemon.refusal import Refused

from .test_requests import REFUSED

LIMITS = Limits(body=100_000, body_in_memory=1000)
SETTINGS = parser_settings(LIMITS)
PEER = ("127.0.0.1", 1)

Found = tuple[str, str, list[tuple[str, str]], bytes]

STREAM = (
    b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
    b"POST /b HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
    b"\r\nPOST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0a;q=1\r\n0123456789\r\n00\r\nA: b\r\n\r\n"
    b"POST /d HTTP/1.1\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000 + b"POST /e HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
    b"POST /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    b"OPTIONS * HTTP/1.0\r\n\r\n"
)
EXPECTED = [
    ("GET", "/a", b""),
    ("POST", "/b", b"hello"),
    ("POST", "/c", b"abc0123456789"),
    ("POST", "/d", b"x" * 2000),
    ("POST", "/e", b""),
    ("POST", "/f", b""),
    ("OPTIONS", "*", b""),
]


def requests(pieces: Iterable[bytes]) -> Iterator[tuple[str, str, bytes]]:
    """Feed *pieces*, and give the requests that come out. Raises: Refused."""
    with closing(RequestReader(SETTINGS, LIMITS, PEER)) as reader:
        for piece in pieces:
            reader.feed(piece)
            while (incoming := reader.next()) is not None:
                with incoming.body as body:
                    yield incoming.head.method, incoming.head.uri, body.read()


def test_a_stream_in_one_piece() -> None:
    assert list(requests([STREAM])) == EXPECTED


def test_a_stream_byte_by_byte() -> None:
    assert list(requests(bytes([byte]) for byte in STREAM)) == EXPECTED


@pytest.mark.parametrize("seed", range(30))
def test_a_stream_in_random_pieces(seed: int) -> None:
    chance = random.Random(seed)  # not a secret
    cuts = sorted(chance.sample(range(len(STREAM)), 40))
    pieces = [STREAM[start:end] for start, end in zip([0, *cuts], [*cuts, len(STREAM)], strict=True)]
    assert list(requests(pieces)) == EXPECTED


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_unsound_is_refused_however_it_comes(name: str) -> None:
    text, status = REFUSED[name]
    for pieces in ([text.encode("latin-1")], (bytes([byte]) for byte in text.encode("latin-1"))):
        with pytest.raises(Refused) as reason:
            list(requests(pieces))
        assert reason.value.status == status
        assert reason.value.text.isprintable()


@pytest.mark.parametrize("seed", range(20))
def test_noise_is_refused_or_waited_for_and_nothing_else_happens(seed: int) -> None:
    chance = random.Random(seed)  # not a secret
    for _ in range(200):
        data = bytearray(STREAM[: chance.randrange(1, len(STREAM))])
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] = chance.choice(b"\r\n\x00 :;0aZ\xff,\t")
        method, uri, status = last(bytes(data))
        assert method.isascii()
        assert uri.isprintable()
        assert status in (0, 400, 405, 406, 413, 417)


def last(data: bytes) -> tuple[str, str, int]:
    """Give method and target of the last request in *data*, and the status of what is refused after it, or 0."""
    method = uri = ""
    try:
        for method, uri, _ in requests([data]):  # noqa: B007 - the last one counts
            continue
    except Refused as reason:
        return method, uri, reason.status
    return method, uri, 0


def test_what_follows_a_refused_request_stays_unread() -> None:
    found = requests([b"GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\nA : b\r\n\r\nGET /evil HTTP/1.1\r\n\r\n"])
    assert next(found) == ("GET", "/a", b"")
    with pytest.raises(Refused):
        next(found)


def test_a_body_is_counted_after_its_chunks_are_put_together() -> None:
    head = b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    full = b"186a0\r\n" + b"x" * 100_000 + b"\r\n0\r\n\r\n"
    assert [len(body) for _, _, body in requests([head, full])] == [100_000]
    with pytest.raises(Refused) as reason:
        list(requests([head, b"186a1\r\n"]))
    assert reason.value.status == 413


def test_a_chunk_of_absurd_size_is_refused_before_it_comes() -> None:
    with pytest.raises(Refused) as reason:
        list(requests([b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n"]))
    assert reason.value.status == 413


def test_a_length_of_absurd_size_is_refused() -> None:
    with pytest.raises(Refused) as reason:
        list(requests([b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n"]))
    assert reason.value.status in (400, 413)


def test_endless_trailers_are_refused() -> None:
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    with pytest.raises(Refused):
        list(requests([head, *[b"A: b\r\n" * 1000] * 100]))


def test_an_endless_chunk_line_is_refused() -> None:
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;"
    with pytest.raises(Refused):
        list(requests([head, *[b"a" * 1000] * 100]))


def facts(*heads: str) -> list[tuple[str, dict[str, str], bool]]:
    """Feed heads, and give the path, the headers and whether the connection stays open, of each."""
    with closing(RequestReader(SETTINGS, LIMITS, PEER)) as reader:
        reader.feed("".join(head.replace("\n", "\r\n") + "\r\n" for head in heads).encode())
        found = [incoming for _ in heads if (incoming := reader.next()) is not None]
    for incoming in found:
        incoming.body.close()
    return [(one.head.path, dict(one.headers.variables), one.keep_alive) for one in found]


def test_headers_that_are_sent_again_are_those_of_every_request() -> None:
    lines = "Host: x\nA-B: 1\na-b: 2\n"
    expected = {"HTTP_HOST": "x", "HTTP_A_B": "1,2"}
    assert facts(f"GET /a HTTP/1.1\n{lines}", f"GET /b HTTP/1.1\n{lines}", f"GET /c HTTP/1.0\n{lines}") == [
        ("/a", expected, True),
        ("/b", expected, True),
        ("/c", expected, False),
    ]


def test_other_headers_are_those_of_one_request_alone() -> None:
    heads = ("Host: x\nConnection: close\n", "Host: x\n", "", "Host: y\nConnection: keep-alive\n", "Host: x\n")
    found = facts(*(f"GET / HTTP/1.1\n{head}" for head in heads))
    assert [(variables.get("HTTP_HOST"), kept) for _, variables, kept in found] == [
        ("x", False),
        ("x", True),
        (None, True),
        ("y", True),
        ("x", True),
    ]


def test_every_request_may_wait_for_100_continue() -> None:
    with closing(RequestReader(SETTINGS, LIMITS, PEER)) as reader:
        for _ in range(3):
            reader.feed(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
            assert reader.next() is None
            assert reader.wants_continue
            reader.feed(b"x")
            incoming = reader.next()
            assert incoming is not None
            incoming.body.close()

"""The client of the comparison: whatever the framing and the pieces, the whole body or an error."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from bench import client

HEAD = b'HTTP/1.1 200 OK\r\nETag: "x"\r\n'
Serve = Callable[..., int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Answer one connection with those pieces, whatever is asked, and close. Returns: the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads = []

    def start(*pieces: bytes) -> int:
        threads.append(threading.Thread(target=answer, args=(listener, pieces)))
        threads[-1].start()
        return int(listener.getsockname()[1])

    yield start
    for thread in threads:
        thread.join()
    listener.close()


def answer(listener: socket.socket, pieces: tuple[bytes, ...]) -> None:
    link, _ = listener.accept()
    with link:
        link.recv(1 << 16)
        for piece in pieces:
            link.sendall(piece)


def chunked(*bodies: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(body), body) for body in (*bodies, b""))


def test_a_body_with_a_length(serve: Serve) -> None:
    port = serve(HEAD + b"Content-Length: 10\r\n\r\n01234", b"56789")
    answer = client.download(port, "/", {})
    assert (answer["status"], answer["size"], answer["headers"]["etag"]) == (200, 10, '"x"')
    assert answer["seconds"] > 0


def test_a_chunked_body_larger_than_the_buffer(serve: Serve) -> None:
    bodies = [bytes([number]) * (client.BUFFER // 3) for number in range(10)]
    port = serve(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(*bodies))
    assert client.download(port, "/", {})["size"] == sum(map(len, bodies))


@pytest.mark.parametrize("length", [1, 2, 3, 7])
def test_a_marker_is_counted_across_pieces(length: int, serve: Serve) -> None:
    text = b'{"job_id":1},{"job_id":2},{"array_job_id":3}'
    bodies = [text[start : start + length] for start in range(0, len(text), length)]
    port = serve(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(*bodies))
    assert client.download(port, "/", {}, '"job_id"')["found"] == 2


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 10\r\n\r\n0123",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(b"0123")[:-5],
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(b"0123")[:-2],
        HEAD,
    ],
)
def test_an_answer_that_breaks_off_is_an_error(answer: bytes, serve: Serve) -> None:
    with pytest.raises(client.IncompleteError):
        client.download(serve(answer), "/", {})


def test_polls_are_made_on_one_connection(serve: Serve) -> None:
    port = serve(b"HTTP/1.1 304 NOT MODIFIED\r\n\r\n" + HEAD + b"Content-Length: 0\r\n\r\n")
    found = client.polls(port, "/", {}, count=2)
    assert (found["statuses"], found["count"]) == ([200, 304], 2)
    assert found["p50"] <= found["p99"] <= found["longest"]

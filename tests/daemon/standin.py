"""A WSGI app that does nothing but what tests of the server need, and a daemon around it.

    python -m tests.daemon.standin '{"addresses": ["127.0.0.1:0"], "threads": 4, …}'

Everything but the app and the checks of the cluster is what slurmrestd runs. The first line on stdout is a JSON list:
the number of workers, then the addresses, once they are bound. Each worker adds a line when it is ready.
"""

from __future__ import annotations

import io
import json
import os
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from slurmrest.daemon import balance, sockets
from slurmrest.daemon.addresses import TcpAddress, UnixAddress
from slurmrest.daemon.application import Application, gunicorn_settings
from slurmrest.daemon.config import read
from slurmrest.daemon.limits import Limits
from slurmrest.daemon.systemd import Notifier

Environ = dict[str, Any]
Start = Callable[..., Any]
Headers = list[tuple[str, str]]

CHUNK = b"0123456789abcdef" * 4096
"""64 KiB."""


def app(environ: Environ, start_response: Start) -> Iterable[bytes]:
    """Dispatch to the function that the path names."""
    name, *arguments = environ["PATH_INFO"].strip("/").split("/")
    respond = ROUTES.get(name)
    if respond is None:
        return reply(start_response, b"no such path", "404 Not Found")
    return respond(environ, start_response, *arguments)


def reply(start_response: Start, body: bytes, status: str = "200 OK") -> list[bytes]:
    """Answer with a body of known length."""
    start_response(status, [("Content-Length", str(len(body))), ("Content-Type", "text/plain")])
    return [body]


def ping(environ: Environ, start_response: Start, number: str = "") -> Iterable[bytes]:
    return reply(start_response, f"pong{number}".encode())


def echo(environ: Environ, start_response: Start) -> Iterable[bytes]:
    """Answer with the body of the request."""
    return reply(start_response, environ["wsgi.input"].read())


def count(environ: Environ, start_response: Start) -> Iterable[bytes]:
    """Answer with the length of the body and the length that the environ claims."""
    length = sum(len(piece) for piece in iter(lambda: environ["wsgi.input"].read(65536), b""))
    return reply(start_response, f"{length} {environ.get('CONTENT_LENGTH')}".encode())


def show(environ: Environ, start_response: Start, *_: str) -> Iterable[bytes]:
    """Answer with the environ."""
    texts = {key: value for key, value in environ.items() if isinstance(value, str)}
    peer: socket.socket = environ["gunicorn.socket"]
    if peer.family == socket.AF_UNIX:
        credentials = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        texts["peer"] = ",".join(map(str, credentials))
    texts["process"] = str(os.getpid())
    return reply(start_response, json.dumps(texts).encode())


def lines(environ: Environ, start_response: Start) -> Iterable[bytes]:
    """Answer without saying how long the answer is."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return (f"line {number}\n".encode() for number in range(3))


class Download:
    """64 KiB pieces; tells in a file how many were asked for, and that it was closed."""

    def __init__(self, pieces: int, path: str, fail_at: int = -1) -> None:
        self.pieces, self.fail_at, self.made = pieces, fail_at, 0
        self.path = Path(path) if path else None

    def __iter__(self) -> Iterator[bytes]:
        for number in range(self.pieces):
            if number == self.fail_at:
                raise RuntimeError("failing on purpose")
            self.made = number
            yield CHUNK

    def close(self) -> None:
        """Tell that the server closed it."""
        if self.path is not None:
            written = self.path.with_suffix(".new")
            written.write_text(f"closed after {self.made}")
            written.rename(self.path)


def download(environ: Environ, start_response: Start, pieces: str) -> Iterable[bytes]:
    """Stream; the header X-Tell names the file to write to, X-Fail-At the piece to fail at, X-Length the length."""
    headers = [("Content-Type", "text/plain")]
    if "HTTP_X_LENGTH" in environ:
        headers.append(("Content-Length", environ["HTTP_X_LENGTH"]))
    start_response("200 OK", headers)
    return Download(int(pieces), environ.get("HTTP_X_TELL", ""), int(environ.get("HTTP_X_FAIL_AT", "-1")))


def big(environ: Environ, start_response: Start, size: str) -> Iterable[bytes]:
    """Answer with one large piece."""
    return reply(start_response, b"x" * int(size))


def empty(environ: Environ, start_response: Start, status: str) -> Iterable[bytes]:
    start_response(f"{status} Some", [])
    return []


def fail(environ: Environ, start_response: Start) -> Iterable[bytes]:
    raise RuntimeError("failing on purpose")


def split(environ: Environ, start_response: Start) -> Iterable[bytes]:
    """Try to send a header that would split the answer."""
    start_response("200 OK", [("X-A", "b\r\nX-C: d")])
    return [b""]


def hold(environ: Environ, start_response: Start) -> Iterable[bytes]:
    """Answer when somebody writes to the pipe that X-Until names; each that waits has a file in X-Tell."""
    until, tell = Path(environ["HTTP_X_UNTIL"]), Path(environ["HTTP_X_TELL"])
    mine = tell / f"{os.getpid()}-{threading.get_ident()}"
    mine.touch()
    with until.open("rb"):
        mine.unlink()
    return reply(start_response, b"held")


def variables(environ: Environ, start_response: Start) -> Iterable[bytes]:
    """Answer with the names of the process's variables."""
    return reply(start_response, json.dumps(sorted(os.environ)).encode())


def swell(environ: Environ, start_response: Start, mebibytes: str) -> Iterable[bytes]:
    """Take memory and keep it."""
    KEPT.append(bytearray(int(mebibytes) << 20))
    return reply(start_response, str(os.getpid()).encode())


KEPT: list[bytearray] = []
ROUTES: dict[str, Callable[..., Iterable[bytes]]] = {
    function.__name__: function
    for function in (ping, echo, count, show, lines, download, big, empty, fail, split, hold, variables, swell)
}


def recorded(path: str) -> Callable[[Environ, Start], Iterable[bytes]]:
    """The app, which writes a line for each request that reaches it: a JSON list of method, target, headers, body."""

    def record(environ: Environ, start_response: Start) -> Iterable[bytes]:
        body: bytes = environ["wsgi.input"].read()
        environ["wsgi.input"] = io.BytesIO(body)
        headers = {name[5:]: value for name, value in environ.items() if name.startswith("HTTP_")}
        line = json.dumps([environ["REQUEST_METHOD"], environ["RAW_URI"], headers, body.decode("latin-1")])
        with Path(path).open("a") as file:
            file.write(f"{line}\n")
        return app(environ, start_response)

    return record


def tell(worker: Any) -> None:
    """Write a line for each worker that is about to serve."""
    sys.stdout.write(f"{worker.pid}\n")
    sys.stdout.flush()


def run(options: dict[str, Any]) -> None:
    """Serve. options: addresses, threads, connections, verbose, silence, record, backlog, and limits by name."""
    balance.SILENCE = options.get("silence", balance.SILENCE)
    addresses = [
        UnixAddress(text.removeprefix("unix:")) if text.startswith("unix:") else TcpAddress("127.0.0.1", 0)
        for text in options["addresses"]
    ]
    bound = sockets.listen(addresses, options.get("backlog", sockets.BACKLOG))
    arguments = [f"-t{options.get('threads', 4)}", f"--max-connections={options.get('connections', 124)}"]
    config = read([*arguments, *["-v"] * options.get("verbose", 0)], {})
    limits = Limits(**options.get("limits", {}))
    settings = {**gunicorn_settings(config, limits), "post_worker_init": tell, **options.get("gunicorn", {})}
    sys.stdout.write(json.dumps([settings["workers"], *(listener.getsockname() for listener in bound)]) + "\n")
    sys.stdout.flush()
    served = recorded(options["record"]) if "record" in options else app
    application = Application(settings, bound, load=lambda: served, limits=limits)
    application.notifier = Notifier.take(os.environ)
    application.run()


if __name__ == "__main__":
    run(json.loads(sys.argv[1]))

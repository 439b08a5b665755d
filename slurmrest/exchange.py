"""One request and its answer, as far as every resource shares them: envelope, warnings, query, body, collections."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import falcon

from . import media
from .data_parser.parse import Problem
from .errors import Problems, entry, warning
from .validators import make_tag, second_of, view_of
from .versions import name_of

if TYPE_CHECKING:
    from libslurm.identity import Identity

    from .cluster import Cluster

PLUGIN = {"type": "openapi/v0.0.39", "name": "Slurm OpenAPI v0.0.39"}
"""The `plugin` part of meta for /slurm/v0.0.39, all but the dialect."""

DB_PLUGIN = {"type": "openapi/dbv0.0.39", "name": "Slurm OpenAPI DB v0.0.39"}
"""The `plugin` part of meta for /slurmdb/v0.0.39, all but the dialect."""

LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")


@dataclass
class Exchange:
    """What is known of a request once it is authenticated, and what its document will say.

    purpose: for the description of an error, "Unable to query jobs". not_found: Slurm errors that here mean 404.
    tag: the ETag that the client brought and that still holds, should Slurm say that nothing changed.
    arrived: when the request did (time.monotonic); no answer that Slurm gave before will do.
    """

    cluster: Cluster
    identity: Identity
    codec: media.Codec
    source: str
    warnings: list[Problem] = field(default_factory=list)
    url: str = ""
    tag: str = ""
    purpose: str = ""
    not_found: frozenset[str] = frozenset()
    arrived: float = field(default_factory=time.monotonic)

    def warn(self, text: str, source: str) -> None:
        """Add a warning to the document."""
        self.warnings.append(Problem(text, source))

    @property
    def view(self) -> str:
        """Short name of what this client sees at this URL: no two users share it, and no two formats."""
        codec = self.codec
        return view_of(self.url, self.identity.user, codec.content_type, codec.style, self.cluster.library.release_text)

    def envelope(self, errors: Iterable[Problem] = ()) -> dict[str, Any]:
        """Make what every document begins with: meta, errors, warnings."""
        plugin = DB_PLUGIN if self.url.startswith("/slurmdb/") else PLUGIN
        plugin = {**plugin, "data_parser": name_of(self.cluster.parser.version)}
        meta = {"plugin": plugin, "client": {"source": self.source}, "Slurm": self.cluster.meta}
        return {
            "meta": meta,
            "errors": [entry(error, self.cluster.library) for error in errors],
            "warnings": [warning(one) for one in self.warnings],
        }

    def answer(
        self, resp: falcon.Response, payload: dict[str, Any] | None = None, errors: Iterable[Problem] = ()
    ) -> None:
        """Answer with one document."""
        resp.content_type = self.codec.content_type
        resp.data = self.codec.encode({**self.envelope(errors), **(payload or {})})

    def answer_records(self, resp: falcon.Response, key: str, records: media.Listing) -> None:
        """Answer with a few records, which are encoded at once."""
        resp.content_type = self.codec.content_type
        resp.data = b"".join(self.codec.stream(self.envelope(), key, records))

    def answer_all(
        self, resp: falcon.Response, key: str, records: media.Listing, made: int | None, close: Callable[[], None]
    ) -> None:
        """Answer with a collection, encoded as the client takes it.

        made: when slurmctld made it (seconds since the epoch), None where nobody says.
        close: frees the message, in every case.
        """
        stream = Stream(self.codec.stream(self.envelope(), key, records), close)
        if made is not None:
            set_tag(resp, make_tag(made, self.view))
        resp.content_type = self.codec.content_type
        if stream.complete is not None:
            resp.data = stream.complete
        else:
            resp.stream = stream


def set_tag(resp: falcon.Response, tag: str) -> None:
    """Say which answer this is, and that nobody but this client may be given it again, and not without asking here."""
    resp.set_header("ETag", tag)
    resp.set_header("Cache-Control", "private, no-cache")


class Stream:
    """An answer in chunks, whose first is made at once, so that what fails there is still an ordinary error.

    complete: the whole body where one chunk is all of it, else None.
    """

    def __init__(self, chunks: Iterator[bytes], close: Callable[[], None]) -> None:
        self._chunks, self._close = chunks, close
        self.complete: bytes | None = None
        try:
            self._first = [chunk for _, chunk in zip(range(2), chunks, strict=False)]
            after = next(chunks, None)
        except BaseException:
            self.close()
            raise
        if after is None:
            self.complete = b"".join(self._first)
            self.close()
        else:
            self._first.append(after)

    def __iter__(self) -> Iterator[bytes]:
        while self._first:
            yield self._first.pop(0)
        yield from self._chunks

    def close(self) -> None:
        """Free the message; the server calls this also for a client that went away."""
        self._close()


def client_source(environ: dict[str, Any]) -> str:
    """Name the client as the documents do: "[localhost]:49810", "/run/slurmrestd.sock->fd:8", or as the server does."""
    if "slurmrest.source" in environ:
        return str(environ["slurmrest.source"])
    peer = environ.get("gunicorn.socket")
    if peer is not None and peer.family == socket.AF_UNIX:
        return f"{peer.getsockname()}->fd:{peer.fileno()}"
    host = environ.get("REMOTE_ADDR", "")
    return f"[{'localhost' if host in LOOPBACK else host}]:{environ.get('REMOTE_PORT', '')}"


def body_stream(req: falcon.Request) -> Any:
    """Give the stream of a request's body, which ends with it, also where it came in chunks without a length."""
    return req.stream if req.env.get("wsgi.input_terminated") else req.bounded_stream


def read_body(req: falcon.Request) -> Any:
    """Read the document of a request; {} where there is none. Raises: Refusal."""
    body = body_stream(req).read()
    return media.decode(req.content_type, body) if body else {}


def query(req: falcon.Request, *known: str) -> dict[str, str]:
    """Give the query parameters *known* that the request has, the last of each; warn of any other."""
    exchange: Exchange = req.context.exchange
    found: dict[str, str] = {}
    for name, value in req.params.items():
        if name in known:
            found[name] = value[-1] if isinstance(value, list) else value
        else:
            exchange.warn(f'Unknown query parameter "{name}" was ignored', "query")
    return found


def unchanged_since(req: falcon.Request) -> int:
    """Give the second (since the epoch) after which a change matters to the client; 0 where it has nothing yet.

    By the query parameter update_time, or by the ETag in If-None-Match. Raises: Problems 422.
    """
    exchange: Exchange = req.context.exchange
    second = second_of(req.get_header("If-None-Match"), exchange.view)
    if second:
        exchange.tag = make_tag(second, exchange.view)
    return max(second, update_time(req))


def update_time(req: falcon.Request) -> int:
    """Give the query parameter update_time in seconds since the epoch, 0 where absent. Raises: Problems 422."""
    text = query(req, "update_time").get("update_time", "0")
    if text.isascii() and text.isdigit() and int(text) < 1 << 62:
        return int(text)
    what = f'Unable to parse "update_time" field: "{text}" is not a number of seconds since the epoch'
    raise Problems([Problem(what, "update_time", "ESLURM_REST_INVALID_QUERY")])

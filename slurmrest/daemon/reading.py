"""Bytes in, whole requests out: one reader for each connection. No sockets here, and nothing waits.

Where a head ends is seen here, what it means is for gunicorn's parser to say, and the two must agree to the byte.
It is gunicorn's Python parser, whatever is installed: gunicorn_h1c 0.6.9 takes line ends without CR, folded headers
and doubled spaces, any of which a proxy in front may read otherwise. With settings kept at hand it takes 10-14 us, and
half of that where a client sends the same header lines again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple

from gunicorn.http.body import ChunkedReader, LengthReader
from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.http.message import Request

from .bodies import ChunkedBody, LengthBody
from .limits import Limits
from .refusal import Refused, refused

HEAD_END = b"\r\n\r\n"
KEPT = 4096
"""Header lines of so many bytes are remembered, so that they need not be parsed when the client sends them again."""
BARE_LF = re.compile(rb"(?<!\r)\n")
Peer = tuple[Any, ...] | str | bytes


Fields = list[tuple[str, str]]


class Headers(NamedTuple):
    """The header lines of a request, and what they say. Most clients send the same ones again and again.

    lines: as they came, without the request line. variables: as WSGI has them. connection: the tokens of Connection.
    """

    lines: bytes
    fields: Fields
    variables: dict[str, str]
    connection: tuple[str, ...]

    @property
    def may_be_kept(self) -> bool:
        """Whether these lines mean the same in another request, and are not too long to be remembered."""
        return len(self.lines) <= KEPT and "HTTP_EXPECT" not in self.variables


NO_HEADERS = Headers(b"", [], {}, ())


class Incoming(NamedTuple):
    """A whole request. head: gunicorn's. body: a file at its beginning, to be closed. length: of the body in bytes."""

    head: PlainRequest
    headers: Headers
    body: IO[bytes]
    length: int

    @property
    def keep_alive(self) -> bool:
        """Whether the client wants the connection to stay open after the answer."""
        tokens = self.headers.connection
        if self.head.should_close() and "keep-alive" not in tokens:
            return False
        return "close" not in tokens

    @property
    def old(self) -> bool:
        """Whether the client speaks HTTP/1.0, which has neither chunks nor keep-alive by default."""
        return bool(self.head.version < (1, 1))


@dataclass
class ParserSettings:
    """What gunicorn's parser asks its configuration for: strict, and nobody is trusted to speak for others.

    Not gunicorn's Config itself, which looks every value up anew (15 a request) and is slow to import. The request
    line has no limit of its own, the whole head has one here.
    """

    limit_request_fields: int
    limit_request_field_size: int
    limit_request_line: int = 0
    http_parser: str = "python"
    header_map: str = "drop"
    proxy_protocol: str = "off"
    is_ssl: bool = False
    casefold_http_method: bool = False
    permit_obsolete_folding: bool = False
    permit_unconventional_http_method: bool = False
    permit_unconventional_http_version: bool = False
    strip_header_spaces: bool = False
    forwarder_headers: tuple[str, ...] = ()
    forwarded_allow_ips: tuple[str, ...] = ()
    proxy_allow_ips: tuple[str, ...] = ()
    secure_scheme_headers: dict[str, str] = field(default_factory=dict)

    def forwarded_allow_networks(self) -> tuple[str, ...]:
        """Give the networks whose peers may speak for others: none."""
        return ()

    proxy_allow_networks = forwarded_allow_networks


def parser_settings(limits: Limits) -> ParserSettings:
    """Make the settings of gunicorn's parser."""
    return ParserSettings(limit_request_fields=limits.fields, limit_request_field_size=limits.head)


class Head:
    """gunicorn's unreader over one head, complete. known: headers that the same connection sent before."""

    def __init__(self, data: bytes, known: Headers) -> None:
        self.data, self.known = data, known

    def read(self, *_: Any) -> bytes:
        """Give the head, then nothing."""
        data, self.data = self.data, b""
        return data

    def unread(self, data: bytes) -> None:
        """Take back what the parser did not need, which must be nothing."""
        self.data = data


class PlainRequest(Request):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's request, where nobody may speak for others. Header lines that are known are not parsed again."""

    said = NO_HEADERS

    def _peer_trusted_for_forwarded(self) -> tuple[dict[str, str], tuple[str, ...]]:
        """Say what the peer may set: nothing, so that its address need not be looked up (see ParserSettings)."""
        return {}, ()

    def parse_headers(self, data: bytes, from_trailer: bool = False) -> Fields:  # noqa: FBT001, FBT002 - gunicorn's
        """Parse header lines, those of a head or those behind a chunked body."""
        if from_trailer:
            return list(super().parse_headers(data, from_trailer=True))
        self.said = self.unreader.known
        if self.said.lines != data:
            fields = super().parse_headers(data)
            self.said = Headers(data, fields, variables(fields), connection_tokens(fields))
        return self.said.fields


def variables(fields: Fields) -> dict[str, str]:
    """Name headers as WSGI does, repeated ones joined by commas. The parser has dropped names with an underscore."""
    found: dict[str, str] = {}
    for name, value in fields:
        key = name.replace("-", "_")
        if name in ("CONTENT-TYPE", "CONTENT-LENGTH"):
            found[key] = value
            continue
        key = "HTTP_" + key
        found[key] = f"{found[key]},{value}" if key in found else value
    return found


def connection_tokens(fields: Fields) -> tuple[str, ...]:
    """Give the tokens of the Connection headers, in lower case."""
    values = [value for name, value in fields if name == "CONNECTION"]
    return tuple(token.strip(" \t").lower() for value in values for token in value.split(","))


class RequestReader:
    """Takes the bytes of a connection in any pieces, gives its requests one after the other."""

    __slots__ = ("body", "buffer", "head", "known", "limits", "number", "peer", "received", "scanned", "settings")

    def __init__(self, settings: ParserSettings, limits: Limits, peer: Peer) -> None:
        self.settings, self.limits, self.peer = settings, limits, peer
        self.buffer = bytearray()
        self.head: PlainRequest | None = None
        self.known = NO_HEADERS
        self.body: LengthBody | ChunkedBody | None = None
        self.scanned, self.received, self.number = 0, 0, 0

    def feed(self, data: bytes) -> None:
        """Take more bytes."""
        self.buffer += data
        self.received += len(data)

    @property
    def started(self) -> bool:
        """Whether part of a request has arrived."""
        return self.head is not None or bool(self.buffer)

    @property
    def held(self) -> int:
        """How much memory the part that has arrived takes, at most, in bytes."""
        return min(self.received, self.limits.head + self.limits.body_in_memory)

    @property
    def wants_continue(self) -> bool:
        """Whether the client waits for `100 Continue` before it sends the body."""
        return self.head is not None and self.head._expected_100_continue and not self.buffer  # noqa: SLF001 - gunicorn says it nowhere else

    def next(self) -> Incoming | None:
        """Give the next request if all of it is here, else None.

        Raises: Refused; after that nothing more can be read from this connection.
        """
        try:
            if self.head is None and not self._read_head():
                return None
            return self._read_body()
        except (ParseException, StopIteration, NoMoreData) as error:
            raise refused(error) from error

    def close(self) -> None:
        """Let go of what has arrived."""
        self.buffer = bytearray()
        if self.body is not None:
            self.body.close()

    def _read_head(self) -> bool:
        found = self.buffer.find(HEAD_END, max(0, self.scanned - 3))
        end = found + len(HEAD_END)
        if (end if found >= 0 else len(self.buffer)) > self.limits.head:
            raise Refused(400, f"The request line and headers are larger than {self.limits.head} bytes")
        if found < 0:
            self._await_head()
            return False
        data = bytes(self.buffer[:end])
        del self.buffer[:end]
        self._understand(data)
        return True

    def _await_head(self) -> None:
        """Refuse at once what can never become a head that the parser takes."""
        if BARE_LF.search(self.buffer, max(0, self.scanned - 1)):
            raise Refused(400, "Lines end in CR LF")
        self.scanned = len(self.buffer)

    def _understand(self, data: bytes) -> None:
        self.number += 1
        source = Head(data, self.known)
        head = PlainRequest(self.settings, source, self.peer, self.number)
        if source.data:
            raise Refused(400, "The end of the headers is ambiguous")
        _check(head)
        if head.said is not self.known and head.said.may_be_kept:
            self.known = head.said
        self.body = self._body_of(head)
        self.head, self.scanned, self.received = head, 0, len(self.buffer)

    def _body_of(self, head: PlainRequest) -> LengthBody | ChunkedBody:
        reader = head.body.reader
        if isinstance(reader, ChunkedReader):
            return ChunkedBody(reader, self.limits)
        if isinstance(reader, LengthReader):
            return LengthBody(reader.length, self.limits)
        raise Refused(400, "The length of the body is not known")

    def _read_body(self) -> Incoming | None:
        head, body = self.head, self.body
        if head is None or body is None or not body.take(self.buffer) or body.file is None:
            return None
        self.head, self.body, self.received = None, None, len(self.buffer)
        body.file.seek(0)
        return Incoming(head, head.said, body.file, body.length)


def _check(head: PlainRequest) -> None:
    """Refuse what HTTP allows a server not to support. Raises: Refused."""
    if head.method == "CONNECT":
        raise Refused(405, "CONNECT is not supported")
    connection = upgrade = ""
    for name, value in head.headers:
        if name == "TRANSFER-ENCODING" and value.lower() != "chunked":
            raise Refused(406, f"Transfer-Encoding is not supported: {value}")
        if name == "CONTENT-ENCODING" and value.lower() not in ("", "identity"):
            raise Refused(406, f"Content-Encoding is not supported: {value}")
        if name == "CONNECTION":
            connection += value.lower()
        elif name == "UPGRADE":
            upgrade = value
    if upgrade and "upgrade" in connection:
        raise Refused(406, f"Upgrade is not supported: {upgrade}")

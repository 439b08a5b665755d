"""The body of a request, put together from whatever pieces arrive, for the app to read without waiting.

A body of known length, or one in chunks. The framing of chunks is judged by gunicorn's parser alone, one line at a
time, so that nothing is accepted here that gunicorn refuses.
"""

from __future__ import annotations

import io
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import ChunkMissingTerminator

from .limits import Limits
from .refusal import Refused

LINE_END = b"\r\n"
TOO_LARGE = "The body is larger than {} bytes"


class NeedMore(Exception):
    """The bytes that are there end in the middle of what is being parsed."""


class LengthBody:
    """A body that Content-Length announced. length: bytes. Raises: Refused 413 where that is too much."""

    def __init__(self, length: int, limits: Limits) -> None:
        if length > limits.body:
            raise Refused(413, TOO_LARGE.format(limits.body))
        self.length, self.missing = length, length
        self.in_memory = limits.body_in_memory
        self.file: IO[bytes] | None = None

    def close(self) -> None:
        """Let go of a body that nobody will read."""
        if self.file is not None:
            self.file.close()

    def take(self, buffer: bytearray) -> bool:
        """Move the body's bytes from *buffer* to the file; true when it is complete."""
        if self.file is None and len(buffer) >= self.length:
            self.file = io.BytesIO(bytes(buffer[: self.length]))
            del buffer[: self.length]
            self.missing = 0
            return True
        self._spool(buffer)
        return self.missing == 0

    def _spool(self, buffer: bytearray) -> None:
        if self.file is None:
            self.file = spool(self.in_memory)
        piece = buffer[: self.missing]
        del buffer[: self.missing]
        self.file.write(piece)
        self.missing -= len(piece)


class ChunkedBody:
    """A body in chunks. Raises: Refused 413 as soon as it is too large, 400 where framing outweighs content."""

    def __init__(self, reader: ChunkedReader, limits: Limits) -> None:
        self.reader, self.limits = reader, limits
        self.file: IO[bytes] = spool(limits.body_in_memory)
        self.length, self.overhead = 0, 0
        self._chunk_left, self._ending = 0, False

    def close(self) -> None:
        """Let go of a body that nobody will read."""
        self.file.close()

    def take(self, buffer: bytearray) -> bool:
        """Move what can be decoded from *buffer* to the file; true when the body is complete."""
        position = 0
        try:
            while True:
                position = self._content(buffer, position)
                position, size = self._line(buffer, position)
                if size == 0:
                    return True
                self._chunk_left, self._ending = size, True
                self._check(size)
        except NeedMore as stop:
            position = stop.args[0]
            if len(buffer) - position > self.limits.head:
                raise Refused(400, "The framing of the body is too long") from None
            return False
        finally:
            del buffer[:position]

    def _content(self, buffer: bytearray, position: int) -> int:
        """Take the rest of the present chunk and the line end behind it."""
        piece = buffer[position : position + self._chunk_left]
        self.file.write(piece)
        self.length += len(piece)
        self._chunk_left -= len(piece)
        position += len(piece)
        if self._chunk_left or (self._ending and len(buffer) < position + len(LINE_END)):
            raise NeedMore(position)
        if self._ending:
            end = bytes(buffer[position : position + len(LINE_END)])
            if end != LINE_END:
                raise ChunkMissingTerminator(end)
            position += len(LINE_END)
            self._ending = False
        return position

    def _line(self, buffer: bytearray, position: int) -> tuple[int, int]:
        """Read a chunk's size, and after the last chunk the trailers. Gives where it ended, and the size."""
        found = buffer.find(LINE_END, position)
        if found < 0 and len(buffer) - position <= self.reader.limit_chunk_size_line:
            raise NeedMore(position)
        end = found + len(LINE_END) if found >= 0 else len(buffer)
        line = bytes(buffer[position:end])
        rest = Rest(bytes(buffer[end:]) if _is_last(line) else b"")
        try:
            size, _ = self.reader.parse_chunk_size(rest, line)
        except NeedMore:
            raise NeedMore(position) from None
        if size == 0:
            end = len(buffer) - len(rest.unused)
        self.overhead += end - position + len(LINE_END)
        return end, size

    def _check(self, size: int) -> None:
        if self.length + size > self.limits.body:
            raise Refused(413, TOO_LARGE.format(self.limits.body))
        if self.overhead > self.limits.chunk_overhead + 2 * self.length:
            raise Refused(400, "The chunks of the body are too small")


class Rest:
    """gunicorn's unreader over bytes that are already there: what is not there is not waited for."""

    def __init__(self, data: bytes) -> None:
        self.data, self.unused = data, b""

    def read(self, *_: Any) -> bytes:
        """Give everything, once. Raises: NeedMore."""
        data, self.data = self.data, b""
        if not data:
            raise NeedMore
        return data

    def unread(self, data: bytes) -> None:
        """Take back what the parser did not need."""
        self.unused = data


def _is_last(line: bytes) -> bool:
    """Tell whether a chunk's line says a size of 0; only then does the parser look beyond it."""
    return not line.partition(b";")[0].strip(b"0 \t\r\n")


def spool(in_memory: int) -> IO[bytes]:
    """Make a file that stays in memory up to so many bytes, then goes to a temporary file."""
    return SpooledTemporaryFile(in_memory)

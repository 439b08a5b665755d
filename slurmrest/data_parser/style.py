"""How JSON is laid out: as orjson does it, compact or indented by two spaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson

if TYPE_CHECKING:
    from .convert import JSON


class Style(NamedTuple):
    """depth: how deep in the document the records are that are laid out."""

    pretty: bool
    depth: int = 2

    def line(self, depth: int) -> bytes:
        """Give what stands before a member at *depth*."""
        return b"\n" + b"  " * depth if self.pretty else b""

    def key(self, key: str) -> bytes:
        """Give a key and what stands before its value."""
        return orjson.dumps(key) + (b": " if self.pretty else b":")

    def value(self, document: JSON, depth: int) -> bytes:
        """Encode a value whose key stands at *depth*."""
        if not self.pretty:
            return orjson.dumps(document)
        return orjson.dumps(document, option=orjson.OPT_INDENT_2).replace(b"\n", self.line(depth))

    def between(self, depth: int) -> bytes:
        """Give what stands between two elements of an array at *depth*."""
        return b"," + self.line(depth)

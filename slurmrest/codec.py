"""What writes documents: the frame that JSON (media.py) and YAML (media_yaml.py) fill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

Document = dict[str, Any]


class Listing(Protocol):
    """Many records: as documents, or as the JSON that stands in an array of them."""

    def documents(self) -> Iterator[Document]:
        """Give each record as a document."""

    def encoded(self, *, pretty: bool) -> Iterator[bytes]:
        """Give the records in chunks of JSON."""


class Codec:
    """Writes documents in one format. content_type: what the answer says it is. style: how it is laid out."""

    def __init__(self, content_type: str, style: str) -> None:
        self.content_type, self.style = content_type, style

    def encode(self, document: Document) -> bytes:
        """Encode a whole document."""
        raise NotImplementedError

    def stream(self, head: Document, key: str, records: Listing) -> Iterator[bytes]:
        """Encode *head* with `key: [records]` as its last member, in chunks whose join equals `encode` of the whole."""
        raise NotImplementedError

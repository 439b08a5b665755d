"""Media types: which one a request wants and brings, and documents to and from JSON and YAML.

Documents that list many records are written in chunks (`Codec.stream`), so that memory does not grow with their number.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson
from falcon import mediatypes

from .codec import Codec, Document, Listing
from .errors import Refusal

__all__ = ["JSON_TYPES", "TYPES", "YAML_TYPES", "Codec", "Listing", "codec", "decode", "decode_json", "negotiate"]

JSON_TYPES = ("application/json", "application/jsonrequest")
YAML_TYPES = ("application/yaml", "application/x-yaml", "text/yaml")
TYPES = (*JSON_TYPES, *YAML_TYPES)


class JsonCodec(Codec):
    """JSON by orjson. pretty: indented by two spaces, else as compact as possible."""

    def __init__(self, content_type: str, *, pretty: bool) -> None:
        super().__init__(content_type, "pretty" if pretty else "compact")
        self.option = orjson.OPT_INDENT_2 if pretty else 0
        self.pretty = pretty

    def encode(self, document: Document) -> bytes:
        return orjson.dumps(document, option=self.option)

    def stream(self, head: Document, key: str, records: Listing) -> Iterator[bytes]:
        # What orjson writes after the last member of head and around the records, and so is cut off and put back.
        end, first, last = (b"\n}", b"\n    ", b"\n  ]") if self.pretty else (b"}", b"", b"]")
        opening = before = self.encode({**head, key: []})[: -len(b"]" + end)] + first
        for chunk in records.encoded(pretty=self.pretty):
            yield before + chunk
            before = b""
        yield opening.removesuffix(first) + b"]" + end if before else last + end


def negotiate(accept: str | None, environ: dict[str, str] | os._Environ[str] = os.environ) -> Codec:
    """Choose the format of the answer by RFC 9110 from the Accept header; none means JSON.

    environ: SLURMRESTD_JSON=compact|pretty and SLURMRESTD_YAML=compact|pretty|no_tag (comma separated) say how.
    Raises: Refusal 415 where nothing that is asked for can be had.
    """
    found = preferred((accept if accept is not None else "*/*").lower())
    if not found:
        raise Refusal(415, f"Accept content type is unknown: {', '.join(TYPES)} can be had")
    return codec(found, environ)


@lru_cache(maxsize=256)
def preferred(accept: str) -> str:
    """Choose of TYPES by an Accept header: of those wanted most the one it names first; "" where it wants none."""
    try:
        quality = {name: mediatypes.quality(name, accept) for name in TYPES}
    except ValueError:
        return ""
    named = [media_range.partition(";")[0].strip() for media_range in accept.split(",")]
    best = [name for name in TYPES if quality[name] == max(quality.values()) > 0]
    return min(best, key=lambda name: named.index(name) if name in named else len(named), default="")


def codec(content_type: str, environ: dict[str, str] | os._Environ[str] = os.environ) -> Codec:
    """Give the Codec of a media type in TYPES, by the variables of *environ*."""
    if content_type in JSON_TYPES:
        return JsonCodec(content_type, pretty=environ.get("SLURMRESTD_JSON", "pretty") != "compact")
    from .media_yaml import YamlCodec

    style = environ.get("SLURMRESTD_YAML", "pretty").split(",")
    return YamlCodec(content_type, flow="compact" in style, tags="no_tag" not in style)


def decode(content_type: str | None, body: bytes) -> Any:
    """Read the document of a request. No Content-Type means JSON.

    Raises: Refusal 415 for another type, 400 for what is not a document of its type, both saying what was wrong.
    """
    name = (content_type or JSON_TYPES[0]).split(";")[0].strip().lower()
    if name in JSON_TYPES:
        return decode_json(body)
    if name in YAML_TYPES:
        from .media_yaml import decode_yaml

        return decode_yaml(body)
    raise Refusal(415, f"Content-Type {name} is unknown: {', '.join(TYPES)} can be read")


def decode_json(body: bytes) -> Any:
    """Read JSON. Raises: Refusal 400."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal(400, f"Unable to parse query. {error}") from error

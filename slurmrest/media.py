"""Media types: which one a request wants and brings, and documents to and from JSON and YAML.

Documents that list many records are written in chunks (`Codec.stream`), so that memory does not grow with their number.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import os
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Protocol

import orjson
import yaml
from falcon import mediatypes

from .errors import Refusal

JSON_TYPES = ("application/json", "application/jsonrequest")
YAML_TYPES = ("application/yaml", "application/x-yaml", "text/yaml")
TYPES = (*JSON_TYPES, *YAML_TYPES)

DEEPEST = 100
"""Most levels of a YAML document; those of the API have six. orjson has a limit of its own."""

Document = dict[str, Any]


class Listing(Protocol):
    """Many records: as documents, or as the JSON that stands in an array of them."""

    def documents(self) -> Iterator[Document]: ...
    def encoded(self, *, pretty: bool) -> Iterator[bytes]: ...


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


class YamlCodec(Codec):
    """YAML 1.1 by libyaml. flow: on one line. tags: every node with its explicit tag, as the C daemon writes them."""

    def __init__(self, content_type: str, *, flow: bool, tags: bool) -> None:
        super().__init__(content_type, f"{flow} {tags}")
        self.flow, self.tags = flow, tags

    def encode(self, document: Document) -> bytes:
        *head, key = document
        if isinstance(document[key], list):
            return b"".join(self._write(self._listing({name: document[name] for name in head}, key, document[key])))
        return b"".join(self._write(self._node(document)))

    def stream(self, head: Document, key: str, records: Listing) -> Iterator[bytes]:
        return self._write(self._listing(head, key, records.documents()))

    def _write(self, events: Iterator[yaml.Event]) -> Iterator[bytes]:
        """Write the events of a document's root as a whole stream, in chunks."""
        buffer = io.BytesIO()
        width = 1 << 30 if self.flow else 4096
        dumper: Any = yaml.CSafeDumper(buffer, encoding="utf-8", allow_unicode=True, width=width)
        dumper.emit(yaml.StreamStartEvent(encoding="utf-8"))
        dumper.emit(yaml.DocumentStartEvent(explicit=True, version=(1, 1)))
        for event in events:
            dumper.emit(event)
            if buffer.tell() > 1 << 18:
                yield _drain(buffer)
        dumper.emit(yaml.DocumentEndEvent(explicit=True))
        dumper.emit(yaml.StreamEndEvent())
        yield _drain(buffer)

    def _listing(self, head: Document, key: str, records: Iterable[Document]) -> Iterator[yaml.Event]:
        yield self._start(yaml.MappingStartEvent, "map")
        for name, value in head.items():
            yield from self._node(name)
            yield from self._node(value)
        yield from self._node(key)
        yield self._start(yaml.SequenceStartEvent, "seq")
        for record in records:
            yield from self._node(record)
        yield yaml.SequenceEndEvent()
        yield yaml.MappingEndEvent()

    def _node(self, value: Any) -> Iterator[yaml.Event]:
        if isinstance(value, dict):
            yield self._start(yaml.MappingStartEvent, "map")
            for key, item in value.items():
                yield from self._node(str(key))
                yield from self._node(item)
            yield yaml.MappingEndEvent()
        elif isinstance(value, list):
            yield self._start(yaml.SequenceStartEvent, "seq")
            for item in value:
                yield from self._node(item)
            yield yaml.SequenceEndEvent()
        else:
            yield self._scalar(value)

    def _start(self, event: Any, tag: str) -> yaml.Event:
        found: yaml.Event = event(
            anchor=None, tag=f"tag:yaml.org,2002:{tag}", implicit=not self.tags, flow_style=self.flow
        )
        return found

    def _scalar(self, value: Any) -> yaml.Event:
        tag, text = scalar(value)
        plain = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == f"tag:yaml.org,2002:{tag}"
        implicit = (False, False) if self.tags else (plain, tag == "str")
        return yaml.ScalarEvent(None, f"tag:yaml.org,2002:{tag}", implicit, text)


_RESOLVER: Any = yaml.resolver.Resolver()


def scalar(value: Any) -> tuple[str, str]:
    """Give the YAML tag and the text of a value that is neither an object nor an array."""
    if value is None:
        return "null", "null"
    if isinstance(value, bool):
        return "bool", "true" if value else "false"
    if isinstance(value, int):
        return "int", str(value)
    if isinstance(value, float):
        return "float", yaml.representer.SafeRepresenter().represent_float(value).value
    return "str", value


def _drain(buffer: io.BytesIO) -> bytes:
    data = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return data


def negotiate(accept: str | None, environ: dict[str, str] | os._Environ[str] = os.environ) -> Codec:
    """Choose the format of the answer by RFC 9110 from the Accept header; none means JSON.

    environ: SLURMRESTD_JSON=compact|pretty and SLURMRESTD_YAML=compact|pretty|no_tag (comma separated) say how.
    Raises: Refusal 415 where nothing that is asked for can be had.
    """
    found = preferred((accept if accept is not None else "*/*").lower())
    if not found:
        raise Refusal(415, f"Accept content type is unknown: {', '.join(TYPES)} can be had")
    return codec(found, environ)


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
        return decode_yaml(body)
    raise Refusal(415, f"Content-Type {name} is unknown: {', '.join(TYPES)} can be read")


def decode_json(body: bytes) -> Any:
    """Read JSON. Raises: Refusal 400."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal(400, f"Unable to parse query. {error}") from error


class Loader(yaml.CSafeLoader):
    """YAML to what JSON could say: no dates, no aliases (a small text can grow without bound by them), text keys."""

    yaml_implicit_resolvers: ClassVar = {  # type: ignore[misc]
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's
        """Construct an object whose keys are text, whatever they look like."""
        for key, _value in node.value:
            if isinstance(key, yaml.ScalarNode):
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)


def decode_yaml(body: bytes) -> Any:
    """Read YAML. Raises: Refusal 400."""
    try:
        _check_events(body)
        document = yaml.load(body, Loader=Loader)  # noqa: S506 - Loader is a safe loader
        _check_plain(document)
    except (yaml.YAMLError, ValueError, RecursionError, UnicodeError) as error:
        raise Refusal(400, f"Unable to parse query. {' '.join(str(error).split())}") from error
    return document


def _check_events(body: bytes) -> None:
    """Refuse aliases, and nesting so deep that libyaml would take minutes: its time grows with the square of it.

    Raises: Refusal 400, ValueError.
    """
    depth = 0
    for event in yaml.parse(body, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise Refusal(400, "Unable to parse query. YAML aliases are not supported")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise ValueError(f"nested deeper than {DEEPEST} levels")


def _check_plain(value: Any) -> None:
    """Refuse what explicit tags can make and JSON cannot say. Raises: ValueError."""
    if isinstance(value, dict):
        for item in value.values():
            _check_plain(item)
    elif isinstance(value, list):
        for item in value:
            _check_plain(item)
    elif isinstance(value, (bytes, set, tuple, dt.date)) or (isinstance(value, float) and math.isnan(value)):
        raise ValueError(f"a {type(value).__name__} is not supported")
    elif isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        raise ValueError("an integer of more than 64 bits is not supported")

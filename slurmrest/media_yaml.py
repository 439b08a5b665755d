"""YAML, both ways. PyYAML is imported here and nowhere else, and only where somebody speaks YAML."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import yaml

from .codec import Codec, Document, Listing
from .errors import Refusal

DEEPEST = 100
"""Most levels of a YAML document; those of the API have six. orjson has a limit of its own."""


class YamlCodec(Codec):
    """YAML 1.1 by libyaml. flow: on one line. tags: every node with its explicit tag, as the C daemon writes them."""

    def __init__(self, content_type: str, *, flow: bool, tags: bool) -> None:
        super().__init__(content_type, f"{flow} {tags}")
        self.flow, self.tags = flow, tags

    def encode(self, document: Document) -> bytes:
        """See Codec."""
        *head, key = document
        if isinstance(document[key], list):
            return b"".join(self._write(self._listing({name: document[name] for name in head}, key, document[key])))
        return b"".join(self._write(self._node(document)))

    def stream(self, head: Document, key: str, records: Listing) -> Iterator[bytes]:
        """See Codec."""
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

"""What an operation of the API is: the facts of one method at one URL that its OpenAPI document states.

Data only. Each package of resources says which its resources have, in its operations.py; openapi.py makes the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .data_parser.schema import Schema, Shape


@dataclass(frozen=True)
class Parameter:
    """A query parameter. schema: of its value. explode: whether it may be there several times."""

    name: str
    description: str
    schema: Schema = field(default_factory=lambda: {"type": "string"})
    explode: bool = False


@dataclass(frozen=True)
class Document:
    """A whole body, a component of its own: an object with the keys of *content*.

    name: of the component, without the API version. With envelope, the keys that every answer begins with come first.
    """

    name: str
    description: str
    content: Mapping[str, Shape | Schema] = field(default_factory=dict)
    envelope: bool = True


@dataclass(frozen=True)
class Operation:
    """One method at one URL.

    name: of its operationId, without API version. body: what a request brings, None where it brings nothing.
    needed: whether it must. answer: the document of status 200, None for the plain envelope.
    """

    name: str
    summary: str
    parameters: tuple[Parameter, ...] = ()
    body: Document | Shape | None = None
    needed: bool = field(default=True, kw_only=True)
    answer: Document | None = field(default=None, kw_only=True)


Operations = Mapping[str, Operation]
"""The operations of a resource by HTTP method, in lower case."""

UPDATE_TIME = Parameter(
    "update_time",
    "Answer 304 where nothing changed after this time (seconds since the epoch)",
    {"type": "integer", "format": "int64"},
)

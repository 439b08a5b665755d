"""What a row of a table is. Data only: nothing here reads a record or a document.

API versions are pairs (number, dialect): v0.0.39 as Slurm 23.02.3 spoke it is (39, 3), as 23.02.8 spoke it (39, 8).
Pairs compare, so that one `since` and one `until` on a row carry both the version and the dialect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .types import Type

Version = tuple[int, int]

V0_0_39: Version = (39, 3)
"""v0.0.39 in the dialect of Slurm 23.02.0 to 23.02.3, the man page's release."""

FIRST: Version = (39, 0)
"""Older than every dialect of the first API version served."""


@dataclass(frozen=True)
class Row:
    """What every row has: the API versions it belongs to, `until` being the first it does not."""

    since: Version = field(default=FIRST, kw_only=True)
    until: Version | None = field(default=None, kw_only=True)

    def within(self, version: Version) -> bool:
        """Tell whether this row belongs to the API *version*."""
        return self.since <= version and (self.until is None or version < self.until)


@dataclass(frozen=True)
class Field(Row):
    """A member of the record under a key of the document.

    key: the document's key; `a/b` nests b in an object a. member: the name in the C struct.
    required: a document without it is refused on parse. varies: its value differs from record to record, so that
    nothing is gained by remembering how it is encoded.
    """

    key: str
    type: Type
    member: str
    description: str
    required: bool = field(default=False, kw_only=True)
    varies: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Computed(Row):
    """A key whose value a function makes from several members.

    function: called with the Names and then, in the order of *uses*, the values of those members (None where the
    loaded release lacks one); returns the value as the document has it. uses: members, names of Let rows, or
    RECORD for the record's address. parse: for tables that are parsed, called with the document's value and the
    Target, which it fills in; without one the key cannot be written.
    required: as in Field. expected: the schema says that it is required, and parsing does without.
    """

    key: str
    type: Type
    function: Callable[..., Any]
    description: str
    uses: tuple[str, ...] = field(default=(), kw_only=True)
    parse: Callable[..., None] | None = field(default=None, kw_only=True)
    required: bool = field(default=False, kw_only=True)
    expected: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Let(Row):
    """A value that several Computed rows share, computed once per record. *uses* as in Computed.

    few: its values are hashable and few, so that what follows from one is worth remembering.
    """

    name: str
    function: Callable[..., Any]
    uses: tuple[str, ...] = field(default=(), kw_only=True)
    few: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Accept(Row):
    """A key that is understood on parse and is in no document and no schema. parse: as in Computed."""

    key: str
    parse: Callable[..., None]


@dataclass(frozen=True)
class Skip(Row):
    """Members that no document shows, each a decision that the completeness test wants to see."""

    members: tuple[str, ...]

    def __init__(self, *members: str) -> None:
        super().__init__()
        object.__setattr__(self, "members", members)


RECORD = "(record)"
"""Stands in `uses` for the address of the record itself."""


@dataclass(frozen=True, eq=False)
class Table:
    """All rows of one record, in the order of the document's keys. Compared by identity, as it is looked up a lot.

    name: Slurm's own name for it. struct: the C struct, or None where the record is a Python object with the
    members as attributes.
    """

    name: str
    struct: str | None
    description: str
    rows: tuple[Row, ...]

    @property
    def public_name(self) -> str:
        """The name of its schema in the OpenAPI document: NODE becomes v0.0.39_node there."""
        return self.name.lower()

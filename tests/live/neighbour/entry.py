"""What the list of meant differences is made of.

Run          which C daemon, and which dialect of ours, are compared
Entry        a reason, and for which runs it is one
Renamed      keys that have other names or places in the neighbour's version
Rewritten    records that have another structure there
Alike        two ways of writing the same value, wherever they occur
Difference   keys that only one of them has, or values that differ
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .compare import Finding, moved, records_at

UNTIL_38, SINCE_40, SINCE_42 = range(39), range(40, 100), range(42, 100)
ALL = range(100)
"""API versions, by the number after v0.0."""

OLD, NEW = "v0.0.39", "v0.0.39+23.02.8"
"""Our dialects."""


@dataclass(frozen=True)
class Run:
    """One comparison. version: the neighbour's, the number after v0.0."""

    version: int
    release: tuple[int, ...]
    dialect: str


@dataclass(frozen=True)
class Entry:
    """A reason. versions, since, before, dialect: the neighbour's API version, Slurm's release, our dialect."""

    reason: str
    versions: range = field(default=ALL, kw_only=True)
    since: tuple[int, ...] = field(default=(), kw_only=True)
    before: tuple[int, ...] = field(default=(99,), kw_only=True)
    dialect: str = field(default="", kw_only=True)

    def applies(self, run: Run) -> bool:
        """Tell whether it is for this run."""
        released = self.since <= run.release < self.before
        return released and run.version in self.versions and self.dialect in ("", run.dialect)


@dataclass(frozen=True)
class Renamed(Entry):
    """Keys of a record. records: the path of the record. names: theirs -> ours, in the order in which they move."""

    records: str
    names: dict[str, str]

    def rewrite(self, document: Any) -> Iterator[str]:
        """Move them. Yields: the path of each that was there."""
        for theirs, ours in self.names.items():
            if moved(document, self.records + theirs, self.records + ours):
                yield self.records + theirs

    @property
    def paths(self) -> list[str]:
        """Every path."""
        return [self.records + name for name in self.names]


@dataclass(frozen=True)
class Rewritten(Entry):
    """Records that a function makes what they are in ours. records: their path."""

    records: str
    function: Callable[[Any], bool]
    """Returns: whether there was anything to do."""

    def rewrite(self, document: Any) -> Iterator[str]:
        """Rewrite them. Yields: their path where there are any."""
        done = [self.function(record) for record in records_at(document, self.records)]
        if any(done):
            yield self.records

    @property
    def paths(self) -> list[str]:
        """The path."""
        return [self.records]


@dataclass(frozen=True)
class Alike(Entry):
    """Two ways of writing a value. same: whether theirs and ours are one value."""

    same: Callable[[Any, Any], bool]


@dataclass(frozen=True)
class Difference(Entry):
    """Keys or values. kind: as in Finding. below: what all paths begin with. keys: the paths; * stands for anything.

    same: for values, whether theirs and ours differ in just the way that is meant.
    volatile: the values may be equal, too. url: only in answers of the URLs that end so.
    """

    kind: str
    below: str
    keys: str
    same: Callable[[Any, Any], bool] = field(default=lambda _theirs, _ours: True)
    volatile: bool = False
    url: str = ""

    @property
    def paths(self) -> list[str]:
        """Every path."""
        return [self.below + key for key in self.keys.split()]

    def concerns(self, finding: Finding, path: str) -> bool:
        """Tell whether it may explain the finding at this path of its own: the values are not looked at."""
        if not (self.kind == finding.kind or (self.volatile and finding.kind == "same")):
            return False
        pattern = ".*".join(re.escape(part) for part in path.split("*"))
        return finding.where.endswith(self.url) and bool(re.fullmatch(pattern, finding.path))


def added(below: str, keys: str, reason: str, **scope: Any) -> Difference:
    """Keys that ours has, and theirs has not."""
    return Difference(reason, "ours", below, keys, **scope)


def left_out(below: str, keys: str, reason: str, **scope: Any) -> Difference:
    """Keys that theirs has, and ours has not."""
    return Difference(reason, "theirs", below, keys, **scope)


def differs(below: str, keys: str, reason: str, same: Callable[[Any, Any], bool], **scope: Any) -> Difference:
    """Values that are the same all the same."""
    return Difference(reason, "value", below, keys, same, **scope)


def volatile(below: str, keys: str, reason: str, **scope: Any) -> Difference:
    """Values of one type that change from one request to the next."""
    return Difference(reason, "value", below, keys, alike, volatile=True, **scope)


def alike(theirs: Any, ours: Any) -> bool:
    """Tell whether both are numbers, or both are texts."""
    return isinstance(theirs, str) == isinstance(ours, str) and isinstance(ours, str | int | dict)


def given(*pairs: tuple[Any, Any]) -> Callable[[Any, Any], bool]:
    """A test whether theirs and ours are one of *pairs*."""
    return lambda theirs, ours: (theirs, ours) in pairs


def spelled(names: dict[str, str], unknown: tuple[str, ...] = ()) -> Callable[[Any, Any], bool]:
    """A test whether ours are the flags of theirs: spelled as *names* gives them; theirs has none of *unknown*."""

    def same(theirs: Any, ours: Any) -> bool:
        lists = isinstance(theirs, list) and isinstance(ours, list)
        return lists and {names.get(name, name) for name in theirs} - {""} == set(ours) - set(unknown)

    return same

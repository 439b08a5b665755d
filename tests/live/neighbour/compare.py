"""Two documents, field by field.

compared(where, path, theirs, ours)   the Findings: every key that only one has, every value
moved(document, source, target)       puts what is at one path of a document at another
records_at(document, path)            the objects at a path

A path is the keys from the top of the document, with the plugin in front and [] for the elements of a list:
"slurm/nodes[]/energy/current_watts".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

ABSENT = object()
"""There is no such key."""

IDENTIFIED = ("type_id", "user_id", "rpc", "job_id", "id")
"""Keys by which the records of two lists are paired, where all have one and it is unique; otherwise by their places."""

NUMBER = {"set", "infinite", "number"}
"""The keys of an object that is but a number."""

Kind = Literal["ours", "theirs", "value", "same"]


@dataclass(frozen=True)
class Finding:
    """What was found at a path.

    kind: a key that only one of them has, a value that differs, or one that is the same. where: a URL.
    """

    where: str
    path: str
    kind: Kind
    theirs: Any
    ours: Any

    def __str__(self) -> str:
        """The finding in a line."""
        shown = {"same": "is the same", "ours": "only we have", "theirs": "only they have", "value": "differs"}[
            self.kind
        ]
        values = (repr(value)[:160] for value in (self.theirs, self.ours) if value is not ABSENT)
        return f"{self.path} ({self.where}): {shown} {' | '.join(values)}"


def compared(where: str, path: str, theirs: Any, ours: Any) -> Iterator[Finding]:
    """Compare what is at a path."""
    if is_record(theirs) and is_record(ours):
        for key in [*theirs, *(key for key in ours if key not in theirs)]:
            yield from one_key(where, f"{path}/{key}", theirs.get(key, ABSENT), ours.get(key, ABSENT))
    elif is_list_of_records(theirs) and is_list_of_records(ours):
        for left, right in paired(theirs, ours):
            yield from one_key(where, f"{path}[]", left, right)
    else:
        same = theirs == ours and type(theirs) is type(ours)
        yield Finding(where, path, "same" if same else "value", theirs, ours)


def one_key(where: str, path: str, theirs: Any, ours: Any) -> Iterator[Finding]:
    """Compare what both may have."""
    if theirs is ABSENT or ours is ABSENT:
        yield Finding(where, path, "ours" if theirs is ABSENT else "theirs", theirs, ours)
    else:
        yield from compared(where, path, theirs, ours)


def is_record(value: Any) -> bool:
    """Tell whether it is an object, and not a number in the form of one."""
    return isinstance(value, dict) and value.keys() != NUMBER


def is_list_of_records(value: Any) -> bool:
    """Tell whether it is a list of objects; an empty one may be."""
    return isinstance(value, list) and all(is_record(element) for element in value)


def paired(theirs: list[Any], ours: list[Any]) -> Iterator[tuple[Any, Any]]:
    """The records of two lists in pairs; ABSENT for one that is missing."""
    keys = [key for key in IDENTIFIED if is_unique(key, theirs) and is_unique(key, ours)]
    left, right = (
        {str(record[keys[0]]) if keys else index: record for index, record in enumerate(records)}
        for records in (theirs, ours)
    )
    for name in [*left, *(name for name in right if name not in left)]:
        yield left.get(name, ABSENT), right.get(name, ABSENT)


def is_unique(key: str, records: list[Any]) -> bool:
    """Tell whether all the records have that key, each with another value."""
    return len({str(record[key]) for record in records if key in record}) == len(records)


def moved(document: Any, source: str, target: str) -> bool:
    """Put what is at *source* in each record at *target*. Returns: whether anything was there.

    Both are in the same record: their paths are the same up to the last [] of the target.
    """
    shared, bracket, last = target.rpartition("[]/")
    done = False
    for record in records_at(document, shared + bracket):
        value = taken(record, source.removeprefix(shared + bracket).split("/"))
        if value is not ABSENT:
            put(record, last.split("/"), value)
            done = True
    return done


def records_at(document: Any, path: str) -> list[Any]:
    """The objects at a path that ends with a slash or is empty; only those that are there."""
    *lists, last = path.split("[]")
    records = [document]
    for name in lists:
        records = [element for record in records for element in found(record, name) or []]
    return [inner for inner in (found(record, last) for record in records) if isinstance(inner, dict)]


def found(record: Any, path: str) -> Any:
    """What is at a path without lists, or None."""
    for key in path.strip("/").split("/") if path.strip("/") else []:
        record = record.get(key) if isinstance(record, dict) else None
    return record


def taken(record: Any, keys: list[str]) -> Any:
    """Take away what is at a path of a record. Returns: that, or ABSENT; an object that is empty now goes too."""
    key, *rest = keys
    if not isinstance(record, dict) or key not in record:
        return ABSENT
    if not rest:
        return record.pop(key)
    value = taken(record[key], rest)
    if record[key] == {} and value is not ABSENT:
        del record[key]
    return value


def put(record: Any, keys: list[str], value: Any) -> None:
    """Put a value at a path of a record."""
    for key in keys[:-1]:
        record = record.setdefault(key, {})
    record[keys[-1]] = value

"""Trackable resources (TRES): their counts, and the short text that Slurm keeps them in, "1=4,1001=2".

The text has ids where a document shows types and names. Names knows both, from slurmdbd's own table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .convert import JSON, in_range, to_integer, to_text
from .lists import ListOf, elements_of
from .parse import FAILED, Context, ConversionError, kind_of
from .types import INFINITE, INFINITE64, Integer, Type

if TYPE_CHECKING:
    from .names import Names


class SignedInteger(Integer):
    """64 bits that Slurm stores without a sign and shows with one: the count of a TRES, -1 for "no limit"."""

    def __init__(self) -> None:
        super().__init__("INT64", -(1 << 63), (1 << 63) - 1, "int64")
        self.unsigned = True

    def dump(self, value: int, names: Names) -> JSON:
        return signed(value)

    def emit(self, value: str) -> str:
        return f"{value} if {value} < {1 << 63} else {value} - {1 << 64}"

    def convert(self, document: JSON, context: Context) -> int:
        return in_range(to_integer(document), self.low, self.high) % (1 << 64)


def signed(value: int) -> int:
    """Read 64 bits as a number with a sign."""
    return value if value < 1 << 63 else value - (1 << 64)


class TresString(Type):
    """TRES in Slurm's short form, "1=4,1001=2", shown as an array of {type, name, id, count}.

    Parsed from such an array, where each is named by type and name, or by id. An empty array is an empty text, not
    NULL: it says that there is to be none.
    """

    kinds = ("str",)
    zero: JSON = []

    def __init__(self, shown: ListOf) -> None:
        self.name, self.table = "TRES_STR", shown.table
        self.schema = {"type": "array"}
        self.same_as = shown

    def dump(self, value: str, names: Names) -> JSON:
        return show_tres(value, names) if value else []

    def emit(self, value: str) -> str:
        return f"show_tres({value}, names) if {value} else []"

    def bindings(self) -> dict[str, Any]:
        return {"show_tres": show_tres}

    def convert(self, document: JSON, context: Context) -> bytes:
        found: dict[int, int] = {}
        for index, element in enumerate(elements_of(document)):
            with context.at(index):
                one = context.try_(_tres, element, context)
                if one is not FAILED:
                    number, count = one
                    found[number] = count
        return ",".join(f"{number}={count}" for number, count in found.items()).encode()


def show_tres(text: str, names: Names) -> list[JSON]:
    """Make the documents of "1=4,1001=2"."""
    return [_show_one(number, count, names) for number, count in tres_counts(text).items()]


def _show_one(number: int, count: int, names: Names) -> JSON:
    type_, name = names.tres(number)
    return {"type": type_, "name": name, "id": number, "count": count}


def tres_counts(text: str) -> dict[int, int]:
    """Give the counts in a short text by id, with a sign; "" has none. Of two for one id the first counts."""
    counts: dict[int, int] = {}
    for number, count in _parts(text):
        counts.setdefault(number, count)
    return counts


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Give ids and counts; what is neither is left out, as libslurm does."""
    for part in text.split(","):
        number, separator, count = part.partition("=")
        if separator and _is_number(number) and _is_number(count.removeprefix("-")):
            yield int(number), signed(int(count) % (1 << 64))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


TRES_KEYS = ("type", "name", "id", "count")


def _tres(document: JSON, context: Context) -> tuple[int, int]:
    """Convert {type, name, id, count} to id and count, without a sign. Raises: ConversionError."""
    if not isinstance(document, dict):
        raise ConversionError("ESLURM_DATA_EXPECTED_DICT", f"Expected dictionary but got {kind_of(document)}")
    for key in document:
        if key not in TRES_KEYS:
            with context.at(key):
                context.warn(f'Unknown key "{key}" was ignored')
    number = _tres_id(document, context.names)
    if document.get("count") is None:
        raise ConversionError("ESLURM_DATA_PATH_NOT_FOUND", "A TRES without a count; -1 takes its limit off")
    count = in_range(to_integer(document["count"]), -1, INFINITE64)
    return number, count % (1 << 64)


def _tres_id(document: dict[str, JSON], names: Names) -> int:
    type_, name = (to_text(document.get(key)) for key in ("type", "name"))
    by_name = names.tres_id(type_, name) if type_ else None
    number = to_integer(document.get("id") or 0)
    what = f"{type_}/{name}" if name else type_
    if type_ and by_name is None:
        raise ConversionError("ESLURM_INVALID_TRES", f'Unknown TRES "{what}"')
    if by_name is not None and number not in (0, by_name):
        raise ConversionError("ESLURM_INVALID_TRES", f'TRES "{what}" has id {by_name}, not {number}')
    if by_name is None and not names.tres(in_range(number, 0, INFINITE))[0]:
        raise ConversionError("ESLURM_INVALID_TRES", f"Unknown TRES id {number}")
    return by_name or number

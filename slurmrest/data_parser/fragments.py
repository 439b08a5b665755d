"""What the generated encoders call: remembered JSON, and the values of members as they were read from memory."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

import orjson

MOST_KEPT = 1024
"""Values that one member's Fragments remember before they start again."""

DOUBLE = struct.Struct("=d")
BITS = struct.Struct("=Q")


class Fragments(dict[Any, bytes]):
    """The value of a member -> what comes before it in the record, and its JSON. Made when first wanted."""

    __slots__ = ("make", "prefix")

    def __init__(self, prefix: bytes, make: Callable[[Any], bytes]) -> None:
        super().__init__()
        self.prefix, self.make = prefix, make

    def __missing__(self, value: Any) -> bytes:
        fragment = self.prefix + self.make(value)
        if len(self) >= MOST_KEPT:
            self.clear()
        self[value] = fragment
        return fragment


def joined(first: Callable[[Any], bytes], between: bytes, second: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    """Give the function that makes what both make of a value, with what stands between."""
    return lambda raw: first(raw) + between + second(raw)


def same(value: Any) -> Any:
    """Give the value as it was read."""
    return value


def decoded(raw: bytes | None) -> str:
    """Give the text of a `char *`: "" for NULL, U+FFFD for bytes that are no UTF-8."""
    return raw.decode("utf-8", "replace") if raw else ""


def to_double(bits: int) -> float:
    """Give the double that was read as 64 bits: those are exact as keys, where -0.0 equals 0.0 and NaN nothing."""
    value: float = DOUBLE.unpack(BITS.pack(bits))[0]
    return value


def texts(raw: Sequence[bytes]) -> list[str]:
    """Decode many C strings, which have no NUL inside, at the cost of one."""
    return b"\0".join(raw).decode("utf-8", "replace").split("\0")


def quoted(found: Sequence[str]) -> list[bytes]:
    """Encode many texts at the cost of one: what stands between the quotes. Inside of them a quote has a backslash."""
    return orjson.dumps(found)[2:-2].split(b'","')

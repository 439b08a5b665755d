"""Reading libslurm's memory, and building memory that libslurm reads.

Addresses are plain integers. The readers are called millions of times for one large answer, so they
index views over the whole address space: a view costs nothing and reads nothing until it is indexed,
and indexing is the fastest read that ctypes offers (40 ns, ctypes.string_at takes 230 ns).
No address is checked: a wrong one ends the process, as in C. Owned (owned.py) guards lifetimes.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, TypeVar

_SPACE = 1 << 56
"""Bytes under the views; more than any user address has on x86-64 and aarch64."""

SPACE: Any = (ctypes.c_char * _SPACE).from_address(0)
"""SPACE[a:b] are the bytes from *a* up to *b*. It is a buffer, for struct.unpack_from(SPACE, address)."""

POINTERS: Any = (ctypes.c_uint64 * (_SPACE >> 3)).from_address(0)
"""POINTERS[address >> 3] is the 64-bit pointer stored at *address*, as an integer, 0 for NULL."""

STRINGS: Any = (ctypes.c_char_p * (_SPACE >> 3)).from_address(0)
"""STRINGS[address >> 3] is the text whose `char *` is stored at *address*, as bytes, None for NULL."""

Record = TypeVar("Record", bound=ctypes.Structure)

_char_pointer = ctypes.c_char_p


def read(address: int, size: int) -> bytes:
    """Copy *size* bytes from *address*."""
    copy: bytes = SPACE[address : address + size]
    return copy


def string(address: int | None) -> bytes | None:
    """Copy the NUL-terminated string at *address*; None for NULL."""
    return _char_pointer(address).value


def text(address: int | None) -> str:
    """Copy the NUL-terminated UTF-8 string at *address*; "" for NULL, U+FFFD for bytes that are no UTF-8."""
    value = _char_pointer(address).value
    return value.decode("utf-8", "replace") if value else ""


def allocated(address: int) -> int:
    """How many bytes libslurm allocated at *address*, which xmalloc gave. Source: xmalloc.c of Slurm's src/common."""
    size: int = POINTERS[(address >> 3) - 1]
    return size


def long_double(address: int) -> float:
    """Read the long double at *address*, as precisely as a Python float can hold it."""
    value: float = ctypes.c_longdouble.from_address(address).value
    return value


def decode(value: bytes | None) -> str:
    """What a `char *` member reads as, as text; "" for None, U+FFFD for bytes that are no UTF-8."""
    return value.decode("utf-8", "replace") if value else ""


def encode(value: str) -> bytes:
    """Text as UTF-8 for C. Raises: ValueError for a NUL inside, because C would see less than was given."""
    data = value.encode("utf-8", "surrogateescape")
    if b"\0" in data:
        raise ValueError("a C string cannot hold a NUL character")
    return data


def strings(address: int | None, count: int | None = None) -> list[str]:
    """Copy a `char **` of *count* elements, or up to its NULL where count is None; [] for NULL."""
    found: list[str] = []
    if not address:
        return found
    index = address >> 3
    while len(found) < count if count is not None else STRINGS[index + len(found)] is not None:
        found.append((STRINGS[index + len(found)] or b"").decode("utf-8", "replace"))
    return found


def address_of(record: Any) -> int:
    """The address of a ctypes instance, valid while the instance (or what it views) lives."""
    return ctypes.addressof(record)


def record_at(record_class: type[Record], address: int) -> Record:
    """A view of the C record at *address*: nothing is copied, writing to it writes there."""
    return record_class.from_address(address)


class Arena:
    """C memory that Python built and owns; its addresses are valid while the Arena lives.

    What is in it must never be given to a C free function.
    """

    def __init__(self) -> None:
        self._kept: list[Any] = []

    def keep(self, thing: Any) -> Any:
        """Keep *thing* alive as long as the Arena, and return it."""
        self._kept.append(thing)
        return thing

    def string(self, value: str | bytes) -> int:
        """The address of a NUL-terminated copy; text becomes UTF-8. Raises: ValueError, see encode."""
        data = encode(value) if isinstance(value, str) else value
        return ctypes.addressof(self.keep(ctypes.create_string_buffer(data)))

    def strings(self, values: Sequence[str | bytes]) -> int:
        """The address of a `char **` with one element per value and a NULL after the last."""
        addresses = [self.string(value) for value in values]
        return self.array(ctypes.c_void_p, [*addresses, None])

    def array(self, element_class: Any, values: Sequence[Any]) -> int:
        """The address of a C array of *element_class* that holds *values*."""
        return ctypes.addressof(self.keep((element_class * len(values))(*values)))

    def record(self, record_class: type[Record]) -> Record:
        """A new record, all bytes zero."""
        made: Record = self.keep(record_class())
        return made

"""C arrays of integers that a record points to."""

from __future__ import annotations

from array import array
from typing import Literal

from libslurm import memory

Code = Literal["H", "I", "Q"]
"""uint16_t, uint32_t, uint64_t."""

SIZES: dict[Code, int] = {"H": 2, "I": 4, "Q": 8}
"""Bytes of one."""


def integers(code: Code, address: int | None, count: int | None) -> list[int]:
    """Copy *count* integers from *address*; [] where it is NULL or the release has no such member."""
    if not address or not count:
        return []
    return array(code, memory.read(address, count * SIZES[code])).tolist()

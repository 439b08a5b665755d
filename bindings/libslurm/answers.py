"""Freeing an answer of slurmctld, all of it: libslurm's own functions forget some members."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from . import memory
from .layout import LayoutError
from .library import Library
from .prototypes import ARRAYS, FORGOTTEN, FREE

FEW = 64
"""Records of a message that is freed at once."""


def freer(library: Library, struct: str) -> Callable[[int], None]:
    """The function that frees an answer, by its address. struct: "node_info_msg_t", a key of FREE."""
    return partial(_free, library, struct)


def check_stride(library: Library, struct: str, address: int) -> None:
    """See that the array in an answer is as long as libslurm made it. struct: "node_info_msg_t", a key of ARRAYS.

    Raises: LayoutError, because of records of another size only the first would be what it seems.
    """
    array, element = ARRAYS[struct]
    message: Any = memory.record_at(library.layout.record(struct), address)
    start, count = getattr(message, array), message.record_count
    size = library.layout.structs[element].size
    if start and memory.allocated(start) != count * size:
        raise LayoutError(
            f"{count} {element} take {memory.allocated(start)} bytes in libslurm {library.release_text} "
            f"({library.path}), and {count * size} by layout {library.layout.release_text}"
        )


def _free(library: Library, struct: str, address: int) -> None:
    count = 0
    if struct in FORGOTTEN:
        array, element = ARRAYS[struct]
        message: Any = memory.record_at(library.layout.record(struct), address)
        start, count = getattr(message, array), message.record_count
        for member in FORGOTTEN[struct]:
            if start and count and member in library.layout.structs[element].members:
                _free_texts(library, element, member, start, count)
    (library.free_few[FREE[struct]] if count <= FEW else getattr(library.c, FREE[struct]))(address)


def _free_texts(library: Library, element: str, member: str, start: int, count: int) -> None:
    """Free one text member of every record of an array. xfree leaves a NULL, which is never freed again."""
    struct = library.layout.structs[element]
    first = start + struct.members[member].offset
    pointers = memory.POINTERS[first >> 3 : (first + count * struct.size) >> 3 : struct.size >> 3]
    # Few clusters use any of them, and one look at all is cheaper than one at each.
    for number, pointer in enumerate(pointers) if any(pointers) else ():
        if pointer:
            library.c.slurm_xfree(first + number * struct.size)

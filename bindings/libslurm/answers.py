"""Freeing an answer of slurmctld, all of it: libslurm's own functions forget some members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import memory
from .layout import LayoutError
from .library import Library
from .prototypes import ARRAYS, FORGOTTEN, FREE

FEW = 64
"""Records of a message that is freed at once."""


def freer(library: Library, struct: str) -> Callable[[int], None]:
    """The function that frees an answer, by its address. struct: "node_info_msg_t", a key of FREE."""
    found = library.freers.get(struct)
    if found is None:
        found = library.freers[struct] = Freer(library, struct)
    return found


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


class Freer:
    """Frees answers of one kind, by their address. struct: "node_info_msg_t", a key of FREE."""

    def __init__(self, library: Library, struct: str) -> None:
        self._library = library
        self._few, self._many = library.free_few[FREE[struct]], getattr(library.c, FREE[struct])
        self._message: Any = library.layout.record(struct)
        self._array, self._size = "", 0
        self._forgotten: list[int] = []
        if struct in FORGOTTEN:
            self._array, element = ARRAYS[struct]
            layout = library.layout.structs[element]
            self._size = layout.size
            self._forgotten = [layout.members[name].offset for name in FORGOTTEN[struct] if name in layout.members]

    def __call__(self, address: int) -> None:
        """Free the answer at *address*."""
        count = 0
        if self._forgotten:
            message: Any = memory.record_at(self._message, address)
            start, count = getattr(message, self._array), message.record_count
            for offset in self._forgotten if start and count else ():
                self._free_texts(start + offset, count)
        (self._few if count <= FEW else self._many)(address)

    def _free_texts(self, first: int, count: int) -> None:
        """Free one text member of every record of an array. xfree leaves a NULL, which is never freed again."""
        size = self._size
        pointers = memory.POINTERS[first >> 3 : (first + count * size) >> 3 : size >> 3]
        # Few clusters use any of them, and one look at all is cheaper than one at each.
        for number, pointer in enumerate(pointers) if any(pointers) else ():
            if pointer:
                self._library.c.slurm_xfree(first + number * size)

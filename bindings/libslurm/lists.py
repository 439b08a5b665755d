"""libslurm's containers as Python sees them: list_t, host lists, bit strings."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

from . import memory
from .library import Library
from .memory import Arena, decode, encode

UNSAFE = re.compile(r"['\\\x00-\x1f\x7f]")
"""Characters that are something else than themselves in a text of SQL."""

UNSAFE_NAME = re.compile(r"['\"`\\\x00-\x1f\x7f]")
"""Those, and what ends a name in SQL: the tables of a cluster are called after it."""


def elements(library: Library, address: int | None) -> list[int]:
    """The addresses of the elements of the list_t at *address*; [] for NULL.

    The list stays libslurm's: the elements are good as long as what holds the list is. Its nodes are read where
    they are (private.py), which takes a fifth of the time of libslurm's own iterator.
    """
    found: list[int] = []
    if not address:
        return found
    layout = library.layout
    add, pointers = found.append, memory.POINTERS
    next_word = layout.structs["listNode"].members["next"].offset >> 3
    node = pointers[(address + layout.structs["xlist"].members["head"].offset) >> 3]
    while node:
        word = node >> 3
        add(pointers[word])
        node = pointers[word + next_word]
    return found


def texts(library: Library, address: int | None) -> list[str]:
    """Copy a list_t of `char *`; [] for NULL."""
    return [memory.text(element) for element in elements(library, address)]


def text_list(library: Library, arena: Arena, values: Iterable[str]) -> int:
    """Make a list_t of `char *` for a condition, that lives as long as *arena*. Returns: its address.

    Raises: SlurmError EINVAL for a quote, a backslash or a control character: slurmdbd puts what it is asked for
    into its SQL as it comes, so that a name with a quote would be more than a name.
    """
    checked = [_safe(library, value) for value in values]
    return int(arena.keep(List(library, [arena.string(value) for value in checked])).address)


def _safe(library: Library, value: str) -> str:
    if UNSAFE_NAME.search(value):
        raise library.error(errno.EINVAL, "text_list")
    return value


class List:
    """A list_t that Python made, of addresses that Python owns: destroying it frees no element.

    A context manager; address is 0 after the end. One that nobody closed is destroyed when it is collected.
    """

    def __init__(self, library: Library, addresses: Iterable[int] = ()) -> None:
        self._library = library
        self.address: int = library.c.slurm_list_create(None)
        for address in addresses:
            self.append(address)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "address", 0):
            self.close()

    def __len__(self) -> int:
        return int(self._library.c.slurm_list_count(self.address)) if self.address else 0

    def append(self, address: int) -> None:
        """Add an element; whoever built it keeps it alive as long as the list."""
        if not self.address:
            raise ValueError("the list was destroyed")
        self._library.c.slurm_list_append(self.address, address)

    def close(self) -> None:
        """Destroy the list, not its elements; a second call does nothing."""
        address, self.address = self.address, 0
        if address:
            self._library.c.slurm_list_destroy(address)


def expand_hostlist(library: Library, text: str) -> list[str]:
    """The hosts of "n[1-3]": ["n1", "n2", "n3"], in the order given; [] for "".

    Raises: SlurmError for text that is no host list.
    """
    if not text:
        return []
    hosts = library.c.slurm_hostlist_create(encode(text))
    try:
        # An empty host list is written out as whatever the buffer held.
        count = library.c.slurm_hostlist_count(hosts)
        names: bytes = library.c.slurm_hostlist_deranged_string_xmalloc(hosts) if count else b""
    finally:
        library.c.slurm_hostlist_destroy(hosts)
    return decode(names).split(",") if names else []


def hostlist_has(library: Library, text: str, name: str) -> bool:
    """Whether the host list *text* names the host *name*; nothing is expanded. Raises: SlurmError for no host list."""
    if not text:
        return False
    hosts = library.c.slurm_hostlist_create(encode(text))
    try:
        return int(library.c.slurm_hostlist_find(hosts, encode(name))) >= 0
    finally:
        library.c.slurm_hostlist_destroy(hosts)


def ranged_hostlist(library: Library, names: Iterable[str]) -> str:
    """The shortest text for hosts: ["n1", "n2", "n3"] -> "n[1-3]"."""
    hosts = library.c.slurm_hostlist_create(b"")
    try:
        for name in names:
            library.c.slurm_hostlist_push_host(hosts, encode(name))
        count = library.c.slurm_hostlist_count(hosts)
        ranged: bytes = library.c.slurm_hostlist_ranged_string_xmalloc(hosts) if count else b""
    finally:
        library.c.slurm_hostlist_destroy(hosts)
    return decode(ranged)


class Bitstring:
    """A bitstr_t of libslurm's: len, `in`, iteration over the bits set, str "1-3,7"; empty for NULL."""

    def __init__(self, library: Library, address: int | None) -> None:
        self._c = library.c
        self._address = address

    def __len__(self) -> int:
        return int(self._c.slurm_bit_size(self._address)) if self._address else 0

    def __contains__(self, bit: int) -> bool:
        return 0 <= bit < len(self) and bool(self._c.slurm_bit_test(self._address, bit))

    def __iter__(self) -> Iterator[int]:
        return (bit for bit in range(len(self)) if self._c.slurm_bit_test(self._address, bit))

    def __str__(self) -> str:
        text: bytes = self._c.slurm_bit_fmt_full(self._address) or b"" if self._address else b""
        return text.decode("ascii")

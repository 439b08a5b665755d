"""What libslurm allocated and Python owns: Owned, one record, and OwnedList, a list_t of records."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

from . import linux, memory
from .errors import ClosedError
from .library import Library
from .lists import elements

TRIM_RECORDS = 2000
"""After a message of this many records the heap is given back; a smaller one is below what a trim costs."""


class Held:
    """The owner of one address: a context manager that frees it once, in the process that allocated it.

    name: what is there, for messages. free: the C function that takes the address.
    What was read as bytes or numbers stays good after close; what points into the memory does not.
    """

    def __init__(self, address: int, name: str, free: Callable[[int], Any]) -> None:
        self._address: int | None = address
        self._name = name
        self._free = free
        self._process = os.getpid()

    def __repr__(self) -> str:
        state = f"at {self._address:#x}" if self._address else "closed"
        return f"<{type(self).__name__} {self._name} {state}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_address", None):
            self.close()

    @property
    def address(self) -> int:
        """Raises: ClosedError after close."""
        if self._address is None:
            raise ClosedError(f"a {self._name} was used after it was freed")
        return self._address

    @property
    def closed(self) -> bool:
        """Whether the memory was freed."""
        return self._address is None

    def close(self) -> None:
        """Free the memory. A second call does nothing; in a forked child only this object is closed."""
        address, self._address = self._address, None
        if address is None or os.getpid() != self._process:
            return
        large = self._count(address) >= TRIM_RECORDS
        self._free(address)
        if large:
            linux.trim_heap()

    def _count(self, address: int) -> int:
        """How many records are there."""
        raise NotImplementedError


class Owned(Held):
    """The owner of one C record.

    address: where the record is. record_class: its ctypes class. free: the C function that takes the address.
    """

    def __init__(self, address: int, record_class: type[ctypes.Structure], free: Callable[[int], Any]) -> None:
        super().__init__(address, record_class.__name__, free)
        self._record = memory.record_at(record_class, address)

    @property
    def record(self) -> Any:
        """The record itself, nothing copied. Raises: ClosedError after close."""
        return self._record if self.address else None

    def addresses(self, array_member: str, count_member: str, struct_name: str) -> range:
        """The addresses of the records in a contiguous array that *array_member* points at.

        Example: jobs.addresses("job_array", "record_count", "slurm_job_info_t").
        Raises: ClosedError after close.
        """
        record = self.record
        size = record.slurm_layout.structs[struct_name].size
        start = getattr(record, array_member) or 0
        count = getattr(record, count_member) if start else 0
        return range(start, start + count * size, size)

    def records(self, array_member: str, count_member: str, struct_name: str) -> Iterator[Any]:
        """The records of the array that *array_member* points at, nothing copied; good until close.

        Example: nodes.records("node_array", "record_count", "node_info_t"). Raises: ClosedError after close.
        """
        record_class = self.record.slurm_layout.record(struct_name)
        addresses = self.addresses(array_member, count_member, struct_name)
        for address in addresses:
            yield memory.record_at(record_class, self.address and address)

    def _count(self, address: int) -> int:
        count: int = getattr(memory.record_at(type(self._record), address), "record_count", 0)
        return count


class OwnedList(Held):
    """The owner of a list_t that a call to slurmdbd gave, and of the records in it.

    struct: of each record, "slurmdb_user_rec_t".
    """

    def __init__(self, library: Library, address: int, struct: str) -> None:
        super().__init__(address, f"list of {struct}", library.c.slurm_list_destroy)
        self._library = library
        self.struct = struct

    def __len__(self) -> int:
        return self._count(self.address)

    def __iter__(self) -> Iterator[Any]:
        """The records, nothing copied; good until close."""
        return self.records()

    def addresses(self) -> list[int]:
        """The addresses of the records. Raises: ClosedError after close."""
        return elements(self._library, self.address)

    def records(self) -> Iterator[Any]:
        """The records, nothing copied; good until close. Raises: ClosedError after close."""
        record_class = self._library.layout.record(self.struct)
        for address in self.addresses():
            yield memory.record_at(record_class, self.address and address)

    def _count(self, address: int) -> int:
        record: Any = memory.record_at(self._library.layout.record("xlist"), address)
        return int(record.count)

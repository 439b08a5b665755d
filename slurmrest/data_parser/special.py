"""Types with rules of their own: memory, specialised cores, nice, users, times, signals, and records in records."""

from __future__ import annotations

import math
import re
import signal
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .convert import JSON, in_range, no_val_number, to_integer, to_number, to_text
from .flags import BoundFlags, Flags
from .parse import Context, ConversionError, kind_of, warn_mismatch
from .types import INFINITE16, NO_VAL, NO_VAL64, UINT64_NO_VAL, Named, NoValInteger, NullableInteger, String, Type

if TYPE_CHECKING:
    from .fields import Table
    from .names import Names

CORE_SPEC_THREAD = 0x8000
"""Set in core_spec where it counts threads, not cores."""

NICE_OFFSET = 0x80000000
"""What Slurm adds to a nice value to store it without a sign."""

MEM_PER_CPU = 0x8000000000000000
"""Set in a memory size where it is per CPU, not per node."""

INFINITE_TEXTS = ("-1", "unlimited", "infinite")


class Pointer(Type):
    """A pointer to another record, NULL shown as {}. zero: what is shown where a release has no such member."""

    kinds = ("ptr", "struct")

    def __init__(self, table: Table, zero: JSON | None = None) -> None:
        self.table, self.zero = table, zero or {}
        self.name = f"{table.name}_PTR"
        self.schema = {"type": "object"}
        self.same_as = table

    def convert(self, document: JSON, context: Context) -> int:
        if document == {}:
            return 0
        raise ConversionError("ESLURM_NOT_SUPPORTED", f"{self.table.name.lower()} can only be read")


class Records(Type):
    """A pointer to an array of records, whose length another member has. count: the name of that member."""

    kinds = ("ptr",)
    zero: JSON = []

    def __init__(self, table: Table, count: str, name: str) -> None:
        self.table, self.count, self.name = table, count, name
        self.schema = {"type": "array"}


class TresBinding(String):
    """Bindings, as "gres:gpu:closest+gres:nic:single"; from 23.11 on Slurm takes none but "gres/gpu:closest"."""

    def convert(self, document: JSON, context: Context) -> bytes:
        text = super().convert(document, context)
        if context.names.library.layout.release < (23, 11):
            return text
        return b"+".join(re.sub(rb"^gres:", b"gres/", one) for one in text.split(b"+"))


class UserId(Named):
    """A uid, shown as the user's name, "" where it has none; parsed from a name or a number."""

    def __init__(self) -> None:
        super().__init__("USER_ID", "user")

    def convert(self, document: JSON, context: Context) -> int:
        return context.names.uid(to_text(document))


class GroupId(Named):
    """A gid, shown as the group's name, null where it has none; parsed from a name or a number."""

    def __init__(self) -> None:
        super().__init__("GROUP_ID", "group")
        self.schema = {"type": "string", "nullable": True}

    def convert(self, document: JSON, context: Context) -> int:
        return context.names.gid(to_text(document))


class Nice(Type):
    """The nice value, which Slurm stores with an offset."""

    zero = 0
    LIMIT = NICE_OFFSET - 3

    def __init__(self) -> None:
        self.name = "NICE"
        self.schema = {"type": "integer", "format": "int32"}

    def dump(self, value: int, names: Names) -> JSON:
        return 0 if value == NO_VAL else value - NICE_OFFSET

    def emit(self, value: str) -> str:
        return f"0 if {value} == {NO_VAL} else {value} - {NICE_OFFSET}"

    def convert(self, document: JSON, context: Context) -> int:
        return in_range(to_integer(document), -self.LIMIT, self.LIMIT) + NICE_OFFSET


class Specialised(Type):
    """One half of core_spec: cores, or with the top bit set threads, left to the system."""

    zero = 0

    def __init__(self, name: str, bit: int, error: str) -> None:
        self.name, self.bit, self.error = name, bit, error
        self.schema = {"type": "integer", "format": "int32"}

    def dump(self, value: int, names: Names) -> JSON:
        return value & ~CORE_SPEC_THREAD if value & CORE_SPEC_THREAD == self.bit else 0

    def emit(self, value: str) -> str:
        return f"{value} & {~CORE_SPEC_THREAD} if {value} & {CORE_SPEC_THREAD} == {self.bit} else 0"

    def convert(self, document: JSON, context: Context) -> int:
        number = to_integer(document)
        if not 0 < number < CORE_SPEC_THREAD:
            raise ConversionError(self.error, f"{number} is outside of 1 to {CORE_SPEC_THREAD - 1}")
        return number | self.bit


MEMORY = re.compile(r"\s*([0-9]+)\s*([KMGTP]?)(?:i?B)?\s*", re.IGNORECASE)


def to_mebibytes(text: str) -> int:
    """Convert a size as Slurm's commands take it, "200", "1G", "1536K" (rounded up), to MiB.

    Raises: ConversionError.
    """
    match = MEMORY.fullmatch(text)
    if not match:
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f"Invalid formatted memory size: {text}")
    number, unit = to_number(match[1]), match[2].upper()
    return -(-number // 1024) if unit == "K" else number * 1024 ** "MGTP".index(unit or "M")


class JobMemory(Type):
    """Half of pn_min_memory: memory per CPU or per node in MiB, told apart by the top bit.

    Parsed from a number, an object or a text with a unit; infinite is stored as 0, which means all of the node.
    """

    checked = False

    def __init__(self, name: str, bit: int) -> None:
        self.name, self.bit = name, bit
        self.schema = UINT64_NO_VAL.schema
        self.same_as = UINT64_NO_VAL
        self.zero = UINT64_NO_VAL.zero

    def dump(self, value: int, names: Names) -> JSON:
        ours = value & MEM_PER_CPU == self.bit and value < NO_VAL64
        return UINT64_NO_VAL.dump(value & ~self.bit if ours else NO_VAL64, names)

    def emit(self, value: str) -> str:
        return (
            f'{{"set": True, "infinite": False, "number": {value} & {MEM_PER_CPU - 1}}} '
            f"if {value} & {MEM_PER_CPU} == {self.bit} and {value} < {NO_VAL64} "
            f"else {UINT64_NO_VAL.zero!r}"
        )

    def convert(self, document: JSON, context: Context) -> int:
        number = self._number(document, context)
        if number is None:
            return NO_VAL64
        if number == math.inf:
            return 0
        size = int(number)
        if not 0 <= size < MEM_PER_CPU:
            raise ConversionError("ESLURM_INVALID_TASK_MEMORY", f"Memory value {size} is outside of 0 to 2^63-1")
        return size | self.bit

    def _number(self, document: JSON, context: Context) -> float | None:
        if isinstance(document, str):
            return to_mebibytes(document)
        warn_mismatch(self.schema, document, context)
        if not isinstance(document, dict):
            number = to_integer(document)
            return math.inf if number == -1 else number
        found = no_val_number(document) if document else None
        if isinstance(found, str):
            return to_mebibytes(found)
        return found if found in (None, math.inf) else to_integer(found)


class PartitionMemory(NullableInteger):
    """A memory limit of a partition in MiB, without the bit that says per CPU."""

    def __init__(self) -> None:
        super().__init__()
        self.plain_below = MEM_PER_CPU

    def dump(self, value: int, names: Names) -> JSON:
        return None if value >= NO_VAL64 else value & ~MEM_PER_CPU

    def emit(self, value: str) -> str:
        return f"None if {value} >= {NO_VAL64} else {value} & {MEM_PER_CPU - 1}"


class Timestamp(NullableInteger):
    """Seconds since the epoch; parsed also from the time strings of Slurm's commands, "now+1hour"."""

    def convert(self, document: JSON, context: Context) -> int:
        if isinstance(document, str) and not document.strip().lstrip("-").isdigit():
            return context.names.parse_time(to_text(document))
        return super().convert(document, context)


class TimeLimit(NoValInteger):
    """Minutes; parsed also from "240", "4:00:00", "1-0", "UNLIMITED" as Slurm's commands take them."""

    def convert(self, document: JSON, context: Context) -> int:
        if isinstance(document, str):
            text = to_text(document).strip()
            return self.infinite if text.lower() in INFINITE_TEXTS else context.names.parse_minutes(text)
        return super().convert(document, context)


class Signal(Type):
    """A signal, shown as its name without SIG; parsed from a name in any case or a number."""

    zero = ""

    def __init__(self) -> None:
        self.name = "SIGNAL"
        self.schema = {"type": "string"}

    def dump(self, value: int, names: Names) -> JSON:
        return signal_name(value)

    def emit(self, value: str) -> str:
        return f"signal_name({value})"

    def bindings(self) -> dict[str, Any]:
        return {"signal_name": signal_name}

    def convert(self, document: JSON, context: Context) -> int:
        return parse_signal(to_text(document))


def signal_name(number: int) -> str:
    """Give the name of a signal without SIG: "USR1"; the number as text where it has none."""
    try:
        return signal.Signals(number).name.removeprefix("SIG")
    except ValueError:
        return str(number)


def parse_signal(text: str) -> int:
    """Convert "USR1", "SIGUSR1", "usr1" or "10" to a signal number. Raises: ConversionError."""
    name = text.strip().upper()
    if name.isascii() and name.isdigit():
        return in_range(to_number(name), 0, INFINITE16)
    try:
        return signal.Signals["SIG" + name.removeprefix("SIG")].value
    except KeyError:
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f"Unknown signal {text}") from None


class Exclusive(Flags):
    """Who may share the job's nodes: flags, or on parse true and false."""

    def with_constants(self, constants: Mapping[str, int]) -> BoundFlags:
        return BoundExclusive(self, super().with_constants(constants).matches)


class BoundExclusive(BoundFlags):
    """Exclusive with the numbers of one release."""

    def parse(self, document: JSON, context: Context) -> int:
        if isinstance(document, bool):
            document = str(document).lower()
        return super().parse(document, context)


class Allocated(Type):
    """CPUs or cores of an allocation: 0 where the cluster allocates the other. method: the method of Names."""

    zero = 0

    def __init__(self, name: str, method: str) -> None:
        self.name, self.method = name, method
        self.schema = {"type": "integer", "format": "int64"}

    def dump(self, value: int, names: Names) -> JSON:
        return getattr(names, self.method)(value)

    def emit(self, value: str) -> str:
        return f"names.{self.method}({value})"


def expect_text(document: JSON, what: str) -> str:
    """Give a scalar as text for a function of a Computed row. Raises: ConversionError naming *what* it should be."""
    if isinstance(document, (dict, list)):
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f"Expected {what} but got {kind_of(document)}")
    return to_text(document)


USER_ID = UserId()
GROUP_ID = GroupId()
NICE = Nice()
CORE_SPEC = Specialised("CORE_SPEC", 0, "ESLURM_INVALID_CORE_CNT")
THREAD_SPEC = Specialised("THREAD_SPEC", CORE_SPEC_THREAD, "ESLURM_BAD_THREAD_PER_CORE")
JOB_MEM_PER_CPU = JobMemory("JOB_MEM_PER_CPU", MEM_PER_CPU)
JOB_MEM_PER_NODE = JobMemory("JOB_MEM_PER_NODE", 0)
PARTITION_MEMORY = PartitionMemory()
TIMESTAMP = Timestamp()
TIME_LIMIT = TimeLimit("UINT32_NO_VAL", 32)
SIGNAL = Signal()
TRES_BINDING = TresBinding()
BITSTR = Named("BITSTR", "bit_ranges", kinds=("ptr",))
ALLOCATED_CORES = Allocated("ALLOCATED_CORES", "if_cores_allocated")
ALLOCATED_CPUS = Allocated("ALLOCATED_CPUS", "if_cpus_allocated")

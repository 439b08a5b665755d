"""CPU frequencies of a job: three numbers, one text such as "low-high:OnDemand"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..special import expect_text
from ..types import NO_VAL

if TYPE_CHECKING:
    from ..convert import JSON
    from ..names import Names
    from ..parse import Target

MARKS = {
    "CPU_FREQ_LOW": "Low",
    "CPU_FREQ_MEDIUM": "Medium",
    "CPU_FREQ_HIGH": "High",
    "CPU_FREQ_HIGHM1": "HighM1",
    "CPU_FREQ_CONSERVATIVE": "Conservative",
    "CPU_FREQ_ONDEMAND": "OnDemand",
    "CPU_FREQ_PERFORMANCE": "Performance",
    "CPU_FREQ_POWERSAVE": "PowerSave",
    "CPU_FREQ_SCHEDUTIL": "SchedUtil",
    "CPU_FREQ_USERSPACE": "UserSpace",
}
"""Constants of frequencies without a number and of governors -> as a user writes them."""


def dump(names: Names, low: int, high: int, governor: int) -> str:
    """Write frequencies (kHz or marks) and governor as a user would; "" where none is set."""
    constants = names.library.layout.constants
    marks = {constants[name]: text for name, text in MARKS.items() if name in constants}
    frequencies, name = [
        "-".join(marks.get(number, str(number)) for number in numbers if number not in (0, NO_VAL))
        for numbers in ((low, high), (governor,))
    ]
    return ":".join(part for part in (frequencies, name) if part)


def parse(document: JSON, target: Target) -> None:
    """Set cpu_freq_min, cpu_freq_max and cpu_freq_gov. Raises: ConversionError."""
    if document is None:
        return
    numbers = target.context.names.parse_cpu_frequency(expect_text(document, "string"))
    for member, number in zip(("cpu_freq_min", "cpu_freq_max", "cpu_freq_gov"), numbers, strict=True):
        target.set(member, number)


def governor(names: Names, number: int) -> str:
    """Name the governor of a step; "Unknown" where none was asked for."""
    constants = names.library.layout.constants
    for name, text in MARKS.items():
        if constants.get(name) == number:
            return text
    return "Unknown" if number & constants["CPU_FREQ_RANGE_FLAG"] else str(number)

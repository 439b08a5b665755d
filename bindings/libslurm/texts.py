"""What libslurm reads in the words of its users: times, durations, distributions, CPU frequencies.

libslurm logs what it cannot read, and raises nothing; here it is a SlurmError.
"""

from __future__ import annotations

import ctypes
import re
import threading

from .errors import SlurmError
from .library import Library
from .memory import encode

_TIME = re.compile(r"[\w+/:. -]{0,64}", re.ASCII)
"""What may be a time at all: parse_time writes any other to stderr as it is, which no log is made of."""
_parse_time_lock = threading.Lock()
"""parse_time keeps "now" in static variables."""


def parse_time(library: Library, text: str) -> int:
    """Seconds since the epoch of "2030-01-01T00:00:00", "now+1hour", "midnight"; the future is meant.

    Raises: SlurmError ESLURM_INVALID_TIME_VALUE. Source: parse_time of libslurmfull.so.
    """
    if not _TIME.fullmatch(text):
        raise library.error(library.layout.constant("ESLURM_INVALID_TIME_VALUE"), "parse_time")
    with _parse_time_lock:
        seconds: int = library.c.parse_time(encode(text), 0)
    return seconds


def parse_minutes(library: Library, text: str) -> int:
    """Minutes of "240", "4:00:00", "1-0"; seconds are rounded up.

    Raises: SlurmError ESLURM_INVALID_TIME_LIMIT. Source: time_str2mins of libslurmfull.so.
    """
    minutes: int = library.c.time_str2mins(encode(text))
    if minutes == library.layout.constant("NO_VAL"):
        raise library.error(library.layout.constant("ESLURM_INVALID_TIME_LIMIT"), "time_str2mins")
    return minutes


def parse_distribution(library: Library, text: str) -> tuple[int, int | None]:
    """The task distribution of "block:cyclic" or "plane=4", and the size of the plane where it has one.

    Raises: SlurmError. Source: verify_dist_type of libslurmfull.so.
    """
    plane = ctypes.c_uint32(0)
    number: int = library.c.verify_dist_type(encode(text), ctypes.byref(plane))
    constants = library.layout.constants
    if number in (0xFFFFFFFF, constants["SLURM_DIST_UNKNOWN"]):
        raise SlurmError(-1, "", f'no task distribution is called "{text}"', "verify_dist_type")
    return number, plane.value if number == constants["SLURM_DIST_PLANE"] else None


def parse_cpu_frequency(library: Library, text: str) -> tuple[int, int, int]:
    """Minimum, maximum (kHz or a CPU_FREQ_* mark) and governor of "low-high:OnDemand"; NO_VAL where not given.

    Raises: SlurmError. Source: cpu_freq_verify_cmdline of libslurmfull.so.
    """
    found = [ctypes.c_uint32(library.layout.constant("NO_VAL")) for _ in range(3)]
    library.c.cpu_freq_verify_cmdline(encode(text), *(ctypes.byref(one) for one in found))
    return found[0].value, found[1].value, found[2].value

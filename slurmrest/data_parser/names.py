"""Numbers that stand for names, both ways: what a dump or a parse asks libslurm or the system about.

The answers depend on no request and on no user, so that one Names serves every thread of a process.
"""

from __future__ import annotations

import grp
import pwd
import time
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from libslurm import lists, texts
from libslurm.errors import SlurmError

from .convert import in_range, to_number
from .known import Known
from .parse import ConversionError

if TYPE_CHECKING:
    from libslurm.library import Library

    from .parse import Arena

STEPS = {
    "SLURM_EXTERN_CONT": "extern",
    "SLURM_BATCH_SCRIPT": "batch",
    "SLURM_PENDING_STEP": "pending",
    "SLURM_INTERACTIVE_STEP": "interactive",
}
"""Constants of the steps that have a name."""

ACCOUNTS_KEPT = 60.0
"""Seconds a user's or group's name is kept: long enough for one big answer, short enough for a new account."""

MOST_ID = 0xFFFFFFFF
"""The largest uid or gid."""

CR_CPU, CR_SOCKET, CR_CORE = 0x1, 0x2, 0x4


class Names:
    """Looks names up in the loaded libslurm and in the system's user database."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.job_reason: Callable[[int], str] = lru_cache(maxsize=1024)(library.job_reason)
        self.job_state: Callable[[int], str] = lru_cache(maxsize=1024)(library.job_state)
        self.message_type: Callable[[int], str] = lru_cache(maxsize=1024)(library.message_type)
        self.task_distribution: Callable[[int], str] = library.task_distribution
        self.step_distribution: Callable[[int], str] = lru_cache(maxsize=1024)(library.step_distribution)
        self.database_message: Callable[[int], str] = lru_cache(maxsize=1024)(library.database_message)
        self.error_text: Callable[[int], str] = library.strerror
        self.hosts: Callable[[str], tuple[str, ...]] = lru_cache(maxsize=1024)(
            lambda hosts: tuple(self.expand_hostlist(hosts))
        )
        self.known = Known()
        self.tres: Callable[[int], tuple[str, str]] = self.known.tres
        self.tres_id: Callable[[str, str], int | None] = self.known.tres_id
        self.qos: Callable[[int], str | None] = self.known.qos
        self.qos_id: Callable[[str], int | None] = self.known.qos_id
        constants = library.layout.constants
        self._steps = {constants[name]: step for name, step in STEPS.items() if name in constants}
        self._users: dict[int, str] = {}
        self._groups: dict[int, str | None] = {}
        self._expires = 0.0

    def user(self, uid: int) -> str:
        """Give the name of a user; "" where the system knows none."""
        self._forget_old()
        if uid not in self._users:
            try:
                self._users[uid] = pwd.getpwuid(uid).pw_name
            except KeyError:
                self._users[uid] = ""
        return self._users[uid]

    def group(self, gid: int) -> str | None:
        """Give the name of a group; None where the system knows none."""
        self._forget_old()
        if gid not in self._groups:
            try:
                self._groups[gid] = grp.getgrgid(gid).gr_name
            except KeyError:
                self._groups[gid] = None
        return self._groups[gid]

    def _forget_old(self) -> None:
        # Other threads may hold the old dicts for one look-up more, which does no harm.
        now = time.monotonic()
        if now > self._expires:
            self._users, self._groups, self._expires = {}, {}, now + ACCOUNTS_KEPT

    def uid(self, text: str) -> int:
        """Resolve a user's name or number to a uid. Raises: ConversionError."""
        try:
            return in_range(to_number(text), 0, MOST_ID) if _is_number(text) else pwd.getpwnam(text).pw_uid
        except KeyError:
            raise ConversionError("ESLURM_REST_MISSING_UID", f'Unable to resolve user "{text}"') from None

    def gid(self, text: str) -> int:
        """Resolve a group's name or number to a gid. Raises: ConversionError."""
        try:
            return in_range(to_number(text), 0, MOST_ID) if _is_number(text) else grp.getgrnam(text).gr_gid
        except KeyError:
            raise ConversionError("ESLURM_REST_MISSING_GID", f'Unable to resolve group "{text}"') from None

    def step_id(self, step: int) -> str:
        """Give the name of a step: "batch", or its number as text."""
        return self._steps.get(step) or str(step)

    @cached_property
    def _select_type_param(self) -> int:
        # Fixed by slurm_init, and wanted twice for every running job.
        return self.library.configuration().select_type_param

    def if_cores_allocated(self, count: int) -> int:
        """Give *count* where the cluster allocates cores or sockets, else 0."""
        return count if self._select_type_param & (CR_CORE | CR_SOCKET) else 0

    def if_cpus_allocated(self, count: int) -> int:
        """Give *count* where the cluster allocates CPUs, else 0."""
        return count if self._select_type_param & CR_CPU else 0

    def expand_hostlist(self, hosts: str) -> list[str]:
        """Expand "n[1-3]" to its names."""
        return lists.expand_hostlist(self.library, hosts)

    def hostlist_has(self, hosts: str, name: str) -> bool:
        """Tell whether "n[1-3]" names a host."""
        return lists.hostlist_has(self.library, hosts, name)

    def ranged_hostlist(self, hosts: list[str]) -> str:
        """Write names as one host expression. Raises: ConversionError."""
        return str(_converted("host list", self.library, hosts, lists.ranged_hostlist))

    def elements(self, address: int) -> Sequence[int]:
        """Give the addresses of a list_t's elements; none for NULL."""
        return lists.elements(self.library, address)

    def texts(self, address: int) -> list[str]:
        """Give the texts of a list_t of `char *`; [] for NULL."""
        return lists.texts(self.library, address)

    def make_list(self, addresses: list[int], arena: Arena) -> int:
        """Make a list_t that the Arena keeps; its address. Whoever made the elements keeps them as long."""
        made: lists.List = arena.keep(lists.List(self.library, addresses))
        return made.address

    def bit_ranges(self, bitmap: int) -> str:
        """Give the numbers of the bits set in a bitstr_t, "0-3,7"; "" for NULL."""
        return str(lists.Bitstring(self.library, bitmap))

    def bits(self, bitmap: int) -> list[int]:
        """Give the numbers of the bits set in a bitstr_t; [] for NULL."""
        return list(lists.Bitstring(self.library, bitmap))

    def parse_time(self, text: str) -> int:
        """Convert Slurm's time strings, "2030-01-01T00:00:00" or "now+1hour", to seconds since the epoch.

        Raises: ConversionError.
        """
        return int(_converted("time", self.library, text, texts.parse_time))

    def parse_minutes(self, text: str) -> int:
        """Convert Slurm's durations, "240", "4:00:00" or "1-0", to minutes. Raises: ConversionError."""
        return int(_converted("duration", self.library, text, texts.parse_minutes))

    def parse_distribution(self, text: str) -> tuple[int, int | None]:
        """Convert "block:cyclic" or "plane=4" to a task distribution and the size of a plane, if it has one.

        Raises: ConversionError.
        """
        number, plane = _converted("task distribution", self.library, text, texts.parse_distribution)
        return number, plane

    def parse_cpu_frequency(self, text: str) -> tuple[int, int, int]:
        """Convert "low-high:OnDemand" to minimum, maximum (kHz or a CPU_FREQ_* mark) and governor.

        Raises: ConversionError.
        """
        low, high, governor = _converted("CPU frequency", self.library, text, texts.parse_cpu_frequency)
        return low, high, governor


def _converted(what: str, library: Library, text: Any, convert: Callable[[Library, Any], Any]) -> Any:
    try:
        return convert(library, text)
    except SlurmError as error:
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f'Invalid {what} "{text}"') from error


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()

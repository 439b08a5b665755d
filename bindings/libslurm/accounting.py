"""Accounting: the calls that slurmdbd answers, over one connection, as the identity that opened it.

Accountings keeps connections. Every method is one C function, named after it; records go in and come out as
they are. Nothing that was written is stored before commit().
"""

from __future__ import annotations

import contextlib
import ctypes
import threading
import time
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import memory
from .answers import freer
from .connection import Connection
from .errors import UNKNOWN, SlurmError
from .lists import List, text_list, texts
from .memory import Arena
from .owned import Owned, OwnedList

if TYPE_CHECKING:
    from .identity import Identity
    from .library import Library

NOTHING = "SLURM_NO_CHANGE_IN_DATA"
"""slurmdbd's error for a condition that matches nothing."""

REFUSED = ("ESLURM_JOBS_RUNNING_ON_ASSOC", "ESLURM_NO_REMOVE_DEFAULT_ACCOUNT", "ESLURM_NO_REMOVE_DEFAULT_QOS")
"""Errors that come along with a list: of what stands against the change, not of what was changed."""

FREE_IT = False
"""For the last but one argument of the functions below: what the record points at is not freed before."""

INITIALISE: dict[str, tuple[str, tuple[bool | str, ...]]] = {
    "slurmdb_assoc_rec_t": ("slurmdb_init_assoc_rec", (FREE_IT,)),
    "slurmdb_cluster_cond_t": ("slurmdb_init_cluster_cond", (FREE_IT,)),
    "slurmdb_cluster_rec_t": ("slurmdb_init_cluster_rec", (FREE_IT,)),
    "slurmdb_qos_rec_t": ("slurmdb_init_qos_rec", (FREE_IT, "NO_VAL")),
    "slurmdb_tres_cond_t": ("slurmdb_init_tres_cond", (FREE_IT,)),
    "slurmdb_wckey_rec_t": ("slurmdb_init_wckey_rec", (FREE_IT,)),
}
"""Struct -> the function that makes it say nothing, and what it takes after the record; texts name constants."""


class Accounting:
    """slurmdbd, as the identity of *connection*, for one thread at a time.

    Every method raises SlurmError where the call failed; after that the connection is of no more use.
    Conditions are ctypes records made by condition(), None for all.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection, self.library = connection, connection.library

    def condition(self, struct: str) -> Any:
        """A record that says nothing yet: a condition, or what is to be written. struct: "slurmdb_assoc_rec_t".

        Source: slurmdb_init_assoc_rec and its like; the structs that have none say nothing when they are zero.
        """
        record = self.library.layout.record(struct)()
        if struct in INITIALISE:
            function, more = INITIALISE[struct]
            values = (self.library.layout.constant(one) if isinstance(one, str) else one for one in more)
            getattr(self.library.c, function)(ctypes.byref(record), *values)
        elif struct == "slurmdb_user_rec_t":
            record.uid = self.library.layout.constant("NO_VAL")
        return record

    # --- Reading

    def accounts(self, condition: Any = None) -> OwnedList:
        """Fetch slurmdb_account_rec_t by a slurmdb_account_cond_t. Source: slurmdb_accounts_get."""
        return self._get("slurmdb_accounts_get", condition, "slurmdb_account_rec_t")

    def associations(self, condition: Any = None) -> OwnedList:
        """Fetch slurmdb_assoc_rec_t by a slurmdb_assoc_cond_t. Source: slurmdb_associations_get."""
        return self._get("slurmdb_associations_get", condition, "slurmdb_assoc_rec_t")

    def clusters(self, condition: Any = None) -> OwnedList:
        """Fetch slurmdb_cluster_rec_t by a slurmdb_cluster_cond_t. Source: slurmdb_clusters_get."""
        return self._get("slurmdb_clusters_get", condition, "slurmdb_cluster_rec_t")

    def jobs(self, condition: Any = None) -> OwnedList:
        """Fetch slurmdb_job_rec_t by a slurmdb_job_cond_t. Source: slurmdb_jobs_get."""
        return self._get("slurmdb_jobs_get", condition, "slurmdb_job_rec_t")

    def qos(self, condition: Any = None) -> OwnedList:
        """Fetch slurmdb_qos_rec_t by a slurmdb_qos_cond_t. Source: slurmdb_qos_get."""
        return self._get("slurmdb_qos_get", condition, "slurmdb_qos_rec_t")

    def tres(self, condition: Any = None) -> OwnedList:
        """Fetch slurmdb_tres_rec_t by a slurmdb_tres_cond_t; it takes no None but makes one itself.

        Source: slurmdb_tres_get.
        """
        wanted = self.condition("slurmdb_tres_cond_t") if condition is None else condition
        return self._get("slurmdb_tres_get", wanted, "slurmdb_tres_rec_t")

    def users(self, condition: Any = None) -> OwnedList:
        """Fetch slurmdb_user_rec_t by a slurmdb_user_cond_t. Source: slurmdb_users_get."""
        return self._get("slurmdb_users_get", condition, "slurmdb_user_rec_t")

    def wckeys(self, condition: Any = None) -> OwnedList:
        """Fetch slurmdb_wckey_rec_t by a slurmdb_wckey_cond_t. Source: slurmdb_wckeys_get."""
        return self._get("slurmdb_wckeys_get", condition, "slurmdb_wckey_rec_t")

    def statistics(self) -> Owned:
        """Fetch slurmdbd's own counters, slurmdb_stats_rec_t. Source: slurmdb_get_stats."""
        pointer = ctypes.c_void_p()
        self.connection.call("slurmdb_get_stats", ctypes.byref(pointer))
        if not pointer.value:
            raise SlurmError(UNKNOWN, "", "slurmdbd gave no answer and no error", "slurmdb_get_stats")
        struct = "slurmdb_stats_rec_t"
        return Owned(pointer.value, self.library.layout.record(struct), freer(self.library, struct))

    # --- Writing

    def add_accounts(self, records: Sequence[Any]) -> None:
        """Add slurmdb_account_rec_t. Source: slurmdb_accounts_add."""
        self._add("slurmdb_accounts_add", records)

    def add_associations(self, records: Sequence[Any]) -> None:
        """Add slurmdb_assoc_rec_t. Source: slurmdb_associations_add."""
        self._add("slurmdb_associations_add", records)

    def add_clusters(self, records: Sequence[Any]) -> None:
        """Add slurmdb_cluster_rec_t, each with a root_assoc. Source: slurmdb_clusters_add."""
        self._add("slurmdb_clusters_add", records)

    def add_qos(self, records: Sequence[Any]) -> None:
        """Add slurmdb_qos_rec_t. Source: slurmdb_qos_add."""
        self._add("slurmdb_qos_add", records)

    def add_tres(self, records: Sequence[Any]) -> None:
        """Add slurmdb_tres_rec_t. Source: slurmdb_tres_add."""
        self._add("slurmdb_tres_add", records)

    def add_users(self, records: Sequence[Any]) -> None:
        """Add slurmdb_user_rec_t. Source: slurmdb_users_add."""
        self._add("slurmdb_users_add", records)

    def add_wckeys(self, records: Sequence[Any]) -> None:
        """Add slurmdb_wckey_rec_t. Source: slurmdb_wckeys_add."""
        self._add("slurmdb_wckeys_add", records)

    def add_coordinators(self, accounts: Iterable[str], users: Iterable[str]) -> None:
        """Make *users* coordinators of *accounts*. Source: slurmdb_coord_add."""
        self._coordinators("slurmdb_coord_add", accounts, users)

    def modify_accounts(self, condition: Any, record: Any) -> list[str]:
        """Change what matches; like every modify_, it gives the names of what was changed.

        Source: slurmdb_accounts_modify.
        """
        return self._names("slurmdb_accounts_modify", ctypes.byref(condition), ctypes.byref(record))

    def modify_associations(self, condition: Any, record: Any) -> list[str]:
        """Change what matches. Source: slurmdb_associations_modify."""
        return self._names("slurmdb_associations_modify", ctypes.byref(condition), ctypes.byref(record))

    def modify_clusters(self, condition: Any, record: Any) -> list[str]:
        """Change what matches. Source: slurmdb_clusters_modify."""
        return self._names("slurmdb_clusters_modify", ctypes.byref(condition), ctypes.byref(record))

    def modify_qos(self, condition: Any, record: Any) -> list[str]:
        """Change what matches. Source: slurmdb_qos_modify."""
        return self._names("slurmdb_qos_modify", ctypes.byref(condition), ctypes.byref(record))

    def modify_users(self, condition: Any, record: Any) -> list[str]:
        """Change what matches. Source: slurmdb_users_modify."""
        return self._names("slurmdb_users_modify", ctypes.byref(condition), ctypes.byref(record))

    def modify_wckeys(self, condition: Any, record: Any) -> list[str]:
        """Change what matches. Source: slurmdb_wckeys_modify."""
        return self._names("slurmdb_wckeys_modify", ctypes.byref(condition), ctypes.byref(record))

    def remove_accounts(self, condition: Any) -> list[str]:
        """Remove what matches; like every remove_, it gives the names of what was removed.

        Raises: SlurmError ESLURM_JOBS_RUNNING_ON_ASSOC, ESLURM_NO_REMOVE_DEFAULT_ACCOUNT, whose text lists them.
        Source: slurmdb_accounts_remove.
        """
        return self._names("slurmdb_accounts_remove", ctypes.byref(condition))

    def remove_associations(self, condition: Any) -> list[str]:
        """Remove what matches. Source: slurmdb_associations_remove."""
        return self._names("slurmdb_associations_remove", ctypes.byref(condition))

    def remove_clusters(self, condition: Any) -> list[str]:
        """Remove what matches. Source: slurmdb_clusters_remove."""
        return self._names("slurmdb_clusters_remove", ctypes.byref(condition))

    def remove_qos(self, condition: Any) -> list[str]:
        """Remove what matches. Source: slurmdb_qos_remove."""
        return self._names("slurmdb_qos_remove", ctypes.byref(condition))

    def remove_users(self, condition: Any) -> list[str]:
        """Remove what matches. Source: slurmdb_users_remove."""
        return self._names("slurmdb_users_remove", ctypes.byref(condition))

    def remove_wckeys(self, condition: Any) -> list[str]:
        """Remove what matches. Source: slurmdb_wckeys_remove."""
        return self._names("slurmdb_wckeys_remove", ctypes.byref(condition))

    def remove_coordinators(self, accounts: Iterable[str], users: Iterable[str]) -> list[str]:
        """Make *users* no coordinators of *accounts* any more. Source: slurmdb_coord_remove."""
        return self._coordinators("slurmdb_coord_remove", accounts, users)

    def commit(self) -> None:
        """Store what was written, see Connection.commit."""
        self.connection.commit()

    def rollback(self) -> None:
        """Undo what was written since the last commit."""
        self.connection.rollback()

    # --- How

    def _get(self, function: str, condition: Any, struct: str) -> OwnedList:
        given = None if condition is None else ctypes.byref(condition)
        return OwnedList(self.library, self.connection.call(function, given), struct)

    def _add(self, function: str, records: Sequence[Any]) -> None:
        with List(self.library, map(memory.address_of, records)) as given:
            self.connection.call(function, given.address)

    def _coordinators(self, function: str, accounts: Iterable[str], users: Iterable[str]) -> list[str]:
        arena = Arena()
        condition = self.condition("slurmdb_user_cond_t")
        associations = arena.keep(self.condition("slurmdb_assoc_cond_t"))
        associations.user_list = text_list(self.library, arena, users)
        condition.assoc_cond = memory.address_of(associations)
        return self._names(function, text_list(self.library, arena, accounts), ctypes.byref(condition))

    def _names(self, function: str, *arguments: Any) -> list[str]:
        """The names in the list that *function* gives; none where nothing matched."""
        try:
            address = self.connection.call(function, *arguments)
        except SlurmError as error:
            if error.name != NOTHING:
                raise
            self.connection.failed = False
            return []
        number = self.connection.number
        with OwnedList(self.library, address, "") if address else contextlib.nullcontext():
            names = texts(self.library, address)
        self._refused(number, names, function)
        return names

    def _refused(self, number: int, names: Sequence[str], function: str) -> None:
        error = self.library.error(number, function)
        if error.name in REFUSED:
            self.connection.failed = True
            raise SlurmError(number, error.name, f"{error.text}: {', '.join(names)}", function)


class Accountings:
    """Connections to slurmdbd that are kept for a while, each for the identity that opened it; for all threads.

    limit: how many are kept while nobody uses them. idle: seconds that an unused one is kept. age: seconds after
    which one is not used again, because slurmdbd looks at a token only when a connection is opened.
    """

    def __init__(self, library: Library, limit: int = 16, idle: float = 5.0, age: float = 60.0) -> None:
        self._library = library
        self._limit, self._idle, self._age = limit, idle, age
        self._lock = threading.Lock()
        self._kept: list[_Kept] = []
        self._timer: threading.Timer | None = None

    @contextmanager
    def reading(self, identity: Identity) -> Iterator[Accounting]:
        """Make calls as *identity*, over a kept connection of its or a new one."""
        connection = self._take(identity.key) or Connection(self._library, identity)
        try:
            yield Accounting(connection)
        finally:
            self._give(connection)

    @contextmanager
    def writing(self, identity: Identity) -> Iterator[Accounting]:
        """Make calls as *identity*, over a connection of their own; the caller commits.

        Whatever was not committed is undone in the end.
        """
        connection = Connection(self._library, identity)
        try:
            yield Accounting(connection)
        finally:
            connection.close()

    def close(self) -> None:
        """Close every connection that is kept."""
        self._drop(self._kept)

    @property
    def kept(self) -> int:
        """How many connections are kept now."""
        return len(self._kept)

    def _take(self, key: Hashable) -> Connection | None:
        """A kept connection of that identity, the last used first."""
        now = time.monotonic()
        with self._lock:
            mine = [one for one in self._kept if one.connection.identity.key == key]
            self._kept = [one for one in self._kept if one not in mine]
            good = [one for one in mine if one.good(now, self._age)]
            chosen = good.pop() if good else None
            self._kept += good
        for one in mine:
            if one is not chosen and one not in good:
                one.connection.close()
        return chosen.connection if chosen else None

    def _give(self, connection: Connection) -> None:
        """Keep a connection that worked; close any other, and the oldest of too many."""
        surplus: list[_Kept] = [_Kept(connection, 0.0)]
        if _renewed(connection):
            with self._lock:
                self._kept.append(_Kept(connection, time.monotonic()))
                surplus = self._kept[: -self._limit]
                self._schedule()
        self._drop(surplus)

    def _drop(self, some: Iterable[_Kept]) -> None:
        some = list(some)
        with self._lock:
            self._kept = [one for one in self._kept if one not in some]
        for one in some:
            one.connection.close()

    def _schedule(self) -> None:
        if self._timer is None and self._kept:
            self._timer = threading.Timer(self._idle, self._sweep)
            self._timer.daemon = True
            self._timer.start()

    def _sweep(self) -> None:
        now = time.monotonic()
        self._drop([one for one in list(self._kept) if now - one.since >= self._idle])
        with self._lock:
            self._timer = None
            self._schedule()


def _renewed(connection: Connection) -> bool:
    """Make what is read next what is stored then: until its transaction ends a connection sees the past.

    Returns: whether the connection is good for more.
    """
    if connection.failed or not connection.used:
        return False
    with contextlib.suppress(SlurmError):
        connection.rollback()
    return not connection.failed


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """A connection that nobody uses since *since* (time.monotonic())."""

    connection: Connection
    since: float

    def good(self, now: float, age: float) -> bool:
        connection = self.connection
        return now - connection.opened < age and time.time() < connection.identity.expires and connection.alive

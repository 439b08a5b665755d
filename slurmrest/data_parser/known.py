"""What slurmdbd's ids stand for: TRES and QOS, which documents show by name and records hold by id.

PrivateData filters neither, so that one Known serves all users. Associations, which it filters, are learned as jobs
are shown that ran under them: whoever is shown a job is shown its association. Ids are never given twice and names
never change: an id that is known stays right, and what is not known is asked for, once a request, over the request's
own connection.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import NamedTuple

KEPT = 60.0
"""Seconds after which the first request that has a connection asks again."""

NO_TRES = ("", "")

MOST_ASSOCIATIONS = 50_000
"""Associations kept, before it starts again."""

Association = tuple[str, str, str]
"""Account, partition and user."""


class Catalogue(NamedTuple):
    """What slurmdbd told at one time. tres: id -> (type, name). qos: id -> name. removed: ids of deleted QOS."""

    tres: Mapping[int, tuple[str, str]] = MappingProxyType({})
    qos: Mapping[int, str] = MappingProxyType({})
    removed: frozenset[int] = frozenset()


class Known:
    """The newest Catalogue, renewed where it is old, or lacks what is asked for."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._catalogue, self._made = Catalogue(), -math.inf
        self._ids: dict[tuple[str, str], int] = {}
        self._qos_ids: dict[str, int] = {}
        self._asking = threading.local()
        self._associations: dict[tuple[str, int], Association] = {}

    def association(self, cluster: str, number: int) -> Association | None:
        """Give an association by its number, which it has in one cluster; None where it was not learned."""
        return self._associations.get((cluster, number))

    def learn_associations(self, found: Mapping[tuple[str, int], Association]) -> None:
        """Take over associations by cluster and number. A number is never given twice, and stands for the same ever."""
        if len(self._associations) + len(found) > MOST_ASSOCIATIONS:
            self._associations = {}
        self._associations.update(found)

    @contextmanager
    def asking(self, load: Callable[[], Catalogue]) -> Iterator[None]:
        """Let this thread ask slurmdbd through *load* for what is not known; at most once, and at once where it is old.

        Raises: what *load* raises.
        """
        self._asking.load = load
        try:
            if self._clock() - self._made > KEPT:
                self._renew()
            yield
        finally:
            self._asking.load = None

    def tres(self, number: int) -> tuple[str, str]:
        """Give the type and the name of a TRES; empty where there is none."""
        return self._catalogue.tres.get(number) or (self._renewed().tres.get(number) or NO_TRES)

    def tres_id(self, type_: str, name: str) -> int | None:
        """Give the id of a TRES, upper or lower case; None where there is none."""
        wanted = (type_.lower(), name.lower())
        if wanted not in self._ids:
            self._renewed()
        return self._ids.get(wanted)

    def qos(self, number: int) -> str | None:
        """Give the name of a QOS, also of a deleted one; None where there is none."""
        return self._catalogue.qos.get(number) or self._renewed().qos.get(number)

    def qos_id(self, name: str) -> int | None:
        """Give the id of a QOS, upper or lower case; None where there is none, or it was deleted."""
        wanted = name.lower()
        if wanted not in self._qos_ids:
            self._renewed()
        return self._qos_ids.get(wanted)

    def learn(self, catalogue: Catalogue) -> None:
        """Take over what slurmdbd told. Other threads may use the old one for one look-up more."""
        live = {number: name for number, name in catalogue.qos.items() if number not in catalogue.removed}
        self._ids = {(kind.lower(), name.lower()): number for number, (kind, name) in catalogue.tres.items()}
        self._qos_ids = {name.lower(): number for number, name in live.items()}
        self._catalogue, self._made = catalogue, self._clock()

    def _renewed(self) -> Catalogue:
        """Give the catalogue, renewed if this thread has a connection and has not asked yet."""
        if getattr(self._asking, "load", None):
            self._renew()
        return self._catalogue

    def _renew(self) -> None:
        load, self._asking.load = self._asking.load, None
        self.learn(load())

"""One difference from recorded answers that is meant."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from .record import Answer

Release = tuple[int, int, int]

OLDEST: Release = (0, 0, 0)
NEWEST: Release = (99, 0, 0)


class Difference:
    """A reason, and what is in the answers instead of what was recorded.

    cases: names of recordings, or patterns of them. since, before: only on a Slurm of that release or a newer one,
    of an older one. changes: attributes of Answer.
    """

    def __init__(
        self, reason: str, cases: str, *, since: Release = OLDEST, before: Release = NEWEST, **changes: Any
    ) -> None:
        self.reason, self.cases, self.changes = reason, cases.split(), changes
        self.since, self.before = since, before

    def concerns(self, name: str, release: Release) -> bool:
        """Tell whether the recording of this name differs so."""
        return self.since <= release < self.before and any(fnmatchcase(name, case) for case in self.cases)

    def apply(self, answer: Answer) -> Answer:
        """Make the answer that is meant."""
        return replace(answer, **self.changes)

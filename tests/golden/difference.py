"""One difference from recorded answers that is meant."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from .record import Answer

Release = tuple[int, int, int]


class Difference:
    """A reason, and what is in the answers instead of what was recorded.

    cases: names of recordings, or patterns of them. before: only on a Slurm older than this release.
    changes: attributes of Answer.
    """

    def __init__(self, reason: str, cases: str, *, before: Release | None = None, **changes: Any) -> None:
        self.reason, self.cases, self.before, self.changes = reason, cases.split(), before, changes

    def concerns(self, name: str, release: Release) -> bool:
        """Tell whether the recording of this name differs so."""
        return any(fnmatchcase(name, case) for case in self.cases) and (self.before is None or release < self.before)

    def apply(self, answer: Answer) -> Answer:
        """Make the answer that is meant."""
        return replace(answer, **self.changes)

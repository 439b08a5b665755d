"""Every difference from the recorded answers that is meant, and its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    reason: str
    cases: tuple[str, ...]
    changes: dict[str, Any]


DIFFERENCES: tuple[Difference, ...] = ()

"""Small things about jobs."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

from libslurm import memory

from .arrays import integers

if TYPE_CHECKING:
    from ..convert import JSON
    from ..names import Names


def is_held(names: Names, priority: int) -> bool:
    """Tell whether a job of this priority is held."""
    return priority == 0


def gres_detail(names: Names, count: int, address: int) -> list[str]:
    """List the generic resources that a job holds, one text per node: "gpu:tesla:1(IDX:0)"."""
    return memory.strings(address, count)


def array_results(names: Names, count: int, jobs: int, codes: int, texts: int | None) -> list[JSON]:
    """List what became of each part of an array."""
    why = memory.strings(texts, count) if texts else repeat("")
    results = zip(memory.strings(jobs, count), integers("I", codes, count), why, strict=False)
    return [
        {"job_id": job, "error_code": code, "error": names.error_text(code), "why": text} for job, code, text in results
    ]

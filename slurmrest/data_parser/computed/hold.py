"""Holding and releasing a job through its priority."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..convert import to_bool
from ..types import INFINITE, NO_VAL
from .step_id import job_in

if TYPE_CHECKING:
    from ..convert import JSON
    from ..parse import Target


def parse(document: JSON, target: Target) -> None:
    """Hold the job, whatever its priority; or release it, where this is an update that gives no priority.

    A submission is not held unless it says so, so that false says nothing there. Raises: ConversionError.
    """
    if document is None:
        return
    if to_bool(document):
        target.set("priority", 0)
    elif job_in(target) != NO_VAL and target.get("priority") == NO_VAL:
        target.set("priority", INFINITE)

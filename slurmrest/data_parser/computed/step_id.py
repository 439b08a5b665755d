"""Job and step: two members of their own, or since 25.11 a slurm_step_id_t embedded in the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..types import UINT32

if TYPE_CHECKING:
    from ..convert import JSON
    from ..names import Names
    from ..parse import Target

JOB_MEMBERS = ("job_id", "step_id.job_id")
STEP_MEMBERS = ("step_id", "step_id.step_id")
"""Where releases have it; a release has one of each pair, or a struct and what is in it."""


def job_of(names: Names, old: int | None, new: int | None) -> int:
    """Give the job ID."""
    return (old if new is None else new) or 0


def step_of(names: Names, old: int | None, new: int | None) -> str:
    """Give the name of the step: "batch", or its number."""
    return names.step_id((old if new is None else new) or 0)


def parse_job(document: JSON, target: Target) -> None:
    """Set the job ID, wherever the release has it. Raises: ConversionError."""
    target.set(_job_member(target), UINT32.convert(document, target.context))


def job_in(target: Target) -> int:
    """Give the job ID that a record under construction has."""
    number: int = target.get(_job_member(target))
    return number


def _job_member(target: Target) -> str:
    return next(member for member in JOB_MEMBERS if member in target.bound.members)

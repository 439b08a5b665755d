"""Jobs and steps as a query names them: 7, tasks 7_1 or 7_[1-3], a het component 21+1, a step 7.batch or 7.0+1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..slurm.job_id import JobId, parse_job_id, task_numbers
from .queries import invalid

STEPS = {
    "batch": "SLURM_BATCH_SCRIPT",
    "extern": "SLURM_EXTERN_CONT",
    "interactive": "SLURM_INTERACTIVE_STEP",
}
"""Names of steps -> constants of their numbers."""

STEP = re.compile(r"(?P<step>[0-9]{1,9})(\+(?P<component>[0-9]{1,9}))?")

COMMA = re.compile(r",(?![^\[]*\])")
"""A comma that is not between brackets."""

MOST = 1000
"""Array tasks that one query may name."""


@dataclass(frozen=True)
class Selected:
    """A job, or a part of one. step_name: the constant of a step that has a name; then step is 0."""

    job: int
    task: int | None = None
    offset: int | None = None
    step: int | None = None
    component: int | None = None
    step_name: str = ""


def parse_steps(values: Iterable[str]) -> list[Selected]:
    """Read comma separated jobs and steps. Raises: Problems 422."""
    found = [one for value in values for text in COMMA.split(value) if text.strip() for one in _parse(text.strip())]
    if len(found) > MOST:
        raise invalid(f"More than {MOST} jobs are named", "step")
    return found


def _parse(text: str) -> Iterator[Selected]:
    job = parse_job_id(text)
    step, component, name = _step(job)
    tasks = task_numbers(job.task, MOST + 1) if job.task is not None else [None]
    return (Selected(job.job, task, job.offset, step, component, name) for task in tasks)


def _step(job: JobId) -> tuple[int | None, int | None, str]:
    if job.step is None:
        return None, None, ""
    if job.step.lower() in STEPS:
        return 0, None, STEPS[job.step.lower()]
    match = STEP.fullmatch(job.step)
    if not match:
        raise invalid(f'Unable to parse "step": there is no step "{job.step}"', "step")
    component = match["component"]
    return int(match["step"]), int(component) if component else None, ""

"""Job ids as the URL has them: 7, array tasks 7_1 or 7_[1-3], a het component 21+1, a step 7.batch."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import Any, NamedTuple

from ...data_parser.parse import Problem
from ...errors import Problems

MAX_JOB_ID = 0x03FFFFFF
"""The largest job id that slurmctld gives out, slurm.h."""

FORM = re.compile(
    r"(?P<job>[0-9]{1,1000})(_(?P<task>[0-9]{1,20}|\[[0-9,:%-]+\]))?(\+(?P<offset>[0-9]{1,20}))?(\.(?P<step>.+))?",
    re.ASCII,
)

TASKS = re.compile(r"(?P<low>[0-9]{1,20})(-(?P<high>[0-9]{1,20})(:(?P<step>[1-9][0-9]{0,9}))?)?")


class JobId(NamedTuple):
    """A job, or a part of one. text: what slurmctld is told. task: array tasks. offset: a het component."""

    text: str
    job: int
    task: str | None
    offset: int | None
    step: str | None

    @property
    def whole(self) -> bool:
        """Whether this is all of a job, not a task or a component of one."""
        return self.task is None and self.offset is None

    def selects(self, document: dict[str, Any]) -> bool:
        """Tell whether a job's document is what this names, among all that slurmctld shows for `job`.

        The tasks of an array that are still pending share one document, which lists them.
        """
        if self.task is not None:
            number = document["array_task_id"]
            has = str(number["number"]) if number["set"] else document["array_task_string"]
            return _meet(_ranges(self.task.strip("[]")), _ranges(has))
        if self.offset is not None:
            return bool(document["het_job_offset"]["number"] == self.offset)
        return True


def _ranges(tasks: str) -> list[range]:
    """Read array tasks as Slurm writes them: "1,3-5,7-11:2%4"."""
    matches = (TASKS.fullmatch(part) for part in tasks.partition("%")[0].split(","))
    return [range(int(m["low"]), int(m["high"] or m["low"]) + 1, int(m["step"] or 1)) for m in matches if m]


def task_numbers(tasks: str, most: int) -> list[int]:
    """Give the array tasks that "3" or "[1,3-5]" names, the first *most* of them."""
    return list(islice(chain.from_iterable(_ranges(tasks.strip("[]"))), most))


def _meet(ours: list[range], theirs: list[range]) -> bool:
    """Tell whether two sets of ranges share a number; the shorter range is the one walked."""
    return any(any(n in b for n in a) if len(a) <= len(b) else any(n in a for n in b) for a in ours for b in theirs)


def parse_job_id(text: str) -> JobId:
    """Read a job id. Raises: Problems 422, with the error number that says what is wrong with it."""
    match = FORM.fullmatch(text)
    if not match or not int(match["job"]):
        negative = text.startswith("-") and text[1:].isdigit()
        raise _refused(text, "ESLURM_INVALID_JOB_ID_NEGATIVE" if negative else "ESLURM_INVALID_JOB_ID_ZERO")
    job = int(match["job"])
    if job > MAX_JOB_ID:
        raise _refused(text, "ESLURM_INVALID_JOB_ID_TOO_LARGE")
    without_step = text[: match.start("step") - 1] if match["step"] else text
    offset = int(match["offset"]) if match["offset"] else None
    return JobId(without_step.lstrip("0"), job, match["task"], offset, match["step"])


def _refused(text: str, name: str) -> Problems:
    return Problems([Problem(f'Failure parsing "{text}"', "job_id", name)])

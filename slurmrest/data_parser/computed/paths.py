"""Files of a job's standard input, output and error: patterns expanded as Slurm's commands show them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ..types import NO_VAL

if TYPE_CHECKING:
    from ..names import Names


class Job(NamedTuple):
    """The members that the paths depend on."""

    std_in: str
    std_out: str
    std_err: str
    batch_flag: int
    work_dir: str
    job_id: int
    array_job_id: int
    array_task_id: int
    user_id: int
    name: str


Paths = tuple[str, str, str]
"""Of input, output and error. An empty text where a job has none, as one that is not a batch job."""

MEMBERS = Job._fields
"""What standard_paths uses."""

PATTERN = re.compile("%[Aajux]")


def standard_paths(names: Names, *values: Any) -> Paths:
    """Work out the three paths. values: those of MEMBERS. A cluster has many jobs, and this is asked for every one."""
    std_in, std_out, std_err, batch_flag, _, _, array_job_id, _, _, _ = values
    if batch_flag:
        std_in = std_in or "/dev/null"
        std_out = std_out or ("slurm-%A_%a.out" if array_job_id else "slurm-%j.out")
        std_err = std_err or std_out
    output = _expanded(names, std_out, values)
    return (
        std_in if std_in == "/dev/null" else _expanded(names, std_in, values),
        output,
        output if std_err == std_out else _expanded(names, std_err, values),
    )


def _expanded(names: Names, file: str, values: tuple[Any, ...]) -> str:
    if "%" in file:
        # Most patterns have no other than this one, and a number makes no new pattern.
        file = file.replace("%j", str(values[5]))
        if "%" in file:
            job = Job(*values)
            file = PATTERN.sub(lambda match: _value(names, match[0], job), file)
    return file if not file or file[0] == "/" else f"{values[4]}/{file}"


def _value(names: Names, pattern: str, job: Job) -> str:
    """Give what a pattern stands for. %a stays where one record stands for all pending tasks of an array.

    Outside of arrays it is the number that slurmd puts there.
    """
    match pattern:
        case "%A":
            return str(job.array_job_id or job.job_id)
        case "%a":
            return pattern if job.array_job_id and job.array_task_id == NO_VAL else str(job.array_task_id)
        case "%u":
            return names.user(job.user_id) or str(job.user_id)
    return job.name


def standard_input(names: Names, paths: Paths) -> str:
    """Give the file of standard input."""
    return paths[0]


def standard_output(names: Names, paths: Paths) -> str:
    """Give the file of standard output."""
    return paths[1]


def standard_error(names: Names, paths: Paths) -> str:
    """Give the file of standard error."""
    return paths[2]

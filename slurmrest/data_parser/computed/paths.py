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


class Paths(NamedTuple):
    """An empty text where a job has none, as one that is not a batch job."""

    input: str
    output: str
    error: str


MEMBERS = Job._fields
"""What standard_paths uses."""

PATTERN = re.compile("%[Aajux]")


def standard_paths(names: Names, *values: Any) -> Paths:
    """Work out the three paths. values: those of MEMBERS."""
    std_in, std_out, std_err, batch_flag, work_dir, job_id, array_job_id, *_ = values
    if not (std_in or std_out or std_err) and batch_flag and not array_job_id:
        # Most jobs name no file. A cluster has many jobs, and this is asked for every one.
        output = f"{work_dir}/slurm-{job_id}.out"
        return Paths("/dev/null", output, output)
    return _paths(names, Job(*values))


def _paths(names: Names, job: Job) -> Paths:
    std_in, std_out = job.std_in, job.std_out
    if job.batch_flag:
        std_in = std_in or "/dev/null"
        std_out = std_out or ("slurm-%A_%a.out" if job.array_job_id else "slurm-%j.out")
    std_err = job.std_err or (std_out if job.batch_flag else "")
    return Paths(*(_expanded(names, file, job) if file else "" for file in (std_in, std_out, std_err)))


def _expanded(names: Names, file: str, job: Job) -> str:
    path = PATTERN.sub(lambda match: _value(names, match[0], job), file) if "%" in file else file
    return path if path.startswith("/") else f"{job.work_dir}/{path}"


def _value(names: Names, pattern: str, job: Job) -> str:
    """Give what a pattern stands for. %a stays where one record stands for all pending tasks of an array.

    Outside of arrays it is the number that slurmd puts there.
    """
    match pattern:
        case "%A":
            return str(job.array_job_id or job.job_id)
        case "%a":
            return pattern if job.array_job_id and job.array_task_id == NO_VAL else str(job.array_task_id)
        case "%j":
            return str(job.job_id)
        case "%u":
            return names.user(job.user_id) or str(job.user_id)
    return job.name


def standard_input(names: Names, paths: Paths) -> str:
    """Give the file of standard input."""
    return paths.input


def standard_output(names: Names, paths: Paths) -> str:
    """Give the file of standard output."""
    return paths.output


def standard_error(names: Names, paths: Paths) -> str:
    """Give the file of standard error."""
    return paths.error

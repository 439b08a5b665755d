"""Which accounted jobs a query asks for: what slurmdbd is told, and what it cannot be told and is left out here.

Times bound when a job ran, as for sacct: without any, slurmdbd takes from midnight to now; with states alone, now.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import falcon

from libslurm.conditions import condition
from libslurm.errors import SlurmError
from libslurm.lists import UNSAFE, List
from libslurm.memory import Arena, address_of, decode, record_at

from ...data_parser.convert import in_range, to_integer, to_number
from ...data_parser.parse import ConversionError
from .queries import boolean, cluster_name, converted, invalid, parameters, texts
from .steps import parse_steps

if TYPE_CHECKING:
    from libslurm.accounting import Accounting

    from ...data_parser.names import Names

STRUCT = "slurmdb_job_cond_t"

LISTS = {
    "account": "acct_list",
    "association": "associd_list",
    "cluster": "cluster_list",
    "constraints": "constraint_list",
    "format": "format_list",
    "group": "groupid_list",
    "groups": "groupid_list",
    "job_name": "jobname_list",
    "partition": "partition_list",
    "qos": "qos_list",
    "reason": "reason_list",
    "reservation": "resv_list",
    "state": "state_list",
    "users": "userid_list",
    "wckey": "wckey_list",
}
"""Comma separated parameter -> the list of the condition. Several values are any of them."""

RANGES = {
    "cpus_min": ("cpus_min", "cpus_max"),
    "cpus_max": ("cpus_min", "cpus_max"),
    "nodes_min": ("nodes_min", "nodes_max"),
    "nodes_max": ("nodes_min", "nodes_max"),
}
"""Parameter -> members of the range it belongs to: slurmdbd looks at none whose lower end is 0."""

FLAGS = {"skip_steps": "JOBCOND_FLAG_NO_STEP", "disable_wait_for_result": "JOBCOND_FLAG_NO_WAIT"}

TIMES = {"start_time": "usage_start", "end_time": "usage_end", "submit_time": "usage_start"}

KEYS = (*LISTS, *RANGES, *FLAGS, *TIMES, "node", "step", "exit_code")
"""Every query parameter of jobs."""

MOST = 0xFFFFFFFD
"""The largest number of 32 bits that is one."""

COMPACT = {
    "pd": "pending", "r": "running", "s": "suspended", "cd": "completed", "ca": "cancelled", "f": "failed",
    "to": "timeout", "nf": "node_fail", "pr": "preempted", "bf": "boot_fail", "dl": "deadline", "oom": "out_of_memory",
}  # fmt: skip
"""States as squeue writes them, where there is little room."""

EPOCH = 9
"""Digits from which a bare number is seconds since the epoch; a shorter one is a date or a time of day to Slurm."""


@dataclass(frozen=True)
class JobQuery:
    """What is asked for. found: the parameters, of which all but QOS are known to be good."""

    found: dict[str, list[str]]
    names: Names

    def condition(self, db: Accounting, arena: Arena) -> Any:
        """Make slurmdbd's condition, None where there is no parameter at all. Raises: Problems 422."""
        if not self.found:
            return None
        lists = {LISTS[key]: self.values(key) for key in self.found if key in LISTS}
        lists.setdefault("cluster_list", [db.library.configuration().cluster_name])
        record = every_job(db, arena, **lists)
        constants = db.library.layout.constants
        record.flags |= sum(constants[flag] for key, flag in FLAGS.items() if boolean(self.found, key))
        if "node" in self.found:
            record.used_nodes = arena.keep(hosts(self.names, self.found["node"][-1]).encode())
        if "step" in self.found:
            record.step_list = step_list(db, arena, self.found["step"])
        self._set_numbers(record)
        self._set_times(record, constants)
        return record

    def values(self, key: str) -> list[str]:
        """Give the values of a comma separated parameter, as slurmdbd wants them. Raises: Problems 422."""
        values = texts(self.found, key)
        if not values:
            raise invalid(f'Unable to parse "{key}": there is no value', key)
        convert = CONVERT.get(key)
        return (
            [converted(key, value, lambda text: str(convert(self.names, text))) for value in values]
            if convert
            else values
        )

    def keeps(self) -> Callable[[Any], bool] | None:
        """Give a test for job records, of what slurmdbd cannot be told; None where it was told everything."""
        tests: list[Callable[[Any], bool]] = []
        if "exit_code" in self.found:
            code = self._number("exit_code", 255)
            tests.append(lambda job: bool(job.end) and job.exitcode == code << 8)
        if "submit_time" in self.found:
            since = self._time("submit_time")
            tests.append(lambda job: bool(job.submit >= since))
        if "reservation" in self.found:
            # slurmdbd takes one that it does not know for no condition.
            wanted = set(self.values("reservation"))
            tests.append(lambda job: decode(job.resv_name) in wanted)
        return (lambda job: all(test(job) for test in tests)) if tests else None

    def check(self) -> None:
        """Raises: Problems 422 for any parameter that is not understood; QOS are looked up later."""
        if "start_time" in self.found and "submit_time" in self.found:
            raise invalid("start_time and submit_time exclude each other", "submit_time")
        for key in self.found:
            if key in LISTS and key != "qos":
                self.values(key)
            elif key in RANGES:
                self._number(key, MOST)
            elif key in TIMES:
                self._time(key)
        for flag in FLAGS:
            boolean(self.found, flag)
        for value in self.found.get("node", ()):
            hosts(self.names, value)
        if "step" in self.found and not parse_steps(self.found["step"]):
            raise invalid('Unable to parse "step": there is no value', "step")
        self.keeps()

    def _set_numbers(self, record: Any) -> None:
        for key in RANGES.keys() & self.found.keys():
            setattr(record, key, self._number(key, MOST))
            low, high = RANGES[key]
            setattr(record, low, getattr(record, low) or 1)
            setattr(record, high, getattr(record, high) or MOST)

    def _set_times(self, record: Any, constants: dict[str, int]) -> None:
        for key in TIMES.keys() & self.found.keys():
            setattr(record, TIMES[key], self._time(key))
        if "submit_time" in self.found:
            record.flags |= constants["JOBCOND_FLAG_NO_DEFAULT_USAGE"]
        if "state" in self.found and record.usage_start and not record.usage_end:
            # slurmdbd would take the one moment for the whole window.
            record.usage_end = int(time.time())

    def _number(self, key: str, most: int) -> int:
        return converted(key, self.found[key][-1], lambda text: in_range(to_integer(text), 0, most))

    def _time(self, key: str) -> int:
        return converted(key, self.found[key][-1], lambda text: to_time(self.names, text))


def job_query(req: falcon.Request, names: Names) -> JobQuery:
    """Read the query of a request. Raises: Problems 422 that names the parameter."""
    wanted = JobQuery(parameters(req, *KEYS), names)
    wanted.check()
    return wanted


def every_job(db: Accounting, arena: Arena, **lists: Sequence[str]) -> Any:
    """Make a condition for jobs with all that is known of them, requeued ones included."""
    record = condition(db, arena, STRUCT, **lists)
    constants = db.library.layout.constants
    record.flags = constants["JOBCOND_FLAG_DUP"] | constants["JOBCOND_FLAG_NO_TRUNC"]
    record.db_flags = constants["SLURMDB_JOB_FLAG_NOTSET"]
    return record


def step_list(db: Accounting, arena: Arena, values: Sequence[str]) -> int:
    """Make a list_t of slurm_selected_step_t, as the URL names jobs and steps. Raises: Problems 422."""
    layout = db.library.layout
    no_value, addresses = layout.constant("NO_VAL"), []
    for wanted in parse_steps(values):
        record = arena.record(layout.record("slurm_selected_step_t"))
        record.array_task_id = no_value if wanted.task is None else wanted.task
        record.het_job_offset = no_value if wanted.offset is None else wanted.offset
        record.step_id.job_id = wanted.job
        record.step_id.step_id = (
            no_value if wanted.step is None else layout.constants.get(wanted.step_name, wanted.step)
        )
        record.step_id.step_het_comp = no_value if wanted.component is None else wanted.component
        addresses.append(address_of(record))
    return int(arena.keep(List(db.library, addresses)).address)


def to_time(names: Names, text: str) -> int:
    """Convert seconds since the epoch, or a time as Slurm's commands take it. Raises: ConversionError."""
    if text.isascii() and text.isdigit() and (len(text) >= EPOCH or text == "0"):
        return in_range(to_number(text), 0, 1 << 40)
    return names.parse_time(text)


def hosts(names: Names, text: str) -> str:
    """Give *text* back if it is a host expression. Raises: Problems 422."""
    refusal = invalid(f'Unable to parse "node": "{text}" is no host expression', "node")
    if not text.strip() or UNSAFE.search(text):
        raise refusal
    try:
        names.hostlist_has(text, "")
    except SlurmError as error:
        raise refusal from error
    return text


@cache
def _states(names: Names) -> dict[str, int]:
    found = {names.job_state(number).lower(): number for number in range(names.library.layout.constant("JOB_END"))}
    return found | {short: found[state] for short, state in COMPACT.items() if state in found}


@cache
def _reasons(names: Names) -> dict[str, int]:
    return {names.job_reason(number).lower(): number for number in reversed(range(REASONS))}


REASONS = 512
"""More reasons than any release has."""


def _one_of(what: str, known: Callable[[Names], dict[str, int]]) -> Callable[[Names, str], int]:
    def convert(names: Names, text: str) -> int:
        table = known(names)
        number = int(text) if text.isascii() and text.isdigit() and len(text) < EPOCH else table.get(text.lower())
        if number is None or number not in table.values():
            raise ConversionError("ESLURM_DATA_CONV_FAILED", f'Unknown {what} "{text}"')
        return number

    return convert


def _qos(names: Names, text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < EPOCH else names.qos_id(text)
    if number is None:
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f'Unknown QOS "{text}"')
    return number


def _number(_names: Names, text: str) -> int:
    return in_range(to_integer(text), 0, MOST)


def _as_it_is(_names: Names, text: str) -> str:
    if UNSAFE.search(text):
        raise ConversionError("ESLURM_DATA_CONV_FAILED", "slurmdbd takes no quotes, backslashes and control characters")
    return text


CONVERT: dict[str, Callable[[Names, str], int | str]] = {
    "association": _number,
    "cluster": lambda _names, text: cluster_name(text),
    "group": lambda names, text: names.gid(text),
    "groups": lambda names, text: names.gid(text),
    "qos": _qos,
    "reason": _one_of("reason", _reasons),
    "state": _one_of("state", _states),
    "users": lambda names, text: names.uid(text),
}
"""Comma separated parameter -> what checks a value; it gives a number where slurmdbd knows it by number alone."""


def kept(addresses: Sequence[int], test: Callable[[Any], bool], record_class: Any) -> Iterator[int]:
    """Give the addresses of the records that pass a test."""
    return (address for address in addresses if test(record_at(record_class, address)))

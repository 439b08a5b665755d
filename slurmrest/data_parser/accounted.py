"""Types of what was accounted for jobs and steps: how they ended, how they ran, and slurmdbd's RPCs."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

from .convert import JSON
from .types import NO_VAL, UINT64, CsvList, Document, Float, HostlistString, Named, Type

if TYPE_CHECKING:
    from .names import Names


STOPPED = 0x7F
"""In place of a signal's number, where a process was only stopped."""


class ExitCode(Type):
    """A status as wait gives it: whether it succeeded, its exit status, the signal that ended it.

    no_code, unknown: the return_code of what was ended by a signal, and of what has not ended.
    """

    unsigned = True

    def __init__(self, no_code: int | None, unknown: int | None) -> None:
        self.name = "JOB_EXIT_CODE"
        self.no_code, self.unknown = no_code, unknown
        number = {"type": "integer", "format": "int32"}
        killed = {
            "signal_id": {**number, "description": "Number of the signal"},
            "name": {"type": "string", "description": "What the signal means"},
        }
        self.schema = {
            "type": "object",
            "properties": {
                "status": {"type": "string", "description": "PENDING, SUCCESS, ERROR or SIGNALED"},
                "return_code": {**number, "nullable": True, "description": "Exit status"},
                "signal": {"type": "object", "properties": killed, "description": "Signal that ended it"},
            },
        }
        self.zero: JSON = self.dump(NO_VAL, None)  # type: ignore[arg-type]

    def dump(self, value: int, names: Names) -> JSON:
        if value == NO_VAL:
            return {"status": "PENDING", "return_code": self.unknown}
        number, code = value & 0x7F, value >> 8 & 0xFF
        if 0 < number < STOPPED:
            ended = {"signal_id": number, "name": signal_text(number)}
            return {"status": "SIGNALED", "return_code": self.no_code, "signal": ended}
        return {"status": "ERROR" if code or number else "SUCCESS", "return_code": code}

    def emit(self, value: str) -> str:
        return f"show_exit_code({value})"

    def bindings(self) -> dict[str, Any]:
        return {"show_exit_code": lambda value: self.dump(value, None)}  # type: ignore[arg-type]


def signal_text(number: int) -> str:
    """Say what a signal means: "Killed"."""
    try:
        return signal.strsignal(number) or f"Unknown signal {number}"
    except ValueError:
        return f"Unknown signal {number}"


class WholeNumber(Float):
    """A double that is shown as a whole number, rounded down."""

    zero = 0

    def __init__(self) -> None:
        super().__init__("UINT64")
        self.schema = UINT64.schema

    def dump(self, value: float, names: Names) -> JSON:
        return int(value) if 0 <= value < 1 << 64 else None

    def emit(self, value: str) -> str:
        return f"int({value}) if 0 <= {value} < {1 << 64} else None"


class StepNodes(HostlistString):
    """As HOSTLIST_STRING; the same few expressions come again and again."""

    def dump(self, value: str, names: Names) -> JSON:
        return list(names.hosts(value)) if value else []

    def emit(self, value: str) -> str:
        return f"[*names.hosts({value})] if {value} else []"


HOSTLIST = CsvList("HOSTLIST")
STEP_NODES = StepNodes("STEP_NODES")
STEP_NODES.same_as = HOSTLIST
JOB_EXIT_CODE = ExitCode(None, None)
JOB_EXIT_CODE_NUMBERED = ExitCode(-127, 0)
WHOLE_NUMBER = WholeNumber()
STEP_DISTRIBUTION = Named("TASK_DISTRIBUTION", "step_distribution")
CPU_FREQ_FLAGS = Document("CPU_FREQ_FLAGS", {"type": "string"}, "")
RPC_ID = Named("RPC_ID", "database_message")
JOB_USER = Document("JOB_USER", {"type": "string", "nullable": True}, None)
SLURM_STEP_ID = Document(
    "SLURM_STEP_ID",
    {
        "type": "object",
        "properties": {
            "job_id": {"type": "integer", "format": "int64", "description": "Job ID"},
            "step_het_component": {
                "type": "integer",
                "format": "int64",
                "description": "Number of the component of a heterogeneous step",
            },
            "step_id": {"type": "string", "description": "Number of the step, or its name: batch, extern, interactive"},
        },
    },
    {},
)
ROLLUP_STATS = Document(
    "ROLLUP_STATS",
    {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "type": {"type": "string", "enum": ["internal", "user", "unknown"], "description": "What is rolled up"},
                "last_run": {
                    "type": "integer",
                    "format": "int64",
                    "description": "When it last ran (seconds since the epoch)",
                },
                "last_cycle": {"type": "integer", "format": "int64", "description": "Time of the last (microseconds)"},
                "max_cycle": {"type": "integer", "format": "int64", "description": "Longest time (microseconds)"},
                "total_time": {"type": "integer", "format": "int64", "description": "Time of all (microseconds)"},
                "total_cycles": {"type": "integer", "format": "int64", "description": "How often it ran"},
                "mean_cycles": {"type": "integer", "format": "int64", "description": "Mean time (microseconds)"},
            },
        },
    },
    [],
)
ROLLUP_STATS_PTR = Document("ROLLUP_STATS_PTR", ROLLUP_STATS.schema, [], same_as=ROLLUP_STATS)


def step_tres(name: str) -> Document:
    """Give the type of the most or the least that any task of a step used, under Slurm's *name* for it."""
    properties = {
        "type": {"type": "string", "description": "TRES type"},
        "name": {"type": "string", "description": "TRES name, where the type has several"},
        "id": {"type": "integer", "format": "int64", "description": "ID in the database"},
        "count": {"type": "integer", "format": "int64", "description": "How much"},
        "task": {"type": "integer", "format": "int64", "description": "The task that used it"},
        "node": {"type": "string", "description": "The node that task was on"},
    }
    items = {"type": "object", "properties": properties, "required": ["type"]}
    return Document(name, {"type": "array", "items": items}, [])


STEP_TRES_REQ_MAX = step_tres("STEP_TRES_REQ_MAX")
STEP_TRES_REQ_MIN = step_tres("STEP_TRES_REQ_MIN")
STEP_TRES_USAGE_MAX = step_tres("STEP_TRES_USAGE_MAX")
STEP_TRES_USAGE_MIN = step_tres("STEP_TRES_USAGE_MIN")

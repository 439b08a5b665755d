"""Ways in which API versions write the same thing differently, wherever it occurs: each is one rule, with its reason.

What is a matter of single keys is in differences.py.
"""

from __future__ import annotations

import os
import signal
from typing import Any

from .compare import NUMBER
from .entry import OLD, SINCE_40, UNTIL_38, Alike

INFINITE, UNSET = "infinite", "unset"
BITS = (16, 32, 64)
RAW = {2**bits - 1: INFINITE for bits in BITS} | {2**bits - 2: UNSET for bits in BITS} | {-1: INFINITE, -2: UNSET}
"""C numbers that are none. Slurm has them in three sizes."""


def is_number(value: Any) -> bool:
    """Tell whether it is a plain number, or one in the form of an object."""
    if isinstance(value, dict):
        return value.keys() == NUMBER
    return isinstance(value, int | float) and not isinstance(value, bool)


def number(value: Any) -> Any:
    """A number, whatever its form; INFINITE or UNSET where it is none."""
    if isinstance(value, dict):
        return value["number"] if value["set"] else INFINITE if value["infinite"] else UNSET
    return RAW.get(value, value)


def same_number(theirs: Any, ours: Any) -> bool:
    """Tell whether both are the same number."""
    return is_number(theirs) and is_number(ours) and number(theirs) == number(ours)


def unset_null(theirs: Any, ours: Any) -> bool:
    """Tell whether theirs is unset, and ours null."""
    return ours is None and isinstance(theirs, dict) and is_number(theirs) and number(theirs) == UNSET


def nothing(theirs: Any, ours: Any) -> bool:
    """Tell whether theirs is null, and ours whatever else means nothing."""
    return theirs is None and (ours in ("", []) or (is_number(ours) and number(ours) in (INFINITE, UNSET)))


def listed(theirs: Any, ours: Any) -> bool:
    """Tell whether theirs are ours in one text."""
    return isinstance(theirs, str) and isinstance(ours, list) and [text for text in theirs.split(",") if text] == ours


def alone(theirs: Any, ours: Any) -> bool:
    """Tell whether ours is the only one of theirs."""
    return isinstance(ours, str) and theirs == [ours]


def ordered(theirs: Any, ours: Any) -> bool:
    """Tell whether both are the same words in another order."""
    lists = isinstance(theirs, list) and isinstance(ours, list)
    return lists and all(isinstance(word, str) for word in (*theirs, *ours)) and sorted(theirs) == sorted(ours)


def boolean(theirs: Any, ours: Any) -> bool:
    """Tell whether theirs is the number of our truth."""
    return isinstance(ours, bool) and theirs in (0, 1) and bool(theirs) == ours


def waited(theirs: Any, ours: Any) -> bool:
    """Tell whether theirs says in words what ours, a status of wait, says in bits."""
    if not is_number(ours) or not isinstance(theirs, dict) or "return_code" not in theirs:
        return False
    status = number(ours)
    said = (theirs["status"], number(theirs["return_code"]), number(theirs["signal"]["id"]))
    if status == UNSET:
        return said == (["PENDING"], UNSET, UNSET)
    if os.WIFSIGNALED(status):
        return said == (["SIGNALED"], UNSET, os.WTERMSIG(status))
    code = os.WEXITSTATUS(status)
    return said == (["ERROR" if code else "SUCCESS"], code, UNSET)


def named_signal(theirs: Any, ours: Any) -> bool:
    """Tell whether theirs is the name of the signal that ours describes."""
    found = [one for one in signal.Signals if isinstance(theirs, str) and one.name == f"SIG{theirs}"]
    return bool(found) and signal.strsignal(found[0]) == ours


def step(theirs: Any, ours: Any) -> bool:
    """Tell whether theirs is our step in one text."""
    return isinstance(ours, dict) and "step_id" in ours and theirs == f"{ours['job_id']}.{ours['step_id']}"


RULES = (
    Alike("A number that may be infinite or unset is an object, not a number.", same_number, versions=UNTIL_38),
    Alike("What is unset or infinite is said to be, and no null.", nothing, versions=UNTIL_38),
    Alike("Names separated by commas, or a single one, are a list.", listed, versions=UNTIL_38),
    Alike("Truth is no number.", boolean, versions=UNTIL_38),
    Alike("Before v0.0.40 fewer numbers were objects.", same_number, versions=SINCE_40),
    Alike("Up to 23.02.3 an exit code that there is not was null.", unset_null, versions=SINCE_40, dialect=OLD),
    Alike("Before v0.0.40 a state was no list.", alone, versions=SINCE_40),
    Alike("Before v0.0.40 a job's exit code was what wait gives.", waited, versions=SINCE_40),
    Alike("Before v0.0.40 a signal had the name that strsignal gives.", named_signal, versions=SINCE_40),
    Alike("Before v0.0.40 the id of a step was an object.", step, versions=SINCE_40),
    Alike("The order of flags and names means nothing.", ordered, versions=UNTIL_38),
)
"""The rules, tried in this order on a value that nothing in differences.py explains."""

"""How many nodes a job wants: "2", "1-4", "1k-2k", "1,2,4", "2-8:2", [1, 4]."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..convert import in_range, to_integer, to_number
from ..parse import ConversionError
from ..special import expect_text
from ..types import NO_VAL

if TYPE_CHECKING:
    from ..convert import JSON
    from ..names import Names
    from ..parse import Target

UNITS = {"": 1, "k": 1024, "m": 1048576}
COUNTS = re.compile(r"\s*(\d+)([km]?)(?:\s*-\s*(\d+)([km]?))?\s*", re.IGNORECASE | re.ASCII)
PART = re.compile(r"\s*(\d+)(?:-(\d+)(?::(\d+))?)?\s*", re.ASCII)
MOST_LISTED = 0xFFFF
"""Highest number in a list of node counts: more nodes than any cluster has."""


def dump(names: Names, low: int, high: int, sizes: str | None) -> str:
    """Write the counts as a user would; "" where none is set."""
    if sizes:
        return sizes
    counts = [str(number) for number in (low, high) if number != NO_VAL]
    return counts[0] if len(set(counts)) == 1 else "-".join(counts)


def parse(document: JSON, target: Target) -> None:
    """Set min_nodes, max_nodes and, for a list of counts, job_size_str. Raises: ConversionError."""
    if document is None:
        return
    if isinstance(document, list):
        counts = _of_list(document)
    else:
        text = expect_text(document, "string for node counts")
        listed = "," in text or ":" in text
        counts = _listed(text, target) if listed else _of_text(text)
    for member, number in zip(("min_nodes", "max_nodes"), sorted(counts), strict=False):
        target.set(member, number)


def _of_list(document: list[JSON]) -> list[int]:
    """Convert [], [fewest] or [fewest, most]."""
    if document[2:]:
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f"Expected one or two node counts but got {len(document)}")
    return [in_range(to_integer(number), 0, NO_VAL) for number in document]


def _of_text(text: str) -> list[int]:
    match = COUNTS.fullmatch(text)
    if not match:
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f"Unknown format: {text}")
    low = to_number(match[1]) * UNITS[match[2].lower()]
    high = to_number(match[3]) * UNITS[match[4].lower()] if match[3] else low
    return [in_range(number, 0, NO_VAL) for number in (low, high)]


def _listed(text: str, target: Target) -> list[int]:
    """Set job_size_str from "1,2,4" or "2-8:2"; give the fewest and the most."""
    if "job_size_str" not in target.bound.members:
        release = target.bound.layout.release_text
        raise ConversionError("ESLURM_NOT_SUPPORTED", f"Slurm {release} takes no list of node counts: {text}")
    ranges = [_range(part) for part in text.split(",")]
    target.set("job_size_str", ",".join(_written(numbers) for numbers in ranges).encode())
    return [min(numbers[0] for numbers in ranges), max(numbers[-1] for numbers in ranges)]


def _range(part: str) -> range:
    match = PART.fullmatch(part)
    if not match:
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f"Unknown format: {part}")
    low, high = sorted(in_range(to_number(number), 0, MOST_LISTED) for number in (match[1], match[2] or match[1]))
    return range(low, high + 1, in_range(to_number(match[3] or "1"), 1, MOST_LISTED))


def _written(numbers: range) -> str:
    """Write a range as slurmctld reads it beside others: without a step."""
    if numbers.step == 1 and len(numbers) > 1:
        return f"{numbers[0]}-{numbers[-1]}"
    return ",".join(str(number) for number in numbers)

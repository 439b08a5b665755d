"""Limits by TRES: what a document names becomes what slurmdbd has, what it does not name stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....data_parser.tres import tres_counts
from ....data_parser.types import INFINITE64
from .batch import text

if TYPE_CHECKING:
    from libslurm.layout import Layout

OFF = INFINITE64
"""The count by which slurmdbd takes a limit off."""


def differ(record: Any, present: Any, struct: str, layout: Layout) -> None:
    """Make the limits by TRES that *record* names the changes that lead there from *present*.

    slurmdbd adds what it is sent to what it has, so that a limit to be gone must be said to be.
    """
    for name in tres_members(struct, layout):
        named = getattr(record, name)
        if named is not None:
            setattr(record, name, _changes(text(named), text(getattr(present, name))) or None)


def tres_members(struct: str, layout: Layout) -> list[str]:
    """The members of a struct that are limits by TRES as text."""
    members = layout.structs[struct].members.values()
    return [
        one.name for one in members if one.kind == "str" and one.name.startswith(("grp_tres", "max_tres", "min_tres"))
    ]


def _changes(named: str, present: str) -> bytes:
    wanted, had = tres_counts(named), tres_counts(present)
    gone = {number: OFF for number in had if number not in wanted}
    # Without a sign: a slurmdbd of 25.11 or later takes "-1" as one less.
    return ",".join(f"{number}={count % (1 << 64)}" for number, count in (wanted | gone).items()).encode()

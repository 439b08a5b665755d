"""How a controller answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..names import Names

MODES = {0: "primary", 1: "backup"}
"""Place in SlurmctldHost -> mode; those after the first backup are numbered."""


def result(names: Names, pinged: int) -> str:
    """Give "UP" for a controller that answered."""
    return "UP" if pinged else "DOWN"


def mode(names: Names, offset: int) -> str:
    """Name a controller by its place in SlurmctldHost."""
    return MODES.get(offset, f"backup{offset}")

"""Task distribution of a job: "block:cyclic", or "plane=4", the size of a plane in a member of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..special import expect_text
from ..types import NO_VAL16

if TYPE_CHECKING:
    from ..convert import JSON
    from ..names import Names
    from ..parse import Target


def dump(names: Names, distribution: int, plane_size: int) -> str:
    """Write the distribution as a user would."""
    text = names.task_distribution(distribution)
    return f"{text}={plane_size}" if text == "plane" and plane_size not in (0, NO_VAL16) else text


def parse(document: JSON, target: Target) -> None:
    """Set task_dist, and plane_size where the text gives it. Raises: ConversionError."""
    if document is None:
        return
    text = expect_text(document, "string")
    size = target.get("plane_size")
    if text.strip().lower() == "plane" and size not in (0, NO_VAL16):
        # As dump writes them: the size stands in distribution_plane_size, which was read before.
        text = f"plane={size}"
    distribution, plane_size = target.context.names.parse_distribution(text)
    target.set("task_dist", distribution)
    if plane_size is not None:
        target.set("plane_size", plane_size)

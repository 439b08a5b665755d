"""Which QOS a QOS may preempt: bits in a record that slurmdbd sends, a list of ids in one that it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..qos import QosIds, show_qos

if TYPE_CHECKING:
    from ..convert import JSON
    from ..names import Names
    from ..parse import Target

NOTHING = "''"
"""What slurmdbd takes for "none" in preempt_list, where an empty list means "leave it"."""


def preempted(names: Names, bitmap: int) -> list[str]:
    """List the QOS by name. Bit 0 is no QOS."""
    return [show_qos(number, names) for number in names.bits(bitmap) if number]


def parse_preempted(document: JSON, target: Target) -> None:
    """Set preempt_list. Raises: ConversionError."""
    target.set("preempt_list", QosIds("QOS_PREEMPT_LIST", NOTHING).convert(document, target.context))

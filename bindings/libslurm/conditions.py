"""What slurmdbd is asked for: condition records of any release, by the names that 22.05 had for what they ask."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .errors import SlurmUnsupported
from .lists import text_list
from .memory import Arena, address_of

if TYPE_CHECKING:
    from .accounting import Accounting

FLAGS = {
    ("slurmdb_account_cond_t", "with_assocs"): "SLURMDB_ACCT_FLAG_WASSOC",
    ("slurmdb_account_cond_t", "with_coords"): "SLURMDB_ACCT_FLAG_WCOORD",
    ("slurmdb_account_cond_t", "with_deleted"): "SLURMDB_ACCT_FLAG_DELETED",
    ("slurmdb_assoc_cond_t", "with_deleted"): "ASSOC_COND_FLAG_WITH_DELETED",
    ("slurmdb_assoc_cond_t", "with_usage"): "ASSOC_COND_FLAG_WITH_USAGE",
    ("slurmdb_assoc_cond_t", "only_defs"): "ASSOC_COND_FLAG_ONLY_DEFS",
    ("slurmdb_assoc_cond_t", "with_raw_qos"): "ASSOC_COND_FLAG_RAW_QOS",
    ("slurmdb_assoc_cond_t", "with_sub_accts"): "ASSOC_COND_FLAG_SUB_ACCTS",
    ("slurmdb_assoc_cond_t", "without_parent_info"): "ASSOC_COND_FLAG_WOPI",
    ("slurmdb_assoc_cond_t", "without_parent_limits"): "ASSOC_COND_FLAG_WOPL",
    ("slurmdb_qos_cond_t", "with_deleted"): "QOS_COND_FLAG_WITH_DELETED",
}
"""Member that some releases have -> the bit of `flags` that the others have instead (from 24.05, 24.11)."""


def condition(
    db: Accounting, arena: Arena, struct: str, *asked: str, **members: Sequence[str] | ctypes.Structure | int | None
) -> Any:
    """Make a condition that lives as long as *arena*.

    asked: what is to be there, "with_deleted". members: texts for a list, another condition, a number, or None for
    no condition. An empty list matches everything, as no list does.
    Raises: SlurmUnsupported for something that this release cannot be asked.
    """
    record = arena.keep(db.condition(struct))
    for name in asked:
        _ask(db, struct, record, name)
    for name, value in members.items():
        if isinstance(value, ctypes.Structure):
            setattr(record, name, address_of(value))
        elif isinstance(value, int):
            setattr(record, name, value)
        elif value is not None:
            setattr(record, name, text_list(db.library, arena, value))
    return record


def _ask(db: Accounting, struct: str, record: Any, name: str) -> None:
    layout = db.library.layout
    if name in layout.structs[struct].members:
        setattr(record, name, 1)
        return
    bit = layout.constants.get(FLAGS.get((struct, name), ""))
    if bit is None:
        raise SlurmUnsupported(f"Slurm {layout.release_text} cannot be asked {name} by a {struct}", struct)
    record.flags |= bit

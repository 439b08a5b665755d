"""Records in which nothing is said yet: what slurmdbd takes for "leave it as it is", per struct.

The same as libslurm's own slurmdb_init_*_rec, which know only the layout of the library that they are in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from libslurm.layout import Layout, Member

    from .parse import Arena

NO_VAL = 0xFFFFFFFE

UNSET: dict[str, tuple[str, ...]] = {
    "slurmdb_assoc_rec_t": (
        "def_qos_id", "is_def", "grp_jobs", "grp_jobs_accrue", "grp_submit_jobs", "grp_wall", "lft", "rgt", "max_jobs",
        "max_jobs_accrue", "min_prio_thresh", "max_submit_jobs", "max_wall_pj", "priority", "shares_raw",
    ),
    "slurmdb_qos_rec_t": (
        "grace_time", "preempt_mode", "preempt_exempt_time", "priority", "grp_jobs", "grp_jobs_accrue",
        "grp_submit_jobs", "grp_wall", "limit_factor", "max_jobs_pa", "max_jobs_pu", "max_jobs_accrue_pa",
        "max_jobs_accrue_pu", "min_prio_thresh", "max_submit_jobs_pa", "max_submit_jobs_pu", "max_wall_pj",
        "usage_factor", "usage_thres",
    ),
    "slurmdb_wckey_rec_t": ("is_def",),
    "slurmdb_cluster_rec_t": ("flags",),
}  # fmt: skip
"""Members that are NO_VAL, of their own size, until they are set. All others are 0."""

UNSET_FLAGS = {"slurmdb_qos_rec_t": {"flags": "QOS_FLAG_NOTSET"}}
"""Members that are a constant until they are set."""


def fresh(struct: str, layout: Layout, arena: Arena) -> Any:
    """Make a record of *struct* in which nothing is set; the Arena keeps it."""
    record, members = arena.record(layout.record(struct)), layout.structs[struct].members
    for name in UNSET.get(struct, ()):
        if name in members:
            setattr(record, name, _no_val(members[name]))
    for name, constant in UNSET_FLAGS.get(struct, {}).items():
        setattr(record, name, layout.constant(constant))
    return record


def _no_val(member: Member) -> float:
    return float(NO_VAL) if member.kind == "f64" else NO_VAL & ((1 << 8 * member.size) - 1)

"""The lists of flags of the /slurmdb/ documents: JSON name, C constant and mask. Data only."""

from __future__ import annotations

from ..accounting import OneOf
from ..flags import Flag, Flags

ASSOC_FLAGS = Flags("ASSOC_FLAGS", (Flag("DELETED", "ASSOC_FLAG_DELETED"),))
USER_FLAGS = Flags(
    "USER_FLAGS",
    (Flag("NONE", "SLURMDB_USER_FLAG_NONE", equal=True), Flag("DELETED", "SLURMDB_USER_FLAG_DELETED")),
)
ACCOUNT_FLAGS = Flags("ACCOUNT_FLAGS", (Flag("DELETED", "SLURMDB_ACCT_FLAG_DELETED"),))
WCKEY_FLAGS = Flags("WCKEY_FLAGS", (Flag("DELETED", "SLURMDB_WCKEY_FLAG_DELETED"),))

QOS_FLAGS = Flags(
    "QOS_FLAGS",
    (
        Flag("NOT_SET", "QOS_FLAG_NOTSET"),
        Flag("ADD", "QOS_FLAG_ADD"),
        Flag("REMOVE", "QOS_FLAG_REMOVE"),
        Flag("PARTITION_MINIMUM_NODE", "QOS_FLAG_PART_MIN_NODE"),
        Flag("PARTITION_MAXIMUM_NODE", "QOS_FLAG_PART_MAX_NODE"),
        Flag("PARTITION_TIME_LIMIT", "QOS_FLAG_PART_TIME_LIMIT"),
        Flag("ENFORCE_USAGE_THRESHOLD", "QOS_FLAG_ENFORCE_USAGE_THRES"),
        Flag("NO_RESERVE", "QOS_FLAG_NO_RESERVE"),
        Flag("REQUIRED_RESERVATION", "QOS_FLAG_REQ_RESV"),
        Flag("DENY_LIMIT", "QOS_FLAG_DENY_LIMIT"),
        Flag("OVERRIDE_PARTITION_QOS", "QOS_FLAG_OVER_PART_QOS"),
        Flag("NO_DECAY", "QOS_FLAG_NO_DECAY"),
        Flag("USAGE_FACTOR_SAFE", "QOS_FLAG_USAGE_FACTOR_SAFE"),
    ),
)
"""NOT_SET, ADD and REMOVE are not about the QOS: how a change of its flags is meant."""

QOS_PREEMPT_MODES = Flags(
    "QOS_PREEMPT_MODES",
    (
        Flag("DISABLED", "PREEMPT_MODE_OFF", equal=True),
        Flag("SUSPEND", "PREEMPT_MODE_SUSPEND"),
        Flag("REQUEUE", "PREEMPT_MODE_REQUEUE"),
        Flag("CANCEL", "PREEMPT_MODE_CANCEL"),
        Flag("GANG", "PREEMPT_MODE_GANG"),
    ),
)

CLUSTER_REC_FLAGS = Flags(
    "CLUSTER_REC_FLAGS",
    (
        Flag("REGISTERING", "CLUSTER_FLAG_REGISTER"),
        Flag("MULTIPLE_SLURMD", "CLUSTER_FLAG_MULTSD"),
        Flag("FRONT_END", "CLUSTER_FLAG_FE"),
        Flag("CRAY_NATIVE", "CLUSTER_FLAG_CRAY"),
        Flag("FEDERATION", "CLUSTER_FLAG_FED"),
        Flag("EXTERNAL", "CLUSTER_FLAG_EXT"),
    ),
)

ADMIN_LVL = OneOf(
    "ADMIN_LVL",
    (
        Flag("Not Set", "SLURMDB_ADMIN_NOTSET", "INFINITE16", equal=True),
        Flag("None", "SLURMDB_ADMIN_NONE", "INFINITE16", equal=True),
        Flag("Operator", "SLURMDB_ADMIN_OPERATOR", "INFINITE16", equal=True),
        Flag("Administrator", "SLURMDB_ADMIN_SUPER_USER", "INFINITE16", equal=True),
    ),
)
"""What a user may administer: one of them."""

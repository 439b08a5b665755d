"""Associations: who may use what, where, and how much."""

from __future__ import annotations

from ..accounting import FLOAT128
from ..fields import Field, Skip, Table
from ..lists import ListOf
from ..qos import QOS_ID, QOS_STRING_ID_LIST
from ..special import Pointer
from ..types import BOOL16, FLOAT64, STRING, UINT32, UINT32_NO_VAL
from .accounting_flags import ASSOC_FLAGS
from .limits import limit
from .tres import TRES_STR

ASSOC_SHORT = Table(
    "ASSOC_SHORT",
    "slurmdb_assoc_rec_t",
    "What names an association",
    (
        Field("account", STRING, "acct", "Account"),
        Field("cluster", STRING, "cluster", "Cluster"),
        Field("partition", STRING, "partition", "Partition; empty where it is for all"),
        Field("user", STRING, "user", "User; empty where it is the account's own", required=True),
        Skip("accounting_list", "assoc_next", "assoc_next_id", "bf_usage", "comment", "def_qos_id", "flags"),
        Skip("grp_jobs", "grp_jobs_accrue", "grp_submit_jobs", "grp_tres", "grp_tres_ctld", "grp_tres_mins"),
        Skip("grp_tres_mins_ctld", "grp_tres_run_mins", "grp_tres_run_mins_ctld", "grp_wall", "id", "is_def"),
        Skip("leaf_usage", "lft", "lineage", "max_jobs", "max_jobs_accrue", "max_submit_jobs", "max_tres_ctld"),
        Skip("max_tres_mins_ctld", "max_tres_mins_pj", "max_tres_pj", "max_tres_pn", "max_tres_pn_ctld"),
        Skip("max_tres_run_mins", "max_tres_run_mins_ctld", "max_wall_pj", "min_prio_thresh", "parent_acct"),
        Skip("parent_id", "priority", "qos_list", "rgt", "shares_raw", "uid", "usage", "usage_het", "user_rec"),
    ),
)

ASSOC_SHORT_LIST = ListOf(ASSOC_SHORT)

ASSOC_USAGE = Table(
    "ASSOC_USAGE",
    "slurmdb_assoc_usage_t",
    "What an association used; only slurmctld knows",
    (
        Field("accrue_job_count", UINT32, "accrue_cnt", "Jobs that gain priority by age"),
        Field("group_used_wallclock", FLOAT64, "grp_used_wall", "Wall clock time used by its jobs (seconds)"),
        Field("fairshare_factor", FLOAT64, "fs_factor", "Fair-share factor"),
        Field("fairshare_shares", UINT32, "level_shares", "Shares of all on its level"),
        Field("normalized_priority", FLOAT64, "priority_norm", "Priority, as a part of the highest"),
        Field("normalized_shares", FLOAT64, "shares_norm", "Shares, as a part of all"),
        Field("effective_normalized_usage", FLOAT128, "usage_efctv", "Usage that counts, as a part of all"),
        Field("normalized_usage", FLOAT128, "usage_norm", "Usage, as a part of all"),
        Field("raw_usage", FLOAT128, "usage_raw", "Usage that has not decayed yet (TRES seconds)"),
        Field("active_jobs", UINT32, "used_jobs", "Jobs that run"),
        Field("job_count", UINT32, "used_submit_jobs", "Jobs that wait or run"),
        Field("fairshare_level", FLOAT128, "level_fs", "Fair share compared to those on its level"),
        Skip("children_list", "grp_node_bitmap", "grp_node_job_cnt", "grp_used_tres", "grp_used_tres_run_secs"),
        Skip("parent_assoc_ptr", "fs_assoc_ptr", "tres_cnt", "usage_tres_raw", "valid_qos"),
    ),
)

ASSOC = Table(
    "ASSOC",
    "slurmdb_assoc_rec_t",
    "An association: a user in an account, or an account, on a cluster",
    (
        Field("account", STRING, "acct", "Account"),
        Field("cluster", STRING, "cluster", "Cluster"),
        Field("default/qos", QOS_ID, "def_qos_id", "QOS of jobs that ask for none"),
        Field("flags", ASSOC_FLAGS, "flags", "Flags"),
        *limit("max/jobs/per/count", "grp_jobs", "Most jobs of all in it that run at a time"),
        *limit("max/jobs/per/accruing", "grp_jobs_accrue", "Most jobs of all in it that gain priority by age"),
        *limit("max/jobs/per/submitted", "grp_submit_jobs", "Most jobs of all in it that wait or run"),
        Field("max/tres/total", TRES_STR, "grp_tres", "Most resources of all its jobs at a time"),
        Field("max/tres/minutes/per/job", TRES_STR, "max_tres_mins_pj", "Most resource minutes of a job"),
        Field("max/tres/group/minutes", TRES_STR, "grp_tres_mins", "Most resource minutes of all its jobs"),
        Field(
            "max/tres/group/active",
            TRES_STR,
            "grp_tres_run_mins",
            "Most resource minutes that all its running jobs may still use",
        ),
        Field("is_default", BOOL16, "is_def", "Whether it is the user's default"),
        *limit("max/jobs/active", "max_jobs", "Most jobs of a user that run at a time"),
        *limit("max/jobs/accruing", "max_jobs_accrue", "Most jobs of a user that gain priority by age"),
        *limit("max/jobs/total", "max_submit_jobs", "Most jobs of a user that wait or run"),
        Field(
            "max/tres/minutes/total",
            TRES_STR,
            "max_tres_run_mins",
            "Most resource minutes that a user's running jobs may still use",
        ),
        Field(
            "max/per/account/wall_clock",
            UINT32_NO_VAL,
            "grp_wall",
            "Most wall clock time of all its jobs (minutes)",
        ),
        Field("max/tres/per/job", TRES_STR, "max_tres_pj", "Most resources of a job"),
        Field("max/tres/per/node", TRES_STR, "max_tres_pn", "Most resources of a job on a node"),
        Field("max/jobs/per/wall_clock", UINT32_NO_VAL, "max_wall_pj", "Most wall clock time of a job (minutes)"),
        Field(
            "min/priority_threshold",
            UINT32_NO_VAL,
            "min_prio_thresh",
            "Priority that a job needs to have resources reserved for it",
        ),
        Field("parent_account", STRING, "parent_acct", "Account above this one; empty for a user"),
        Field("partition", STRING, "partition", "Partition; empty where it is for all"),
        Field("priority", UINT32_NO_VAL, "priority", "Priority its jobs get"),
        Field("qos", QOS_STRING_ID_LIST, "qos_list", "QOS its jobs may have"),
        Field("shares_raw", UINT32, "shares_raw", "Fair-share shares"),
        Field("usage", Pointer(ASSOC_USAGE), "usage", "What it used; empty, as only slurmctld knows"),
        Field("user", STRING, "user", "User; empty where it is the account's own", required=True),
        Skip("accounting_list", "assoc_next", "assoc_next_id", "bf_usage", "comment", "grp_tres_ctld"),
        Skip("grp_tres_mins_ctld", "grp_tres_run_mins_ctld", "id", "leaf_usage", "lft", "lineage", "max_tres_ctld"),
        Skip("max_tres_mins_ctld", "max_tres_pn_ctld", "max_tres_run_mins_ctld", "parent_id", "rgt", "uid"),
        Skip("usage_het", "user_rec"),
    ),
)

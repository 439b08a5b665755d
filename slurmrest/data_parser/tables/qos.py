"""Quality of service: priority, limits and preemption that jobs can ask for by a name."""

from __future__ import annotations

from ..accounting import FACTOR, PLAIN_FACTOR
from ..computed import qos
from ..fields import Computed, Field, Skip, Table
from ..qos import QosIds
from ..types import STRING, UINT32, UINT32_NO_VAL
from .accounting_flags import QOS_FLAGS, QOS_PREEMPT_MODES
from .limits import limit
from .tres import TRES_STR

QOS = Table(
    "QOS",
    "slurmdb_qos_rec_t",
    "A quality of service",
    (
        Field("description", STRING, "description", "What it is for"),
        Field("flags", QOS_FLAGS, "flags", "How its limits work"),
        Field("id", UINT32, "id", "Number by which the database knows it"),
        *limit("limits/grace_time", "grace_time", "Time a preempted job has to end (seconds)"),
        *limit("limits/max/active_jobs/accruing", "grp_jobs_accrue", "Most jobs that gain priority by age"),
        *limit("limits/max/active_jobs/count", "grp_jobs", "Most jobs that run at a time"),
        Field("limits/max/tres/total", TRES_STR, "grp_tres", "Most resources of all its jobs at a time"),
        Field(
            "limits/max/tres/minutes/per/qos",
            TRES_STR,
            "grp_tres_run_mins",
            "Most resource minutes that all its running jobs may still use",
        ),
        Field("name", STRING, "name", "Name"),
        *limit("limits/max/wall_clock/per/qos", "grp_wall", "Most wall clock time of all its jobs (minutes)"),
        Field(
            "limits/factor",
            PLAIN_FACTOR,
            "limit_factor",
            "What the limits of associations are multiplied by for its jobs",
        ),
        *limit(
            "limits/max/jobs/active_jobs/per/account",
            "max_jobs_pa",
            "Most jobs of an account that run at a time",
        ),
        *limit("limits/max/jobs/active_jobs/per/user", "max_jobs_pu", "Most jobs of a user that run at a time"),
        *limit(
            "limits/max/accruing/per/account",
            "max_jobs_accrue_pa",
            "Most jobs of an account that gain priority by age",
        ),
        *limit(
            "limits/max/accruing/per/user",
            "max_jobs_accrue_pu",
            "Most jobs of a user that gain priority by age",
        ),
        *limit("limits/max/jobs/per/account", "max_submit_jobs_pa", "Most jobs of an account that wait or run"),
        *limit("limits/max/jobs/per/user", "max_submit_jobs_pu", "Most jobs of a user that wait or run"),
        Field("limits/max/tres/minutes/per/job", TRES_STR, "max_tres_mins_pj", "Most resource minutes of a job"),
        Field("limits/max/tres/per/account", TRES_STR, "max_tres_pa", "Most resources of an account at a time"),
        Field("limits/max/tres/per/job", TRES_STR, "max_tres_pj", "Most resources of a job"),
        Field("limits/max/tres/per/node", TRES_STR, "max_tres_pn", "Most resources of a job on a node"),
        Field("limits/max/tres/per/user", TRES_STR, "max_tres_pu", "Most resources of a user at a time"),
        Field(
            "limits/max/tres/minutes/per/account",
            TRES_STR,
            "max_tres_run_mins_pa",
            "Most resource minutes that an account's running jobs may still use",
        ),
        Field(
            "limits/max/tres/minutes/per/user",
            TRES_STR,
            "max_tres_run_mins_pu",
            "Most resource minutes that a user's running jobs may still use",
        ),
        *limit("limits/max/wall_clock/per/job", "max_wall_pj", "Most wall clock time of a job (minutes)"),
        *limit(
            "limits/min/priority_threshold",
            "min_prio_thresh",
            "Priority that a job needs to have resources reserved for it",
        ),
        Field("limits/min/tres/per/job", TRES_STR, "min_tres_pj", "Fewest resources of a job"),
        Computed(
            "preempt/list",
            QosIds("QOS_PREEMPT_LIST", nothing=qos.NOTHING),
            qos.preempted,
            "QOS whose jobs its jobs may preempt",
            uses=("preempt_bitstr",),
            parse=qos.parse_preempted,
        ),
        Field("preempt/mode", QOS_PREEMPT_MODES, "preempt_mode", "What becomes of its jobs when they are preempted"),
        Field(
            "preempt/exempt_time",
            UINT32_NO_VAL,
            "preempt_exempt_time",
            "How long its jobs run before they may be preempted (seconds)",
        ),
        *limit("priority", "priority", "Priority its jobs get", (39, 5)),
        Field("usage_factor", FACTOR, "usage_factor", "What usage by its jobs is multiplied by"),
        Field(
            "usage_threshold",
            FACTOR,
            "usage_thres",
            "Fair share below which its jobs cannot be submitted or run",
        ),
        Skip("grp_submit_jobs", "grp_tres_ctld", "grp_tres_mins", "grp_tres_mins_ctld", "grp_tres_run_mins_ctld"),
        Skip("max_tres_mins_pj_ctld", "max_tres_pa_ctld", "max_tres_pj_ctld", "max_tres_pn_ctld"),
        Skip("max_tres_pu_ctld", "max_tres_run_mins_pa_ctld", "max_tres_run_mins_pu_ctld", "min_tres_pj_ctld"),
        Skip("usage", "usage_het", "blocked_until", "relative_tres_cnt", "preempt_list"),
    ),
)

"""The lists of flags of the /slurm/ documents: JSON name, C constant and mask. Data only.

Which numbers the constants have is the layout's to say.
A flag whose constant a release lacks is never shown there.
"""

from __future__ import annotations

from ..flags import Flag, Flags
from ..special import Exclusive

BOUND_TO = ("CPU_BIND_TO_THREADS", "CPU_BIND_TO_CORES", "CPU_BIND_TO_SOCKETS", "CPU_BIND_TO_LDOMS")
AUTO_BOUND_TO = ("CPU_AUTO_BIND_TO_THREADS", "CPU_AUTO_BIND_TO_CORES", "CPU_AUTO_BIND_TO_SOCKETS")
BOUND_HOW = (
    "CPU_BIND_NONE", "CPU_BIND_RANK", "CPU_BIND_MAP", "CPU_BIND_MASK",
    "CPU_BIND_LDRANK", "CPU_BIND_LDMAP", "CPU_BIND_LDMASK",
)  # fmt: skip
MEMORY_BOUND_HOW = ("MEM_BIND_NONE", "MEM_BIND_RANK", "MEM_BIND_MAP", "MEM_BIND_MASK", "MEM_BIND_LOCAL")
"""Masks of which 22.05 has no constant of their own."""

NODE_STATES = Flags(
    "NODE_STATES",
    (
        Flag("INVALID", "NO_VAL", "INFINITE", equal=True),
        Flag("UNKNOWN", "NODE_STATE_UNKNOWN", "NODE_STATE_BASE", equal=True),
        Flag("DOWN", "NODE_STATE_DOWN", "NODE_STATE_BASE", equal=True),
        Flag("IDLE", "NODE_STATE_IDLE", "NODE_STATE_BASE", equal=True),
        Flag("ALLOCATED", "NODE_STATE_ALLOCATED", "NODE_STATE_BASE", equal=True),
        Flag("ERROR", "NODE_STATE_ERROR", "NODE_STATE_BASE", equal=True),
        Flag("MIXED", "NODE_STATE_MIXED", "NODE_STATE_BASE", equal=True),
        Flag("FUTURE", "NODE_STATE_FUTURE", "NODE_STATE_BASE", equal=True),
        Flag("PERFCTRS", "NODE_STATE_NET"),
        Flag("RESERVED", "NODE_STATE_RES"),
        Flag("UNDRAIN", "NODE_STATE_UNDRAIN"),
        Flag("CLOUD", "NODE_STATE_CLOUD"),
        Flag("RESUME", "NODE_RESUME"),
        Flag("DRAIN", "NODE_STATE_DRAIN"),
        Flag("COMPLETING", "NODE_STATE_COMPLETING"),
        Flag("NOT_RESPONDING", "NODE_STATE_NO_RESPOND"),
        Flag("POWERED_DOWN", "NODE_STATE_POWERED_DOWN"),
        Flag("FAIL", "NODE_STATE_FAIL"),
        Flag("POWERING_UP", "NODE_STATE_POWERING_UP"),
        Flag("MAINTENANCE", "NODE_STATE_MAINT"),
        Flag("REBOOT_REQUESTED", "NODE_STATE_REBOOT_REQUESTED"),
        Flag("REBOOT_CANCELED", "NODE_STATE_REBOOT_CANCEL"),
        Flag("POWERING_DOWN", "NODE_STATE_POWERING_DOWN"),
        Flag("DYNAMIC_FUTURE", "NODE_STATE_DYNAMIC_FUTURE"),
        Flag("REBOOT_ISSUED", "NODE_STATE_REBOOT_ISSUED"),
        Flag("PLANNED", "NODE_STATE_PLANNED"),
        Flag("INVALID_REG", "NODE_STATE_INVALID_REG"),
        Flag("POWER_DOWN", "NODE_STATE_POWER_DOWN"),
        Flag("POWER_UP", "NODE_STATE_POWER_UP"),
        Flag("POWER_DRAIN", "NODE_STATE_POWER_DRAIN"),
        Flag("DYNAMIC_NORM", "NODE_STATE_DYNAMIC_NORM"),
    ),
)
"""One base state and the flags on it."""

JOB_FLAGS = Flags(
    "JOB_FLAGS",
    (
        Flag("KILL_INVALID_DEPENDENCY", "KILL_INV_DEP"),
        Flag("NO_KILL_INVALID_DEPENDENCY", "NO_KILL_INV_DEP"),
        Flag("HAS_STATE_DIRECTORY", "HAS_STATE_DIR"),
        Flag("TESTING_BACKFILL", "BACKFILL_TEST"),
        Flag("GRES_BINDING_ENFORCED", "GRES_ENFORCE_BIND"),
        Flag("TEST_NOW_ONLY", "TEST_NOW_ONLY"),
        Flag("SEND_JOB_ENVIRONMENT", "JOB_SEND_ENV"),
        Flag("SPREAD_JOB", "SPREAD_JOB"),
        Flag("PREFER_MINIMUM_NODE_COUNT", "USE_MIN_NODES"),
        Flag("JOB_KILL_HURRY", "JOB_KILL_HURRY"),
        Flag("SKIP_TRES_STRING_ACCOUNTING", "TRES_STR_CALC"),
        Flag("SIBLING_CLUSTER_UPDATE_ONLY", "SIB_JOB_FLUSH"),
        Flag("HETEROGENEOUS_JOB", "HET_JOB_FLAG"),
        Flag("EXACT_TASK_COUNT_REQUESTED", "JOB_NTASKS_SET"),
        Flag("EXACT_CPU_COUNT_REQUESTED", "JOB_CPUS_SET"),
        Flag("TESTING_WHOLE_NODE_BACKFILL", "BF_WHOLE_NODE_TEST"),
        Flag("TOP_PRIORITY_JOB", "TOP_PRIO_TMP"),
        Flag("ACCRUE_COUNT_CLEARED", "JOB_ACCRUE_OVER"),
        Flag("GRED_BINDING_DISABLED", "GRES_DISABLE_BIND"),
        Flag("JOB_WAS_RUNNING", "JOB_WAS_RUNNING"),
        Flag("JOB_ACCRUE_TIME_RESET", "RESET_ACCRUE_TIME"),
        Flag("CRON_JOB", "CRON_JOB"),
        Flag("EXACT_MEMORY_REQUESTED", "JOB_MEM_SET"),
        Flag("JOB_RESIZED", "JOB_RESIZED"),
        Flag("USING_DEFAULT_ACCOUNT", "USE_DEFAULT_ACCT"),
        Flag("USING_DEFAULT_PARTITION", "USE_DEFAULT_PART"),
        Flag("USING_DEFAULT_QOS", "USE_DEFAULT_QOS"),
        Flag("USING_DEFAULT_WCKEY", "USE_DEFAULT_WCKEY"),
        Flag("DEPENDENT", "JOB_DEPENDENT"),
        Flag("MAGNETIC", "JOB_MAGNETIC"),
        Flag("PARTITION_ASSIGNED", "JOB_PART_ASSIGNED"),
        Flag("BACKFILL_ATTEMPTED", "BACKFILL_SCHED"),
        Flag("SCHEDULING_ATTEMPTED", "BACKFILL_LAST"),
        Flag("SAVE_BATCH_SCRIPT", "JOB_SEND_SCRIPT"),
    ),
)
"""What a job was asked to do and what the scheduler noted on it."""

JOB_SHOW_FLAGS = Flags(
    "JOB_SHOW_FLAGS",
    (
        Flag("ALL", "SHOW_ALL"),
        Flag("DETAIL", "SHOW_DETAIL"),
        Flag("MIXED", "SHOW_MIXED"),
        Flag("LOCAL", "SHOW_LOCAL"),
        Flag("SIBLING", "SHOW_SIBLING"),
        Flag("FEDERATION", "SHOW_FEDERATION"),
        Flag("FUTURE", "SHOW_FUTURE"),
    ),
)
"""What a request for jobs asked to be shown."""

POWER_FLAGS = Flags(
    "POWER_FLAGS",
    (Flag("EQUAL_POWER", "SLURM_POWER_FLAGS_LEVEL"),),
)
"""How power is shared over the nodes of a job."""

JOB_MAIL_FLAGS = Flags(
    "JOB_MAIL_FLAGS",
    (
        Flag("BEGIN", "MAIL_JOB_BEGIN"),
        Flag("END", "MAIL_JOB_END"),
        Flag("FAIL", "MAIL_JOB_FAIL"),
        Flag("REQUEUE", "MAIL_JOB_REQUEUE"),
        Flag("TIME=100%", "MAIL_JOB_TIME100"),
        Flag("TIME=90%", "MAIL_JOB_TIME90"),
        Flag("TIME=80%", "MAIL_JOB_TIME80"),
        Flag("TIME=50%", "MAIL_JOB_TIME50"),
        Flag("STAGE_OUT", "MAIL_JOB_STAGE_OUT"),
        Flag("ARRAY_TASKS", "MAIL_ARRAY_TASKS"),
        Flag("INVALID_DEPENDENCY", "MAIL_INVALID_DEPEND"),
    ),
)
"""Events of a job that send mail."""

RESERVATION_FLAGS = Flags(
    "RESERVATION_FLAGS",
    (
        Flag("MAINT", "RESERVE_FLAG_MAINT"),
        Flag("NO_MAINT", "RESERVE_FLAG_NO_MAINT"),
        Flag("DAILY", "RESERVE_FLAG_DAILY"),
        Flag("NO_DAILY", "RESERVE_FLAG_NO_DAILY"),
        Flag("WEEKLY", "RESERVE_FLAG_WEEKLY"),
        Flag("NO_WEEKLY", "RESERVE_FLAG_NO_WEEKLY"),
        Flag("IGNORE_JOBS", "RESERVE_FLAG_IGN_JOBS"),
        Flag("NO_IGNORE_JOBS", "RESERVE_FLAG_NO_IGN_JOB"),
        Flag("ANY_NODES", "RESERVE_FLAG_ANY_NODES"),
        Flag("STATIC", "RESERVE_FLAG_STATIC"),
        Flag("NO_STATIC", "RESERVE_FLAG_NO_STATIC"),
        Flag("PART_NODES", "RESERVE_FLAG_PART_NODES"),
        Flag("NO_PART_NODES", "RESERVE_FLAG_NO_PART_NODES"),
        Flag("OVERLAP", "RESERVE_FLAG_OVERLAP"),
        Flag("SPEC_NODES", "RESERVE_FLAG_SPEC_NODES"),
        Flag("FIRST_CORES", "RESERVE_FLAG_FIRST_CORES"),
        Flag("TIME_FLOAT", "RESERVE_FLAG_TIME_FLOAT"),
        Flag("REPLACE", "RESERVE_FLAG_REPLACE"),
        Flag("ALL_NODES", "RESERVE_FLAG_ALL_NODES"),
        Flag("PURGE_COMP", "RESERVE_FLAG_PURGE_COMP"),
        Flag("WEEKDAY", "RESERVE_FLAG_WEEKDAY"),
        Flag("NO_WEEKDAY", "RESERVE_FLAG_NO_WEEKDAY"),
        Flag("WEEKEND", "RESERVE_FLAG_WEEKEND"),
        Flag("NO_WEEKEND", "RESERVE_FLAG_NO_WEEKEND"),
        Flag("FLEX", "RESERVE_FLAG_FLEX"),
        Flag("NO_FLEX", "RESERVE_FLAG_NO_FLEX"),
        Flag("DURATION_PLUS", "RESERVE_FLAG_DUR_PLUS"),
        Flag("DURATION_MINUS", "RESERVE_FLAG_DUR_MINUS"),
        Flag("NO_HOLD_JOBS_AFTER_END", "RESERVE_FLAG_NO_HOLD_JOBS"),
        Flag("NO_PURGE_COMP", "RESERVE_FLAG_NO_PURGE_COMP"),
        Flag("MAGNETIC", "RESERVE_FLAG_MAGNETIC"),
        Flag("SKIP", "RESERVE_FLAG_SKIP"),
        Flag("HOURLY", "RESERVE_FLAG_HOURLY"),
        Flag("NO_HOURLY", "RESERVE_FLAG_NO_HOURLY"),
        Flag("REOCCURRING", ("RESERVE_REOCCURRING", "RESERVE_REOCCURING")),
    ),
)
"""How a reservation behaves."""

CPU_BINDING_FLAGS = Flags(
    "CPU_BINDING_FLAGS",
    (
        Flag("VERBOSE", "CPU_BIND_VERBOSE", until=(39, 7)),
        Flag("CPU_BIND_TO_THREADS", "CPU_BIND_TO_THREADS", BOUND_TO, equal=True),
        Flag("CPU_BIND_TO_CORES", "CPU_BIND_TO_CORES", BOUND_TO, equal=True),
        Flag("CPU_BIND_TO_SOCKETS", "CPU_BIND_TO_SOCKETS", BOUND_TO, equal=True),
        Flag("CPU_BIND_TO_LDOMS", "CPU_BIND_TO_LDOMS", BOUND_TO, equal=True),
        Flag("CPU_AUTO_BIND_TO_THREADS", "CPU_AUTO_BIND_TO_THREADS", AUTO_BOUND_TO, equal=True, since=(39, 7)),
        Flag("CPU_AUTO_BIND_TO_CORES", "CPU_AUTO_BIND_TO_CORES", AUTO_BOUND_TO, equal=True, since=(39, 7)),
        Flag("CPU_AUTO_BIND_TO_SOCKETS", "CPU_AUTO_BIND_TO_SOCKETS", AUTO_BOUND_TO, equal=True, since=(39, 7)),
        Flag("CPU_BIND_NONE", "CPU_BIND_NONE", BOUND_HOW, equal=True),
        Flag("CPU_BIND_RANK", "CPU_BIND_RANK", BOUND_HOW, equal=True),
        Flag("CPU_BIND_MAP", "CPU_BIND_MAP", BOUND_HOW, equal=True),
        Flag("CPU_BIND_MASK", "CPU_BIND_MASK", BOUND_HOW, equal=True),
        Flag("CPU_BIND_LDRANK", "CPU_BIND_LDRANK", BOUND_HOW, equal=True),
        Flag("CPU_BIND_LDMAP", "CPU_BIND_LDMAP", BOUND_HOW, equal=True),
        Flag("CPU_BIND_LDMASK", "CPU_BIND_LDMASK", BOUND_HOW, equal=True),
        Flag("VERBOSE", "CPU_BIND_VERBOSE", since=(39, 7)),
        Flag("CPU_BIND_ONE_THREAD_PER_CORE", "CPU_BIND_ONE_THREAD_PER_CORE"),
        Flag("CPU_AUTO_BIND_TO_THREADS", "CPU_AUTO_BIND_TO_THREADS", AUTO_BOUND_TO, equal=True, until=(39, 7)),
        Flag("CPU_AUTO_BIND_TO_CORES", "CPU_AUTO_BIND_TO_CORES", AUTO_BOUND_TO, equal=True, until=(39, 7)),
        Flag("CPU_AUTO_BIND_TO_SOCKETS", "CPU_AUTO_BIND_TO_SOCKETS", AUTO_BOUND_TO, equal=True, until=(39, 7)),
        Flag("SLURMD_OFF_SPEC", "SLURMD_OFF_SPEC"),
        Flag("CPU_BIND_OFF", "CPU_BIND_OFF"),
    ),
)
"""How tasks are bound to CPUs."""

CRON_ENTRY_FLAGS = Flags(
    "CRON_ENTRY_FLAGS",
    (
        Flag("WILD_MINUTE", "CRON_WILD_MINUTE"),
        Flag("WILD_HOUR", "CRON_WILD_HOUR"),
        Flag("WILD_DAY_OF_MONTH", "CRON_WILD_DOM"),
        Flag("WILD_MONTH", "CRON_WILD_MONTH"),
        Flag("WILD_DAY_OF_WEEK", "CRON_WILD_DOW"),
    ),
)
"""Fields of a crontab entry that are *. Their constants are private to Slurm: no layout has them."""

MEMORY_BINDING_TYPE = Flags(
    "MEMORY_BINDING_TYPE",
    (
        Flag("VERBOSE", "MEM_BIND_VERBOSE", until=(39, 7)),
        Flag("NONE", "MEM_BIND_NONE", MEMORY_BOUND_HOW, equal=True),
        Flag("RANK", "MEM_BIND_RANK", MEMORY_BOUND_HOW, equal=True),
        Flag("MAP", "MEM_BIND_MAP", MEMORY_BOUND_HOW, equal=True),
        Flag("MASK", "MEM_BIND_MASK", MEMORY_BOUND_HOW, equal=True),
        Flag("LOCAL", "MEM_BIND_LOCAL", MEMORY_BOUND_HOW, equal=True),
        Flag("VERBOSE", "MEM_BIND_VERBOSE", since=(39, 7)),
        Flag("SORT", "MEM_BIND_SORT"),
        Flag("PREFER", "MEM_BIND_PREFER"),
    ),
)
"""How tasks are bound to memory."""

WARN_FLAGS = Flags(
    "WARN_FLAGS",
    (
        Flag("BATCH_JOB", "KILL_JOB_BATCH"),
        Flag("ARRAY_JOB", ("KILL_ARRAY_TASK", "KILL_JOB_ARRAY"), until=(39, 6)),
        Flag("ARRAY_TASK", ("KILL_ARRAY_TASK", "KILL_JOB_ARRAY"), since=(39, 6)),
        Flag("FULL_STEPS_ONLY", "KILL_STEPS_ONLY"),
        Flag("FULL_JOB", "KILL_FULL_JOB"),
        Flag("FEDERATION_REQUEUE", "KILL_FED_REQUEUE"),
        Flag("HURRY", "KILL_HURRY"),
        Flag("OUT_OF_MEMORY", "KILL_OOM"),
        Flag("NO_SIBLING_JOBS", "KILL_NO_SIBS"),
        Flag("RESERVATION_JOB", "KILL_JOB_RESV"),
        Flag("WARNING_SENT", "WARN_SENT"),
    ),
)
"""Whom a warning signal is sent to."""

X11_FLAGS = Flags(
    "X11_FLAGS",
    (
        Flag("FORWARD_ALL_NODES", "X11_FORWARD_ALL"),
        Flag("BATCH_NODE", "X11_FORWARD_BATCH"),
        Flag("FIRST_NODE", "X11_FORWARD_FIRST"),
        Flag("LAST_NODE", "X11_FORWARD_LAST"),
    ),
)
"""Which nodes forward X11."""

OPEN_MODE = Flags(
    "OPEN_MODE",
    (
        Flag("APPEND", "OPEN_MODE_APPEND"),
        Flag("TRUNCATE", "OPEN_MODE_TRUNCATE"),
    ),
)
"""How output files are opened."""

ACCT_GATHER_PROFILE = Flags(
    "ACCT_GATHER_PROFILE",
    (
        Flag("NOT_SET", "ACCT_GATHER_PROFILE_NOT_SET", "INFINITE", equal=True),
        Flag("NONE", "ACCT_GATHER_PROFILE_NONE", "INFINITE", equal=True),
        Flag("ENERGY", "ACCT_GATHER_PROFILE_ENERGY"),
        Flag("LUSTRE", "ACCT_GATHER_PROFILE_LUSTRE"),
        Flag("NETWORK", "ACCT_GATHER_PROFILE_NETWORK"),
        Flag("TASK", "ACCT_GATHER_PROFILE_TASK"),
    ),
)
"""What is profiled."""

JOB_SHARED = Flags(
    "JOB_SHARED",
    (
        Flag("none", "JOB_SHARED_NONE", "INFINITE16", equal=True),
        Flag("oversubscribe", "JOB_SHARED_OK", "INFINITE16", equal=True),
        Flag("user", "JOB_SHARED_USER", "INFINITE16", equal=True),
        Flag("mcs", "JOB_SHARED_MCS", "INFINITE16", equal=True),
    ),
)
"""Who may share the nodes of a job."""

JOB_EXCLUSIVE = Exclusive(
    "JOB_EXCLUSIVE",
    (
        Flag("true", "JOB_SHARED_NONE", "INFINITE16", equal=True),
        Flag("false", "JOB_SHARED_OK", "INFINITE16", equal=True),
        Flag("user", "JOB_SHARED_USER", "INFINITE16", equal=True),
        Flag("mcs", "JOB_SHARED_MCS", "INFINITE16", equal=True),
    ),
)
"""Who may share the nodes of a job, as an answer to: exclusive?"""

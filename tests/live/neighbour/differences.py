"""Every difference from the neighbour's answers that is meant, with its reason. One that does not occur is a failure.

Paths are those of compare.py, in documents in which rewrites.py has put everything in its place. What is a matter of
types and not of keys is in rules.py.
"""

from __future__ import annotations

from .entry import (
    NEW,
    OLD,
    SINCE_40,
    SINCE_42,
    UNTIL_38,
    Difference,
    added,
    differs,
    given,
    left_out,
    spelled,
    volatile,
)
from .rules import UNSET, is_number, number

META = (
    differs("*/meta/", "plugin/type plugin/name", "Each names itself.", lambda theirs, ours: theirs != ours),
    differs(
        "*/meta/",
        "plugin/data_parser client/source",
        "Each names itself, and the client.",
        lambda theirs, ours: theirs != ours,
        versions=SINCE_40,
    ),
    added("*/", "meta/plugin/data_parser meta/client warnings", "New in v0.0.39.", versions=UNTIL_38),
    left_out("*/meta/plugin/", "accounting_storage", "New in v0.0.40.", versions=SINCE_40),
    left_out("*/meta/", "client/user client/group command Slurm/cluster", "New in v0.0.40.", versions=SINCE_40),
    differs(
        "*/meta/Slurm/version/",
        "major minor micro",
        "Numbers in v0.0.39, texts from v0.0.40 on.",
        lambda theirs, ours: int(theirs) == ours,
        versions=SINCE_40,
    ),
    left_out("slurm/", "last_update last_backfill", "New in v0.0.40.", versions=SINCE_40),
    left_out("slurmdb/", "warnings[]", "A query's booleans are taken, and warned of.", versions=SINCE_40),
)

PING = (
    volatile("slurm/pings[]/", "latency", "The time that the ping took.", versions=SINCE_40),
    added("slurm/pings[]/", "latency", "New in v0.0.39.", versions=UNTIL_38),
    left_out("slurm/pings[]/", "status", "In v0.0.38 only, besides the word.", versions=UNTIL_38),
    differs(
        "slurm/pings[]/",
        "hostname",
        "The name that the controller has, as `scontrol ping` says it, and not that of slurm.conf.",
        lambda theirs, _ours: theirs == "localhost",
        versions=UNTIL_38,
    ),
    left_out("slurm/pings[]/", "responding primary", "New in v0.0.42.", versions=SINCE_42),
)

COUNTED = "count average_time total_time"
DIAG = (
    volatile("slurm/statistics/rpcs_by_message_type[]/", COUNTED, "Requests are counted, these too."),
    volatile("slurm/statistics/rpcs_by_user[]/", COUNTED, "Requests are counted, these too."),
    volatile("slurmdb/statistics/RPCs[]/", "count time/average time/total", "Requests are counted, these too."),
    volatile("slurmdb/statistics/users[]/", "count time/average time/total", "Requests are counted, these too."),
    added(
        "slurm/statistics/",
        "bf_cycle_sum bf_last_depth bf_last_depth_try bf_depth_sum bf_depth_try_sum bf_queue_len_sum",
        "New in v0.0.39.",
        versions=UNTIL_38,
    ),
    left_out("slurm/statistics/", "bf_cycle_max", "In v0.0.38, and again from v0.0.42 on.", versions=UNTIL_38),
    left_out("slurm/statistics/", "schedule_exit bf_exit", "New in v0.0.40.", versions=SINCE_40),
    volatile(
        "slurm/statistics/",
        "bf_table_size_mean",
        "From 24.11 on the C daemon shows the mean length of the queue under this key.",
        since=(24, 11),
    ),
    left_out(
        "slurm/statistics/",
        "bf_cycle_max bf_table_size_sum schedule_cycle_sum schedule_cycle_depth pending_rpcs pending_rpcs_by_hostlist"
        " rpcs_by_message_type[]/queued rpcs_by_message_type[]/dropped rpcs_by_message_type[]/cycle_last"
        " rpcs_by_message_type[]/cycle_max",
        "New in v0.0.42.",
        versions=SINCE_42,
    ),
    added("slurm/licenses[]/", "LastConsumed LastDeficit LastUpdate", "New in v0.0.39.", versions=UNTIL_38),
)

NAMES = {
    "KILL_INV_DEP": "KILL_INVALID_DEPENDENCY",
    "JOB_CPUS_SET": "EXACT_CPU_COUNT_REQUESTED",
    "JOB_MEM_SET": "EXACT_MEMORY_REQUESTED",
    "JOB_ACCRUE_OVER": "ACCRUE_COUNT_CLEARED",
    "HET_JOB_FLAG": "HETEROGENEOUS_JOB",
    "TRES_STR_CALC": "SKIP_TRES_STRING_ACCOUNTING",
    "GRES_ENFORCE_BIND": "GRES_BINDING_ENFORCED",
    "USE_MIN_NODES": "PREFER_MINIMUM_NODE_COUNT",
}
UNKNOWN = (
    *("EXACT_TASK_COUNT_REQUESTED", "USING_DEFAULT_ACCOUNT", "USING_DEFAULT_PARTITION", "USING_DEFAULT_QOS"),
    *("USING_DEFAULT_WCKEY", "BACKFILL_ATTEMPTED", "SCHEDULING_ATTEMPTED", "DEPENDENT", "PARTITION_ASSIGNED"),
    *("JOB_ACCRUE_TIME_RESET", "SAVE_BATCH_SCRIPT", "TESTING_WHOLE_NODE_BACKFILL"),
)
SHOWN = {"SHOW_ALL": "ALL", "SHOW_DETAIL": "DETAIL", "SHOW_LOCAL": "LOCAL"}

JOBS = (
    differs(
        "slurm/jobs[]/",
        "flags",
        "v0.0.39 spells flags out, and has more of them.",
        spelled(NAMES, UNKNOWN),
        versions=UNTIL_38,
    ),
    differs("slurm/jobs[]/", "show_flags", "v0.0.39 has no prefix.", spelled(SHOWN), versions=UNTIL_38),
    differs("slurm/jobs[]/", "core_spec nice", "None is 0.", given((None, 0)), versions=UNTIL_38),
    differs("slurm/jobs[]/", "thread_spec", "None is 32766, as in 23.02.3.", given((None, 32766)), versions=UNTIL_38),
    differs(
        "slurm/jobs[]/",
        "profile",
        "Named in capitals, and none has a name.",
        given((None, ["NOT_SET"]), (["Task"], ["TASK"])),
        versions=UNTIL_38,
    ),
    differs("slurm/jobs[]/", "shared", "Renamed in v0.0.39.", given(("shared", ["oversubscribe"])), versions=UNTIL_38),
    differs(
        "slurm/jobs[]/",
        "nice",
        "v0.0.38 shows what is below zero as if it were above.",
        lambda theirs, ours: theirs is not None and theirs - 2**32 == ours,
        versions=UNTIL_38,
    ),
    differs(
        "slurm/jobs[]/",
        "cpus_per_task",
        "v0.0.38 shows null where another member, a frequency, is unset.",
        lambda theirs, ours: theirs is None and is_number(ours),
        versions=UNTIL_38,
    ),
    differs(
        "slurm/jobs[]/",
        "standard_error standard_output",
        "The file that is written, with its name made of the pattern, as scontrol says; v0.0.38 shows what was given.",
        lambda theirs, ours: (theirs == "" or "%" in theirs) and ours.startswith("/"),
        versions=UNTIL_38,
    ),
    differs(
        "slurm/jobs[]/",
        "standard_error",
        "The file that is written, as scontrol says; v0.0.42 has a key of its own for it.",
        lambda theirs, ours: theirs == "" and ours.startswith("/"),
        versions=SINCE_42,
    ),
    added(
        "slurm/jobs[]/",
        "allocating_node container_id cron exclusive extra failed_node job_resources job_size_str mail_type mail_user"
        " maximum_switch_wait_time minimum_switches network oversubscribe power preemptable_time scheduled_nodes"
        " selinux_context tasks_per_tres job_resources/allocated_cores",
        "New in v0.0.39.",
        versions=UNTIL_38,
    ),
    added("slurm/jobs[]/", "hold", "New in 23.02.4.", versions=UNTIL_38, dialect=NEW),
    left_out("slurm/jobs[]/", "hold", "New in 23.02.4.", versions=SINCE_40, dialect=OLD),
    left_out("slurm/jobs[]/", "priority_by_partition", "New in v0.0.42.", versions=SINCE_42),
    added("slurm/jobs[]/", "exclusive oversubscribe show_flags", "Gone in v0.0.42.", versions=SINCE_42),
)

NODES = (
    differs(
        "slurm/nodes[]/",
        "next_state_after_reboot",
        "A state that is none has nearly every flag, as in 23.02.3.",
        lambda theirs, ours: theirs == ["INVALID"] == ours[:1],
    ),
    added(
        "slurm/nodes[]/",
        "cluster_name effective_cpus energy external_sensors power reservation resume_after specialized_cores"
        " specialized_cpus specialized_memory",
        "New in v0.0.39.",
        versions=UNTIL_38,
    ),
    differs(
        "slurm/nodes[]/",
        "partitions",
        "libslurm names the partitions of a single node by the place that it has in a message of all.",
        lambda theirs, ours: theirs != ours,
        before=(25, 5),
        url="/node04",
    ),
    added(
        "slurm/nodes[]/",
        "external_sensors/* power/*",
        "Gone from Slurm; v0.0.39 has the keys, with nothing in them.",
        since=(24, 11),
    ),
    left_out("slurm/nodes[]/", "instance_id instance_type", "New in v0.0.40.", versions=SINCE_40),
    left_out("slurm/nodes[]/", "gpu_spec res_cores_per_gpu", "New in v0.0.42.", versions=SINCE_42),
)

PER_CPU = 2**63
"""The bit that says so."""
MEMORY = "defaults/partition_memory_per_cpu defaults/partition_memory_per_node maximums/partition_memory_per_cpu"
PARTITIONS = (
    left_out("slurm/partitions[]/", "flags preemption_mode state", "Not in v0.0.39.", versions=UNTIL_38),
    added(
        "slurm/partitions[]/",
        "cluster cpus/task_binding defaults/job maximums/cpus_per_socket maximums/shares node_sets suspend_time"
        " timeouts",
        "New in v0.0.39.",
        versions=UNTIL_38,
    ),
    left_out(
        "slurm/partitions[]/",
        f"{MEMORY} maximums/partition_memory_per_node maximums/oversubscribe partition",
        "New in v0.0.40.",
        versions=SINCE_40,
    ),
    differs(
        "slurm/partitions[]/",
        "defaults/memory_per_cpu",
        "The limit alone: the C daemon shows it with the bit that says what it is for.",
        lambda theirs, ours: theirs + PER_CPU == ours,
        versions=SINCE_40,
    ),
    left_out("slurm/partitions[]/", "select_type", "New in v0.0.42.", versions=SINCE_42),
)

RESERVATIONS = (
    left_out("slurm/reservations[]/", "core_spec_cnt", "Not in v0.0.39.", versions=UNTIL_38),
    added("slurm/reservations[]/", "core_specializations purge_completed", "New in v0.0.39.", versions=UNTIL_38),
    differs("slurm/reservations[]/", "flags", "v0.0.38 has fewer.", spelled({}, ("PURGE_COMP",)), versions=UNTIL_38),
    differs(
        "slurm/reservations[]/",
        "watts",
        "Gone from Slurm; v0.0.39 has the key, unset.",
        lambda theirs, ours: theirs == {} and number(ours) == UNSET,
        since=(24, 11),
    ),
)

ACCOUNTS = (
    left_out(
        "slurmdb/",
        "accounts[]/associations[]/id users[]/associations[]/id clusters[]/associations/root/id instances",
        "New in v0.0.40.",
        versions=SINCE_40,
    ),
    left_out("slurmdb/associations[]/", "accounting comment id lineage", "New in v0.0.40.", versions=SINCE_40),
    added("slurmdb/associations[]/", "usage", "Gone in v0.0.40; it was never filled.", versions=SINCE_40),
    differs("slurmdb/associations[]/", "usage", "Nothing is {}.", given((None, {})), versions=UNTIL_38),
    differs(
        "slurmdb/",
        "associations[]/flags wckeys[]/flags",
        "What is a default is not among v0.0.39's flags; an association says it in is_default.",
        spelled({"DEFAULT": ""}),
        versions=UNTIL_38,
    ),
    differs("slurmdb/users[]/", "flags", "No flag has a name.", spelled({}, ("NONE",)), versions=UNTIL_38),
    added("slurmdb/users[]/", "old_name wckeys", "New in v0.0.39.", versions=UNTIL_38),
    differs(
        "slurmdb/clusters[]/",
        "associations/root",
        "v0.0.38 does not find it.",
        lambda theirs, ours: theirs is None and ours["account"] == "root",
        versions=UNTIL_38,
    ),
    added(
        "slurmdb/",
        "users[]/wckeys[]",
        "From v0.0.40 on the configuration has less of users.",
        versions=SINCE_40,
        url="/config",
    ),
    differs(
        "slurmdb/users[]/",
        "default/wckey",
        "As above.",
        lambda theirs, _ours: theirs == "",
        versions=SINCE_40,
        url="/config",
    ),
    differs("slurmdb/qos[]/", "preempt/mode", "None has a name.", given(([], ["DISABLED"])), versions=UNTIL_38),
    left_out("slurmdb/qos[]/limits/max/", "jobs/count tres/minutes/total", "New in v0.0.42.", versions=SINCE_42),
)

EVERY_GOVERNOR = ["Conservative", "Performance", "PowerSave", "OnDemand", "UserSpace"]
MEMORIES = "memory_per_cpu memory_per_node"
ACCOUNTED = (
    Difference(
        "What runs grows older between two requests.",
        "value",
        "slurmdb/jobs[]/",
        "time/elapsed steps[]/time/elapsed",
        lambda theirs, ours: 0 <= ours - theirs < 10,
        volatile=True,
    ),
    differs(
        "slurmdb/jobs[]/",
        "flags",
        "Is there where any of its bits is, in v0.0.38.",
        spelled({"CLEAR_SCHEDULING": ""}),
        versions=UNTIL_38,
    ),
    differs("slurmdb/jobs[]/", "flags", "New in v0.0.40.", spelled({"START_RECEIVED": ""}), versions=SINCE_40),
    differs(
        "slurmdb/jobs[]/",
        "exit_code/status derived_exit_code/status steps[]/exit_code/status",
        "v0.0.38 calls every exit a success.",
        given(("SUCCESS", "ERROR")),
        versions=UNTIL_38,
    ),
    differs(
        "slurmdb/jobs[]/",
        "exit_code/return_code derived_exit_code/return_code steps[]/exit_code/return_code",
        "As above.",
        lambda theirs, ours: theirs == 0 and ours in (1, 3),
        versions=UNTIL_38,
    ),
    differs(
        "slurmdb/jobs[]/",
        "exit_code/return_code steps[]/exit_code/return_code",
        "From 23.02.4 to 23.02.8 what a signal ended has -127.",
        lambda theirs, ours: ours == -127 and (theirs is None or number(theirs) == UNSET),
        dialect=NEW,
    ),
    left_out(
        "slurmdb/jobs[]/",
        "exit_code/signal derived_exit_code/signal steps[]/exit_code/signal",
        "Before v0.0.40 only what a signal ended had one.",
        versions=SINCE_40,
    ),
    added(
        "slurmdb/jobs[]/",
        "block extra failed_node licenses script submit_line used_gres",
        "New in v0.0.39.",
        versions=UNTIL_38,
    ),
    added("slurmdb/jobs[]/", "hold", "New in 23.02.4.", versions=UNTIL_38, dialect=NEW),
    left_out("slurmdb/jobs[]/", "hold", "New in 23.02.4.", versions=SINCE_40, dialect=OLD),
    added("slurmdb/jobs[]/required/", MEMORIES, "New in 23.02.5.", versions=UNTIL_38, dialect=NEW),
    left_out("slurmdb/jobs[]/required/", MEMORIES, "New in 23.02.5.", versions=SINCE_40, dialect=OLD),
    differs(
        "slurmdb/jobs[]/",
        "state/current",
        "v0.0.39 has one word, the flag on the state where there is one.",
        lambda theirs, ours: len(theirs) > 1 and ours in theirs,
        versions=SINCE_40,
    ),
    added("slurmdb/jobs[]/required/", "memory", "Gone in v0.0.40, for the two others.", versions=SINCE_40),
    left_out("slurmdb/jobs[]/association/", "id", "New in v0.0.40.", versions=SINCE_40),
    left_out(
        "slurmdb/jobs[]/",
        "time/planned qosreq restart_cnt stdin stdout stderr stdin_expanded stdout_expanded stderr_expanded",
        "New in v0.0.42.",
        versions=SINCE_42,
    ),
    differs(
        "slurmdb/jobs[]/",
        "reservation/name",
        "v0.0.38 reads the text as if it were a number.",
        lambda theirs, ours: isinstance(theirs, int) and isinstance(ours, str),
        versions=UNTIL_38,
    ),
    left_out("slurmdb/jobs[]/steps[]/", "step/het", "Not in v0.0.39.", versions=UNTIL_38),
    differs(
        "slurmdb/jobs[]/steps[]/",
        "step/id/step_id",
        "A step is text, also where it has a number.",
        lambda theirs, ours: str(theirs) == ours,
        versions=UNTIL_38,
    ),
    volatile(
        "slurmdb/jobs[]/steps[]/",
        "statistics/CPU/actual_frequency",
        "A number with a fraction, which the C daemon reads as if it had none.",
    ),
    differs(
        "slurmdb/jobs[]/steps[]/",
        "CPU/governor",
        "v0.0.39 has a text; an unset one has every bit.",
        given(([], "0"), (EVERY_GOVERNOR, "Unknown")),
        versions=UNTIL_38,
    ),
)

DIFFERENCES: tuple[Difference, ...] = (
    *(*META, *PING, *DIAG, *JOBS, *NODES, *PARTITIONS, *RESERVATIONS),
    *(*ACCOUNTS, *ACCOUNTED),
)

"""GET jobs, GET job/{job_id} of /slurmdb: what was accounted for jobs and their steps."""

from __future__ import annotations

from ..accounted import (
    CPU_FREQ_FLAGS,
    JOB_EXIT_CODE,
    JOB_EXIT_CODE_NUMBERED,
    JOB_USER,
    SLURM_STEP_ID,
    STEP_DISTRIBUTION,
    STEP_NODES,
    STEP_TRES_REQ_MAX,
    STEP_TRES_REQ_MIN,
    STEP_TRES_USAGE_MAX,
    STEP_TRES_USAGE_MIN,
    WHOLE_NUMBER,
)
from ..accounting import WCKEY_TAG
from ..computed import accounting, cpu_frequency, job
from ..fields import Computed, Field, Skip, Table
from ..flags import Flag, Flags
from ..lists import ListOf
from ..qos import QOS_ID
from ..special import GROUP_ID, JOB_MEM_PER_CPU, JOB_MEM_PER_NODE, PARTITION_MEMORY, USER_ID, Pointer
from ..types import BOOL, JOB_REASON, JOB_STATE, STRING, UINT32, UINT32_NO_VAL, UINT64, UINT64_NO_VAL, Document
from .association import ASSOC_SHORT
from .tres import TRES_STR

SLURMDB_JOB_FLAGS = Flags(
    "SLURMDB_JOB_FLAGS",
    (
        Flag("NONE", "SLURMDB_JOB_FLAG_NONE", equal=True),
        Flag("CLEAR_SCHEDULING", "SLURMDB_JOB_CLEAR_SCHED", until=(39, 7)),
        Flag("CLEAR_SCHEDULING", "SLURMDB_JOB_CLEAR_SCHED", equal=True, since=(39, 7)),
        Flag("NOT_SET", "SLURMDB_JOB_FLAG_NOTSET"),
        Flag("STARTED_ON_SUBMIT", "SLURMDB_JOB_FLAG_SUBMIT"),
        Flag("STARTED_ON_SCHEDULE", "SLURMDB_JOB_FLAG_SCHED"),
        Flag("STARTED_ON_BACKFILL", "SLURMDB_JOB_FLAG_BACKFILL"),
    ),
)

ASSOC_ID = Document("ASSOC_ID", {"type": "object"}, {}, same_as=Pointer(ASSOC_SHORT))

STEP = Table(
    "STEP",
    "slurmdb_step_rec_t",
    "A step of an accounted job",
    (
        Field("time/elapsed", UINT32, "elapsed", "How long it ran (seconds)"),
        Field("time/end", UINT64, "end", "When it ended (seconds since the epoch)"),
        Field("exit_code", JOB_EXIT_CODE, "exitcode", "How it ended", until=(39, 5)),
        Field("exit_code", JOB_EXIT_CODE_NUMBERED, "exitcode", "How it ended", since=(39, 5)),
        Field("nodes/count", UINT32, "nnodes", "Number of nodes"),
        Field("nodes/range", STRING, "nodes", "Nodes"),
        Field("tasks/count", UINT32, "ntasks", "Number of tasks"),
        Field("pid", STRING, "pid_str", "Host and process ID of the srun"),
        Field("CPU/requested_frequency/min", UINT32_NO_VAL, "req_cpufreq_min", "Lowest CPU frequency asked for (kHz)"),
        Field("CPU/requested_frequency/max", UINT32_NO_VAL, "req_cpufreq_max", "Highest CPU frequency asked for (kHz)"),
        Computed(
            "CPU/governor", CPU_FREQ_FLAGS, cpu_frequency.governor, "CPU governor asked for", uses=("req_cpufreq_gov",)
        ),
        Field("kill_request_user", USER_ID, "requid", "User who cancelled it"),
        Field("time/start", UINT64, "start", "When it started (seconds since the epoch)"),
        Field("state", JOB_STATE, "state", "State"),
        Field("statistics/CPU/actual_frequency", WHOLE_NUMBER, "stats.act_cpufreq", "Mean CPU frequency (kHz)"),
        Field("statistics/energy/consumed", UINT64_NO_VAL, "stats.consumed_energy", "Energy consumed (J)"),
        Computed(
            "step/id",
            SLURM_STEP_ID,
            accounting.step_id,
            "Which step it is",
            uses=("step_id.job_id", "step_id.step_het_comp", "step_id.step_id"),
        ),
        Field("step/name", STRING, "stepname", "Name"),
        Field("time/suspended", UINT32, "suspended", "How long it was suspended (seconds)"),
        Field("time/system/seconds", UINT64, "sys_cpu_sec", "CPU time in the kernel (seconds)"),
        Field("time/system/microseconds", UINT32, "sys_cpu_usec", "The fraction of a second on top (microseconds)"),
        Field("task/distribution", STEP_DISTRIBUTION, "task_dist", "How its tasks are laid out"),
        Field("time/total/seconds", UINT64, "tot_cpu_sec", "CPU time (seconds)"),
        Field("time/total/microseconds", UINT32, "tot_cpu_usec", "The fraction of a second on top (microseconds)"),
        Field("time/user/seconds", UINT64, "user_cpu_sec", "CPU time in user space (seconds)"),
        Field("time/user/microseconds", UINT32, "user_cpu_usec", "The fraction of a second on top (microseconds)"),
        Field("nodes/list", STEP_NODES, "nodes", "Nodes, one by one"),
        Computed(
            "tres/requested/max",
            STEP_TRES_REQ_MAX,
            accounting.step_tres,
            "Most that a task took in of each trackable resource",
            uses=(
                "nodes",
                "stats.tres_usage_in_max",
                "stats.tres_usage_in_max_nodeid",
                "stats.tres_usage_in_max_taskid",
            ),
        ),
        Computed(
            "tres/requested/min",
            STEP_TRES_REQ_MIN,
            accounting.step_tres,
            "Least that a task took in",
            uses=(
                "nodes",
                "stats.tres_usage_in_min",
                "stats.tres_usage_in_min_nodeid",
                "stats.tres_usage_in_min_taskid",
            ),
        ),
        Computed(
            "tres/consumed/max",
            STEP_TRES_USAGE_MAX,
            accounting.step_tres,
            "Most that a task put out",
            uses=(
                "nodes",
                "stats.tres_usage_out_max",
                "stats.tres_usage_out_max_nodeid",
                "stats.tres_usage_out_max_taskid",
            ),
        ),
        Computed(
            "tres/consumed/min",
            STEP_TRES_USAGE_MIN,
            accounting.step_tres,
            "Least that a task put out",
            uses=(
                "nodes",
                "stats.tres_usage_out_min",
                "stats.tres_usage_out_min_nodeid",
                "stats.tres_usage_out_min_taskid",
            ),
        ),
        Field(
            "tres/requested/average", TRES_STR, "stats.tres_usage_in_ave", "Mean over its tasks of what they took in"
        ),
        Field("tres/requested/total", TRES_STR, "stats.tres_usage_in_tot", "What its tasks took in"),
        Field(
            "tres/consumed/average", TRES_STR, "stats.tres_usage_out_ave", "Mean over its tasks of what they put out"
        ),
        Field("tres/consumed/total", TRES_STR, "stats.tres_usage_out_tot", "What its tasks put out"),
        Field("tres/allocated", TRES_STR, "tres_alloc_str", "Trackable resources held"),
        Skip("job_ptr", "container", "submit_line", "cwd", "std_err", "std_in", "std_out", "timelimit"),
    ),
)

JOB = Table(
    "JOB",
    "slurmdb_job_rec_t",
    "An accounted job",
    (
        Field("account", STRING, "account", "Account"),
        Field("comment/administrator", STRING, "admin_comment", "Comment of an administrator"),
        Field("allocation_nodes", UINT32, "alloc_nodes", "Nodes held"),
        Field("array/job_id", UINT32, "array_job_id", "Job ID of the array, 0 outside of one"),
        Field(
            "array/limits/max/running/tasks",
            UINT32,
            "array_max_tasks",
            "Most tasks of the array that run at once, 0 for all",
        ),
        Field("array/task_id", UINT32_NO_VAL, "array_task_id", "Number of this task"),
        Field("array/task", STRING, "array_task_str", 'Tasks that have not started, "1-5,7"', varies=True),
        Computed(
            "association",
            ASSOC_ID,
            accounting.association,
            "Association it ran under",
            uses=("cluster", "associd", "account", "user"),
        ),
        Field("block", STRING, "blockid", "Block of the machine"),
        Field("cluster", STRING, "cluster", "Cluster"),
        Field("constraints", STRING, "constraints", "Features its nodes must have"),
        Field("container", STRING, "container", "OCI container bundle"),
        Field("derived_exit_code", JOB_EXIT_CODE, "derived_ec", "Highest exit status of its steps", until=(39, 5)),
        Field(
            "derived_exit_code", JOB_EXIT_CODE_NUMBERED, "derived_ec", "Highest exit status of its steps", since=(39, 5)
        ),
        Field("comment/job", STRING, "derived_es", "Comment of the user"),
        Field("time/elapsed", UINT32, "elapsed", "How long it ran (seconds)"),
        Field("time/eligible", UINT64, "eligible", "When it could start (seconds since the epoch)"),
        Field("time/end", UINT64, "end", "When it ended (seconds since the epoch)"),
        Field("exit_code", JOB_EXIT_CODE, "exitcode", "How it ended", until=(39, 5)),
        Field("exit_code", JOB_EXIT_CODE_NUMBERED, "exitcode", "How it ended", since=(39, 5)),
        Field("extra", STRING, "extra", "Arbitrary text"),
        Field("failed_node", STRING, "failed_node", "Node whose failure ended it"),
        Field("flags", SLURMDB_JOB_FLAGS, "flags", "How it was started"),
        Field("group", GROUP_ID, "gid", "Group"),
        Field("het/job_id", UINT32, "het_job_id", "Job ID of the heterogeneous job, 0 outside of them"),
        Field("het/job_offset", UINT32_NO_VAL, "het_job_offset", "Number of this component"),
        Field("job_id", UINT32, "jobid", "Job ID", varies=True),
        Field("name", STRING, "jobname", "Name", varies=True),
        Field("licenses", STRING, "licenses", "Licenses"),
        Field("mcs/label", STRING, "mcs_label", "Multi-category security label"),
        Field("nodes", STRING, "nodes", "Nodes", varies=True),
        Field("partition", STRING, "partition", "Partition"),
        Computed("hold", BOOL, job.is_held, "Whether it is held", uses=("priority",), since=(39, 4)),
        Field("priority", UINT32_NO_VAL, "priority", "Priority"),
        Field("qos", QOS_ID, "qosid", "QOS"),
        Field("required/CPUs", UINT32, "req_cpus", "CPUs asked for"),
        Field("required/memory_per_cpu", JOB_MEM_PER_CPU, "req_mem", "Memory asked for per CPU (MiB)", since=(39, 5)),
        Field(
            "required/memory_per_node", JOB_MEM_PER_NODE, "req_mem", "Memory asked for per node (MiB)", since=(39, 5)
        ),
        Field("required/memory", PARTITION_MEMORY, "req_mem", "Memory asked for, per CPU or per node (MiB)"),
        Field("kill_request_user", USER_ID, "requid", "User who cancelled it"),
        Field("reservation/id", UINT32, "resvid", "ID of the reservation"),
        Field("reservation/name", STRING, "resv_name", "Reservation"),
        Field("script", STRING, "script", "Batch script", varies=True),
        Field("time/start", UINT64, "start", "When it started (seconds since the epoch)"),
        Field("state/current", JOB_STATE, "state", "State"),
        Field("state/reason", JOB_REASON, "state_reason_prev", "Why it was pending last"),
        Field("steps", ListOf(STEP), "steps", "Steps"),
        Field("time/submission", UINT64, "submit", "When it was submitted (seconds since the epoch)"),
        Field("submit_line", STRING, "submit_line", "Command that submitted it", varies=True),
        Field("time/suspended", UINT32, "suspended", "How long it was suspended (seconds)"),
        Field("comment/system", STRING, "system_comment", "Comment of slurmctld"),
        Field("time/system/seconds", UINT64, "sys_cpu_sec", "CPU time in the kernel (seconds)"),
        Field("time/system/microseconds", UINT64, "sys_cpu_usec", "The fraction of a second on top (microseconds)"),
        Field("time/limit", UINT32_NO_VAL, "timelimit", "Time limit (minutes)"),
        Field("time/total/seconds", UINT64, "tot_cpu_sec", "CPU time (seconds)"),
        Field("time/total/microseconds", UINT64, "tot_cpu_usec", "The fraction of a second on top (microseconds)"),
        Field("tres/allocated", TRES_STR, "tres_alloc_str", "Trackable resources held"),
        Field("tres/requested", TRES_STR, "tres_req_str", "Trackable resources asked for"),
        Field("used_gres", STRING, "used_gres", "Generic resources held"),
        Computed("user", JOB_USER, accounting.user, "User", uses=("user", "uid")),
        Field("time/user/seconds", UINT64, "user_cpu_sec", "CPU time in user space (seconds)"),
        Field("time/user/microseconds", UINT64, "user_cpu_usec", "The fraction of a second on top (microseconds)"),
        Field("wckey", WCKEY_TAG, "wckey", "Workload characterization key"),
        Field("working_directory", STRING, "work_dir", "Working directory", varies=True),
        Skip("db_index", "env", "first_step_ptr", "lft", "show_full", "wckeyid", "lineage", "sluid"),
        Skip("std_err", "std_in", "std_out", "qos_req", "restart_cnt", "resv_req", "segment_size"),
        Skip("exclusive", "oversubscribe"),
    ),
)

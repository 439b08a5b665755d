"""GET diag: what slurmctld counts about itself."""

from __future__ import annotations

from ..computed import statistics
from ..fields import Computed, Field, Skip, Table
from ..types import BOOL, INT64, UINT32, UINT64, Document

RPCS_BY_TYPE = Document(
    "STATS_MSG_RPCS_BY_TYPE",
    {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "message_type": {"type": "string", "description": "Name of the message"},
                "type_id": {"type": "integer", "format": "int32", "description": "Number of the message"},
                "count": {"type": "integer", "format": "int64", "description": "Messages received"},
                "average_time": {
                    "type": "integer",
                    "format": "int64",
                    "description": "Mean time of one (microseconds)",
                },
                "total_time": {
                    "type": "integer",
                    "format": "int64",
                    "description": "Time of all (microseconds)",
                },
            },
        },
    },
    [],
)

RPCS_BY_USER = Document(
    "STATS_MSG_RPCS_BY_USER",
    {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "user": {"type": "string", "description": "Name of the user, the uid where it has none"},
                "user_id": {"type": "integer", "format": "int32", "description": "uid"},
                "count": {"type": "integer", "format": "int64", "description": "Messages received"},
                "average_time": {
                    "type": "integer",
                    "format": "int64",
                    "description": "Mean time of one (microseconds)",
                },
                "total_time": {
                    "type": "integer",
                    "format": "int64",
                    "description": "Time of all (microseconds)",
                },
            },
        },
    },
    [],
)

STATS_MSG = Table(
    "STATS_MSG",
    "stats_info_response_msg_t",
    "Statistics of slurmctld since they were last reset",
    (
        Field("parts_packed", UINT32, "parts_packed", "Whether all partitions were packed into the answer"),
        Field("req_time", INT64, "req_time", "When the statistics were taken (seconds since the epoch)"),
        Field(
            "req_time_start",
            INT64,
            "req_time_start",
            "When they were last reset (seconds since the epoch)",
        ),
        Field(
            "server_thread_count",
            UINT32,
            "server_thread_count",
            "Threads of slurmctld that are serving messages",
        ),
        Field("agent_queue_size", UINT32, "agent_queue_size", "Messages to nodes that wait to be sent"),
        Field("agent_count", UINT32, "agent_count", "Agents that are sending messages to nodes"),
        Field("agent_thread_count", UINT32, "agent_thread_count", "Threads that these agents run"),
        Field(
            "dbd_agent_queue_size",
            UINT32,
            "dbd_agent_queue_size",
            "Messages to slurmdbd that wait to be sent",
        ),
        Field(
            "gettimeofday_latency",
            UINT32,
            "gettimeofday_latency",
            "Time of 1000 calls of gettimeofday (microseconds)",
        ),
        Field(
            "schedule_cycle_max",
            UINT32,
            "schedule_cycle_max",
            "Longest main scheduling cycle (microseconds)",
        ),
        Field(
            "schedule_cycle_last",
            UINT32,
            "schedule_cycle_last",
            "Last main scheduling cycle (microseconds)",
        ),
        Field("schedule_cycle_total", UINT32, "schedule_cycle_counter", "Main scheduling cycles"),
        Computed(
            "schedule_cycle_mean",
            INT64,
            statistics.mean,
            "Mean time of a main scheduling cycle (microseconds)",
            uses=("schedule_cycle_sum", "schedule_cycle_counter"),
        ),
        Computed(
            "schedule_cycle_mean_depth",
            INT64,
            statistics.mean,
            "Mean number of jobs looked at in a main scheduling cycle",
            uses=("schedule_cycle_depth", "schedule_cycle_counter"),
        ),
        Computed(
            "schedule_cycle_per_minute",
            INT64,
            statistics.per_minute,
            "Main scheduling cycles per minute",
            uses=("schedule_cycle_counter", "req_time", "req_time_start"),
        ),
        Field(
            "schedule_queue_length",
            UINT32,
            "schedule_queue_len",
            "Jobs pending at the last main scheduling cycle",
        ),
        Field("jobs_submitted", UINT32, "jobs_submitted", "Jobs submitted"),
        Field("jobs_started", UINT32, "jobs_started", "Jobs started"),
        Field("jobs_completed", UINT32, "jobs_completed", "Jobs completed"),
        Field("jobs_canceled", UINT32, "jobs_canceled", "Jobs cancelled"),
        Field("jobs_failed", UINT32, "jobs_failed", "Jobs failed because of slurmd or an internal error"),
        Field("jobs_pending", UINT32, "jobs_pending", "Jobs pending at job_states_ts"),
        Field("jobs_running", UINT32, "jobs_running", "Jobs running at job_states_ts"),
        Field(
            "job_states_ts",
            INT64,
            "job_states_ts",
            "When pending and running jobs were counted (seconds since the epoch)",
        ),
        Field(
            "bf_backfilled_jobs",
            UINT32,
            "bf_backfilled_jobs",
            "Jobs started by backfill since slurmctld started",
        ),
        Field(
            "bf_last_backfilled_jobs",
            UINT32,
            "bf_last_backfilled_jobs",
            "Jobs started by backfill since the last reset",
        ),
        Field(
            "bf_backfilled_het_jobs",
            UINT32,
            "bf_backfilled_het_jobs",
            "Components of heterogeneous jobs started by backfill since slurmctld started",
        ),
        Field("bf_cycle_counter", UINT32, "bf_cycle_counter", "Backfill cycles"),
        Computed(
            "bf_cycle_mean",
            INT64,
            statistics.mean,
            "Mean time of a backfill cycle (microseconds)",
            uses=("bf_cycle_sum", "bf_cycle_counter"),
        ),
        Computed(
            "bf_depth_mean",
            INT64,
            statistics.mean,
            "Mean number of jobs looked at in a backfill cycle",
            uses=("bf_depth_sum", "bf_cycle_counter"),
        ),
        Computed(
            "bf_depth_mean_try",
            INT64,
            statistics.mean,
            "Mean number of jobs that backfill tried to start in a cycle",
            uses=("bf_depth_try_sum", "bf_cycle_counter"),
        ),
        Field("bf_cycle_sum", UINT64, "bf_cycle_sum", "Time of all backfill cycles (microseconds)"),
        Field("bf_cycle_last", UINT32, "bf_cycle_last", "Last backfill cycle (microseconds)"),
        Field("bf_last_depth", UINT32, "bf_last_depth", "Jobs looked at in the last backfill cycle"),
        Field(
            "bf_last_depth_try",
            UINT32,
            "bf_last_depth_try",
            "Jobs that the last backfill cycle tried to start",
        ),
        Field("bf_depth_sum", UINT32, "bf_depth_sum", "Jobs looked at in all backfill cycles"),
        Field("bf_depth_try_sum", UINT32, "bf_depth_try_sum", "Jobs that all backfill cycles tried to start"),
        Field("bf_queue_len", UINT32, "bf_queue_len", "Jobs pending at the last backfill cycle"),
        Computed(
            "bf_queue_len_mean",
            INT64,
            statistics.mean,
            "Mean length of the queue of pending jobs at a backfill cycle",
            uses=("bf_queue_len_sum", "bf_cycle_counter"),
        ),
        Field(
            "bf_queue_len_sum",
            UINT32,
            "bf_queue_len_sum",
            "Jobs pending, summed over all backfill cycles",
        ),
        Field("bf_table_size", UINT32, "bf_table_size", "Time slots tested in the last backfill cycle"),
        Computed(
            "bf_table_size_mean",
            INT64,
            statistics.mean,
            "Mean number of time slots tested in a backfill cycle",
            uses=("bf_table_size_sum", "bf_cycle_counter"),
        ),
        Field(
            "bf_when_last_cycle",
            INT64,
            "bf_when_last_cycle",
            "When the last backfill cycle ran (seconds since the epoch)",
        ),
        Field("bf_active", BOOL, "bf_active", "Whether a backfill cycle is running"),
        Computed(
            "rpcs_by_message_type",
            RPCS_BY_TYPE,
            statistics.rpcs_by_type,
            "Messages received, by type",
            uses=("rpc_type_size", "rpc_type_id", "rpc_type_cnt", "rpc_type_time"),
        ),
        Computed(
            "rpcs_by_user",
            RPCS_BY_USER,
            statistics.rpcs_by_user,
            "Messages received, by user",
            uses=("rpc_user_size", "rpc_user_id", "rpc_user_cnt", "rpc_user_time"),
        ),
        Skip("bf_cycle_max", "schedule_exit", "schedule_exit_cnt", "bf_exit", "bf_exit_cnt"),
        Skip("rpc_queue_type_count", "rpc_queue_type_id", "rpc_queue_count"),
        Skip("rpc_dump_count", "rpc_dump_types", "rpc_dump_hostlist"),
        Skip(
            "rpc_queue_enabled",
            "rpc_type_queued",
            "rpc_type_dropped",
            "rpc_type_cycle_last",
            "rpc_type_cycle_max",
        ),
    ),
)

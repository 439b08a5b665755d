"""PROTOTYPES: one row for each C function that this package calls. No functions in this file.

A row: name, result, arguments, check, and the releases that have the function in this form: *since* is the
first, *until* the first that has not. A function that changed its arguments has a row for each form.
Every row states its check, so that "no check" is a decision:

    CODE     0 is success, anything else becomes a SlurmError
    ADDRESS  NULL becomes a SlurmError
    NONE     every result is a good one, or a wrong one cannot be told

Every pointer to a record is a RECORD (an address, ctypes.byref of an instance, or None).
The titles are those of slurm.h and slurmdb.h; the last part is exported by libslurmfull.so alone.
"""

from __future__ import annotations

import ctypes
from typing import Any, NamedTuple

CODE = "code"
ADDRESS = "address"
NONE = "none"

VOID = None
INT = ctypes.c_int
I64 = ctypes.c_int64
U16 = ctypes.c_uint16
U32 = ctypes.c_uint32
BOOL = ctypes.c_bool
TIME = ctypes.c_int64
RECORD = ctypes.c_void_p
OUT = ctypes.c_void_p
LIST = ctypes.c_void_p
DB = ctypes.c_void_p
"""A connection to slurmdbd."""
TEXT = ctypes.c_char_p
XTEXT = "xtext"
"""A result that the caller owns: copied to bytes, then freed with slurm_xfree."""
STEP = "step"
"""slurm_step_id_t by value, made from a plain job id."""
LOG = "log"
"""log_options_t by value: not in the headers, and longer from 23.02 on."""


class Prototype(NamedTuple):
    """One form of one C function; see the module's text."""

    name: str
    result: Any
    arguments: tuple[Any, ...]
    check: str
    since: tuple[int, int] = (22, 5)
    until: tuple[int, int] | None = None


P = Prototype

PROTOTYPES: tuple[Prototype, ...] = (
    # --- Library set-up, errors, memory
    P("slurm_init", VOID, (TEXT,), NONE),
    P("slurm_fini", VOID, (), NONE),
    P("slurm_api_version", I64, (), NONE),
    P("slurm_strerror", TEXT, (INT,), NONE),
    P("slurm_xfree", VOID, (OUT,), NONE),
    # --- Lists
    P("slurm_list_create", LIST, (RECORD,), ADDRESS),
    P("slurm_list_append", VOID, (LIST, RECORD), NONE),
    P("slurm_list_count", INT, (LIST,), NONE),
    P("slurm_list_iterator_create", RECORD, (LIST,), ADDRESS),
    P("slurm_list_next", RECORD, (RECORD,), NONE),
    P("slurm_list_iterator_destroy", VOID, (RECORD,), NONE),
    P("slurm_list_destroy", VOID, (LIST,), NONE),
    # --- Host lists and bit strings
    P("slurm_hostlist_create", RECORD, (TEXT,), ADDRESS),
    P("slurm_hostlist_find", INT, (RECORD, TEXT), NONE),
    P("slurm_hostlist_push_host", INT, (RECORD, TEXT), NONE),
    P("slurm_hostlist_count", INT, (RECORD,), NONE),
    P("slurm_hostlist_ranged_string_xmalloc", XTEXT, (RECORD,), NONE),
    P("slurm_hostlist_deranged_string_xmalloc", XTEXT, (RECORD,), NONE),
    P("slurm_hostlist_destroy", VOID, (RECORD,), NONE),
    P("slurm_bit_size", I64, (RECORD,), NONE),
    P("slurm_bit_test", INT, (RECORD, I64), NONE),
    P("slurm_bit_fmt_full", XTEXT, (RECORD,), NONE),
    # --- Names of numbers
    P("slurm_job_state_string", TEXT, (U32,), NONE),
    P("slurm_job_reason_string", TEXT, (INT,), NONE, until=(24, 5)),
    P("slurm_job_state_reason_string", TEXT, (INT,), NONE, since=(24, 5)),
    # --- Job submission, update, signal
    P("slurm_init_job_desc_msg", VOID, (RECORD,), NONE),
    P("slurm_submit_batch_job", INT, (RECORD, OUT), CODE),
    P("slurm_submit_batch_het_job", INT, (LIST, OUT), CODE),
    P("slurm_free_submit_response_response_msg", VOID, (RECORD,), NONE),
    P("slurm_update_job2", INT, (RECORD, OUT), CODE),
    P("slurm_free_job_array_resp", VOID, (RECORD,), NONE),
    P("slurm_kill_job", INT, (U32, U16, U16), CODE, until=(26, 5)),
    P("slurm_kill_job", INT, (STEP, U16, U16), CODE, since=(26, 5)),
    P("slurm_kill_job2", INT, (TEXT, U16, U16, TEXT), CODE),
    # --- Control, ping, configuration, statistics
    P("slurm_ping", INT, (INT,), CODE),
    P("slurm_load_ctl_conf", INT, (TIME, OUT), CODE),
    P("slurm_free_ctl_conf", VOID, (RECORD,), NONE, until=(26, 5)),
    P("slurm_free_conf", VOID, (RECORD,), NONE, since=(26, 5)),
    P("slurm_get_statistics", INT, (OUT, RECORD), CODE),
    P("slurm_free_stats_response_msg", VOID, (RECORD,), NONE),
    P("slurm_load_licenses", INT, (TIME, OUT, U16), CODE),
    P("slurm_free_license_info_msg", VOID, (RECORD,), NONE),
    P("slurm_load_federation", INT, (OUT,), CODE),
    P("slurm_destroy_federation_rec", VOID, (RECORD,), NONE),
    P("slurm_fetch_token", XTEXT, (TEXT, INT), ADDRESS),
    # --- Jobs
    P("slurm_load_jobs", INT, (TIME, OUT, U16), CODE),
    P("slurm_load_job", INT, (OUT, U32, U16), CODE, until=(26, 5)),
    P("slurm_load_job", INT, (OUT, STEP, U16), CODE, since=(26, 5)),
    P("slurm_free_job_info_msg", VOID, (RECORD,), NONE),
    P("slurm_get_job_stdin", VOID, (RECORD, INT, RECORD), NONE),
    P("slurm_get_job_stdout", VOID, (RECORD, INT, RECORD), NONE),
    P("slurm_get_job_stderr", VOID, (RECORD, INT, RECORD), NONE),
    # --- Nodes, partitions, reservations
    P("slurm_load_node", INT, (TIME, OUT, U16), CODE),
    P("slurm_load_node_single", INT, (OUT, TEXT, U16), CODE),
    P("slurm_free_node_info_msg", VOID, (RECORD,), NONE),
    P("slurm_populate_node_partitions", VOID, (RECORD, RECORD), NONE),
    P("slurm_get_select_nodeinfo", INT, (RECORD, INT, INT, OUT), CODE, until=(25, 5)),
    P("slurm_init_update_node_msg", VOID, (RECORD,), NONE),
    P("slurm_update_node", INT, (RECORD,), CODE),
    P("slurm_delete_node", INT, (RECORD,), CODE),
    P("slurm_load_partitions", INT, (TIME, OUT, U16), CODE),
    P("slurm_free_partition_info_msg", VOID, (RECORD,), NONE),
    P("slurm_load_reservations", INT, (TIME, OUT), CODE),
    P("slurm_free_reservation_info_msg", VOID, (RECORD,), NONE),
    # --- slurmdbd: connections
    P("slurmdb_connection_get", DB, (OUT,), ADDRESS),
    P("slurmdb_connection_close", INT, (OUT,), CODE),
    P("slurmdb_connection_commit", INT, (DB, BOOL), CODE),
    # --- slurmdbd: reading
    P("slurmdb_accounts_get", LIST, (DB, RECORD), ADDRESS),
    P("slurmdb_associations_get", LIST, (DB, RECORD), ADDRESS),
    P("slurmdb_clusters_get", LIST, (DB, RECORD), ADDRESS),
    P("slurmdb_jobs_get", LIST, (DB, RECORD), ADDRESS),
    P("slurmdb_qos_get", LIST, (DB, RECORD), ADDRESS),
    P("slurmdb_tres_get", LIST, (DB, RECORD), ADDRESS),
    P("slurmdb_users_get", LIST, (DB, RECORD), ADDRESS),
    P("slurmdb_wckeys_get", LIST, (DB, RECORD), ADDRESS),
    P("slurmdb_get_stats", INT, (DB, OUT), CODE),
    P("slurmdb_destroy_stats_rec", VOID, (RECORD,), NONE),
    # --- slurmdbd: writing
    P("slurmdb_accounts_add", INT, (DB, LIST), CODE),
    P("slurmdb_accounts_modify", LIST, (DB, RECORD, RECORD), ADDRESS),
    P("slurmdb_accounts_remove", LIST, (DB, RECORD), ADDRESS),
    P("slurmdb_associations_add", INT, (DB, LIST), CODE),
    P("slurmdb_associations_modify", LIST, (DB, RECORD, RECORD), ADDRESS),
    P("slurmdb_associations_remove", LIST, (DB, RECORD), ADDRESS),
    P("slurmdb_clusters_add", INT, (DB, LIST), CODE),
    P("slurmdb_clusters_modify", LIST, (DB, RECORD, RECORD), ADDRESS),
    P("slurmdb_clusters_remove", LIST, (DB, RECORD), ADDRESS),
    P("slurmdb_coord_add", INT, (DB, LIST, RECORD), CODE),
    P("slurmdb_coord_remove", LIST, (DB, LIST, RECORD), ADDRESS),
    P("slurmdb_qos_add", INT, (DB, LIST), CODE),
    P("slurmdb_qos_modify", LIST, (DB, RECORD, RECORD), ADDRESS),
    P("slurmdb_qos_remove", LIST, (DB, RECORD), ADDRESS),
    P("slurmdb_tres_add", INT, (DB, LIST), CODE),
    P("slurmdb_users_add", INT, (DB, LIST), CODE),
    P("slurmdb_users_modify", LIST, (DB, RECORD, RECORD), ADDRESS),
    P("slurmdb_users_remove", LIST, (DB, RECORD), ADDRESS),
    P("slurmdb_wckeys_add", INT, (DB, LIST), CODE),
    P("slurmdb_wckeys_modify", LIST, (DB, RECORD, RECORD), ADDRESS),
    P("slurmdb_wckeys_remove", LIST, (DB, RECORD), ADDRESS),
    # --- slurmdbd: records with nothing set
    P("slurmdb_init_assoc_rec", VOID, (RECORD, BOOL), NONE),
    P("slurmdb_init_cluster_cond", VOID, (RECORD, BOOL), NONE),
    P("slurmdb_init_cluster_rec", VOID, (RECORD, BOOL), NONE),
    P("slurmdb_init_qos_rec", VOID, (RECORD, BOOL, U32), NONE),
    P("slurmdb_init_tres_cond", VOID, (RECORD, BOOL), NONE),
    P("slurmdb_init_wckey_rec", VOID, (RECORD, BOOL), NONE),
    # --- Exported by libslurmfull.so alone
    P("ping_all_controllers", RECORD, (), ADDRESS, since=(23, 2)),
    P("rpc_num2string", TEXT, (U16,), NONE),
    P("format_task_dist_states", TEXT, (INT,), NONE),
    P("slurm_step_layout_type_name", XTEXT, (U32,), NONE),
    P("slurmdbd_msg_type_2_str", TEXT, (INT, INT), NONE),
    P("auth_g_thread_config", INT, (TEXT, TEXT), CODE),
    P("auth_g_thread_clear", VOID, (), NONE),
    P("parse_time", TIME, (TEXT, INT), ADDRESS),
    P("time_str2mins", U32, (TEXT,), NONE),
    P("verify_dist_type", U32, (TEXT, OUT), NONE),
    P("cpu_freq_verify_cmdline", INT, (TEXT, OUT, OUT, OUT), CODE),
    P("debug_str2flags", INT, (TEXT, OUT), CODE),
    P("log_alter_with_fp", INT, (LOG, INT, RECORD), NONE),
    P("slurm_persist_conn_destroy", VOID, (DB,), NONE),
)

FREE = {
    "job_array_resp_msg_t": "slurm_free_job_array_resp",
    "job_info_msg_t": "slurm_free_job_info_msg",
    "license_info_msg_t": "slurm_free_license_info_msg",
    "node_info_msg_t": "slurm_free_node_info_msg",
    "partition_info_msg_t": "slurm_free_partition_info_msg",
    "reserve_info_msg_t": "slurm_free_reservation_info_msg",
    "slurmdb_stats_rec_t": "slurmdb_destroy_stats_rec",
    "slurmdb_federation_rec_t": "slurm_destroy_federation_rec",
    "stats_info_response_msg_t": "slurm_free_stats_response_msg",
    "submit_response_msg_t": "slurm_free_submit_response_response_msg",
}
"""Struct of an answer -> the function that frees it."""

ARRAYS = {
    "job_info_msg_t": ("job_array", "slurm_job_info_t"),
    "node_info_msg_t": ("node_array", "node_info_t"),
    "partition_info_msg_t": ("partition_array", "partition_info_t"),
    "reserve_info_msg_t": ("reservation_array", "reserve_info_t"),
}
"""Struct of an answer -> its array of record_count records, and their struct."""

FORGOTTEN = {
    "job_info_msg_t": (
        "admin_comment",
        "cluster_features",
        "container_id",
        "cronspec",
        "failed_node",
        "licenses_allocated",
        "prefer",
        "resv_ports",
        "system_comment",
    ),
    "node_info_msg_t": ("bcast_address", "comment", "extra", "gpu_spec", "instance_type", "parameters"),
    "partition_info_msg_t": ("nodesets",),
    "reserve_info_msg_t": ("comment", "groups"),
}
"""Struct of an answer -> the texts in the records of its array that libslurm's own function for freeing it forgets
in one release or another: 32 bytes and more a record and a request."""

QUICK = frozenset(
    {
        "auth_g_thread_clear",
        "auth_g_thread_config",
        "format_task_dist_states",
        "rpc_num2string",
        "slurm_get_job_stderr",
        "slurm_get_job_stdin",
        "slurm_get_job_stdout",
        "slurm_get_select_nodeinfo",
        "slurm_hostlist_destroy",
        "slurm_hostlist_find",
        "slurm_init_job_desc_msg",
        "slurm_init_update_node_msg",
        "slurm_job_reason_string",
        "slurm_job_state_reason_string",
        "slurm_job_state_string",
        "slurm_strerror",
        "slurm_xfree",
    }
)
"""Functions that wait for nothing: called with Python's lock (the GIL) held. To let go of it for so short a call costs
more than the call, and where threads compete for it a wait for each of them."""

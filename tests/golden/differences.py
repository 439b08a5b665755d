"""Every difference from the recorded answers that is meant, with its reason. One that does not occur is a failure.

Each changes what it names of the recorded answer; several may change one answer, in this order.
"""

from __future__ import annotations

from typing import Any

from .difference import Difference, Release
from .record import Answer

Changes = dict[str, Any]

ENVIRONMENT = "#/job/environment/"

JOB: Changes = {
    "document": {
        "result": "@JOB_SUBMIT_RESPONSE_MSG",
        "job_id": "integer",
        "step_id": "string",
        "job_submit_user_msg": "string",
    }
}
"""A job was submitted."""

HELD: Changes = {"status": 200, "errors": [], "warnings": [ENVIRONMENT, ""], **JOB}
"""A held job was submitted; the warnings are of the environment, an object, and of the job's state."""

TEXT: Changes = {"type": None, "errors": None, "warnings": None, "document": None, "head": None}
"""Text, or nothing."""

PING: Changes = {"status": 200, "errors": [], "warnings": [], "document": {"pings": ["@CONTROLLER_PING"]}}


STATUSES = (
    Difference(
        "What slurmctld refuses, or cannot be converted, is the request's fault, as from Slurm 26.05 on.",
        "job_huge job_neg job_zero jobdel_text jobdel_pending_sigusr1 jobdel_sig_* jobupd_text_id jobupd_bad_partition"
        " jobupd_completed_tl jobupd_priority node_delete_static node_resume2 node_resume4 node_two_states post_list"
        " post_string post_yaml split_body_mid split_head_body submit_array_bad submit_bad_account submit_bad_dep"
        " submit_bad_feature submit_bad_license submit_bad_partition submit_bad_resv submit_core_spec_0"
        " submit_cpufreq_bad submit_deadline_past submit_empty_env_* submit_empty_job submit_exc_dict submit_flags_bad"
        " submit_flags_int submit_het_badacct submit_het_int submit_het_noenv submit_het_second_script"
        " submit_job_list submit_job_null submit_no_env submit_no_script submit_nodes_bad"
        " submit_tl_bool submit_tl_float submit_tl_list submit_tl_setonly submit_x11",
        status=422,
    ),
    Difference(
        "What is asked for by its name or number and not there is 404.",
        "job_notfound jobdel_notfound jobupd_notfound submit_job_id_set node_unknown node_int node_range"
        " partition_notfound reservation_notfound",
        status=404,
    ),
    Difference(
        "What the user may not do is 403.",
        "jobdel_other_user node_delete_nonadmin node_nonadmin node_operator submit_userid_name",
        status=403,
    ),
    Difference("A token that slurmctld refuses is 401.", "auth_expired_jobs auth_wrong_jwt_[!o]*", status=401, **TEXT),
    Difference(
        "A slurmctld that is down is 502, by one error number, whatever was asked of it.",
        "slurmctld_down_job* slurmctld_down_licenses slurmctld_down_nodes slurmctld_down_partition*"
        " slurmctld_down_reservation* slurmctld_down_unix_jobs slurmctld_down_w_*",
        status=502,
        errors=[[1800, ""]],
    ),
    Difference("A media type that cannot be had is 415.", "accept_urlenc", status=415),
    Difference("A media type that cannot be read is 415.", "post_bad_ctype", status=415),
    Difference("An upgrade is 406, as from Slurm 26.05 on.", "upgrade", status=406),
    Difference(
        "A user that the system does not know is an error.",
        "submit_userid_bad",
        status=422,
        errors=[[9004, "#/job/user_id/"]],
    ),
)

SLURMDBD = (
    Difference(
        "Nothing under /slurm needs slurmdbd.", "slurmdbd_down_[!do]* slurmdbd_down_diag", status=200, errors=[]
    ),
    Difference("Nor does this, which is not there.", "slurmdbd_down_w_delete", status=404, errors=[[2017, ""]]),
    Difference("Documents are whole without it.", "slurmdbd_down_jobs slurmdbd_down_unix_jobs", cut=None),
    Difference("As above.", "slurmdbd_down_job", document={"jobs": ["@JOB_INFO"]}),
    Difference("As above.", "slurmdbd_down_node slurmdbd_down_nodes", document={"nodes": ["@NODE"]}),
    Difference("As above.", "slurmdbd_down_partitions", document={"partitions": ["@PARTITION_INFO"]}),
    Difference("As above.", "slurmdbd_down_reservations", document={"reservations": ["@RESERVATION_INFO"]}),
)

LISTS = (
    Difference(
        "A list that could not be made is absent, never null: the schema says array.",
        "jobupd_bad_partition jobupd_completed_tl jobupd_notfound jobupd_priority slurmctld_down_nodes"
        " slurmctld_down_partition* slurmctld_down_reservation*",
        document={},
    ),
    Difference(
        "A list in which nothing was found is empty, not null.", "partition_notfound", document={"partitions": []}
    ),
    Difference("As above.", "reservation_notfound", document={"reservations": []}),
    Difference("An unknown node is an error, and needs no warning besides.", "node_int node_range", warnings=[]),
)

QUERIES = (
    Difference(
        "An update_time that is no number is an error in every collection.",
        "nodes_update_time_bad partitions_update_time_bad",
        status=422,
        errors=[[9000, ""]],
        document={},
    ),
    Difference(
        "Partitions that did not change are 304, like the others.", "partitions_update_time_future", status=304, **TEXT
    ),
    Difference(
        "A query parameter that nobody knows is a warning.",
        "jobdel_badquery jobs_unknown_query uri_big_10000",
        warnings=[""],
    ),
    Difference(
        "A signal is text in a URL, be it a number or a name.",
        "jobdel_run_sig_0 jobdel_run_sig_10 jobdel_run_sig_999 jobdel_sig_0 jobdel_sig_999",
        warnings=[],
    ),
    Difference(
        "An unknown signal is an error, and nothing is sent.", "jobdel_run_sig_bad", status=422, errors=[[9000, ""]]
    ),
    Difference(
        "Every character that a URI may have is taken: this is a bad update_time.",
        "query_bad_char",
        status=422,
        errors=[[9000, ""]],
        warnings=[],
        document={},
    ),
    Difference("And this a bad job id.", "bad_char_path", status=422, errors=[[2137, ""]], warnings=[], document={}),
    Difference(
        "And this a component of a job.",
        "job_het_comp",
        status=200,
        errors=[],
        warnings=[],
        document={"jobs": ["@JOB_INFO"]},
    ),
    Difference("And this a URL that is not there.", "pct_bad", status=404),
)

PARTS_OF_JOBS = (
    Difference(
        "A task is shown alone, without the rest of its array.", "job_array_task job_array_task_colon", warnings=[]
    ),
    Difference("A step is text, so 5.0 is one.", "job_step", warnings=[""]),
    Difference(
        "A component is that component, not the job; slurmctld cancels none of a job that is pending.",
        "jobdel_het_comp",
        status=422,
        errors=[[2108, ""]],
    ),
    Difference("The step of a job is named the same in both places.", "submit_het submit_het_scripts", **JOB),
)

ROUTES = (
    Difference("A URL is a whole path, not the beginning of one.", "prefix_job", status=404),
    Difference("As above, and v0.0.39 is the first version here.", "prefix_slurm v38_ping", status=404, **TEXT),
    Difference("As above.", "prefix_slurmdb", status=404, **TEXT),
    Difference("HEAD is answered.", "method_HEAD_ping method_HEAD_openapi", status=200),
    Difference("OPTIONS is answered.", "method_OPTIONS_ping", status=200),
)

MEDIA = (
    Difference("Accept may say application/*.", "accept_appstar", **PING),
    Difference("Of two media types the one with the higher q is preferred.", "accept_qorder", type=None),
    Difference("YAML has had a name of its own since RFC 9512.", "accept_yaml", type="application/yaml", **PING),
    Difference("As above.", "post_yaml2", status=422, errors=[[2009, ""]], warnings=[], document={}),
    Difference(
        "Chunked bodies, parameters of media types, and JSON that does not say so, are read.",
        "post_chunked post_ctype_charset post_no_ctype",
        status=422,
        errors=[[9000, ""]],
        warnings=[],
        document={},
    ),
    Difference(
        "JSON is what RFC 8259 says: no comments, nothing after it.",
        "post_json_comment post_json_trailing",
        status=400,
        **TEXT,
    ),
    Difference("null is JSON, though no job.", "post_null", status=422, errors=[[9209, ""]], warnings=[], document={}),
)

WIRE = (
    Difference("A packet may end anywhere.", "split_mid_header_name split_mid_header_value split_reqline", **PING),
    Difference(
        "Lines end as RFC 9112 says; a proxy in between may read others otherwise.", "lf_only", status=400, **TEXT
    ),
    Difference("A request has at most 256 header fields.", "hdr_many_500", status=400, **TEXT),
    Difference("What ends before it was a request gets no answer.", "garbage2", status=None),
)

CONVERSIONS = (
    Difference("A key that nobody knows is a warning.", "jobupd_nested_job", warnings=["#/job/"]),
    Difference("As above.", "post_dupkey", warnings=["#/a/"]),
    Difference("As above.", "submit_unknown_key", warnings=["#/job/foobar/", ENVIRONMENT, ""]),
    Difference("A list is no change of a job.", "jobupd_list_body", status=422, errors=[[9209, ""]], document={}),
    Difference(
        "A value that cannot be converted is an error, and nothing is submitted.",
        "submit_name_list",
        status=422,
        errors=[[9202, "#/job/name/"]],
    ),
    Difference(
        "As above.", "submit_tasks_bad submit_tasks_bool submit_tasks_list", status=422, errors=[[9202, "#/job/tasks/"]]
    ),
    Difference("The path of what cannot be converted is known.", "submit_nodes_bad", errors=[[9202, "#/job/nodes/"]]),
    Difference("As above.", "submit_core_spec_0", errors=[[2111, "#/job/core_specification/"]]),
    Difference("As above.", "submit_cpufreq_bad", errors=[[9202, "#/job/cpu_frequency/"]]),
    Difference("As above.", "submit_exc_dict", errors=[[9202, "#/job/excluded_nodes/"]]),
    Difference("As above.", "submit_het_int", errors=[[9209, "#/jobs[0]/"]]),
    Difference("As above.", "submit_job_list submit_job_null", errors=[[9209, "#/job/"]]),
    Difference(
        "A parse does not stop at its first error.",
        "submit_core_spec_0 submit_cpufreq_bad submit_flags_bad submit_flags_int",
        warnings=[ENVIRONMENT],
    ),
    Difference(
        "A list for a text is a warning, also an empty one.",
        "submit_nodes_emptylist",
        warnings=[ENVIRONMENT, "#/job/nodes/", ""],
    ),
    Difference("Memory is understood as the object that the schema has.", "submit_mem_obj", **HELD),
    Difference(
        "Times are understood as Slurm's commands take them.",
        "submit_begin_iso submit_begin_str",
        warnings=["#/job/begin_time/", ENVIRONMENT, ""],
        **JOB,
    ),
    Difference(
        "As above.", "submit_tl_str submit_tl_str2", **HELD | {"warnings": [ENVIRONMENT, "#/job/time_limit/", ""]}
    ),
    Difference(
        "A plain number is understood as an object too.",
        "submit_tasks_obj",
        warnings=[ENVIRONMENT, "#/job/tasks/", ""],
        **JOB,
    ),
)

WAITS = (
    Difference("A job that was taken is no error, whatever it waits for.", "submit_too_many_tasks", **HELD),
    Difference("As above.", "submit_time_over_gpu", **HELD | {"warnings": [ENVIRONMENT, "#/job/time_limit/", ""]}),
)

CRASHES = (
    Difference("The C daemon crashed.", "submit_CRASH_distribution submit_CRASH_nice", **HELD),
    Difference(
        "As above. The group must be one of the user's.",
        "submit_CRASH_group_id",
        status=422,
        errors=[[2113, ""]],
        warnings=[ENVIRONMENT],
        document={},
    ),
    Difference(
        "As above. A crontab can only be read.",
        "submit_crontab",
        status=422,
        errors=[[2036, "#/job/crontab/"]],
        warnings=[ENVIRONMENT],
        document={},
    ),
    Difference(
        "As above.", "submit_env_string", status=422, errors=[[9208, ENVIRONMENT]], warnings=[ENVIRONMENT], document={}
    ),
    Difference(
        "As above.",
        "submit_flags_list_int",
        status=422,
        errors=[[9207, "#/job/flags[0]/"], [9207, "#/job/flags/"]],
        warnings=[ENVIRONMENT],
        document={},
    ),
    Difference("As above.", "submit_het_dict", status=422, errors=[[9208, ""]], warnings=[], document={}),
)

CLUSTER = (
    Difference(
        "Before 23.02 a node had no time to resume after.",
        "node_resume_after",
        before=(23, 2, 0),
        warnings=["#/resume_after/", "#/resume_after/"],
    ),
    Difference(
        "From 24.05 on a node that is no dynamic one is of the wrong kind, not busy.",
        "node_delete_static",
        since=(24, 5, 0),
        errors=[[2028, ""]],
    ),
    Difference(
        "From 25.11 on there is a number for a state that a node cannot change to.",
        "node_resume2 node_resume4 node_two_states",
        since=(25, 11, 0),
        errors=[[2180, ""]],
    ),
    Difference(
        "From 26.05 on the reason's user is he who asks.",
        "node_reason_uid",
        since=(26, 5, 0),
        warnings=["#/reason_uid/"],
    ),
    Difference(
        "From 26.05 on there is a number for an environment that is missing.",
        "submit_empty_env_dict submit_empty_env_list submit_empty_job submit_het_noenv submit_no_env",
        since=(26, 5, 0),
        errors=[[2127, ""]],
    ),
    Difference(
        "From 26.05 on a job has at least as many tasks as nodes.",
        "submit_min_nodes submit_nodes_list1",
        since=(26, 5, 0),
        status=422,
        errors=[[2025, ""]],
        document={},
    ),
    Difference("As above.", "submit_min_nodes", since=(26, 5, 0), warnings=[ENVIRONMENT]),
    Difference(
        "As above, so that there is none.",
        "submit_min_nodes__jobinfo",
        since=(26, 5, 0),
        status=404,
        errors=[[2017, ""]],
        document={},
    ),
    Difference("As above.", "submit_nodes_list1", since=(26, 5, 0), warnings=[ENVIRONMENT, "#/job/nodes/"]),
)

DATABASE = (
    Difference("A token of somebody else is 401.", "auth_alice_as_root_db", status=401, **TEXT),
    Difference("A slurmdbd that is down is 502.", "slurmdbd_down_db_*", status=502),
    Difference("There are no statistics then.", "slurmdbd_down_db_diag", document={}),
    Difference(
        "What is asked for by its name and not there is 404, the warning an error.",
        "db_account_notfound db_user_notfound db_wckey_notfound",
        status=404,
        errors=[[0, ""]],
        warnings=[],
    ),
    Difference("As above, with slurmctld's number.", "db_job_notfound", status=404, errors=[[2017, ""]], warnings=[]),
    Difference("The C daemon crashed.", "db_job_name", status=422, errors=[[2137, ""]], warnings=[], document={}),
    Difference("What cannot be is the request's fault.", "db_association_ambig db_jobs_user_unknown", status=422),
    Difference("What is not understood is not ignored in silence.", "db_associations_badquery", warnings=[""]),
    Difference(
        "A query may have commas and colons as they are.",
        "db_associations_csv",
        status=200,
        errors=[],
        warnings=[],
        document={"associations": ["@ASSOC"]},
    ),
    Difference("As above.", "db_jobs_start_end", status=200, errors=[], warnings=[], document={"jobs": ["@JOB"]}),
    Difference(
        "A time may be a number of seconds.", "db_jobs_start_int", status=200, errors=[], document={"jobs": ["@JOB"]}
    ),
)

ADDITIONS = (
    Difference(
        "The C daemon crashed.",
        "dbw_acct_badtype",
        status=422,
        errors=[[9209, "#/accounts[0]/"]],
        warnings=[],
        document={},
    ),
    Difference(
        "As above.",
        "dbw_acct_missing_req",
        status=422,
        errors=[[9200, "#/accounts[0]/description/"], [9200, "#/accounts[0]/organization/"]],
        warnings=[],
        document={},
    ),
    Difference(
        "As above.", "dbw_acct_noname", status=422, errors=[[9200, "#/accounts[0]/name/"]], warnings=[], document={}
    ),
    Difference(
        "As above.",
        "dbw_user_badlevel",
        status=422,
        errors=[[9207, "#/users[0]/administrator_level[0]/"], [9207, "#/users[0]/administrator_level/"]],
        warnings=[],
        document={},
    ),
    Difference(
        "As above.", "dbw_user_noname", status=422, errors=[[9200, "#/users[0]/name/"]], warnings=[], document={}
    ),
    Difference(
        "As above. A number that may be unset is understood where it must not be.",
        "dbw_qos_add_upper",
        status=200,
        errors=[],
        warnings=["#/QOS[0]/priority/"],
        document={},
    ),
    Difference(
        "As above.",
        "dbw_qos_badpreempt",
        status=422,
        errors=[[2066, "#/qos[0]/preempt/list[0]/"]],
        warnings=[],
        document={},
    ),
    Difference("As above.", "dbw_wckey_nokey", status=200, errors=[], warnings=[""], document={}),
    Difference(
        "As above.",
        "dbw_wckey_noreq",
        status=422,
        errors=[[9200, "#/wckeys[0]/cluster/"], [9200, "#/wckeys[0]/user/"]],
        warnings=[],
        document={},
    ),
    Difference("What the user may not do is 403.", "dbw_acct_nonadmin dbw_del_user_nonadmin", status=403),
    Difference("A list that could not be made is absent.", "dbw_del_user_nonadmin", document={}),
    Difference(
        "What cannot be converted is 422, and said once.",
        "dbw_assoc_badflag",
        status=422,
        errors=[[9207, "#/associations[0]/flags[0]/"], [9207, "#/associations[0]/flags/"]],
    ),
    Difference(
        "As above, a QOS by its place in the list.",
        "dbw_assoc_badqos",
        status=422,
        errors=[[2066, "#/associations[0]/qos[0]/"]],
    ),
    Difference(
        "As above.",
        "dbw_assoc_nouser dbw_config_post",
        status=422,
        errors=[[9200, "#/associations[0]/user/"]],
    ),
    Difference(
        "As above. Of an association that lacks its user nothing else is said but what is unknown.",
        "dbw_assoc_add_full",
        status=422,
        errors=[[9200, "#/associations[0]/user/"]],
        warnings=["#/associations[0]/max/jobs/total/"],
    ),
    Difference("As above.", "dbw_v_assoc_badelem", status=422, errors=[[9209, "#/associations[0]/"]]),
    Difference("As above.", "dbw_v_cluster_badelem", status=422, errors=[[9209, "#/clusters[0]/"]]),
    Difference("As above.", "dbw_cluster_noname", status=422, errors=[[9000, "#/clusters[0]/"]]),
    Difference("An error says where it is.", "dbw_qos_badid dbw_qos_noname", errors=[[9000, "#/qos[0]/"]]),
    Difference("As above, and what cannot be done is 422.", "dbw_tres_add", status=422, errors=[[2036, "#/TRES[0]/"]]),
    Difference(
        "An association of an account needs no parent, and a partition need not be named.",
        "dbw_assoc_add dbw_assoc_user dbw_assoc_user_mod dbw_assoc_user_nopart",
        status=200,
        errors=[],
    ),
    Difference(
        "As above: it is there.",
        "dbw_assoc_add__after dbw_assoc_add_full__after dbw_assoc_user__after dbw_assoc_user_mod__after"
        " dbw_assoc_user_nopart__after",
        warnings=[],
        document={"associations": ["@ASSOC"]},
    ),
    Difference("What is so now needs no warning.", "dbw_user_mod", warnings=[]),
    Difference(
        "A list that is absent or empty asks for nothing.", "dbw_cluster_empty dbw_config_post_empty", warnings=[]
    ),
    Difference("As above, one warning is enough.", "dbw_user_nokey dbw_qos_nokey dbw_v_wckey_nokey", warnings=[""]),
)

REMOVALS = (
    Difference(
        "Removing what is not there is 404.",
        "dbw_del_acct_cfg1 dbw_del_acct_notfound",
        status=404,
        errors=[[0, ""]],
        warnings=[],
        document={"removed_accounts": []},
    ),
    Difference(
        "As above.",
        "dbw_del_user_cfgu dbw_del_user_notfound",
        status=404,
        errors=[[0, ""]],
        warnings=[],
        document={"removed_users": []},
    ),
    Difference(
        "As above.",
        "dbw_del_cluster_notfound",
        status=404,
        errors=[[0, ""]],
        warnings=[],
        document={"deleted_clusters": []},
    ),
    Difference(
        "As above.",
        "dbw_del_assoc_none dbw_del_assocs",
        status=404,
        errors=[[0, ""]],
        warnings=[],
        document={"removed_associations": []},
    ),
    Difference(
        "As above.",
        "dbw_del_qos_cfgq dbw_del_qos_notfound dbw_del_user__after dbw_del_wckey_notfound",
        status=404,
        errors=[[0, ""]],
        warnings=[],
    ),
    Difference(
        "One association is asked for, and there are two.",
        "dbw_del_assoc_ambig",
        status=422,
        errors=[[9210, ""]],
        warnings=[],
        document={},
    ),
    Difference(
        "There is such an association here.",
        "dbw_del_assoc_one",
        status=200,
        errors=[],
        warnings=[],
        document={"removed_associations": ["string"]},
    ),
    Difference(
        "A request that means too much is at fault itself, and a list that could not be made is absent.",
        "dbw_del_r_assoc",
        status=422,
        document={},
    ),
    Difference(
        "slurmdbd does not remove a user's default account, before 23.11.1 not even with all that the user has; and"
        " the request must not have done half of it.",
        "dbw_del_r_assoc dbw_del_r_assocs",
        before=(23, 11, 1),
        status=422,
        errors=[[7009, ""]],
        document={},
    ),
)

DOCUMENTS = (
    Difference(
        "YAML has had a name of its own since RFC 9512.",
        "openapi-accept-application_yaml openapi-accept-yaml",
        status=200,
        document={"openapi": "string"},
    ),
)

DIFFERENCES = (
    *(*STATUSES, *SLURMDBD, *LISTS, *QUERIES, *PARTS_OF_JOBS, *ROUTES),
    *(*MEDIA, *WIRE, *CONVERSIONS, *WAITS, *CRASHES, *CLUSTER, *DATABASE, *ADDITIONS, *REMOVALS, *DOCUMENTS),
)


def meant(name: str, answer: Answer, release: Release, differences: tuple[Difference, ...] = DIFFERENCES) -> Answer:
    """Make the answer that is meant of the one that was recorded, for a daemon on a Slurm of that release."""
    for difference in differences:
        if difference.concerns(name, release):
            answer = difference.apply(answer)
    return answer

"""The operations of /slurmdb: what each method of each resource is called, takes and answers. Data only."""

from __future__ import annotations

from ...data_parser.lists import ListOf
from ...data_parser.schema import Alias, Schema
from ...data_parser.tables import TABLES
from ...operations import Document, Operation, Operations, Parameter
from ..base import Resource
from .accounts import Account, Accounts
from .associations import Association, Associations
from .clusters import ClusterRecord, Clusters
from .config import Config
from .diag import Diag
from .jobs import Job, Jobs
from .qos import Qos, QosList
from .tres import Tres
from .users import User, Users
from .wckeys import Wckey, Wckeys

FLAG: Schema = {"type": "string", "enum": ["true", "false"], "default": "false"}
NAMES: Schema = {"type": "array", "items": {"type": "string"}}
ELSEWHERE: Schema = {**NAMES, "items": {"type": "object"}, "description": "Never there: see TRES"}

ACCOUNT_LIST, USER_LIST, QOS_LIST, WCKEY_LIST = (ListOf(TABLES[name]) for name in ("ACCOUNT", "USER", "QOS", "WCKEY"))
ASSOC_LIST, CLUSTER_LIST, TRES_LIST = (ListOf(TABLES[name]) for name in ("ASSOC", "CLUSTER_REC", "TRES"))

DELETED = Parameter("with_deleted", "Whether to show those too that were deleted", FLAG)

ACCOUNTS = Document("account_info", "Accounts", {"accounts": ACCOUNT_LIST})
USERS = Document("user_info", "Users", {"users": USER_LIST})
QOS = Document("qos_info", "QOS", {"qos": QOS_LIST})
WCKEYS = Document("wckey_info", "Wckeys", {"wckeys": WCKEY_LIST})
ASSOCIATIONS = Document("associations_info", "Associations", {"associations": ASSOC_LIST})
CLUSTERS = Document("clusters_info", "Clusters", {"clusters": CLUSTER_LIST})
JOBS = Document("job_info", "Jobs as they were accounted", {"jobs": ListOf(TABLES["JOB"])})
STATISTICS = Document("diag", "Statistics of slurmdbd", {"statistics": Alias("STATS_REC_PTR", TABLES["STATS_REC"])})
TRES_INFO = Document("tres_info", "Trackable resources", {"TRES": TRES_LIST, "tres": ELSEWHERE})
CONFIG = Document(
    "config_info",
    "All that slurmdbd is configured with",
    {
        "clusters": CLUSTER_LIST,
        "TRES": TRES_LIST,
        "tres": ELSEWHERE,
        "accounts": ACCOUNT_LIST,
        "users": USER_LIST,
        "qos": QOS_LIST,
        "wckeys": WCKEY_LIST,
        "associations": ASSOC_LIST,
    },
)
REMOVED_ASSOCIATIONS = Document(
    "response_associations_delete",
    "The associations that were deleted",
    {"removed_associations": {**NAMES, "description": "What each was of"}},
)

NEW_USERS = Document("update_users", "Users to add or change", {"users": USER_LIST}, envelope=False)
NEW_QOS = Document("update_qos", "QOS to add or change", {"qos": QOS_LIST}, envelope=False)
NEW_TRES = Document("tres_update", "Trackable resources to add", {"tres": TRES_LIST}, envelope=False)
NEW_CONFIG = Document(
    "set_config",
    "What to add or change; all of it or nothing",
    {
        "clusters": CLUSTER_LIST,
        "TRES": TRES_LIST,
        "accounts": ACCOUNT_LIST,
        "users": USER_LIST,
        "qos": QOS_LIST,
        "wckeys": WCKEY_LIST,
        "associations": ASSOC_LIST,
    },
    envelope=False,
)

ASSOCIATION = tuple(
    Parameter(name, f"{what}, or several of them, comma separated")
    for name, what in (
        ("cluster", "Cluster"),
        ("account", "Account"),
        ("user", "User"),
        ("partition", "Partition"),
    )
)

JOB_QUERY = (
    Parameter("users", "Users, by name or uid, comma separated"),
    Parameter("submit_time", "Jobs submitted after this time, in one of Slurm's forms or seconds since the epoch"),
    Parameter("start_time", "Jobs that were there after this time, in one of Slurm's forms or seconds since the epoch"),
    Parameter("end_time", "Jobs that were there before this time, in one of Slurm's forms or seconds since the epoch"),
    Parameter("account", "Accounts, comma separated"),
    Parameter("association", "Numbers of associations, comma separated"),
    Parameter("cluster", "Clusters, comma separated; without it this one"),
    Parameter("constraints", "Features asked for, comma separated"),
    Parameter("cpus_max", "Most CPUs"),
    Parameter("cpus_min", "Least CPUs"),
    Parameter("skip_steps", "Whether to leave the steps out", FLAG),
    Parameter("disable_wait_for_result", "Whether slurmdbd may answer before it has stored what it was sent", FLAG),
    Parameter("exit_code", "Exit code"),
    Parameter("format", "Taken and ignored"),
    Parameter("group", "Groups, by name or gid, comma separated"),
    Parameter("groups", "The same as group"),
    Parameter("job_name", "Names of jobs, comma separated"),
    Parameter("nodes_max", "Most nodes"),
    Parameter("nodes_min", "Least nodes"),
    Parameter("partition", "Partitions, comma separated"),
    Parameter("qos", "QOS, comma separated"),
    Parameter("reason", "Reasons for waiting, comma separated"),
    Parameter("reservation", "Reservations, comma separated"),
    Parameter("state", "States, comma separated"),
    Parameter("step", "Jobs and steps, comma separated"),
    Parameter("node", "Nodes, as a host list"),
    Parameter("wckey", "Wckeys, comma separated"),
)

OPERATIONS: dict[type[Resource], Operations] = {
    Diag: {"get": Operation("diag", "Show statistics of slurmdbd", answer=STATISTICS)},
    Config: {
        "get": Operation("get_config", "Show all that slurmdbd is configured with", answer=CONFIG),
        "post": Operation("set_config", "Add or change much at once", body=NEW_CONFIG, needed=False),
    },
    Clusters: {
        "get": Operation("get_clusters", "List clusters", (DELETED,), answer=CLUSTERS),
        "post": Operation("add_clusters", "Add clusters or change them", body=CLUSTERS),
    },
    ClusterRecord: {
        "get": Operation("get_cluster", "Show a cluster", (DELETED,), answer=CLUSTERS),
        "delete": Operation("delete_cluster", "Delete a cluster"),
    },
    Accounts: {
        "get": Operation("get_accounts", "List accounts", (DELETED,), answer=ACCOUNTS),
        "post": Operation("update_accounts", "Add accounts or change them", body=ACCOUNTS),
    },
    Account: {
        "get": Operation("get_account", "Show an account", (DELETED,), answer=ACCOUNTS),
        "delete": Operation("delete_account", "Delete an account"),
    },
    Users: {
        "get": Operation("get_users", "List users", (DELETED,), answer=USERS),
        "post": Operation("update_users", "Add users or change them", body=NEW_USERS),
    },
    User: {
        "get": Operation("get_user", "Show a user", (DELETED,), answer=USERS),
        "delete": Operation("delete_user", "Delete a user"),
    },
    Associations: {
        "get": Operation("get_associations", "List associations", ASSOCIATION, answer=ASSOCIATIONS),
        "post": Operation("update_associations", "Add associations or change them", body=ASSOCIATIONS),
        "delete": Operation("delete_associations", "Delete associations", ASSOCIATION, answer=REMOVED_ASSOCIATIONS),
    },
    Association: {
        "get": Operation("get_association", "Show an association", ASSOCIATION, answer=ASSOCIATIONS),
        "delete": Operation("delete_association", "Delete an association", ASSOCIATION, answer=REMOVED_ASSOCIATIONS),
    },
    QosList: {
        "get": Operation("get_qos", "List QOS", (DELETED,), answer=QOS),
        "post": Operation("update_qos", "Add QOS or change them", body=NEW_QOS),
    },
    Qos: {
        "get": Operation("get_single_qos", "Show a QOS", (DELETED,), answer=QOS),
        "delete": Operation("delete_qos", "Delete a QOS"),
    },
    Tres: {
        "get": Operation("get_tres", "List trackable resources", answer=TRES_INFO),
        "post": Operation("update_tres", "Add trackable resources", body=NEW_TRES),
    },
    Wckeys: {
        "get": Operation("get_wckeys", "List wckeys", (DELETED,), answer=WCKEYS),
        "post": Operation("add_wckeys", "Add wckeys", body=WCKEYS, needed=False),
    },
    Wckey: {
        "get": Operation("get_wckey", "Show the wckeys of a name", (DELETED,), answer=WCKEYS),
        "delete": Operation("delete_wckey", "Delete the wckeys of a name"),
    },
    Jobs: {"get": Operation("get_jobs", "List jobs as they were accounted", JOB_QUERY, answer=JOBS)},
    Job: {"get": Operation("get_job", "Show a job as it was accounted", answer=JOBS)},
}

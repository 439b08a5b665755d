"""The operations of /slurm: what each method of each resource is called, takes and answers. Data only."""

from __future__ import annotations

from ...data_parser.schema import Alias, Array, Object
from ...data_parser.tables import TABLES
from ...data_parser.tables.job_response import JOB_ARRAY_RESULTS
from ...operations import UPDATE_TIME, Document, Operation, Operations, Parameter
from ..base import Resource
from .jobs import Job, Jobs, JobSubmit
from .nodes import Node, Nodes
from .partitions import Partition, Partitions
from .reservations import Reservation, Reservations
from .status import Diag, Licenses, Ping

SIGNALS = (
    "HUP", "INT", "QUIT", "ABRT", "KILL", "ALRM", "TERM", "USR1", "USR2", "URG", "CONT", "STOP", "TSTP", "TTIN", "TTOU",
)  # fmt: skip

JOBS = Document("jobs_response", "Jobs", {"jobs": Array("JOB_INFO_MSG", TABLES["JOB_INFO"])})
NODES = Document("nodes_response", "Nodes", {"nodes": Array("NODES", TABLES["NODE"])})
PARTITIONS = Document(
    "partitions_response", "Partitions", {"partitions": Array("PARTITION_INFO_ARRAY", TABLES["PARTITION_INFO"])}
)
RESERVATIONS = Document(
    "reservations_response",
    "Reservations",
    {"reservations": Array("RESERVATION_INFO_ARRAY", TABLES["RESERVATION_INFO"])},
)
PINGS = Document("pings", "Controllers", {"pings": Array("CONTROLLER_PING_ARRAY", TABLES["CONTROLLER_PING"])})
LICENSES = Document("licenses_info", "Licenses", {"licenses": Array("LICENSES", TABLES["LICENSE"])})
STATISTICS = Document("diag", "Statistics of slurmctld", {"statistics": TABLES["STATS_MSG"]})
SUBMITTED = Document(
    "job_submission_response",
    "What became of a submission",
    {
        "result": TABLES["JOB_SUBMIT_RESPONSE_MSG"],
        "job_id": {"type": "integer", "format": "int64", "description": "Job ID"},
        "step_id": {"type": "string", "description": "Step"},
        "job_submit_user_msg": {"type": "string", "description": "Message of the job submit plugin"},
    },
)
UPDATED = Document(
    "job_update_response",
    "What became of a change of a job",
    {
        "results": Alias("JOB_ARRAY_RESPONSE_MSG_PTR", JOB_ARRAY_RESULTS),
        "job_id": {"type": "string", "description": "Job ID of the first result, where there is one"},
        "step_id": {"type": "string", "nullable": True, "description": "null where there are results"},
        "job_submit_user_msg": {"type": "string", "nullable": True, "description": "null where there are results"},
    },
)
SUBMISSION = Object(
    "JOB_SUBMISSION",
    {
        "script": {"type": "string", "description": "Batch script of the job, or of the first component"},
        "job": TABLES["JOB_DESC_MSG"],
        "jobs": Array("JOB_DESC_MSG_LIST", TABLES["JOB_DESC_MSG"]),
    },
    "A job, or under jobs the components of a heterogeneous one",
)
SIGNAL = Parameter(
    "signal", "Signal to send instead of killing the job", {"type": "string", "enum": [*SIGNALS]}, explode=True
)

OPERATIONS: dict[type[Resource], Operations] = {
    Ping: {"get": Operation("ping", "Ask every slurmctld whether it answers", answer=PINGS)},
    Diag: {"get": Operation("diag", "Show statistics of slurmctld", answer=STATISTICS)},
    Licenses: {"get": Operation("slurmctld_get_licenses", "List licenses", (UPDATE_TIME,), answer=LICENSES)},
    Jobs: {"get": Operation("get_jobs", "List jobs", (UPDATE_TIME,), answer=JOBS)},
    Job: {
        "get": Operation("get_job", "Show a job", answer=JOBS),
        "post": Operation("update_job", "Change a job", body=TABLES["JOB_DESC_MSG"], answer=UPDATED),
        "delete": Operation("cancel_job", "Cancel a job or send it a signal", (SIGNAL,)),
    },
    JobSubmit: {"post": Operation("submit_job", "Submit a job", body=SUBMISSION, answer=SUBMITTED)},
    Nodes: {"get": Operation("get_nodes", "List nodes", (UPDATE_TIME,), answer=NODES)},
    Node: {
        "get": Operation("get_node", "Show a node", answer=NODES),
        "post": Operation("update_node", "Change a node", body=TABLES["UPDATE_NODE_MSG"]),
        "delete": Operation("delete_node", "Delete a dynamic node"),
    },
    Partitions: {"get": Operation("get_partitions", "List partitions", (UPDATE_TIME,), answer=PARTITIONS)},
    Partition: {"get": Operation("get_partition", "Show a partition", (UPDATE_TIME,), answer=PARTITIONS)},
    Reservations: {"get": Operation("get_reservations", "List reservations", (UPDATE_TIME,), answer=RESERVATIONS)},
    Reservation: {"get": Operation("get_reservation", "Show a reservation", (UPDATE_TIME,), answer=RESERVATIONS)},
}

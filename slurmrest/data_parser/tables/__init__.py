"""All tables, by Slurm's name. Data only: the functions of their Computed rows are in ../computed."""

from __future__ import annotations

from ..fields import Table
from .account import ACCOUNT, COORD
from .accounted_job import JOB, STEP
from .association import ASSOC, ASSOC_SHORT, ASSOC_USAGE
from .cluster import CLUSTER_REC
from .database_statistics import STATS_REC, STATS_RPC, STATS_USER
from .job import JOB_INFO
from .job_description import CRON_ENTRY, JOB_DESC_MSG
from .job_resources import JOB_RES
from .job_response import JOB_ARRAY_RESPONSE_MSG, JOB_SUBMIT_RESPONSE_MSG
from .license import LICENSE
from .node import ACCT_GATHER_ENERGY, EXT_SENSORS_DATA, NODE, POWER_MGMT_DATA
from .node_update import UPDATE_NODE_MSG
from .partition import PARTITION_INFO
from .ping import CONTROLLER_PING
from .qos import QOS
from .reservation import RESERVATION_CORE_SPEC, RESERVATION_INFO
from .statistics import STATS_MSG
from .tres import ACCOUNTING, TRES
from .user import USER, WCKEY

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        STATS_MSG,
        NODE,
        ACCT_GATHER_ENERGY,
        EXT_SENSORS_DATA,
        POWER_MGMT_DATA,
        LICENSE,
        JOB_INFO,
        JOB_RES,
        PARTITION_INFO,
        RESERVATION_INFO,
        RESERVATION_CORE_SPEC,
        CONTROLLER_PING,
        JOB_SUBMIT_RESPONSE_MSG,
        JOB_ARRAY_RESPONSE_MSG,
        JOB_DESC_MSG,
        CRON_ENTRY,
        UPDATE_NODE_MSG,
        ACCOUNT,
        COORD,
        USER,
        WCKEY,
        ASSOC,
        ASSOC_SHORT,
        ASSOC_USAGE,
        QOS,
        CLUSTER_REC,
        TRES,
        ACCOUNTING,
        JOB,
        STEP,
        STATS_REC,
        STATS_RPC,
        STATS_USER,
    )
}

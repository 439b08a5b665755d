"""All tables, by Slurm's name. Data only: the functions of their Computed rows are in ../computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module

from ..fields import Table

MODULES = {
    "STATS_MSG": "statistics",
    "NODE": "node",
    "ACCT_GATHER_ENERGY": "node",
    "EXT_SENSORS_DATA": "node",
    "POWER_MGMT_DATA": "node",
    "LICENSE": "license",
    "JOB_INFO": "job",
    "JOB_RES": "job_resources",
    "PARTITION_INFO": "partition",
    "RESERVATION_INFO": "reservation",
    "RESERVATION_CORE_SPEC": "reservation",
    "CONTROLLER_PING": "ping",
    "JOB_SUBMIT_RESPONSE_MSG": "job_response",
    "JOB_ARRAY_RESPONSE_MSG": "job_response",
    "JOB_DESC_MSG": "job_description",
    "CRON_ENTRY": "job_description",
    "UPDATE_NODE_MSG": "node_update",
    "ACCOUNT": "account",
    "COORD": "account",
    "USER": "user",
    "WCKEY": "user",
    "ASSOC": "association",
    "ASSOC_SHORT": "association",
    "ASSOC_USAGE": "association",
    "QOS": "qos",
    "CLUSTER_REC": "cluster",
    "TRES": "tres",
    "ACCOUNTING": "tres",
    "JOB": "accounted_job",
    "STEP": "accounted_job",
    "STATS_REC": "database_statistics",
    "STATS_RPC": "database_statistics",
    "STATS_USER": "database_statistics",
}
"""Every table, and the module that has it under the same name."""


class Tables(Mapping[str, Table]):
    """The tables by name. A module is imported for the first of its tables: all take 8 ms, one request needs few."""

    def __getitem__(self, name: str) -> Table:
        return _table(name)

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


@cache
def _table(name: str) -> Table:
    table: Table = getattr(import_module(f".{MODULES[name]}", __package__), name)
    return table


TABLES = Tables()

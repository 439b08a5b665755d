"""Objects made by sacctmgr for the tests of reading, and what sacctmgr says of them.

objects(cluster)    a with block in which all of MAKE is there; gives a client with root's token
shown(cluster, …)   what `sacctmgr show` says
found, one, named   the records in an answer
tres, tres_of       TRES, as sacctmgr writes them and in a document
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.plugins.client import Answer, Client
from tests.plugins.cluster import Cluster

API = "/slurmdb/v0.0.39"

LIST = "list"
"""A user of every Debian system who has no account on the development cluster."""

MAKE = (
    ("add", "account", "rdphys", 'description=Физика, "quoted" ☃', "organization=żółć"),
    (
        "add", "account", "rdsub", "parent=rdphys", "description=sub", "organization=x", "fairshare=7", "GrpJobs=50",
        "GrpTRES=cpu=64,gres/gpu=2", "MaxWall=1-00:00:00",
    ),
    (
        "add", "qos", "rdqos", "description=impatient", "Priority=100", "GraceTime=60", "MaxJobsPerUser=10",
        "MaxTRESPerUser=cpu=24,gres/gpu=2", "UsageFactor=2.0", "Flags=DenyOnLimit,NoReserve", "Preempt=low",
        "PreemptMode=requeue", "GrpTRES=cpu=96", "MaxWall=2-00:00:00", "MinTRES=cpu=1", "UsageThreshold=0.5",
    ),
    (
        "add", "user", LIST, "account=rdsub", "MaxJobs=5", "QOS=normal,rdqos", "DefaultQOS=rdqos", "wckeys=rdwk,rdwk2",
        "DefaultWckey=rdwk",
    ),
    ("add", "user", "rdghost", "account=rdphys", "partition=debug"),
    ("add", "coordinator", "account=rdphys", f"names={LIST}"),
)  # fmt: skip

UNMAKE = (
    ("delete", "user", LIST),
    ("delete", "user", "rdghost"),
    ("delete", "account", "rdsub"),
    ("delete", "account", "rdphys"),
    ("delete", "qos", "rdqos"),
)


@contextmanager
def objects(cluster: Cluster) -> Iterator[Client]:
    """Make the accounts, users, QOS and wckeys of these tests, and unmake them."""
    _unmake(cluster)
    for arguments in MAKE:
        cluster.run("sacctmgr", "-i", *arguments)
    yield cluster.unix.as_user("root", cluster.token("root"))
    _unmake(cluster)


def _unmake(cluster: Cluster) -> None:
    for arguments in UNMAKE:
        cluster.run("sacctmgr", "-i", *arguments, check=False)


def shown(cluster: Cluster, *what: str) -> list[list[str]]:
    """What `sacctmgr show` says, its lines split into columns."""
    text = cluster.run("sacctmgr", "-n", "-P", "show", *what).stdout
    return [line.split("|") for line in text.splitlines()]


def found(answer: Answer, key: str) -> list[dict[str, Any]]:
    """The records of a good answer."""
    assert answer.status == 200, answer.document
    assert answer.document["errors"] == []
    documents: list[dict[str, Any]] = answer.document[key]
    return documents


def one(answer: Answer, key: str) -> dict[str, Any]:
    """The only record of a good answer."""
    (document,) = found(answer, key)
    return document


def named(documents: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The record called *name*."""
    (document,) = (document for document in documents if document["name"] == name)
    return document


def tres(text: str) -> dict[str, int]:
    """TRES as sacctmgr writes them."""
    return {name: int(count) for name, _, count in (part.partition("=") for part in text.split(",") if part)}


def tres_of(documents: list[dict[str, Any]]) -> dict[str, int]:
    """The same, from a document."""
    return {"/".join(filter(None, (one["type"], one["name"]))): one["count"] for one in documents}

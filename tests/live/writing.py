"""What the tests of writing /slurmdb share: documents, requests, and what sacctmgr says afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.plugins.client import Answer, Client
from tests.plugins.cluster import Cluster

API = "/slurmdb/v0.0.39"
ACCOUNT = {"name": "wacct", "description": "written", "organization": "tests"}
USER = {"name": "wuser", "administrator_level": ["None"]}
CPUS, GPUS = {"type": "cpu", "count": 8}, {"type": "gres", "name": "gpu", "count": 2}

EVERYTHING = {
    "account": ("account", "account,description,organization,coordinators", "withcoordinators"),
    "association": (
        "association",
        "cluster,account,user,partition,parentname,share,grptres,grpjobs,maxtres,maxjobs,qos,defaultqos",
    ),
    "user": ("user", "user,defaultaccount,defaultwckey,adminlevel"),
    "qos": ("qos", "name,description,priority,flags,grptres,maxtresperuser,maxwall,preempt,preemptmode"),
    "wckey": ("wckey", "cluster,wckey,user"),
    "cluster": ("cluster", "cluster"),
}


class Database:
    """What sacctmgr says."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.name = cluster.run("sacctmgr", "-nP", "show", "cluster", "format=cluster").stdout.split()[0]

    def show(self, what: str, columns: str, *conditions: str) -> list[dict[str, str]]:
        """Every record of a kind, by column."""
        command = ("sacctmgr", "-nP", "show", what, *conditions, f"format={columns}")
        lines = self.cluster.run(*command).stdout.splitlines()
        return [dict(zip(columns.split(","), line.split("|"), strict=True)) for line in lines]

    def one(self, what: str, columns: str, *conditions: str) -> dict[str, str]:
        """The only one, or {}."""
        found = self.show(what, columns, *conditions)
        assert len(found) < 2
        return found[0] if found else {}

    def association(self, columns: str, user: str = "", account: str = "wacct") -> dict[str, str]:
        """One association, without what it inherits."""
        return self.one("association", columns, "where", f"account={account}", f"user={user}", "woplimits")

    def everything(self) -> dict[str, list[dict[str, str]]]:
        """All that could be written."""
        with ThreadPoolExecutor() as pool:
            return dict(zip(EVERYTHING, pool.map(lambda what: self.show(*what), EVERYTHING.values()), strict=True))


def clean(root: Client) -> None:
    """Remove whatever a test may have written."""
    for path in ("user/wuser", "user/wother", "account/wchild", "account/wacct", "qos/wqos", "cluster/wcluster"):
        assert root.delete(f"{API}/{path}").status in (200, 404)


def post(client: Client, what: str, *documents: Any) -> Answer:
    """Write documents of a kind."""
    return client.post(f"{API}/{what}", {what: list(documents)})


def written(client: Client, what: str, *documents: Any) -> Answer:
    """Write documents of a kind, which works."""
    answer = post(client, what, *documents)
    assert (answer.status, answer.document["errors"]) == (200, []), answer.document
    return answer

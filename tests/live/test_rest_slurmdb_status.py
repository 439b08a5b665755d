"""diag and tres of /slurmdb."""

from __future__ import annotations

import time

from tests.plugins.client import Client
from tests.plugins.cluster import Cluster

DB = "/slurmdb/v0.0.39"


def test_tres_are_those_of_sacctmgr(root: Client, cluster: Cluster) -> None:
    shown = cluster.run("sacctmgr", "--noheader", "--parsable2", "show", "tres", "format=type,name,id").stdout
    found = [f"{one['type']}|{one['name']}|{one['id']}" for one in root.get(f"{DB}/tres").document["TRES"]]
    assert [one for one in found if not one.startswith("dynamic_offset")] == shown.split()


def test_diag_counts(root: Client) -> None:
    first, second = (root.get(f"{DB}/diag").document["statistics"] for _ in range(2))
    counted = [{one["rpc"]: one["count"] for one in found["RPCs"]} for found in (first, second)]
    assert counted[1]["DBD_GET_STATS"] == counted[0].get("DBD_GET_STATS", 0) + 1
    assert {"root", "slurm"} <= {one["user"] for one in second["users"]}
    assert first["time_start"] == second["time_start"] <= time.time()


def test_diag_is_for_administrators(cluster: Cluster) -> None:
    answer = cluster.unix.as_user("games", cluster.token("games")).get(f"{DB}/diag")
    assert answer.status == 403
    assert [error["error_number"] for error in answer.document["errors"]] == [2002]

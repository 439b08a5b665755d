"""GET under /slurmdb/v0.0.39 against sacctmgr: accounts, users, associations, QOS, wckeys, clusters, config.

Everything that is looked at is made by sacctmgr, and sacctmgr says what is there.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.sacctmgr import API, LIST, found, named, objects, one, shown, tres, tres_of
from tests.plugins.client import Client
from tests.plugins.cluster import Cluster

INFINITE = 0xFFFFFFFF
UNLIMITED = {"set": False, "infinite": True, "number": 0}


@pytest.fixture(scope="module")
def admin(cluster: Cluster) -> Iterator[Client]:
    """A client with root's token, while everything is there."""
    with objects(cluster) as client:
        yield client


# Accounts


def test_an_account_is_what_sacctmgr_shows(cluster: Cluster, admin: Client) -> None:
    account = one(admin.get(f"{API}/account/rdphys"), "accounts")
    assert list(account) == ["associations", "coordinators", "description", "name", "organization", "flags"]
    ((name, description, organization),) = shown(cluster, "account", "rdphys", "format=Account,Descr%60,Org%60")
    assert (account["name"], account["description"], account["organization"]) == (name, description, organization)
    assert "☃" in account["description"]
    assert account["coordinators"] == [{"name": LIST, "direct": True}]
    assert {(a["user"], a["partition"]) for a in account["associations"]} == {("", ""), ("rdghost", "debug")}
    assert account["flags"] == []


def test_coordinators_of_an_account_coordinate_those_below(admin: Client) -> None:
    assert one(admin.get(f"{API}/account/rdsub"), "accounts")["coordinators"] == [{"name": LIST, "direct": False}]


def test_accounts_are_those_that_sacctmgr_lists(cluster: Cluster, admin: Client) -> None:
    accounts = found(admin.get(f"{API}/accounts"), "accounts")
    assert {account["name"] for account in accounts} == {
        row[0] for row in shown(cluster, "account", "format=Account%60")
    }
    assert named(accounts, "rdphys") == one(admin.get(f"{API}/account/rdphys"), "accounts")


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("account/rdnope", "accounts"),
        ("user/rdnope", "users"),
        ("qos/rdnope", "qos"),
        ("wckey/rdnope", "wckeys"),
        ("cluster/rdnope", "clusters"),
        ("association?user=rdnope", "associations"),
        ("account/%C5%BC%E2%98%83", "accounts"),
    ],
)
def test_what_is_not_there_is_404_with_the_usual_document(admin: Client, path: str, key: str) -> None:
    answer = admin.get(f"{API}/{path}")
    assert answer.status == 404
    assert list(answer.document) == ["meta", "errors", "warnings", key]
    assert answer.document[key] == []
    (error,) = answer.document["errors"]
    assert error["description"].startswith("Found nothing")
    assert answer.document["meta"]["plugin"]["type"] == "openapi/dbv0.0.39"


# Users


def test_a_user_with_wckeys_and_coordinated_accounts(admin: Client) -> None:
    user = one(admin.get(f"{API}/user/{LIST}"), "users")
    assert list(user) == [
        "administrator_level", "associations", "coordinators", "default", "flags", "name", "old_name", "wckeys",
    ]  # fmt: skip
    assert user["administrator_level"] == ["None"]
    assert user["default"] == {"account": "rdsub", "wckey": "rdwk"}
    assert {(c["name"], c["direct"]) for c in user["coordinators"]} == {("rdphys", True), ("rdsub", False)}
    assert {key["name"].lstrip("*") for key in user["wckeys"]} == {"rdwk", "rdwk2"}
    assert [a["account"] for a in user["associations"]] == ["rdsub"]
    assert user["flags"] == ["NONE"]


def test_users_are_those_that_sacctmgr_lists(cluster: Cluster, admin: Client) -> None:
    users = found(admin.get(f"{API}/users"), "users")
    rows = shown(cluster, "user", "format=User%60,Admin,DefaultAccount%60")
    assert {(user["name"], user["administrator_level"][0], user["default"]["account"]) for user in users} == {
        tuple(row) for row in rows
    }


# Associations


def test_an_association_of_a_user_has_its_limits(cluster: Cluster, admin: Client) -> None:
    association = one(admin.get(f"{API}/association?user={LIST}&account=rdsub"), "associations")
    columns = "format=MaxJobs,QOS%60,DefaultQOS%60,Share,Account%60,Cluster%60"
    ((jobs, qos, default, share, account, cluster_name),) = shown(
        cluster, "assoc", f"user={LIST}", "account=rdsub", columns
    )
    assert association["max"]["jobs"]["active"] == int(jobs) == 5
    assert association["qos"] == qos.split(",") == ["normal", "rdqos"]
    assert association["default"]["qos"] == default
    assert association["shares_raw"] == int(share)
    assert (association["account"], association["cluster"]) == (account, cluster_name)
    assert association["is_default"] is True
    # What the account has and the user has not is the user's too.
    assert association["max"]["jobs"]["per"]["wall_clock"] == {"set": True, "infinite": False, "number": 1440}
    assert association["max"]["jobs"]["per"]["count"] == INFINITE
    assert association["priority"] == UNLIMITED
    assert association["usage"] == {}


def test_an_association_of_an_account_is_the_one_without_a_user(cluster: Cluster, admin: Client) -> None:
    association = one(admin.get(f"{API}/association?account=rdsub&user="), "associations")
    ((jobs, total, parent, share),) = shown(
        cluster, "assoc", "account=rdsub", "user=", "format=GrpJobs,GrpTRES%60,ParentName%60,Share"
    )[:1]
    assert association["user"] == ""
    assert association["max"]["jobs"]["per"]["count"] == int(jobs) == 50
    assert tres_of(association["max"]["tres"]["total"]) == tres(total) == {"cpu": 64, "gres/gpu": 2}
    assert association["parent_account"] == parent == "rdphys"
    assert association["shares_raw"] == int(share) == 7


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"user={LIST},rdghost", {LIST, "rdghost"}),
        (f"user={LIST}%2Crdghost", {LIST, "rdghost"}),
        ("account=rdphys,rdsub&user=", {""}),
        ("account=rdphys&partition=debug", {"rdghost"}),
        ("account=rdphys&cluster=rdnope", set()),
        ("user=rdnope", set()),
    ],
)
def test_associations_by_query(admin: Client, query: str, expected: set[str]) -> None:
    associations = found(admin.get(f"{API}/associations?{query}"), "associations")
    assert {association["user"] for association in associations} == expected


def test_an_association_that_is_one_of_several_is_refused(admin: Client) -> None:
    answer = admin.get(f"{API}/association?account=rdphys")
    assert answer.status == 422
    assert answer.document["errors"][0]["error_number"] == 9211
    assert answer.document["associations"] == []


def test_all_associations_are_those_that_sacctmgr_lists(cluster: Cluster, admin: Client) -> None:
    rows = shown(cluster, "assoc", "format=Cluster%60,Account%60,User%60,Partition%60")
    associations = found(admin.get(f"{API}/associations"), "associations")
    keys = ("cluster", "account", "user", "partition")
    assert sorted([association[key] for key in keys] for association in associations) == sorted(rows)


# QOS


def test_a_qos_has_its_limits_and_whom_it_preempts(admin: Client) -> None:
    qos = one(admin.get(f"{API}/qos/rdqos"), "qos")
    assert qos["description"] == "impatient"
    assert sorted(qos["flags"]) == ["DENY_LIMIT", "NO_RESERVE"]
    assert qos["preempt"] == {"list": ["low"], "mode": ["REQUEUE"], "exempt_time": UNLIMITED}
    assert qos["priority"] == 100
    assert qos["usage_factor"] == {"set": True, "infinite": False, "number": 2.0}
    assert qos["usage_threshold"] == {"set": True, "infinite": False, "number": 0.5}
    limits = qos["limits"]
    assert limits["grace_time"] == 60
    assert tres_of(limits["max"]["tres"]["total"]) == {"cpu": 96}
    assert tres_of(limits["max"]["tres"]["per"]["user"]) == {"cpu": 24, "gres/gpu": 2}
    assert tres_of(limits["min"]["tres"]["per"]["job"]) == {"cpu": 1}
    assert limits["max"]["wall_clock"]["per"]["job"] == 2880
    assert limits["max"]["jobs"]["active_jobs"]["per"]["user"] == 10
    assert limits["max"]["jobs"]["per"]["user"] == INFINITE


def test_all_qos_are_those_that_sacctmgr_lists(cluster: Cluster, admin: Client) -> None:
    found_ = found(admin.get(f"{API}/qos"), "qos")
    rows = shown(cluster, "qos", "format=Name%60,ID,Priority")
    assert sorted([q["name"], str(q["id"]), str(q["priority"])] for q in found_) == sorted(rows)


def test_a_new_qos_is_known_by_its_name_at_once(cluster: Cluster, admin: Client) -> None:
    assert one(admin.get(f"{API}/association?user={LIST}"), "associations")["default"]["qos"] == "rdqos"
    cluster.run("sacctmgr", "-i", "add", "qos", "rdnew")
    try:
        cluster.run("sacctmgr", "-i", "modify", "user", LIST, "set", "QOS+=rdnew")
        association = one(admin.get(f"{API}/association?user={LIST}"), "associations")
        assert sorted(association["qos"]) == ["normal", "rdnew", "rdqos"]
    finally:
        cluster.run("sacctmgr", "-i", "delete", "qos", "rdnew")


# Wckeys, clusters, config


def test_wckeys_are_those_that_sacctmgr_lists(cluster: Cluster, admin: Client) -> None:
    wckeys = found(admin.get(f"{API}/wckeys"), "wckeys")
    rows = shown(cluster, "wckey", "format=WCKey%60,Cluster%60,User%60")
    keys = ("name", "cluster", "user")
    # slurmdbd marks some by a star that sacctmgr leaves out, and calls one that is nothing else.
    assert sorted([wckey[key].lstrip("*") for key in keys] for wckey in wckeys) == sorted(
        [value.lstrip("*") for value in row] for row in rows
    )


def test_a_wckey_by_its_name(admin: Client) -> None:
    wckey = one(admin.get(f"{API}/wckey/rdwk2"), "wckeys")
    assert wckey == wckey | {"name": "rdwk2", "user": LIST, "accounting": [], "flags": []}


def test_the_cluster_and_its_resources(cluster: Cluster, admin: Client) -> None:
    ((name, host, port, rpc),) = shown(cluster, "cluster", "format=Cluster%60,ControlHost%60,ControlPort,RPC")
    document = one(admin.get(f"{API}/cluster/{name}"), "clusters")
    assert document["controller"] == {"host": host, "port": int(port)}
    assert document["rpc_version"] == int(rpc)
    assert document["associations"]["root"] == {"account": "root", "cluster": name, "partition": "", "user": ""}
    assert tres_of(document["tres"])["gres/gpu"] > 0
    assert found(admin.get(f"{API}/clusters"), "clusters") == [document]


def test_config_is_all_of_them_in_one_document(admin: Client) -> None:
    answer = admin.get(f"{API}/config")
    assert answer.status == 200
    keys = ["clusters", "TRES", "accounts", "users", "qos", "wckeys", "associations"]
    assert list(answer.document) == ["meta", "errors", "warnings", *keys]
    for key in keys:
        if key != "TRES":
            assert answer.document[key] == found(admin.get(f"{API}/{key}"), key)
    assert answer.document["TRES"] == found(admin.get(f"{API}/tres"), "TRES")

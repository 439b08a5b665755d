"""POST and DELETE of /slurmdb: what they write, as sacctmgr shows it, and what they leave alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.writing import ACCOUNT, API, CPUS, GPUS, USER, Database, clean, post, written
from tests.plugins.client import Client
from tests.plugins.cluster import Cluster


@pytest.fixture(scope="module")
def database(cluster: Cluster) -> Database:
    return Database(cluster)


@pytest.fixture(autouse=True)
def cleaned(root: Client, workers: list[int]) -> Iterator[None]:
    clean(root)
    yield
    clean(root)


@pytest.fixture
def account(root: Client, database: Database) -> str:
    """An account with its association."""
    written(root, "accounts", ACCOUNT)
    written(root, "associations", {"account": "wacct", "user": "", "parent_account": "root"})
    return "wacct"


@pytest.fixture
def user(root: Client, account: str) -> str:
    """A user in that account."""
    written(root, "users", USER)
    written(root, "associations", {"account": account, "user": "wuser"})
    return "wuser"


def test_an_account_is_added_changed_and_removed(root: Client, database: Database) -> None:
    written(root, "accounts", ACCOUNT)
    columns = "account,description,organization"
    assert database.one("account", columns, "wacct") == {
        "account": "wacct",
        "description": "written",
        "organization": "tests",
    }
    written(root, "accounts", ACCOUNT | {"description": "changed"})
    assert database.one("account", columns, "wacct")["description"] == "changed"
    answer = root.delete(f"{API}/account/wacct")
    assert (answer.status, answer.document["removed_accounts"]) == (200, ["wacct"])
    assert database.one("account", columns, "wacct") == {}


def test_coordinators_are_those_that_are_named(root: Client, database: Database, account: str) -> None:
    written(root, "accounts", ACCOUNT | {"coordinators": [{"name": "bin"}, {"name": "sys"}]})
    assert coordinators(database) == {"bin", "sys"}
    written(root, "accounts", ACCOUNT)
    assert coordinators(database) == {"bin", "sys"}
    written(root, "accounts", ACCOUNT | {"coordinators": [{"name": "sys"}, {"name": "man"}]})
    assert coordinators(database) == {"sys", "man"}
    written(root, "accounts", ACCOUNT | {"coordinators": []})
    assert coordinators(database) == set()


def coordinators(database: Database) -> set[str]:
    """The coordinators of the account, by sacctmgr."""
    found = database.one("account", "account,coordinators", "wacct", "withcoordinators")
    return {name for name in found["coordinators"].split(",") if name}


def test_a_user_is_added_changed_and_removed(root: Client, database: Database, user: str) -> None:
    columns = "user,adminlevel,defaultaccount"
    assert database.one("user", columns, user) == {"user": user, "adminlevel": "None", "defaultaccount": "wacct"}
    written(root, "users", {"name": user, "administrator_level": ["Operator"]})
    assert database.one("user", columns, user)["adminlevel"] == "Operator"
    written(root, "users", {"name": user})
    assert database.one("user", columns, user)["adminlevel"] == "Operator"
    answer = root.delete(f"{API}/user/{user}")
    assert (answer.status, answer.document["removed_users"]) == (200, [user])
    assert database.one("user", columns, user) == {}


def test_a_user_has_a_default_account_among_the_own(root: Client, database: Database, user: str) -> None:
    written(root, "associations", {"account": "sub1", "user": user})
    written(root, "users", {"name": user, "default": {"account": "sub1"}})
    assert database.one("user", "user,defaultaccount", user)["defaultaccount"] == "sub1"
    answer = written(root, "users", {"name": user, "default": {"account": "gpuacct"}})
    assert "gpuacct was ignored" in answer.document["warnings"][0]["description"]
    assert database.one("user", "user,defaultaccount", user)["defaultaccount"] == "sub1"


def test_a_user_is_renamed(root: Client, database: Database, user: str) -> None:
    written(root, "users", {"name": "wother", "old_name": user})
    assert database.one("user", "user,defaultaccount", "wother") == {"user": "wother", "defaultaccount": "wacct"}
    assert database.one("user", "user", user) == {}
    assert post(root, "users", {"name": "wuser", "old_name": "wnobody"}).status == 404
    assert post(root, "users", {"name": "bin", "old_name": "wother"}).status == 422


def test_wckeys_are_added_and_removed(root: Client, database: Database, user: str) -> None:
    cluster = database.name
    written(root, "wckeys", {"name": "wkey", "cluster": cluster, "user": user})
    written(root, "wckeys", {"name": "wkey", "cluster": cluster, "user": user})
    assert {"cluster": cluster, "wckey": "wkey", "user": user} in database.show("wckey", "cluster,wckey,user")
    written(root, "users", {"name": user, "default": {"wckey": "wsecond"}})
    assert database.one("user", "user,defaultwckey", user)["defaultwckey"] == "wsecond"
    answer = root.delete(f"{API}/wckey/wkey")
    assert (answer.status, len(answer.document["deleted_wckeys"])) == (200, 1)
    assert root.delete(f"{API}/wckey/wkey").status == 404


def test_a_limit_is_changed_and_the_others_are_kept(root: Client, database: Database, user: str) -> None:
    key = {"account": "wacct", "user": user}
    limits = {"max": {"tres": {"total": [CPUS, GPUS], "per": {"job": [CPUS]}}, "jobs": {"active": 5}}}
    written(root, "associations", key | limits | {"shares_raw": 7, "default": {"qos": "normal"}, "qos": ["normal"]})
    columns = "grptres,maxtres,maxjobs,share,qos,defaultqos"
    expected = {
        "grptres": "cpu=8,gres/gpu=2",
        "maxtres": "cpu=8",
        "maxjobs": "5",
        "share": "7",
        "qos": "normal",
        "defaultqos": "normal",
    }
    assert database.association(columns, user) == expected
    written(root, "associations", key | {"max": {"jobs": {"active": 6}}})
    assert database.association(columns, user) == expected | {"maxjobs": "6"}
    written(root, "associations", key | {"max": {"tres": {"total": [{"type": "cpu", "count": 4}]}}})
    assert database.association(columns, user) == expected | {"maxjobs": "6", "grptres": "cpu=4"}
    written(root, "associations", key | {"max": {"tres": {"total": []}, "jobs": {"active": -1}}})
    assert database.association(columns, user) == expected | {"maxjobs": "", "grptres": ""}


def test_an_account_moves_below_another(root: Client, database: Database, account: str) -> None:
    written(root, "accounts", ACCOUNT | {"name": "wchild"})
    key = {"account": "wchild", "user": ""}
    written(root, "associations", key)
    assert database.association("parentname", account="wchild")["parentname"] == "root"
    written(root, "associations", key | {"parent_account": "wacct", "shares_raw": 3})
    # The parent it has already, and something else: the C daemon would change nothing.
    written(root, "associations", key | {"parent_account": "wacct", "shares_raw": 4})
    assert database.association("parentname,share", account="wchild") == {"parentname": "wacct", "share": "4"}


def test_associations_are_removed(root: Client, database: Database, user: str) -> None:
    answer = root.delete(f"{API}/association?account=wacct&user={user}")
    assert (answer.status, len(answer.document["removed_associations"])) == (200, 1)
    assert root.delete(f"{API}/association?account=wacct&user={user}").status == 404
    written(root, "associations", {"account": "wacct", "user": user})
    answer = root.delete(f"{API}/associations?account=wacct")
    assert (answer.status, len(answer.document["removed_associations"])) == (200, 2)
    assert database.association("account") == {}


def test_a_default_is_changed_by_another(root: Client, database: Database, user: str) -> None:
    written(root, "associations", {"account": "sub1", "user": user})
    assert post(root, "associations", {"account": "wacct", "user": user, "is_default": False}).status == 422
    assert database.one("user", "user,defaultaccount", user)["defaultaccount"] == "wacct"
    written(root, "associations", {"account": "sub1", "user": user, "is_default": True})
    assert database.one("user", "user,defaultaccount", user)["defaultaccount"] == "sub1"


def test_one_association_is_not_several(root: Client, database: Database, user: str) -> None:
    answer = root.delete(f"{API}/association?account=wacct")
    assert (answer.status, answer.document["errors"][0]["error_number"]) == (422, 9210)
    assert database.association("user", user) == {"user": user}


@pytest.mark.parametrize("query", ["", "?", "?account=", "?acount=wacct", "?account=wacct&usr=wuser"])
@pytest.mark.parametrize("what", ["association", "associations"])
def test_nothing_is_removed_that_was_not_named(
    root: Client, database: Database, user: str, what: str, query: str
) -> None:
    before = database.everything()
    assert root.delete(f"{API}/{what}{query}").status == 422
    assert database.everything() == before


def test_a_qos_is_added_changed_and_removed(root: Client, database: Database) -> None:
    limits = {"max": {"tres": {"per": {"user": [CPUS, GPUS]}}, "wall_clock": {"per": {"job": 60}}}}
    written(
        root,
        "qos",
        {"name": "wqos", "priority": 9, "flags": ["DENY_LIMIT", "NO_RESERVE"], "limits": limits}
        | {"preempt": {"list": ["normal"], "mode": ["REQUEUE"]}},
    )
    columns = "name,description,priority,flags,maxtresperuser,maxwall,preempt,preemptmode"
    expected = {
        "name": "wqos",
        "description": "wqos",
        "priority": "9",
        "flags": "DenyOnLimit,NoReserve",
        "maxtresperuser": "cpu=8,gres/gpu=2",
        "maxwall": "01:00:00",
        "preempt": "normal",
        "preemptmode": "requeue",
    }
    assert database.one("qos", columns, "wqos") == expected
    written(root, "qos", {"name": "wqos", "priority": 10})
    assert database.one("qos", columns, "wqos") == expected | {"priority": "10"}
    named = {"flags": ["NO_RESERVE"], "description": "changed", "preempt": {"list": ["high"]}}
    written(root, "qos", {"name": "wqos"} | named)
    expected |= {"priority": "10", "flags": "NoReserve", "description": "changed", "preempt": "high"}
    assert database.one("qos", columns, "wqos") == expected
    written(root, "qos", {"name": "wqos", "preempt": {"list": []}, "limits": {"max": {"tres": {"per": {"user": []}}}}})
    assert database.one("qos", columns, "wqos") == expected | {"preempt": "", "maxtresperuser": ""}
    answer = root.delete(f"{API}/qos/wqos")
    assert (answer.status, answer.document["removed_qos"]) == (200, ["wqos"])
    assert database.one("qos", columns, "wqos") == {}


def test_a_cluster_is_added_and_removed(root: Client, database: Database) -> None:
    written(root, "clusters", {"name": "wcluster"})
    written(root, "clusters", {"name": "wcluster"})
    assert database.one("cluster", "cluster", "wcluster") == {"cluster": "wcluster"}
    answer = root.delete(f"{API}/cluster/wcluster")
    assert (answer.status, answer.document["deleted_clusters"]) == (200, ["wcluster"])
    assert database.one("cluster", "cluster", "wcluster") == {}


def test_a_tres_cannot_be_added(root: Client) -> None:
    answer = root.post(f"{API}/tres", {"TRES": [{"type": "gres", "name": "wtres"}]})
    assert (answer.status, answer.document["errors"][0]["error_number"]) == (422, 2036)
    assert root.post(f"{API}/tres", {"TRES": [{"type": "cpu"}]}).status == 200


@pytest.mark.parametrize("path", ["account", "user", "qos", "wckey", "cluster"])
def test_what_is_not_there_cannot_be_removed(root: Client, path: str) -> None:
    assert root.delete(f"{API}/{path}/wnothing").status == 404


def test_everything_at_once(root: Client, database: Database) -> None:
    everything = {
        "accounts": [ACCOUNT],
        "users": [USER | {"default": {"account": "wacct"}}],
        "qos": [{"name": "wqos", "priority": 3}],
        "associations": [
            {"account": "wacct", "user": "", "qos": ["normal", "wqos"]},
            {"account": "wacct", "user": "wuser", "default": {"qos": "wqos"}},
        ],
    }
    answer = root.post(f"{API}/config", everything)
    assert (answer.status, answer.document["errors"], answer.document["warnings"]) == (200, [], [])
    assert database.association("defaultqos", "wuser") == {"defaultqos": "wqos"}
    assert set(database.association("qos")["qos"].split(",")) == {"normal", "wqos"}
    assert database.one("qos", "priority", "wqos") == {"priority": "3"}


def test_what_was_read_can_be_written_and_changes_nothing(root: Client, database: Database, user: str) -> None:
    before = database.everything()
    for what in ("accounts", "users", "qos", "wckeys", "clusters", "associations", "config"):
        document = root.get(f"{API}/{what}").document
        answer = root.post(f"{API}/{what}", document)
        assert (answer.status, answer.document["errors"]) == (200, []), what
        assert database.everything() == before, what

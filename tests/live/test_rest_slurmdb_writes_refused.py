"""What /slurmdb refuses to write: then nothing at all is changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.live.writing import ACCOUNT, API, USER, Database, clean, post, written
from tests.plugins.client import Client, eventually
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
def account(root: Client) -> str:
    """An account with its association."""
    written(root, "accounts", ACCOUNT)
    written(root, "associations", {"account": "wacct", "user": "", "parent_account": "root"})
    return "wacct"


BAD: dict[str, tuple[str, Any, int, str]] = {
    "an empty description": ("accounts", [ACCOUNT, ACCOUNT | {"name": "w", "description": ""}], 422, "#/accounts[1]/"),
    "no list": ("accounts", 5, 422, "#/accounts/"),
    "no object": ("accounts", [ACCOUNT, 5], 422, "#/accounts[1]/"),
    "no name": ("accounts", [ACCOUNT, {"description": "x", "organization": "y"}], 422, "#/accounts[1]/name/"),
    "a quote": ("accounts", [ACCOUNT, ACCOUNT | {"name": "o'neil"}], 422, "#/accounts[1]/name/"),
    "a backslash": ("accounts", [ACCOUNT, ACCOUNT | {"description": "x\\"}], 422, "#/accounts[1]/description/"),
    "no such level": ("users", [USER, {"name": "x", "administrator_level": ["King"]}], 422, "#/users[1]/"),
    "no such flag": ("qos", [{"name": "wqos"}, {"name": "wqos", "flags": ["FAST"]}], 422, "#/qos[1]/flags"),
    "no such TRES": (
        "qos",
        [{"name": "wqos"}, {"name": "wqos", "limits": {"max": {"tres": {"total": [{"type": "love", "count": 1}]}}}}],
        422,
        "#/qos[1]/limits/max/tres/total",
    ),
    "no such account": ("associations", [{"account": "wnone", "user": ""}], 422, "#/associations[0]/"),
    "no such user": ("associations", [{"account": "sub1", "user": "wnone"}], 422, "#/associations[0]/"),
    "no account": ("associations", [{"user": "daemon"}], 422, "#/associations[0]/"),
    "no such QOS": (
        "associations",
        [{"account": "sub1", "user": "daemon", "default": {"qos": "wnone"}}],
        422,
        "#/associations[0]/default/qos/",
    ),
    "no such parent": (
        "associations",
        [{"account": "gpuacct", "user": "", "parent_account": "wnone"}],
        422,
        "#/associations[0]/",
    ),
    "a long name": ("accounts", [ACCOUNT, ACCOUNT | {"name": "w" * 256}], 422, "#/accounts[1]/name/"),
    "no such coordinator": (
        "accounts",
        [ACCOUNT, ACCOUNT | {"name": "w", "coordinators": [{"name": "wnone"}]}],
        422,
        "#/accounts[1]/coordinators/",
    ),
    "a partition without a user": (
        "associations",
        [{"account": "sub1", "user": "", "partition": "debug", "shares_raw": 5}],
        422,
        "#/associations[0]/",
    ),
    "no such cluster": ("wckeys", [{"name": "w", "cluster": "wnone", "user": "daemon"}], 422, "#/wckeys[0]/"),
    "no user": ("wckeys", [{"name": "w", "cluster": "dev", "user": ""}], 422, "#/wckeys[0]/"),
    "no cluster's name": ("clusters", [{"name": "wcluster"}, {"name": "a b"}], 422, "#/clusters[1]/"),
    "no QOS of that id": ("qos", [{"name": "wqos"}, {"id": 9999, "name": "wother"}], 422, "#/qos[1]/"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_changes_nothing(root: Client, database: Database, case: str) -> None:
    what, documents, status, source = BAD[case]
    before = database.everything()
    answer = root.post(f"{API}/{what}", {what: documents})
    errors = answer.document["errors"]
    assert (answer.status, len(errors) > 0) == (status, True), answer.document
    assert errors[0]["source"].startswith(source), errors
    assert database.everything() == before


def test_an_error_of_slurmdbd_in_the_last_part_changes_nothing(root: Client, database: Database) -> None:
    before = database.everything()
    document = {
        "clusters": [{"name": "wcluster"}],
        "qos": [{"name": "wqos"}, {"name": "normal", "description": "changed"}],
        "accounts": [ACCOUNT],
        "users": [USER],
        "associations": [{"account": "wacct", "user": ""}, {"account": "wacct", "user": "wnobody"}],
    }
    answer = root.post(f"{API}/config", document)
    assert (answer.status, answer.document["errors"][0]["source"]) == (422, "#/associations[1]/")
    assert database.everything() == before


def test_a_name_with_a_quote_is_never_sql(root: Client, database: Database) -> None:
    before = database.everything()
    for path in ("account", "user", "qos", "wckey", "cluster"):
        assert root.delete(f"{API}/{path}/x%27%20or%20%271%27=%271").status == 422
    assert root.delete(f"{API}/associations?account=x%27%20or%20%271%27=%271").status == 422
    assert database.everything() == before


def test_plain_users_write_nothing_and_operators_may(
    root: Client, cluster: Cluster, database: Database, account: str
) -> None:
    before = database.everything()
    plain = cluster.unix.as_user("games", cluster.token("games"))
    assert post(plain, "accounts", ACCOUNT | {"description": "theirs"}).status == 403
    assert post(plain, "users", USER).status == 403
    assert post(plain, "qos", {"name": "wqos"}).status == 403
    assert plain.delete(f"{API}/account/wacct").status == 403
    assert database.everything() == before
    written(root, "users", {"name": "games", "administrator_level": ["Operator"]})
    try:
        written(plain, "accounts", ACCOUNT | {"description": "theirs"})
        assert post(plain, "users", {"name": "games", "administrator_level": ["Administrator"]}).status == 403
    finally:
        written(root, "users", {"name": "games", "administrator_level": ["None"]})


def test_an_account_with_running_jobs_is_not_removed(
    root: Client, cluster: Cluster, database: Database, account: str
) -> None:
    written(root, "associations", {"account": account, "user": "daemon"})
    command = ("sbatch", "--parsable", "-A", account, "--output", "/dev/null", "--wrap", "sleep 60")
    job = cluster.run(*command, user="daemon").stdout.strip()
    try:
        eventually(lambda: "RUNNING" in cluster.run("sacct", "-nXj", job, "-o", "state").stdout)
        answer = root.delete(f"{API}/account/{account}")
        assert (answer.status, answer.document["errors"][0]["error_number"]) == (422, 7001)
        assert f"JobID = {job}" in answer.document["errors"][0]["error"]
        assert database.association("account") == {"account": account}
    finally:
        cluster.run("scancel", job)
        eventually(lambda: root.delete(f"{API}/account/{account}").status == 200)


def test_what_slurmdbd_refuses_is_never_a_success(
    root: Client, cluster: Cluster, database: Database, account: str
) -> None:
    """A coordinator gives an association a QOS that the account has not. From 24.11 on slurmdbd says it did."""
    written(root, "users", USER)
    written(root, "associations", {"account": account, "user": "", "qos": ["normal"]})
    written(root, "associations", {"account": account, "user": "games"})
    written(root, "accounts", ACCOUNT | {"coordinators": [{"name": "games"}]})
    coordinator = cluster.unix.as_user("games", cluster.token("games"))
    before = database.everything()
    taken = {"account": account, "user": "games", "shares_raw": 9}
    answer = post(coordinator, "associations", taken, {"account": account, "user": "wuser", "qos": ["high"]})
    assert answer.status in (403, 422), answer.document
    assert database.everything() == before
    written(coordinator, "associations", taken, {"account": account, "user": "wuser", "qos": ["normal"]})

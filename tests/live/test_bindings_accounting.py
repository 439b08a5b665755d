"""The bindings of slurmdbd on a real one: reading, writing, identities, and what happens when it is away."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.live.accounting_child import READS
from tests.live.test_bindings_calls import Process
from tests.plugins.cluster import Cluster

DOWN = "ESLURM_DB_CONNECTION"
REFUSED = "SLURM_PROTOCOL_AUTHENTICATION_ERROR"


class AccountingProcess(Process):
    """An accounting_child on the cluster."""

    module = "tests.live.accounting_child"


CHILD = AccountingProcess


@pytest.fixture(scope="module")
def tokens(cluster: Cluster, users: tuple[str, ...]) -> dict[str, str]:
    """User -> token, of users who have accounted jobs."""
    deadline = time.monotonic() + 60
    for user in users:
        cluster.run("sbatch", "--wrap", "true", "--output", "/dev/null", user=user)
    while set(users) - set(accounted(cluster, "sacct", "--allusers", "--format", "user")):
        assert time.monotonic() < deadline
    return {user: cluster.token(user) for user in users}


@pytest.fixture
def account(munge: AccountingProcess) -> Iterator[str]:
    """The name of an account that is not there, and will not be afterwards."""
    munge.get("remove", "bindings")
    yield "bindings"
    munge.get("remove", "bindings")


def accounted(cluster: Cluster, *command: str) -> list[str]:
    """What sacctmgr or sacct says, line by line."""
    return cluster.run(*command, "--noheader", "--parsable2").stdout.splitlines()


def accounts(cluster: Cluster) -> dict[str, str]:
    """The accounts that sacctmgr shows, and their descriptions."""
    lines = accounted(cluster, "sacctmgr", "show", "account", "format=account,description")
    return dict(line.split("|") for line in lines)


@pytest.mark.parametrize(
    ("what", "column"), [("accounts", "account"), ("users", "user"), ("clusters", "cluster"), ("qos", "name")]
)
def test_what_is_read_is_what_sacctmgr_shows(
    cluster: Cluster, munge: AccountingProcess, what: str, column: str
) -> None:
    shown = accounted(cluster, "sacctmgr", "show", what.removesuffix("s").replace("qo", "qos"), f"format={column}")
    assert shown
    assert sorted(munge.get("read", what)) == sorted(shown)


def test_a_call_takes_no_40_ms(munge: AccountingProcess) -> None:
    assert munge.get("seconds", 50) < 0.01


def test_a_kept_connection_sees_the_present(munge: AccountingProcess, account: str) -> None:
    assert account not in munge.get("read", "accounts")
    assert munge.get("kept") >= 1
    munge.get("add", account)
    assert account in munge.get("read", "accounts")
    munge.get("remove", account)
    assert account not in munge.get("read", "accounts")


def test_what_is_written_is_stored(cluster: Cluster, munge: AccountingProcess, account: str) -> None:
    munge.get("add", account)
    assert accounts(cluster)[account] == "bindings"
    assert munge.get("change", account, "changed") == [account]
    assert accounts(cluster)[account] == "changed"
    assert munge.get("coordinators", account, "daemon") == [[], ["daemon"], []]
    assert munge.get("remove", account) == [account]
    assert account not in accounts(cluster)


def test_what_does_not_match_is_no_error(munge: AccountingProcess) -> None:
    assert munge.get("remove", "bindings_nobody_has") == []
    assert munge.get("change", "bindings_nobody_has", "changed") == []


def test_what_was_not_committed_is_not_stored(cluster: Cluster, munge: AccountingProcess, account: str) -> None:
    munge.get("open")
    munge.get("write", account)
    munge.get("close")
    assert account not in accounts(cluster)


def test_a_plain_user_writes_nothing(
    cluster: Cluster, jwt: AccountingProcess, tokens: dict[str, str], account: str
) -> None:
    assert jwt.ask("add", account, tokens["daemon"])["name"] == "ESLURM_ACCESS_DENIED"
    assert account not in accounts(cluster)


def test_identities_never_mix(jwt: AccountingProcess, tokens: dict[str, str]) -> None:
    assert jwt.get("users_of_jobs", tokens, 8, 100) == {"made": 800, "wrong": [], "kept": 16}


def test_few_connections_are_kept_and_not_for_long(jwt: AccountingProcess, tokens: dict[str, str]) -> None:
    assert jwt.get("limits", tokens) == [2, 0]


def test_a_connection_is_not_used_for_ever(munge: AccountingProcess) -> None:
    assert munge.get("ages")


def test_a_bad_token_is_refused_and_not_kept(jwt: AccountingProcess, tokens: dict[str, str]) -> None:
    good = tokens["daemon"]
    bad = good[:-6] + good[-6:][::-1]
    jwt.get("read", "tres", good)
    before = jwt.get("kept")
    assert jwt.ask("read", "tres", bad)["name"] == REFUSED
    assert jwt.get("kept") <= before
    assert jwt.get("read", "tres", good)


def test_a_token_in_a_process_by_munge_calls_nothing(munge: AccountingProcess, tokens: dict[str, str]) -> None:
    answer = munge.ask("read", "tres", tokens["daemon"])
    assert (answer["function"], answer["number"]) == ("auth_g_thread_config", 6000)


@pytest.mark.parametrize("what", READS)
def test_what_was_read_is_freed(munge: AccountingProcess, tokens: dict[str, str], what: str) -> None:
    assert munge.is_flat("read", 30 if what == "jobs" else 300, what)


@pytest.mark.parametrize("call", ["opened", "diag", "refused_write"])
def test_what_a_connection_took_is_freed(munge: AccountingProcess, call: str) -> None:
    before = munge.get("descriptors")
    assert munge.is_flat(call, 200)
    # One connection may be kept now that was not before, and has its socket twice.
    assert munge.get("descriptors") <= before + 2


def test_what_was_sent_is_freed(munge: AccountingProcess) -> None:
    assert munge.is_flat("written", 40)


def test_what_a_bad_token_took_is_freed(jwt: AccountingProcess, tokens: dict[str, str]) -> None:
    assert jwt.is_flat("refused_token", 100, tokens["daemon"][:-6] + "abcdef")
    assert jwt.get("kept") <= 16


def test_without_slurmdbd_there_are_errors_and_nothing_is_lost(cluster: Cluster, munge: AccountingProcess) -> None:
    munge.get("read", "tres")
    with cluster.stopped("slurmdbd"):
        assert munge.ask("read", "tres")["name"] == DOWN
        before = munge.get("descriptors")
        assert munge.is_flat("down", 20)
        assert munge.get("descriptors") == before
    assert munge.get("read", "tres")


def test_a_connection_that_was_lost_is_not_used_again(cluster: Cluster, munge: AccountingProcess, account: str) -> None:
    munge.get("open")
    munge.get("write", account)
    with cluster.stopped("slurmdbd"):
        pass
    assert munge.ask("commit")["name"] == DOWN
    assert munge.ask("reuse")["name"] == DOWN
    munge.get("close")
    assert account not in accounts(cluster)


def test_libslurm_itself_would_have_said_that_it_is_stored(
    cluster: Cluster, munge: AccountingProcess, account: str
) -> None:
    munge.get("open")
    munge.get("write", account)
    with cluster.stopped("slurmdbd"):
        pass
    munge.get("commit_as_libslurm_does")
    munge.get("close")
    assert account not in accounts(cluster)

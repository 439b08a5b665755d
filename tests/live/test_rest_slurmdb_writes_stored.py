"""What slurmdbd has after a commit is compared with what was written: nothing is said to be stored that is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from slurmrest.data_parser.fields import V0_0_39, Field
from slurmrest.data_parser.tables import TABLES
from tests.live.test_bindings_calls import Process
from tests.plugins.cluster import Cluster

ACCOUNT = {"name": "bindings", "description": "written", "organization": "bindings"}
LIMITS = {"max": {"jobs": {"active": 6}, "tres": {"total": [{"type": "cpu", "count": 4}]}}, "shares_raw": 3}
QOS = {"name": "high", "priority": 77, "flags": ["NO_RESERVE"], "limits": {"factor": 1.5}, "preempt": {"list": []}}

VALUES: dict[str, tuple[Any, Any]] = {
    "UINT32_NO_VAL": (7, {"infinite": True}),
    "FLOAT64_NO_VAL": (1.25, -1),
    "FLOAT64": (1.25, -1),
    "TRES_STR": ([{"type": "cpu", "count": 7}], []),
}
"""Type -> a limit, and none."""


def limits(table: str, *, off: bool) -> dict[str, Any]:
    """A document that names every limit there is."""
    document: dict[str, Any] = {}
    for row in TABLES[table].rows:
        if isinstance(row, Field) and row.within(V0_0_39) and row.type.name in VALUES:
            *path, last = row.key.split("/")
            place = document
            for part in path:
                place = place.setdefault(part, {})
            place[last] = VALUES[row.type.name][off]
    return document


class StoredProcess(Process):
    """A stored_child on the cluster."""

    module = "tests.live.stored_child"


@pytest.fixture(scope="module")
def munge(cluster: Cluster) -> Iterator[StoredProcess]:
    """A process that is root by munge."""
    process = StoredProcess(cluster)
    yield process
    assert process.close() == 0


@pytest.fixture
def account(munge: StoredProcess) -> Iterator[None]:
    """An account that is there for a while."""
    munge.get("remove", "bindings")
    munge.get("add", "bindings")
    yield
    munge.get("remove", "bindings")


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("document", "otherwise"),
    [
        ({"accounts": [ACCOUNT]}, ["description of account bindings"]),
        ({"users": [{"name": "games", "administrator_level": ["Operator"]}]}, ["admin_level of user games"]),
        (
            {"associations": [{"account": "bindings", "user": ""} | LIMITS]},
            [f"{name} of association bindings/dev" for name in ("grp_tres", "max_jobs", "shares_raw")],
        ),
        (
            {"qos": [QOS]},
            [f"{name} of QOS high" for name in ("flags", "limit_factor", "preempt_list", "priority")],
        ),
        ({"users": [{"name": "bindings"}]}, ["user bindings"]),
    ],
)
def test_a_commit_that_stored_nothing_is_noticed(munge: StoredProcess, document: Any, otherwise: list[str]) -> None:
    (text,) = munge.get("posted", document, True)
    assert sorted(text.partition(": ")[2].split(", ")) == otherwise


@pytest.mark.usefixtures("account")
def test_what_another_changed_meanwhile_is_noticed(munge: StoredProcess) -> None:
    other = ("sacctmgr", "-i", "modify", "account", "bindings", "set", "description=other", "GrpTRES=cpu=5")
    document = {"accounts": [ACCOUNT], "associations": [{"account": "bindings", "user": ""} | LIMITS]}
    (text,) = munge.get("posted", document, False, *other)
    assert text.endswith(": description of account bindings, grp_tres of association bindings/dev")
    assert munge.get("posted", document, False) == []


@pytest.mark.usefixtures("account")
def test_of_two_things_said_in_a_document_the_later_counts(munge: StoredProcess) -> None:
    document = {"accounts": [ACCOUNT, ACCOUNT | {"description": "Said later"}]}
    assert munge.get("posted", document, False) == []


FLAGS = (
    *("PARTITION_MINIMUM_NODE", "PARTITION_MAXIMUM_NODE", "PARTITION_TIME_LIMIT", "ENFORCE_USAGE_THRESHOLD"),
    *("NO_RESERVE", "REQUIRED_RESERVATION", "DENY_LIMIT", "OVERRIDE_PARTITION_QOS", "NO_DECAY", "USAGE_FACTOR_SAFE"),
)
OTHERS = {
    False: {"flags": FLAGS, "preempt": {"list": ["normal"], "mode": ["REQUEUE"]}},
    True: {"flags": [], "preempt": {"list": [], "mode": ["DISABLED"]}},
}


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("off", [[False, False], [False, True], [True, False], [True, True]], ids=str)
def test_whatever_is_stored_is_stored_as_it_was_said(munge: StoredProcess, off: list[bool]) -> None:
    qos = {"name": "bindqos", "description": "A b,c=d %s"}
    association = {"account": "bindings", "user": ""}
    for one in off:
        first, second = limits("QOS", off=one), limits("ASSOC", off=one)
        other = OTHERS[one] | {"preempt": first["preempt"] | OTHERS[one]["preempt"]}
        document = {
            "qos": [qos | first | other],
            "associations": [association | second | {"qos": ["normal", "high"][: 2 - one], "shares_raw": 5 + one}],
        }
        assert munge.get("posted", document, False) == []
    munge.get("remove_qos", "bindqos")

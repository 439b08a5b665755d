"""Keys of a job description that set several members, or one in a way of their own, and back."""

from __future__ import annotations

from typing import Any

import pytest

from libslurm.layout import Layout
from libslurm.memory import strings
from slurmrest.data_parser.computed import cpu_frequency, distribution, node_count
from slurmrest.data_parser.fields import V0_0_39, Version
from slurmrest.data_parser.types import INFINITE, NO_VAL

from .made import LAYOUTS, NEW, OLD, V0_0_39_8, FakeNames, Made


def description(layout: Layout = OLD, **values: Any) -> Made:
    """A job description as slurm_init_job_desc_msg leaves it, as far as it matters here."""
    unset: dict[str, Any] = {"min_nodes": NO_VAL, "max_nodes": NO_VAL, "priority": NO_VAL}
    made = Made("JOB_DESC_MSG", layout, **unset, **values)
    made.record.job_id = NO_VAL
    return made


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.release_text)
def test_environment_and_arguments(layout: Layout) -> None:
    job = description(layout)
    environment = {"PATH": "/bin", "N": 5, "EMPTY": None, "YES": True}
    context = job.parse({"environment": environment, "argv": ["a b", 7], "spank_environment": ["S=1"]})
    assert context.errors == []
    assert [warning.source for warning in context.warnings] == ["#/environment/"]
    assert strings(job.record.environment) == ["PATH=/bin", "N=5", "EMPTY=", "YES=true"]
    assert (job.record.env_size, job.record.argc, job.record.spank_job_env_size) == (4, 2, 1)
    document = job.dump()
    assert document["environment"] == ["PATH=/bin", "N=5", "EMPTY=", "YES=true"]
    assert (document["argv"], document["spank_environment"]) == (["a b", "7"], ["S=1"])


@pytest.mark.parametrize("wrong", ["PATH=/bin", 5, True])
def test_environment_of_another_kind_is_refused(wrong: Any) -> None:
    job = description()
    (error,) = job.parse({"environment": wrong}).errors
    assert (error.name, error.source) == ("ESLURM_DATA_EXPECTED_LIST", "#/environment/")
    assert not job.record.environment


def test_every_wrong_element_of_an_environment_is_named() -> None:
    job = description()
    context = job.parse({"environment": ["A=1", {}, []], "argv": None, "spank_environment": {"B": []}})
    assert [error.source for error in context.errors] == [
        "#/environment[1]/",
        "#/environment[2]/",
        "#/spank_environment/B/",
    ]
    assert (job.record.env_size, job.record.argc) == (0, 0)


@pytest.mark.parametrize("version", [V0_0_39, V0_0_39_8])
@pytest.mark.parametrize("layout", [OLD, NEW], ids=lambda layout: layout.release_text)
@pytest.mark.parametrize(
    ("document", "job_id", "priority"),
    [
        ({"hold": True}, NO_VAL, 0),
        ({"hold": True}, 7, 0),
        ({"hold": False}, NO_VAL, NO_VAL),
        ({"hold": False}, 7, INFINITE),
        ({"hold": None}, 7, NO_VAL),
        ({"hold": "yes"}, NO_VAL, 0),
        ({"hold": True, "priority": 5}, 7, 0),
        ({"hold": False, "priority": 5}, 7, 5),
        ({"priority": 5}, 7, 5),
    ],
)
def test_hold(document: dict[str, Any], job_id: int, priority: int, layout: Layout, version: Version) -> None:
    job = description(layout)
    job.record.job_id = job_id
    context = job.parse(document, version)
    assert (context.errors, job.record.priority) == ([], priority)


def test_hold_is_shown_since_23_02_4_and_taken_before() -> None:
    job = description()
    assert "hold" not in job.dump()
    assert job.dump(V0_0_39_8)["hold"] is False
    assert job.parse({"hold": True}).warnings == []
    (error,) = job.parse({"hold": "perhaps"}).errors
    assert error.source == "#/hold/"


@pytest.mark.parametrize("layout", [OLD, NEW], ids=lambda layout: layout.release_text)
def test_job_id_wherever_it_is(layout: Layout) -> None:
    job = description(layout)
    assert job.parse({"job_id": 7}).errors == []
    assert job.dump()["job_id"] == 7


@pytest.mark.parametrize(
    ("document", "low", "high", "shown"),
    [
        ("2", 2, 2, "2"),
        (2, 2, 2, "2"),
        ("1-4", 1, 4, "1-4"),
        (" 4 - 1 ", 1, 4, "1-4"),
        ("1k-2K", 1024, 2048, "1024-2048"),
        ("1m", 1048576, 1048576, "1048576"),
        ([3], 3, NO_VAL, "3"),
        ([1, 2], 1, 2, "1-2"),
        ([4, "2"], 2, 4, "2-4"),
        ([], NO_VAL, NO_VAL, ""),
        (None, NO_VAL, NO_VAL, ""),
    ],
)
def test_node_counts(document: Any, low: int, high: int, shown: str) -> None:
    job = description()
    assert job.parse({"nodes": document}).errors == []
    assert (job.record.min_nodes, job.record.max_nodes) == (low, high)
    assert job.dump()["nodes"] == shown


@pytest.mark.parametrize(
    "wrong", ["abc", "1-", "-1", "2.5", "", "1-2-3", [1, 2, 3], [{}], [-1], {}, True, "4294967295"]
)
def test_wrong_node_counts(wrong: Any) -> None:
    job = description()
    (error,) = job.parse({"nodes": wrong}).errors
    assert error.source == "#/nodes/"
    assert (job.record.min_nodes, job.record.max_nodes) == (NO_VAL, NO_VAL)


@pytest.mark.parametrize(
    ("text", "low", "high", "sizes"),
    [
        ("1,2,4", 1, 4, b"1,2,4"),
        ("8,2-4", 2, 8, b"8,2-4"),
        ("2-9:3", 2, 8, b"2,5,8"),
        ("1-4:1", 1, 4, b"1-4"),
    ],
)
def test_lists_of_node_counts(text: str, low: int, high: int, sizes: bytes) -> None:
    job = description(NEW)
    assert job.parse({"nodes": text}).errors == []
    assert (job.record.min_nodes, job.record.max_nodes, job.record.job_size_str) == (low, high, sizes)
    assert job.dump()["nodes"] == sizes.decode()
    for wrong in ("1,", ",1", "1,x", "1-5:0", "1:2"):
        assert [error.source for error in job.parse({"nodes": wrong}).errors] == ["#/nodes/"]


def test_lists_of_node_counts_need_a_release_that_has_them() -> None:
    (error,) = description().parse({"nodes": "1,2"}).errors
    assert (error.name, error.text) == (
        "ESLURM_NOT_SUPPORTED",
        "Slurm 22.05.0 takes no list of node counts: 1,2",
    )


def test_cpu_frequency() -> None:
    job = description()
    assert job.parse({"cpu_frequency": "low-high:OnDemand"}).errors == []
    assert job.dump()["cpu_frequency"] == "Low-High:OnDemand"
    (error,) = job.parse({"cpu_frequency": "Bogus"}).errors
    assert error.text == 'Invalid CPU frequency "Bogus"'


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((NO_VAL, NO_VAL, NO_VAL), ""),
        ((0, 0, 0), ""),
        ((NO_VAL, 2400000, NO_VAL), "2400000"),
        ((1, 2, 0), "1-2"),
    ],
)
def test_cpu_frequency_in_numbers(numbers: tuple[int, int, int], text: str) -> None:
    names: Any = FakeNames()
    assert cpu_frequency.dump(names, *numbers) == text


def test_distribution() -> None:
    job = description(plane_size=0)
    assert job.parse({"distribution": "plane=4", "distribution_plane_size": 2}).errors == []
    assert (job.record.task_dist, job.record.plane_size) == (3, 4)
    assert job.dump()["distribution"] == "plane=4"
    assert job.parse({"distribution_plane_size": 2, "distribution": "Plane"}).errors == []
    assert (job.record.task_dist, job.record.plane_size) == (3, 2)
    assert job.parse({"distribution": "block:cyclic"}).errors == []
    assert job.dump()["distribution"] == "block:cyclic"
    names: Any = FakeNames()
    assert distribution.dump(names, 3, 0) == "plane"


def test_crontab_is_refused_unless_empty() -> None:
    assert description().parse({"crontab": {}}).errors == []
    (error,) = description().parse({"crontab": {"minute": "1"}}).errors
    assert (error.name, error.source) == ("ESLURM_NOT_SUPPORTED", "#/crontab/")


@pytest.mark.parametrize(("layout", "expected"), [(OLD, b"gres:gpu:closest+gres:nic:single"),
                                                  (NEW, b"gres/gpu:closest+gres/nic:single")])  # fmt: skip
def test_bindings_are_spelled_as_the_release_wants_them(layout: Layout, expected: bytes) -> None:
    job = description(layout)
    assert job.parse({"tres_bind": "gres:gpu:closest+gres:nic:single"}).errors == []
    assert job.record.tres_bind == expected


@pytest.mark.parametrize(
    ("document", "shared"),
    [
        ({"exclusive": True}, 0),
        ({"exclusive": ["user"]}, 2),
        ({"oversubscribe": True}, 1),
        ({"shared": ["mcs"]}, 3),
    ],
)
def test_sharing_is_one_member(document: dict[str, Any], shared: int) -> None:
    job = description(shared=0xFFFE)
    assert job.parse(document).errors == []
    assert job.record.shared == shared


def test_bounds_of_node_counts_are_c_numbers() -> None:
    names: Any = FakeNames()
    assert node_count.dump(names, 1, NO_VAL, None) == "1"
    assert node_count.dump(names, 1, NO_VAL, "1,3") == "1,3"

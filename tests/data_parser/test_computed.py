"""What functions make of several members: paths, resources, allocations, statistics."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import Any

import pytest

from libslurm.layout import Layout
from slurmrest.data_parser.compile import compile_dump
from slurmrest.data_parser.computed import paths
from slurmrest.data_parser.fields import V0_0_39
from slurmrest.data_parser.tables import TABLES
from slurmrest.data_parser.types import NO_VAL

from .made import LAYOUTS, NEW, OLD, V0_0_39_8, FakeNames, Made

# Standard input, output, error


def job_paths(**values: Any) -> tuple[str, str, str]:
    defaults = {
        "std_in": "",
        "std_out": "",
        "std_err": "",
        "batch_flag": 1,
        "work_dir": "/home/restd",
        "job_id": 12,
    }
    defaults |= {"array_job_id": 0, "array_task_id": NO_VAL, "user_id": 1001, "name": "my job"}
    names: Any = FakeNames()
    return paths.standard_paths(names, *((defaults | values)[name] for name in paths.MEMBERS))


@pytest.mark.parametrize(
    ("values", "output"),
    [
        ({}, "/home/restd/slurm-12.out"),
        ({"work_dir": ""}, "/slurm-12.out"),
        ({"array_job_id": 8, "array_task_id": 1}, "/home/restd/slurm-8_1.out"),
        ({"array_job_id": 12}, "/home/restd/slurm-12_%a.out"),
        ({"std_out": "/scratch/o.%j"}, "/scratch/o.12"),
        ({"std_out": "out/%x-%u"}, "/home/restd/out/my job-restd"),
        ({"std_out": "%u", "user_id": 4711}, "/home/restd/4711"),
        ({"std_out": "/a/%A_%a", "array_job_id": 8, "array_task_id": 0}, "/a/8_0"),
        ({"std_out": "/a/%A_%a", "array_job_id": 12}, "/a/12_%a"),
        ({"std_out": "/a/%a"}, f"/a/{NO_VAL}"),
        ({"std_out": "/a/%A.%N%%"}, "/a/12.%N%%"),
        ({"batch_flag": 0}, ""),
        ({"batch_flag": 0, "std_out": "o"}, "/home/restd/o"),
    ],
)
def test_standard_output(values: dict[str, Any], output: str) -> None:
    assert job_paths(**values)[1] == output


def test_standard_input_is_empty_unless_given() -> None:
    assert job_paths()[0] == "/dev/null"
    assert job_paths(batch_flag=0)[0] == ""
    assert job_paths(std_in="in.%j")[0] == "/home/restd/in.12"


def test_standard_error_goes_where_output_goes() -> None:
    assert job_paths()[2] == "/home/restd/slurm-12.out"
    assert job_paths(std_out="/o")[2] == "/o"
    assert job_paths(std_out="/o", batch_flag=0)[2] == ""
    assert job_paths(std_out="/o", std_err="e")[2] == "/home/restd/e"


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.release_text)
def test_paths_of_a_job_record(layout: Layout) -> None:
    job = Made("JOB_INFO", layout, batch_flag=1, work_dir=b"/w", job_id=5, array_task_id=NO_VAL).dump()
    assert (job["standard_input"], job["standard_output"]) == ("/dev/null", "/w/slurm-5.out")
    assert job["standard_error"] == "/w/slurm-5.out"


# Jobs


def test_exit_codes_and_hold_by_dialect() -> None:
    job = Made("JOB_INFO", exit_code=768, derived_ec=NO_VAL, priority=0)
    first, last = job.dump(), job.dump(V0_0_39_8)
    assert (first["exit_code"], first["derived_exit_code"]) == (768, NO_VAL)
    assert "hold" not in first
    assert last["exit_code"] == {"set": True, "infinite": False, "number": 768}
    assert last["derived_exit_code"] == {"set": False, "infinite": False, "number": 0}
    assert last["hold"] is True
    assert Made("JOB_INFO", priority=7).dump(V0_0_39_8)["hold"] is False


def test_gres_detail() -> None:
    job = Made("JOB_INFO", gres_detail_cnt=2)
    job.record.gres_detail_str = job.arena.strings(["gpu:tesla:1(IDX:0)", ""])
    assert job.dump()["gres_detail"] == ["gpu:tesla:1(IDX:0)", ""]
    assert Made("JOB_INFO", gres_detail_cnt=2).dump()["gres_detail"] == []


def resources(names: FakeNames, layout: Layout) -> Made:
    """n1 and n2 with 2 sockets of 4 cores, n3 with 1 of 2."""
    held = Made("JOB_RES", layout, names, nodes=b"n1,n2,n3", nhosts=3, core_bitmap=0x10, core_bitmap_used=0x20)
    held.record.sockets_per_node = held.array(ctypes.c_uint16, 2, 1)
    held.record.cores_per_socket = held.array(ctypes.c_uint16, 4, 2)
    held.record.sock_core_rep_count = held.array(ctypes.c_uint32, 2, 1)
    held.record.cpus_used = held.array(ctypes.c_uint16, 3, 0, 1)
    held.record.memory_allocated = held.array(ctypes.c_uint64, 100, 200, 1 << 40)
    return held


def allocated(held: Made) -> list[Any]:
    found: list[Any] = held.dump()["allocated_nodes"]
    return found


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.release_text)
def test_job_resources_by_node(layout: Layout) -> None:
    names = FakeNames(layout, bitmaps={0x10: [0, 5, 7, 9, 17], 0x20: [5, 17]})
    assert allocated(resources(names, layout)) == [
        {
            "sockets": {
                "0": {"cores": {"0": "allocated"}},
                "1": {"cores": {"1": "allocated_and_in_use", "3": "allocated"}},
            },
            "nodename": "n1",
            "cpus_used": 3,
            "memory_used": 0,
            "memory_allocated": 100,
        },
        {
            "sockets": {"0": {"cores": {"1": "allocated"}}},
            "nodename": "n2",
            "cpus_used": 0,
            "memory_used": 0,
            "memory_allocated": 200,
        },
        {
            "sockets": {"0": {"cores": {"1": "allocated_and_in_use"}}},
            "nodename": "n3",
            "cpus_used": 1,
            "memory_used": 0,
            "memory_allocated": 1 << 40,
        },
    ]


def test_job_resources_without_arrays_or_bitmaps() -> None:
    assert allocated(Made("JOB_RES", nodes=b"n1", nhosts=1)) == []
    held = resources(FakeNames(), OLD)
    held.record.core_bitmap = None
    assert [node["sockets"] for node in allocated(held)] == [{}, {}, {}]


def test_array_results() -> None:
    results = Made("JOB_ARRAY_RESPONSE_MSG", job_array_count=2)
    results.record.job_array_id = results.arena.strings(["80_1", "80_[2-3]"])
    results.record.error_code = results.array(ctypes.c_uint32, 0, 2021)
    expected = [
        {"job_id": "80_1", "error_code": 0, "error": "error 0", "why": ""},
        {"job_id": "80_[2-3]", "error_code": 2021, "error": "error 2021", "why": ""},
    ]
    assert results.dump() == {"results": expected}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.release_text)
def test_submit_response_in_both_shapes(layout: Layout) -> None:
    response = Made("JOB_SUBMIT_RESPONSE_MSG", layout)
    embedded = "job_id" not in layout.structs["submit_response_msg_t"].members
    owner = response.record.step_id if embedded else response.record
    owner.job_id, owner.step_id = 80, 0xFFFFFFFB
    document = response.dump()
    assert (document["job_id"], document["step_id"]) == (80, "batch")


# Nodes, statistics, pings


def test_node_allocation_of_the_select_plugin() -> None:
    node = Made("NODE", cpus=8, select_nodeinfo=0x1000).dump()
    keys = ("alloc_cpus", "alloc_idle_cpus", "alloc_memory", "tres_used", "tres_weighted")
    assert [node[key] for key in keys] == [3, 5, 512, "cpu=3,mem=512M", 3.5]


def test_node_allocation_in_the_record() -> None:
    node = Made("NODE", NEW, cpus=8, alloc_cpus=2, alloc_memory=64, alloc_tres_fmt_str=b"cpu=2").dump()
    keys = ("alloc_cpus", "alloc_idle_cpus", "alloc_memory", "tres_used", "tres_weighted")
    assert [node[key] for key in keys] == [2, 6, 64, "cpu=2", 0.0]


def test_node_without_allocation() -> None:
    node = Made("NODE", cpus=8).dump()
    assert (node["alloc_cpus"], node["alloc_idle_cpus"], node["tres_used"]) == (0, 8, "")


def test_means_and_rates() -> None:
    values: dict[str, Any] = {
        "schedule_cycle_sum": 11435,
        "schedule_cycle_counter": 9,
        "req_time": 1170,
        "req_time_start": 1000,
    }
    values |= {"bf_table_size_sum": 11, "bf_cycle_counter": 4}
    document = Made("STATS_MSG", **values).dump()
    assert (document["schedule_cycle_mean"], document["schedule_cycle_per_minute"]) == (1270, 4)
    assert (document["bf_table_size_mean"], document["bf_queue_len_mean"]) == (2, 0)
    idle = Made("STATS_MSG", schedule_cycle_sum=5, req_time=1059, req_time_start=1000).dump()
    assert (idle["schedule_cycle_mean"], idle["schedule_cycle_per_minute"]) == (0, 0)


def test_rpcs() -> None:
    made = Made("STATS_MSG", rpc_type_size=2, rpc_user_size=2)
    made.record.rpc_type_id = made.array(ctypes.c_uint16, 1002, 2009)
    made.record.rpc_type_cnt = made.array(ctypes.c_uint32, 4, 0)
    made.record.rpc_type_time = made.array(ctypes.c_uint64, 588, 0)
    made.record.rpc_user_id = made.array(ctypes.c_uint32, 0, 4711)
    made.record.rpc_user_cnt = made.array(ctypes.c_uint32, 53, 2)
    made.record.rpc_user_time = made.array(ctypes.c_uint64, 19545, 1 << 40)
    document = made.dump()
    first = {
        "message_type": "MESSAGE_1002",
        "type_id": 1002,
        "count": 4,
        "average_time": 147,
        "total_time": 588,
    }
    assert document["rpcs_by_message_type"][0] == first
    assert document["rpcs_by_message_type"][1]["average_time"] == 0
    users = [(user["user"], user["user_id"], user["average_time"]) for user in document["rpcs_by_user"]]
    assert users == [("root", 0, 368), ("4711", 4711, 1 << 39)]


@pytest.mark.parametrize(("offset", "mode"), [(0, "primary"), (1, "backup"), (2, "backup2")])
def test_ping(offset: int, mode: str) -> None:
    names: Any = FakeNames()
    ping = SimpleNamespace(hostname="ctl", pinged=offset == 0, latency=150, offset=offset)
    expected = {"hostname": "ctl", "pinged": "DOWN" if offset else "UP", "latency": 150, "mode": mode}
    assert compile_dump(TABLES["CONTROLLER_PING"], V0_0_39, OLD)(ping, names) == expected

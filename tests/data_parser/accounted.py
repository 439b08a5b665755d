"""Documents of slurmdbd's records that say everything, in both dialects of v0.0.39."""

from __future__ import annotations

from typing import Any

INFINITE, NO_VAL = 0xFFFFFFFF, 0xFFFFFFFE

UNLIMITED = {"set": False, "infinite": True, "number": 0}

CPU = {"type": "cpu", "name": "", "id": 1, "count": 64}
GPU = {"type": "gres", "name": "gpu", "id": 1001, "count": 2}


def some(number: float) -> dict[str, Any]:
    """Give a number as {set, infinite, number}."""
    return {"set": True, "infinite": False, "number": number}


SHORT = {"account": "physics", "cluster": "dev", "partition": "", "user": "alice"}
WCKEY = {
    "accounting": [{"allocated": {"seconds": 7}, "id": 3, "start": 1700000000, "TRES": CPU}],
    "cluster": "dev",
    "id": 5,
    "name": "*wk1",
    "user": "alice",
    "flags": [],
}
ASSOC = {
    "account": "physics",
    "cluster": "dev",
    "default": {"qos": "high"},
    "flags": ["DELETED"],
    "max": {
        "jobs": {
            "per": {"count": 50, "accruing": INFINITE, "submitted": 100, "wall_clock": some(1440)},
            "active": 5,
            "accruing": 6,
            "total": INFINITE,
        },
        "tres": {
            "total": [CPU, GPU],
            "minutes": {"per": {"job": [CPU]}, "total": []},
            "group": {"minutes": [GPU], "active": []},
            "per": {"job": [CPU], "node": [GPU]},
        },
        "per": {"account": {"wall_clock": UNLIMITED}},
    },
    "is_default": True,
    "min": {"priority_threshold": some(10)},
    "parent_account": "root",
    "partition": "debug",
    "priority": some(7),
    "qos": ["normal", "high"],
    "shares_raw": 9,
    "usage": {},
    "user": "alice",
}
FULL: dict[str, dict[str, Any]] = {
    "ACCOUNT": {
        "associations": [SHORT, SHORT | {"user": ""}],
        "coordinators": [{"name": "alice", "direct": True}, {"name": "żółć ☃", "direct": False}],
        "description": 'a "quoted" \\ text\nof two lines',
        "name": "physics",
        "organization": "Физика",
        "flags": ["DELETED"],
    },
    "USER": {
        "administrator_level": ["Operator"],
        "associations": [SHORT],
        "coordinators": [{"name": "physics", "direct": True}],
        "default": {"account": "physics", "wckey": "wk1"},
        "flags": ["DELETED"],
        "name": "alice",
        "old_name": "alicia",
        "wckeys": [WCKEY],
    },
    "WCKEY": WCKEY,
    "ASSOC": ASSOC,
    "CLUSTER_REC": {
        "controller": {"host": "127.0.0.1", "port": 6817},
        "flags": ["MULTIPLE_SLURMD"],
        "name": "dev",
        "nodes": "node[01-04]",
        "select_plugin": "cons_tres",
        "associations": {"root": SHORT},
        "rpc_version": 9728,
        "tres": [CPU, GPU],
    },
    "TRES": GPU,
    "QOS": {
        "description": "for the impatient",
        "flags": ["PARTITION_TIME_LIMIT", "DENY_LIMIT"],
        "id": 4,
        "limits": {
            "grace_time": 60,
            "max": {
                "active_jobs": {"accruing": 3, "count": 4},
                "tres": {
                    "total": [CPU],
                    "minutes": {"per": {"qos": [], "job": [CPU], "account": [GPU], "user": [CPU, GPU]}},
                    "per": {"account": [CPU], "job": [GPU], "node": [], "user": [GPU]},
                },
                "wall_clock": {"per": {"qos": INFINITE, "job": 2880}},
                "jobs": {
                    "active_jobs": {"per": {"account": 11, "user": 10}},
                    "per": {"account": 21, "user": 20},
                },
                "accruing": {"per": {"account": 31, "user": 30}},
            },
            "factor": 1.5,
            "min": {"priority_threshold": 5, "tres": {"per": {"job": [CPU]}}},
        },
        "name": "high",
        "preempt": {"list": [], "mode": ["REQUEUE"], "exempt_time": UNLIMITED},
        "priority": 100,
        "usage_factor": some(2.0),
        "usage_threshold": some(0.5),
    },
}


def filled(document: Any) -> dict[str, Any]:
    """Copy a document in which every plain limit is {set, infinite, number}, as 23.02.8 has it."""
    limits = {
        "count", "accruing", "submitted", "active", "total", "grace_time", "job", "qos", "account", "user",
        "priority_threshold", "priority",
    }  # fmt: skip

    def convert(key: str, value: Any) -> Any:
        if isinstance(value, dict):
            # A TRES has a key "count" too.
            return value if "id" in value and "type" in value else {k: convert(k, v) for k, v in value.items()}
        if key in limits and isinstance(value, int) and not isinstance(value, bool):
            return UNLIMITED if value == INFINITE else some(value)
        return value

    result: dict[str, Any] = convert("", document)
    return result

"""What differs between the dialects of v0.0.39: 23.02.3's, and that of 23.02.8, which 23.02.4 to 23.02.7 came to."""

from __future__ import annotations

from typing import Any

import pytest

from slurmrest.data_parser.bind import bind
from slurmrest.data_parser.fields import Field, Version
from slurmrest.data_parser.flags import BoundFlags
from slurmrest.data_parser.tables import TABLES
from slurmrest.versions import DIALECTS
from tests.data_parser.made import NEW
from tests.plugins.conformity import the_document

OLD_DIALECT, NEW_DIALECT = DIALECTS

NUMBERS = [
    "job_info/exit_code",
    "job_info/derived_exit_code",
    "job_desc_msg/priority",
    "qos/priority",
    "acct_gather_energy/current_watts",
    *(f"assoc/max/jobs/{key}" for key in ("per/count", "per/accruing", "per/submitted", "active", "accruing", "total")),
    "qos/limits/grace_time",
    *(
        f"qos/limits/max/{key}"
        for key in (
            "active_jobs/accruing",
            "active_jobs/count",
            "wall_clock/per/qos",
            "jobs/active_jobs/per/account",
            "jobs/active_jobs/per/user",
            "accruing/per/account",
            "accruing/per/user",
            "jobs/per/account",
            "jobs/per/user",
            "wall_clock/per/job",
        )
    ),
    "qos/limits/min/priority_threshold",
]
"""Plain numbers, and {set, infinite, number} since 23.02.4, 5 or 6."""

ADDED = [
    "job_info/hold",
    "job_desc_msg/hold",
    "job/hold",
    "job/required/memory_per_cpu",
    "job/required/memory_per_node",
]
"""Keys that 23.02.4 and 23.02.5 added."""


def keys(dialect: str) -> dict[str, str]:
    """Every key of every component, and its type or its component."""
    components = the_document(dialect)["components"]["schemas"]
    return {
        f"{name.removeprefix('v0.0.39_')}/{path}": kind
        for name, schema in components.items()
        if name.startswith("v0.0.39_")
        for path, kind in flat(schema)
    }


def flat(schema: dict[str, Any], path: str = "") -> list[tuple[str, str]]:
    """The keys of an object, `a/b` being b in its a."""
    found = []
    for key, part in schema.get("properties", {}).items():
        if "properties" in part:
            found += flat(part, f"{path}{key}/")
        else:
            found.append((path + key, part.get("type") or str(part)))
    return found


def test_what_differs_is_what_is_listed() -> None:
    old, new = keys(OLD_DIALECT), keys(NEW_DIALECT)
    assert old.keys() <= new.keys()
    assert new.keys() - old.keys() == set(ADDED)
    changed = {key for key, kind in old.items() if kind != new[key]}
    assert changed == set(NUMBERS)
    assert {old[key] for key in NUMBERS} == {"integer"}
    assert all("uint32_no_val" in new[key] for key in NUMBERS)


def test_an_environment_is_required_since_23_02_4() -> None:
    required = [
        the_document(name)["components"]["schemas"]["v0.0.39_job_desc_msg"].get("required") for name in DIALECTS
    ]
    assert required == [None, ["environment"]]


def flags(table: str, key: str, version: Version) -> BoundFlags:
    """The flags of a key."""
    rows = bind(TABLES[table], version, NEW).keyed
    (found,) = (row.type for row in rows if isinstance(row, Field) and row.key == key)
    assert isinstance(found, BoundFlags)
    return found


@pytest.mark.parametrize(("version", "more"), [((39, 3), True), ((39, 8), False)])
def test_clear_scheduling_is_that_number_alone_since_23_02_7(version: Version, more: bool) -> None:
    found: Any = flags("JOB", "flags", version)
    clear = NEW.constants["SLURMDB_JOB_CLEAR_SCHED"]
    assert "CLEAR_SCHEDULING" in found.dump(clear, None)
    assert ("CLEAR_SCHEDULING" in found.dump(clear | 1 << 8, None)) == more


def test_states_come_before_bits_since_23_02_7() -> None:
    for key in ("cpu_binding_flags", "memory_binding_type"):
        old, new = (flags("JOB_DESC_MSG", key, version).matches for version in DIALECTS.values())
        assert old[0].name == "VERBOSE" != new[0].name

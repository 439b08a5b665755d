"""Limits by TRES: what slurmdbd is sent so that it has what a document names."""

from __future__ import annotations

from typing import Any

import pytest

from libslurm.layout import Layout
from slurmrest.resources.slurmdb.writes.limits import differ, tres_members

LAYOUT = Layout.exact((22, 5, 0))
ASSOC = "slurmdb_assoc_rec_t"
NONE = b"18446744073709551615"
"""No limit: 64 bits of ones, which some releases also read as -1, and others do not."""


@pytest.mark.parametrize(
    ("named", "present", "sent"),
    [
        (None, b"1=4", None),
        (b"1=4", None, b"1=4"),
        (b"1=8", b"1=4", b"1=8"),
        (b"1=8", b"1=4,2=100", b"1=8,2=" + NONE),
        (b"1=8,4=2", b"2=100", b"1=8,4=2,2=" + NONE),
        (b"", b"1=4,1001=2", b"1=" + NONE + b",1001=" + NONE),
        (b"", None, None),
        (b"1=" + NONE, b"1=4,2=5", b"1=" + NONE + b",2=" + NONE),
    ],
)
def test_what_is_named_is_what_will_be(named: bytes | None, present: bytes | None, sent: bytes | None) -> None:
    record: Any = LAYOUT.record(ASSOC)(grp_tres=named)
    differ(record, LAYOUT.record(ASSOC)(grp_tres=present), ASSOC, LAYOUT)
    assert record.grp_tres == sent


@pytest.mark.parametrize("struct", [ASSOC, "slurmdb_qos_rec_t"])
def test_every_limit_by_tres_is_one(struct: str) -> None:
    for release in Layout.releases():
        layout = Layout.exact(release)
        texts = {
            one.name for one in layout.structs[struct].members.values() if "tres" in one.name and one.kind == "str"
        }
        assert set(tres_members(struct, layout)) == texts
        assert len(texts) >= 7

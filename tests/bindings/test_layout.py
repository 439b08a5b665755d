"""Layouts: the choice of one, the classes made of it, and what gcc says of the installed headers."""

from __future__ import annotations

import ctypes
import itertools
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from libslurm import ConfigurationError, ConstantError, Layout, LayoutError
from libslurm.generate import HEADERS
from libslurm.layout import DIRECTORY, KINDS, Release
from libslurm.private import PRIVATE

from .conftest import INCLUDE


@pytest.fixture(params=Layout.releases(), ids=lambda release: "{}.{:02}.{}".format(*release))
def layout(request: pytest.FixtureRequest) -> Layout:
    return Layout.exact(request.param)


def test_every_struct_has_a_class_with_the_offsets_of_its_layout(layout: Layout) -> None:
    for name, struct in layout.structs.items():
        record = layout.record(name)
        assert ctypes.sizeof(record) == struct.size
        for member in struct.members.values():
            field = getattr(record, member.name)
            assert (field.offset, field.size) == (member.offset, member.size), f"{name}.{member.name}"


def test_members_know_what_they_are(layout: Layout) -> None:
    kinds = {member.kind for struct in layout.structs.values() for member in struct.members.values()}
    assert {"str", "ptr", "struct", "array", "f128"} <= kinds <= {*KINDS, "struct", "array"}


def test_members_do_not_overlap_nor_leave_the_struct(layout: Layout) -> None:
    for struct in layout.structs.values():
        members = list(struct.members.values())
        for member, following in itertools.pairwise(members):
            assert member.offset + member.size <= following.offset
        assert members[-1].offset + members[-1].size <= struct.size


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ((22, 5, 8), (22, 5, 0)),
        ((23, 11, 6), (23, 11, 0)),
        ((23, 11, 7), (23, 11, 7)),
        ((23, 11, 11), (23, 11, 7)),
        ((24, 11, 3), (24, 11, 0)),
        ((24, 11, 5), (24, 11, 4)),
        ((26, 5, 5), (26, 5, 0)),
    ],
)
def test_a_release_has_the_newest_layout_of_its_soname(release: Release, expected: Release) -> None:
    assert Layout.for_release(release).release == expected


@pytest.mark.parametrize("release", [(21, 8, 8), (23, 5, 0), (26, 11, 0), (27, 5, 1)])
def test_a_layout_is_never_guessed(release: Release) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Layout.for_release(release)
    assert "{}.{:02}.{}".format(*release) in str(caught.value)
    assert all(path.stem in str(caught.value) for path in DIRECTORY.glob("*.json"))


def test_only_a_shipped_layout_is_exact() -> None:
    assert Layout.exact((24, 11, 4)).release_text == "24.11.4"
    with pytest.raises(ConfigurationError, match=r"no layout 24\.11\.5"):
        Layout.exact((24, 11, 5))


def test_a_layout_is_loaded_once() -> None:
    assert Layout.exact((22, 5, 0)) is Layout.for_release((22, 5, 8))


@pytest.mark.parametrize("release", Layout.releases(), ids=str)
def test_on_another_processor_what_follows_a_lock_moves(release: Release) -> None:
    here, there = Layout.exact(release, "x86_64"), Layout.exact(release, "aarch64")
    name = "slurmdb_cluster_rec_t"
    assert {other for other, struct in there.structs.items() if struct != here.structs[other]} == {name}
    ours, theirs = here.structs[name].members, there.structs[name].members
    lock = ours["lock"].offset
    assert all(theirs[of].offset == member.offset + 8 * (member.offset > lock) for of, member in ours.items())
    assert there.structs[name].size == here.structs[name].size + 8
    assert there.record(name).lock.size == 48


def test_constants_have_their_values(layout: Layout) -> None:
    assert layout.constant("NO_VAL") == 0xFFFFFFFE
    assert layout.constant("NO_VAL16") == 0xFFFE
    assert layout.constant("NO_VAL64") == 0xFFFFFFFFFFFFFFFE
    assert layout.constant("INFINITE64") == 0xFFFFFFFFFFFFFFFF
    assert layout.constant("MEM_PER_CPU") == 1 << 63
    assert layout.constant("SLURM_ERROR") == -1
    assert layout.constant("ESLURM_INVALID_JOB_ID") == 2017


def test_an_unknown_constant_is_named_with_the_release() -> None:
    with pytest.raises(ConstantError, match=r"SHOW_NOTHING is not a constant of Slurm 22\.05\.0"):
        Layout.exact((22, 5, 0)).constant("SHOW_NOTHING")


def test_error_numbers_have_names(layout: Layout) -> None:
    assert layout.error_name(1900) == "SLURM_NO_CHANGE_IN_DATA"
    assert layout.error_name(2048) == "ESLURM_INVALID_LICENSES"
    assert layout.error_name(111) == "ECONNREFUSED"
    assert layout.error_name(8192) == ""


def test_a_member_that_does_not_exist_cannot_be_set(layout: Layout) -> None:
    description: Any = layout.record("job_desc_msg_t")()
    description.name = b"a job"
    assert description.name == b"a job"
    with pytest.raises(AttributeError):
        description.nmae = b"a job"


@pytest.mark.parametrize("struct", ["job_desc_msg_t", "submit_response_msg_t", "slurm_job_info_t"])
def test_what_moved_into_a_struct_is_where_it_was(layout: Layout, struct: str) -> None:
    record: Any = layout.record(struct)()
    record.job_id = 80
    members = layout.structs[struct].members
    assert record.job_id == 80
    assert "job_id" in members or record.step_id.job_id == 80


@pytest.mark.parametrize(("key", "value"), [("size", 16), ("members", [["first", "int", 4]])])
def test_a_layout_that_contradicts_itself_is_refused(key: str, value: Any) -> None:
    struct = {"size": 8, "members": [["first", "int", 0], ["second", "char", 4]], key: value}
    data = {
        "release": "22.05.0",
        "source": "a test",
        "types": {},
        "structs": {"pair_t": struct},
        "constants": {},
    }
    with pytest.raises(LayoutError, match=r"pair_t.* bytes in layout 22\.05\.0, \d+ expected"):
        Layout(data).record("pair_t")


def test_a_type_that_nobody_described_is_refused() -> None:
    struct = {"size": 8, "members": [["first", "mystery_t", 0]]}
    data = {
        "release": "22.05.0",
        "source": "a test",
        "types": {},
        "structs": {"one_t": struct},
        "constants": {},
    }
    with pytest.raises(LayoutError, match="does not say what a mystery_t is"):
        Layout(data)


def test_sizes_and_offsets_are_those_of_gcc(committed: Layout, tmp_path: Path) -> None:
    names = [name for name in committed.structs if name not in {row[0] for row in PRIVATE}]
    asked = [f"{{sizeof({name}), {_offsets(committed, name)}}}" for name in names]
    lines = [f"#include <slurm/{header}>" for header in HEADERS]
    lines += ["#include <stddef.h>", "#include <stdio.h>", "int main(void) {"]
    for name, numbers in zip(names, asked, strict=True):
        lines.append(f'{{ size_t a[] = {numbers}; printf("{name}");')
        lines.append('for (size_t i = 0; i < sizeof(a) / sizeof(*a); i++) printf(" %zu", a[i]); puts(""); }')
    source, program = tmp_path / "layout.c", tmp_path / "layout"
    source.write_text("\n".join([*lines, "return 0; }", ""]))
    subprocess.run(("gcc", "-w", f"-I{INCLUDE}", "-o", str(program), str(source)), check=True)
    said = subprocess.run((str(program),), capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == [_expected(committed, name) for name in names]


def _offsets(layout: Layout, name: str) -> str:
    return ", ".join(f"offsetof({name}, {member})" for member in layout.structs[name].members)


def _expected(layout: Layout, name: str) -> str:
    struct = layout.structs[name]
    return " ".join([name, str(struct.size), *(str(member.offset) for member in struct.members.values())])


def test_layout_files_say_where_they_come_from() -> None:
    for path in DIRECTORY.glob("*.json"):
        data = json.loads(path.read_text())
        assert data["release"] == path.stem
        assert data["source"].startswith("headers of Slurm ")

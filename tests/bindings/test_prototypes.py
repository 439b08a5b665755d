"""The table of prototypes against the installed headers and the installed library."""

from __future__ import annotations

import ctypes
import re
import subprocess
from typing import Any

import pytest

from libslurm import Layout, Library, SlurmUnsupported
from libslurm.debuginfo import DebugInfo, Entry
from libslurm.generate import HEADERS
from libslurm.layout import KINDS, Release
from libslurm.library import Functions
from libslurm.prototypes import ADDRESS, CODE, FREE, NONE, PROTOTYPES, QUICK, STEP, VOID, XTEXT, Prototype

from .conftest import INCLUDE

Declared = dict[str, tuple[Entry | None, list[Entry]]]
"""Function -> the types of its result (None for void) and arguments."""


@pytest.fixture(scope="session")
def info(release: Release, tmp_path_factory: pytest.TempPathFactory) -> DebugInfo:
    """Debug information of one pointer to each function that has a row and is declared in the headers."""
    text = "".join((INCLUDE / "slurm" / header).read_text() for header in HEADERS)
    names = [row.name for row in _rows(release) if re.search(rf"\b{row.name}\s*\(", text)]
    lines = [f"#include <slurm/{header}>" for header in HEADERS]
    lines += [f"__typeof__(&{name}) pointer_{name};" for name in names]
    built = tmp_path_factory.mktemp("prototypes") / "pointers.o"
    command = ("gcc", "-gdwarf-4", "-w", "-c", "-x", "c", "-", "-o", str(built))
    subprocess.run(command, input="\n".join(lines), text=True, check=True)
    return DebugInfo(built)


@pytest.fixture(scope="session")
def declared(info: DebugInfo) -> Declared:
    found: Declared = {}
    for entry in info.entries:
        if entry.tag == "variable" and entry.name.startswith("pointer_"):
            function = info.target(info.target(entry) or entry) or entry
            arguments = [target for child in function.children if (target := info.target(child))]
            found[entry.name.removeprefix("pointer_")] = (info.target(function), arguments)
    return found


def _rows(release: Release) -> list[Prototype]:
    return [row for row in PROTOTYPES if row.since <= release[:2] and (not row.until or release[:2] < row.until)]


def _size(kind: str | int) -> int:
    return kind if isinstance(kind, int) else ctypes.sizeof(KINDS[kind])


def _row_size(argument: Any, layout: Layout) -> int:
    if argument == STEP:
        return layout.structs["slurm_step_id_t"].size
    return 8 if argument == XTEXT else ctypes.sizeof(argument)


def test_rows_are_as_the_headers_declare_them(
    info: DebugInfo, declared: Declared, committed: Layout, release: Release
) -> None:
    assert len(declared) > 40
    found, expected = {}, {}
    for row in _rows(release):
        if row.name in declared:
            result, arguments = declared[row.name]
            found[row.name] = [_row_size(argument, committed) for argument in row.arguments]
            expected[row.name] = [_size(info.kind(argument)) for argument in arguments]
            if row.result is not VOID:
                assert result is not None, row.name
                assert _row_size(row.result, committed) == _size(info.kind(result)), row.name
    assert found == expected


def test_pointers_are_pointers(info: DebugInfo, declared: Declared, release: Release) -> None:
    pointers = (ctypes.c_void_p, ctypes.c_char_p)
    for row in _rows(release):
        _, arguments = declared.get(row.name, (None, []))
        found = [argument in pointers for argument in row.arguments if row.name in declared]
        assert found == [info.kind(argument) == "ptr" for argument in arguments], row.name


def test_every_row_of_the_installed_release_is_attached(library: Library) -> None:
    assert library.full
    assert {row.name for row in _rows(library.release)} == set(vars(library.c)) - {"_release", "_path"}


def test_forms_of_a_function_do_not_overlap() -> None:
    for release in Layout.releases():
        names = [row.name for row in _rows(release)]
        assert sorted(set(names)) == sorted(names)


def test_every_row_states_a_check() -> None:
    assert {row.check for row in PROTOTYPES} == {CODE, ADDRESS, NONE}
    assert all(row.check != ADDRESS for row in PROTOTYPES if row.result is VOID)


def test_what_keeps_the_lock_is_a_row_and_waits_for_nothing() -> None:
    waits = {"slurm_load_jobs", "slurm_ping", "slurm_submit_batch_job", "slurmdb_connection_commit"}
    assert {form.name for form in PROTOTYPES} > QUICK
    assert not waits & QUICK


@pytest.mark.parametrize("struct", FREE)
def test_answers_can_be_freed(struct: str) -> None:
    for release in Layout.releases():
        assert struct in Layout.exact(release).structs
        assert FREE[struct] in {row.name for row in _rows(release)}


def test_an_absent_function_names_itself_and_the_releases() -> None:
    functions = Functions((22, 5, 8), "libslurmfull.so")
    with pytest.raises(SlurmUnsupported) as caught:
        functions.ping_all_controllers()
    assert str(caught.value) == "ping_all_controllers is not in libslurm 22.05.8; it is in 23.02 and later"
    assert (caught.value.number, caught.value.function) == (-1, "ping_all_controllers")


def test_a_function_that_went_names_the_releases() -> None:
    functions = Functions((25, 5, 0), "libslurmfull.so")
    with pytest.raises(SlurmUnsupported, match=r"not in libslurm 25\.05\.0; it is in releases before 25\.05"):
        functions.slurm_get_select_nodeinfo()


def test_the_public_library_lacks_what_a_thread_needs() -> None:
    functions = Functions((22, 5, 8), "libslurm.so.38")
    with pytest.raises(SlurmUnsupported, match=r"libslurm\.so\.38 does not export auth_g_thread_config"):
        functions.auth_g_thread_config()


def test_a_function_without_a_row_is_a_mistake() -> None:
    with pytest.raises(AttributeError, match="slurm_brew_coffee is not in PROTOTYPES"):
        Functions((22, 5, 8), "libslurmfull.so").slurm_brew_coffee()

"""generate.py: what it makes of the installed headers is what is committed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from libslurm import Layout
from libslurm.generate import Compiler, generate, main, write
from libslurm.layout import DIRECTORY, Release, release_text

from .conftest import INCLUDE


@pytest.fixture(scope="session")
def generated(compiler: Compiler, release: Release) -> Layout:
    return Layout(generate(compiler, release_text(release), "a test"))


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """Headers whose node_info_t has a new member in the middle."""
    include = tmp_path / "include"
    shutil.copytree(INCLUDE / "slurm", include / "slurm")
    header = include / "slurm" / "slurm.h"
    text = header.read_text()
    start = text.index("typedef struct node_info {")
    place = text.index("uint16_t boards", start)
    header.write_text(text[:place] + "uint64_t surprise;\n\t" + text[place:])
    return include


def test_structs_are_the_committed_ones(generated: Layout, committed: Layout) -> None:
    assert generated.structs == committed.structs


def test_constants_are_the_committed_ones(generated: Layout, committed: Layout) -> None:
    # The committed file was read from the last release with this layout, which may have added some.
    assert generated.constants.items() <= committed.constants.items()
    assert len(generated.constants) > 1000


def test_what_is_written_is_read_back(compiler: Compiler, tmp_path: Path) -> None:
    output = tmp_path / "layout.json"
    assert main([str(INCLUDE), "--release", "22.5.0", "--output", str(output)]) == 0
    assert json.loads(output.read_text())["release"] == "22.05.0"
    assert write(json.loads(output.read_text())) == output.read_text()


def test_committed_files_are_as_generate_writes_them() -> None:
    for path in DIRECTORY.glob("*.json"):
        assert path.read_text() == write(json.loads(path.read_text()))


def test_check_agrees_with_the_installed_headers(
    committed: Layout, release: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(INCLUDE), "--check"]) == 0
    expected = f"headers of Slurm {release_text(release)} agree with layout {committed.release_text}\n"
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize("target", ["aarch64-linux-gnu", "x86_64-linux-gnu"])
def test_check_agrees_on_every_processor(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(INCLUDE), "--check", "--target", target]) == 0, capsys.readouterr().out


def test_layouts_are_written_for_one_processor(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    output = tmp_path / "layout.json"
    assert main([str(INCLUDE), "--target", "aarch64-linux-gnu", "--output", str(output)]) == 2
    assert "layouts are those of x86_64, this is aarch64" in capsys.readouterr().err
    assert not output.exists()


def test_check_finds_what_changed(changed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(changed), "--check"]) == 1
    said = capsys.readouterr().out
    assert "  node_info_t.surprise is uint64_t at " in said
    assert ", absent in it\n" in said
    assert "partition_info_t" not in said


def test_headers_that_are_not_there_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("generate: no headers of Slurm: ")


def test_a_compiler_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(INCLUDE), "--compiler", "no-such-compiler"]) == 2
    assert capsys.readouterr().err == "generate: there is no no-such-compiler\n"


def test_a_target_names_its_own_compiler(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(INCLUDE), "--target", "pdp11-unknown-none"]) == 2
    assert capsys.readouterr().err == "generate: there is no pdp11-unknown-none-gcc\n"

"""What is in the wheel: all of both packages, with the layouts, and the command."""

import configparser
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.plugins.cluster import CHECKOUT

ROOTS = {"slurmrest": CHECKOUT, "libslurm": CHECKOUT / "bindings"}


def packages() -> set[str]:
    """The folders that are packages."""
    marks = [(base, path) for name, base in ROOTS.items() for path in (base / name).rglob("__init__.py")]
    return {".".join(path.parent.relative_to(base).parts) for base, path in marks}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from a copy of what it is made of."""
    source = tmp_path_factory.mktemp("source")
    for name in ("setup.cfg", "pyproject.toml", "LICENSE", "README.md"):
        shutil.copy(CHECKOUT / name, source)
    for name in ("slurmrest", "bindings"):
        shutil.copytree(CHECKOUT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(source), str(source))
    subprocess.run((sys.executable, "-m", "pip", "wheel", *options), check=True)
    return zipfile.ZipFile(next(source.glob("*.whl")))


def test_setup_cfg_lists_every_package() -> None:
    config = configparser.ConfigParser()
    config.read(CHECKOUT / "setup.cfg")
    assert set(config["options"]["packages"].split()) == packages()


def test_the_wheel_holds_every_module_and_every_layout(wheel: zipfile.ZipFile) -> None:
    kinds = ("*.py", "*.json", "py.typed")
    files = [(base, path) for name, base in ROOTS.items() for kind in kinds for path in (base / name).rglob(kind)]
    assert {str(path.relative_to(base)) for base, path in files} <= set(wheel.namelist())


def test_the_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    assert {Path(name).parts[0].partition("-")[0] for name in wheel.namelist()} == {"slurmrest", "libslurm"}


def test_the_command_is_there(wheel: zipfile.ZipFile) -> None:
    points = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "slurmrestd = slurmrest.daemon.main:main" in wheel.read(points).decode()


def test_the_requirements_are_pinned() -> None:
    files = (CHECKOUT / name for name in ("requirements.txt", "requirements-dev.txt"))
    lines = [line for path in files for line in path.read_text().splitlines()]
    assert all("==" in line for line in lines if line and line[0] not in "#-")


def test_gunicorn_is_pinned_in_both_places_alike() -> None:
    pin = next(line for line in (CHECKOUT / "requirements.txt").read_text().split() if line.startswith("gunicorn=="))
    assert pin in (CHECKOUT / "setup.cfg").read_text().split()

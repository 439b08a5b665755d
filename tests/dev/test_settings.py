"""Where the development cluster puts its state, and what it says where it cannot start."""

import importlib.util
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.plugins.cluster import CHECKOUT, Completed, identity_of

PROGRAM = CHECKOUT / "conf" / "dev" / "cluster.py"


@pytest.fixture(scope="module")
def settings() -> ModuleType:
    """The module conf/dev/settings.py."""
    spec = importlib.util.spec_from_file_location("dev_settings", PROGRAM.with_name("settings.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory with a short name that every user can enter."""
    directory = Path(tempfile.mkdtemp(prefix="slurmrest-test-", dir="/var/tmp"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


def checkout(directory: Path) -> Path:
    """Make *directory* look like a checkout."""
    directory.mkdir(parents=True)
    (directory / "setup.cfg").touch(0o644)
    return directory


def program(*arguments: str, user: str = "root", path: Path = PROGRAM) -> Completed:
    """Run cluster.py as *user*."""
    line = ("/usr/bin/python3", str(path), *arguments)
    return subprocess.run(line, capture_output=True, text=True, check=False, **identity_of(user))


def test_state_is_in_a_checkout_that_all_can_reach(settings: ModuleType, place: Path) -> None:
    assert settings.usable(checkout(place / "slurmrest"))


@pytest.mark.parametrize("name", ["a" * 60, "with space", "per%cent", "ümlaut"])
def test_and_not_where_its_name_is_long_or_odd(settings: ModuleType, place: Path, name: str) -> None:
    assert not settings.usable(checkout(place / name))


def test_and_not_where_other_users_cannot_enter(settings: ModuleType, place: Path) -> None:
    inside = checkout(place / "private" / "slurmrest")
    (place / "private").chmod(0o700)
    assert not settings.usable(inside)


def test_and_not_where_they_cannot_read(settings: ModuleType, place: Path) -> None:
    inside = checkout(place / "slurmrest")
    (inside / "setup.cfg").chmod(0o600)
    assert not settings.usable(inside)


def test_a_link_is_laid_to_state_elsewhere_and_taken_away_again(settings: ModuleType, place: Path) -> None:
    link, target = place / ".dev", place / "elsewhere"
    link.mkdir()
    for _ in range(2):
        settings.lay_link(link, target)
        assert link.readlink() == target
        assert target.is_dir()
    settings.lay_link(link, link)
    assert link.is_dir()
    assert not link.is_symlink()


def test_a_substitute_that_is_not_ours_is_refused(settings: ModuleType, place: Path) -> None:
    (place / "real").mkdir()
    (place / "slurmrest-0").symlink_to(place / "real")
    with pytest.raises(settings.Failure, match="remove it"):
        settings.make_substitute(place / "slurmrest-0")


def test_only_root_can_start_it(place: Path) -> None:
    shutil.copytree(PROGRAM.parent, place / "conf" / "dev")
    said = program("up", user="games", path=place / "conf" / "dev" / "cluster.py")
    assert said.returncode == 1
    assert said.stderr.count("\n") == 1
    assert "root" in said.stderr


def test_a_port_in_use_is_named_before_anything_starts(place: Path) -> None:
    with socket.create_server(("127.0.0.1", 18819)):
        said = program("--state", str(place), "--shift", "2000", "up")
    assert said.returncode == 1
    assert said.stderr.count("\n") == 1
    assert "port 18819 is in use" in said.stderr
    assert not (place / "state").exists()


def test_an_unknown_service_is_named(place: Path) -> None:
    said = program("--state", str(place), "stop", "nginx")
    assert said.returncode == 1
    assert "no service nginx: there are munged" in said.stderr

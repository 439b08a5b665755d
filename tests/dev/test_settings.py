"""Where the development cluster puts its state, and what it says where it cannot start."""

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.plugins.cluster import CHECKOUT

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
def place(tmp_path: Path) -> Path:
    """A short directory that every user can enter, with a setup.cfg."""
    directory = Path("/var/tmp") / f"slurmrest-test-{os.getpid()}"
    directory.mkdir()
    directory.chmod(0o755)
    (directory / "setup.cfg").touch(0o644)
    return directory

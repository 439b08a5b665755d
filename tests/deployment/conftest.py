"""Folders with short names that every user can enter, for sockets and for daemons of other users."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

Folders = Callable[[], Path]


@pytest.fixture(scope="module")
def folders() -> Iterator[Folders]:
    """Make folders for a module's tests."""
    with ExitStack() as stack:

        def make() -> Path:
            path = Path(tempfile.mkdtemp(prefix="deployment-"))
            path.chmod(0o755)
            stack.callback(shutil.rmtree, path)
            return path

        yield make


@pytest.fixture(scope="module")
def folder(folders: Folders) -> Path:
    """A folder for a module's tests."""
    return folders()

"""What the tests of the bindings share.

library    session: libslurm, open, nothing of a cluster in it
headers    session: the directory of the installed headers, and their release
conf       a slurm.conf that libslurm accepts, of a cluster that is not there
"""

from __future__ import annotations

from pathlib import Path

import pytest

from libslurm import Layout, Library
from libslurm.generate import Compiler, read_release
from libslurm.layout import Release

INCLUDE = Path("/usr/include")

CONF = """\
ClusterName=nowhere
SlurmctldHost=first(127.0.0.1)
SlurmctldHost=second(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={directory}/munge
AuthAltTypes=auth/jwt
NodeName=n[1-3]
PartitionName=all Nodes=ALL
"""


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.open()


@pytest.fixture(scope="session")
def release() -> Release:
    """The release of the installed headers."""
    return read_release(INCLUDE)


@pytest.fixture(scope="session")
def committed(release: Release) -> Layout:
    """The layout that is shipped for the installed headers."""
    return Layout.for_release(release)


@pytest.fixture(scope="session")
def compiler() -> Compiler:
    return Compiler(INCLUDE)


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    path = tmp_path / "slurm.conf"
    path.write_text(CONF.format(directory=tmp_path))
    return path

"""Fixtures of the data parser's tests: the installed libslurm, without any cluster."""

from __future__ import annotations

import pytest

from libslurm.library import Library
from slurmrest.data_parser.names import Names


@pytest.fixture(scope="session")
def names() -> Names:
    """Names of the installed libslurm; nothing they do needs slurm.conf."""
    return Names(Library.open())

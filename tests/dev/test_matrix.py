"""What make test-matrix prints of a suite's report."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from tests.plugins.cluster import CHECKOUT

PASSED = """\
libslurm: 24.11.5 in /usr/lib/libslurmfull.so
tests/live/test_rest_jobs.py ..                                          [100%]

============================== 2 passed in 1.02s ===============================
"""
FAILED = """\
libslurm: 22.05.8 in /usr/lib/libslurmfull.so
tests/live/test_rest_jobs.py .F                                          [100%]

=================================== FAILURES ===================================
__________________________________ test_late ___________________________________
E       assert 1 == 2
=========================== short test summary info ============================
FAILED tests/live/test_rest_jobs.py::test_late - assert 1 == 2
========================= 1 failed, 1 passed in 1.02s ==========================
"""


@pytest.fixture
def matrix(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module conf/dev/matrix.py."""
    monkeypatch.syspath_prepend(str(CHECKOUT / "conf" / "dev"))
    return importlib.import_module("matrix")


def test_summary(matrix: ModuleType, tmp_path: Path) -> None:
    log = tmp_path / "trixie.log"
    log.write_text(PASSED)
    assert matrix.summary(log) == "libslurm 24.11.5 in /usr/lib/libslurmfull.so: 2 passed in 1.02s"


def test_why_begins_with_the_first_failure(matrix: ModuleType, tmp_path: Path) -> None:
    log = tmp_path / "bookworm.log"
    log.write_text(FAILED)
    said = matrix.why(log)
    assert "test_late - assert 1 == 2" in said
    assert "libslurm: " not in said


def test_why_of_a_run_that_did_not_begin(matrix: ModuleType, tmp_path: Path) -> None:
    log = tmp_path / "sid.log"
    log.write_text("x" * matrix.LONGEST + "ModuleNotFoundError: falcon\n")
    assert matrix.why(log).endswith("ModuleNotFoundError: falcon\n")
    assert len(matrix.why(log)) <= matrix.LONGEST

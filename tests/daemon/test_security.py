"""Who may run slurmrestd, and what it gives up. tests/live/test_rest_privileges.py does it for real, as root."""

from __future__ import annotations

import ctypes
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from libslurm import linux
from slurmrest.daemon import security
from slurmrest.daemon.checks import StartError
from slurmrest.daemon.config import read
from slurmrest.daemon.settings import SHARE_FILES, SHARE_SEMAPHORES

from .conftest import eventually

IPC_PRIVATE, IPC_RMID, GETVAL, SETVAL, SEM_UNDO = 0, 0, 12, 16, 0x1000


class Process:
    """Pretends to be a process of somebody."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch

    def is_of(self, uid: int, gid: int, real: tuple[int, int] | None = None) -> None:
        """Have these effective and saved ids, and the *real* ones."""
        real = real or (uid, gid)
        for name, value in {
            "geteuid": uid,
            "getegid": gid,
            "getresuid": (real[0], uid, uid),
            "getresgid": (real[1], gid, gid),
        }.items():
            self.patch.setattr(os, name, lambda value=value: value)


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Process:
    """The process of the test."""
    return Process(monkeypatch)


def admitted(line: str, *, listening: bool = True, **environment: str) -> tuple[int, int]:
    """Ask whether it would serve."""
    return security.admitted(read(line.split(), environment), listening=listening)


def test_a_process_without_privileges_serves_as_it_is(process: Process) -> None:
    process.is_of(1000, 1000)
    assert admitted("") == (1000, 1000)
    assert admitted("-u 1000 -g 1000") == (1000, 1000)


def test_root_serves_as_another(process: Process) -> None:
    process.is_of(0, 0)
    assert admitted("-u daemon") == (1, 1)
    assert admitted("-u daemon -g sys") == (1, 3)
    assert admitted("-u 12345 -g 12345") == (12345, 12345)


REFUSED = [
    ((0, 0), "", "as root"),
    ((0, 0), "-u root", "as root"),
    ((0, 0), "-u daemon -g root", "group of root"),
    ((0, 0), "-g daemon", "as root"),
    ((1000, 0), "", "group of root"),
    ((99, 1000), "", "nobody"),
    ((0, 0), "-u 99 -g 1000", "nobody"),
    ((0, 0), "-u 12345", "-g"),
    ((1000, 1000), "-u daemon", "only root"),
    ((1000, 1000), "-g 5", "only root"),
    ((1000, 1000), "-u root", "only root"),
]


@pytest.mark.parametrize(("ids", "line", "words"), REFUSED)
def test_others_are_refused(process: Process, ids: tuple[int, int], line: str, words: str) -> None:
    process.is_of(*ids)
    with pytest.raises(StartError, match=words):
        admitted(line)


@pytest.mark.parametrize("real", [(0, 1000), (1000, 0), (0, 0)])
def test_ids_that_could_be_taken_back_count(process: Process, real: tuple[int, int]) -> None:
    process.is_of(1000, 1000, real)
    with pytest.raises(StartError, match="root"):
        admitted("")


def test_the_check_can_be_left_out_but_nobody_is_nobody(process: Process) -> None:
    process.is_of(0, 0)
    assert admitted("", SLURMRESTD_SECURITY="disable_user_check") == (0, 0)
    with pytest.raises(StartError, match="nobody"):
        admitted("-u 99 -g 99", SLURMRESTD_SECURITY="disable_user_check")


def test_become_user_is_for_root_in_inetd_mode(process: Process) -> None:
    process.is_of(0, 0)
    assert admitted("-a local", listening=False, SLURMRESTD_SECURITY="become_user") == (0, 0)


BECOME = [
    ((0, 0), "-a local :80", {}, "inetd mode"),
    ((0, 0), "", {}, "rest_auth/jwt"),
    ((0, 0), "-a jwt", {}, "rest_auth/jwt"),
    ((0, 0), "-a local", {"SLURM_JWT": "daemon"}, "SLURM_JWT"),
    ((1000, 1000), "-a local", {}, "for root"),
    ((0, 5), "-a local", {}, "for root"),
    ((0, 0), "-a local -u daemon", {}, "for root"),
]


@pytest.mark.parametrize(("ids", "line", "environment", "words"), BECOME)
def test_become_user_is_for_nothing_else(
    process: Process, ids: tuple[int, int], line: str, environment: dict[str, str], words: str
) -> None:
    process.is_of(*ids)
    for value in ("become_user", "become_user,disable_user_check"):
        with pytest.raises(StartError, match=words):
            admitted(line, listening=":80" in line, SLURMRESTD_SECURITY=value, **environment)


def in_a_thread(act: Callable[[], Any]) -> Any:
    """Do something in a thread that ends. A thread shares what a child can share with who started it."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(act()))
    thread.start()
    thread.join()
    task = Path(f"/proc/self/task/{thread.native_id}")
    # Python takes a thread for over a little before the kernel does.
    eventually(lambda: not task.exists())
    return found[0]


@pytest.mark.parametrize("kept", [frozenset(), frozenset({SHARE_FILES})])
def test_open_files_are_not_shared(kept: frozenset[str]) -> None:
    def opened_unseen() -> bool:
        """Open a file in this thread, and look whether the rest of the process has it too."""
        security.confine(kept)
        descriptor = os.memfd_create("unseen")
        try:
            return not Path(f"/proc/{os.getpid()}/task/{os.getpid()}/fd/{descriptor}").exists()
        finally:
            os.close(descriptor)

    assert in_a_thread(opened_unseen) is not bool(kept)


@pytest.mark.parametrize("kept", [frozenset(), frozenset({SHARE_SEMAPHORES})])
def test_semaphores_are_undone_when_it_ends(kept: frozenset[str]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    semaphore = libc.semget(IPC_PRIVATE, 1, 0o600)
    assert semaphore >= 0
    assert libc.semctl(semaphore, 0, SETVAL, 5) == 0

    def take() -> None:
        """Take one, to be given back when whoever took it ends."""
        security.confine(kept)
        operation = (ctypes.c_short * 3)(0, -1, SEM_UNDO)
        assert libc.semop(semaphore, operation, 1) == 0

    try:
        in_a_thread(take)
        # What is shared is given back when the last of those who share it ends, which is this process.
        assert libc.semctl(semaphore, 0, GETVAL) == (4 if kept else 5)
    finally:
        libc.semctl(semaphore, 0, IPC_RMID)


def test_privileges_cannot_be_gained_whatever_is_left_out() -> None:
    def confined() -> bool:
        security.confine(frozenset({SHARE_FILES, SHARE_SEMAPHORES}))
        return linux.has_no_new_privileges()

    assert in_a_thread(confined)


def test_a_supplementary_group_of_root_is_said(
    process: Process, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(logging.getLogger("slurmrestd"), "propagate", True)
    process.is_of(1000, 1000)
    for groups, said in (([4, 20], 0), ([4, 0], 1)):
        monkeypatch.setattr(os, "getgroups", lambda groups=groups: groups)
        admitted("")
        assert len(caplog.records) == said

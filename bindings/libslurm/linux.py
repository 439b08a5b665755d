"""The few system calls that Python lacks and a daemon on libslurm needs. Linux only."""

from __future__ import annotations

import ctypes
import os
from typing import Any

M_ARENA_MAX = -8
PR_SET_NO_NEW_PRIVS = 38
PR_GET_NO_NEW_PRIVS = 39
CLONE_FILES = 0x00000400
CLONE_SYSVSEM = 0x00040000

_libc: Any = ctypes.CDLL(None, use_errno=True)


def limit_arenas(count: int = 1) -> bool:
    """Let malloc keep at most *count* arenas; call before the first thread starts.

    Each thread otherwise gets one that never shrinks: malloc_trim alone gives nothing back.
    Returns: False where libc is not glibc and has no such setting. Source: mallopt(3).
    """
    return hasattr(_libc, "mallopt") and _libc.mallopt(M_ARENA_MAX, count) == 1


def trim_heap() -> bool:
    """Give free heap pages back to the kernel; worth it after a large free.

    Returns: whether anything was given back. Source: malloc_trim(3).
    """
    return hasattr(_libc, "malloc_trim") and _libc.malloc_trim(ctypes.c_size_t(0)) == 1


def no_new_privileges() -> None:
    """Forbid this thread and its children to gain privileges by executing a program.

    Call before the first thread starts. Raises: OSError. Source: prctl(2) PR_SET_NO_NEW_PRIVS.
    """
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def has_no_new_privileges() -> bool:
    """Whether no_new_privileges is in force. Raises: OSError. Source: prctl(2)."""
    return _call("prctl", PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1


def unshare_files() -> None:
    """Stop sharing the table of open files with another process. Raises: OSError. Source: unshare(2)."""
    _call("unshare", CLONE_FILES)


def unshare_semaphores() -> None:
    """Stop sharing the undo values of System V semaphores. Raises: OSError. Source: unshare(2)."""
    _call("unshare", CLONE_SYSVSEM)


def _call(name: str, *arguments: int) -> int:
    result: int = getattr(_libc, name)(*(ctypes.c_ulong(argument) for argument in arguments))
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result

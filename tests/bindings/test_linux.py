"""The system calls, each in a process of its own that shows what they did."""

from __future__ import annotations

from .interpreter import run_python


def test_no_new_privileges() -> None:
    code = """
        from libslurm import linux
        print(linux.has_no_new_privileges())
        linux.no_new_privileges()
        print(linux.has_no_new_privileges())
    """
    assert run_python(code).stdout.split() == ["False", "True"]


def test_unshare_leaves_the_files_open() -> None:
    code = """
        import os
        from libslurm import linux
        linux.unshare_files()
        linux.unshare_semaphores()
        os.write(1, b"still here")
    """
    assert run_python(code).stdout == "still here"


def test_the_heap_comes_back() -> None:
    code = """
        import ctypes
        from libslurm import linux

        def resident():
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * 4096

        print(linux.limit_arenas())
        libc = ctypes.CDLL(None)
        libc.malloc.restype = ctypes.c_void_p
        blocks = [libc.malloc(ctypes.c_size_t(50_000)) for _ in range(1000)]
        for block in blocks:
            ctypes.memset(block, 1, 50_000)
        full = resident()
        for block in blocks[:-1]:
            libc.free(ctypes.c_void_p(block))
        print(linux.trim_heap(), full - resident() > 40_000_000)
    """
    assert run_python(code).stdout.split() == ["True", "True", "True"]

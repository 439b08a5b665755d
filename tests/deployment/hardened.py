"""Does to a program what systemd would do for conf/slurmrestd.service, as far as that can be done without it.

`main` is called as root, in a process of its own, which becomes the program.
The directives are read from the unit. Everything but /dev, /proc and the directory WRITABLE is read-only; the system
calls are filtered with systemd's own lists. Not played: PrivateDevices, ProtectHome, RestrictRealtime and others that
a program that starts here could hardly notice.
"""

from __future__ import annotations

import ctypes
import errno
import os
import pwd
import resource
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

Directives = dict[str, list[str]]

CLONE_NEWNS = 0x00020000
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
CAPABILITIES = 64
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
"""Actions of libseccomp: SCMP_ACT_ALLOW, and SCMP_ACT_ERRNO, which takes a number."""
EQUAL, MASKED = 4, 7
"""Its comparisons: SCMP_CMP_EQ, SCMP_CMP_MASKED_EQ."""
WRITE, EXECUTE = 2, 4
NAMESPACES = 0x7E020080
"""Every CLONE_NEW* that names a namespace."""
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
LEFT_ALONE = ("/dev", "/proc", "/sys")


class Comparison(ctypes.Structure):
    """Holds struct scmp_arg_cmp: an argument of a system call, and what it must be."""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("how", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


def directives(unit: Path) -> Directives:
    """Read a unit. An empty value takes back what came before, as systemd has it."""
    found: Directives = defaultdict(list)
    for line in unit.read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[name] = [*found[name], value] if value else [""]
    return found


def group(name: str) -> set[str]:
    """List the system calls of one of systemd's groups."""
    said = subprocess.run(("systemd-analyze", "syscall-filter", name), capture_output=True, text=True, check=True)
    calls = [line.strip() for line in said.stdout.splitlines() if line.startswith("    ")]
    plain = {call for call in calls if call and call[0] not in "#@"}
    return plain.union(*(group(call) for call in calls if call.startswith("@")))


def allowed(unit: Directives) -> set[str]:
    """List the system calls that SystemCallFilter= allows."""
    calls: set[str] = set()
    for value in unit["SystemCallFilter"]:
        if value.startswith("~"):
            calls -= group(value[1:])
        else:
            calls |= group(value)
    return calls


def conditions(unit: Directives) -> dict[str, list[tuple[int, int, int, int]]]:
    """Say of which system calls the arguments matter: each is allowed by any one of its conditions."""
    found: dict[str, list[tuple[int, int, int, int]]] = {}
    families = " ".join(unit["RestrictAddressFamilies"]).split()
    found["socket"] = [(0, EQUAL, FAMILIES[name], 0) for name in families]
    if unit["MemoryDenyWriteExecute"] == ["yes"]:
        found["mmap"] = [(2, MASKED, WRITE | EXECUTE, bits) for bits in (0, WRITE, EXECUTE)]
        found["mprotect"] = found["pkey_mprotect"] = [(2, MASKED, EXECUTE, 0)]
    if unit["RestrictNamespaces"] == ["yes"]:
        found["clone"] = found["unshare"] = [(0, MASKED, NAMESPACES, 0)]
        found["setns"] = []
    return found


def filter_calls(unit: Directives) -> None:
    """Load the filter."""
    library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(REFUSE | getattr(errno, unit["SystemCallErrorNumber"][0])))
    # Its arguments are in memory, where a filter cannot see them: systemd says that it does not exist.
    special = conditions(unit) | {"clone3": []}
    must(library.seccomp_rule_add(context, REFUSE | errno.ENOSYS, number(library, "clone3"), 0))
    for name in sorted(allowed(unit)):
        for compared in special.get(name, [None]):
            comparison = (Comparison * 1)(*([Comparison(*compared)] if compared else []))
            count = 1 if compared else 0
            if (call := number(library, name)) != -1:
                must(library.seccomp_rule_add_array(context, ALLOW, call, count, comparison))
    must(library.seccomp_load(context))


def number(library: ctypes.CDLL, name: str) -> int:
    """Give the number of a system call here, -1 where there is none."""
    return int(library.seccomp_syscall_resolve_name(name.encode()))


def must(status: int) -> None:
    """Fail where a call failed."""
    if status != 0:
        raise OSError(-status, os.strerror(abs(status)))


def protect_files(writable: str) -> None:
    """Make everything read-only but one directory, and show processes alone in /proc."""
    run("mount", "--make-rprivate", "/")
    run("mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", writable)
    for place in mount_points():
        if place != writable and not place.startswith(LEFT_ALONE):
            run("mount", "-o", "remount,bind,ro", place)
    run("mount", "-t", "proc", "-o", "subset=pid,hidepid=invisible", "proc", "/proc")


def mount_points() -> Iterable[str]:
    """List where something is mounted; of several at one place, the one that is seen."""
    return {line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()}


def run(*argv: str) -> None:
    """Run a command that must succeed."""
    subprocess.run(argv, check=True)


def become(user: str, unit: Directives) -> None:
    """Take on the user, without any privilege."""
    entry = pwd.getpwnam(user)
    libc = ctypes.CDLL(None)
    assert unit["CapabilityBoundingSet"] == [""]
    for capability in range(CAPABILITIES):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.setgroups(())
    os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
    os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)
    assert unit["NoNewPrivileges"] == ["yes"]
    must(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def main(unit_file: str, writable: str, user: str, *argv: str) -> None:
    """Do it all, then become the program."""
    unit = directives(Path(unit_file))
    must(ctypes.CDLL(None).unshare(CLONE_NEWNS))
    protect_files(writable)
    files = min(int(unit["LimitNOFILE"][0]), resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    os.umask(int(unit["UMask"][0], 8))
    os.environ["TMPDIR"] = writable
    become(user, unit)
    filter_calls(unit)
    os.execv(argv[0], argv)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Who slurmrestd runs as, and what it gives up before it serves.

A translator of requests needs no privileges: it refuses those that it has, or is told to give them up (-u, -g). What
SlurmUser may not do is looked at in checks.py, as only slurm.conf says who that is.
"""

from __future__ import annotations

import logging
import os
import pwd

from .. import plugins
from .checks import StartError, check_somebody, check_user
from .config import Config
from .settings import BECOME_USER, NO_USER_CHECK, SHARE_FILES, SHARE_SEMAPHORES

log = logging.getLogger("slurmrestd")

Ids = tuple[int, int]
"""A uid and a gid."""


def admitted(settings: Config, *, listening: bool) -> Ids:
    """Give the uid and gid to serve as. Raises: StartError where the settings or the ids are not to be had.

    listening: whether there is an address, else it is inetd mode. Nothing has changed yet when this returns.
    """
    uid, gid = wanted(settings)
    if BECOME_USER in settings.security:
        check_become_user(settings, uid, gid, listening=listening)
    elif NO_USER_CHECK not in settings.security:
        for one in held(uid, gid):
            check_user(*one)
        if settings.user is None and settings.group is None and 0 in os.getgroups():
            # The C daemon looks at the primary group alone, and so does not mind.
            log.warning("The group of root is among the supplementary groups of slurmrestd")
    check_somebody(uid, gid)
    return uid, gid


def wanted(settings: Config) -> Ids:
    """Give the uid and gid that -u and -g ask for, those of the process where they do not. Raises: StartError."""
    uid = os.geteuid() if settings.user is None else settings.user
    gid = settings.group
    if gid is None:
        gid = os.getegid() if settings.user is None else _group_of(uid)
    if os.geteuid() != 0 and (uid, gid) != (os.geteuid(), os.getegid()):
        raise StartError(f"only root can become user {uid}, group {gid}: start slurmrestd as root or without -u, -g")
    return uid, gid


def _group_of(uid: int) -> int:
    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        raise StartError(f"-u: user {uid} is in no group that is known: say which with -g") from None


def held(uid: int, gid: int) -> set[Ids]:
    """Give all pairs of ids that a process keeps which is to serve as *uid* and *gid*.

    A process that changes nothing keeps its real and its saved ids too.
    """
    if (uid, gid) != (os.geteuid(), os.getegid()):
        return {(uid, gid)}
    return {*zip(os.getresuid(), os.getresgid(), strict=True)}


def check_become_user(settings: Config, uid: int, gid: int, *, listening: bool) -> None:
    """Raises: StartError where become_user cannot be, or would let somebody be another."""
    if listening:
        raise StartError(f"{BECOME_USER} is for inetd mode: leave out the addresses")
    if (uid, gid) != (0, 0):
        raise StartError(f"{BECOME_USER} is for root: slurmrestd would run as user {uid}, group {gid}")
    if plugins.JWT in settings.auth.split(","):
        raise StartError(f"{BECOME_USER} does not go with {plugins.JWT}: add -a {plugins.LOCAL}")
    if settings.jwt:
        raise StartError(f"{BECOME_USER} does not go with SLURM_JWT: take it out of the environment")


def lock_down(settings: Config, uid: int, gid: int) -> None:
    """Give up, for good, what serving does not need. Call before the first thread. Raises: StartError."""
    confine(settings.security)
    if settings.user is not None or settings.group is not None:
        become(uid, gid)


def confine(security: frozenset[str]) -> None:
    """Forbid this process and its children to gain privileges, and share nothing with whoever started it."""
    from libslurm import linux

    try:
        linux.no_new_privileges()
        if SHARE_SEMAPHORES not in security:
            linux.unshare_semaphores()
        if SHARE_FILES not in security:
            linux.unshare_files()
    except OSError as error:
        raise StartError(f"cannot give up privileges: {error.strerror}") from None


def become(uid: int, gid: int) -> None:
    """Become a user, with that group and no other. There is no way back. Raises: StartError."""
    if uid != 0 and (os.getresuid(), os.getresgid()) == ((uid,) * 3, (gid,) * 3):
        # Somebody without privileges cannot drop his supplementary groups either.
        return
    try:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    except OSError as error:
        raise StartError(f"cannot become user {uid} and group {gid}: {error.strerror}") from None

"""What must hold before anything is bound. Each check raises StartError with one line for the administrator."""

from __future__ import annotations

import os
import pwd
import resource
from typing import Protocol

from .config import Config
from .logs import VERBOSE, log
from .quotas import RESERVED_FILES, Quota
from .settings import NO_USER_CHECK

NOBODY = 99
"""The uid and gid that Slurm takes for nobody."""
ADVICE = "use an unprivileged user of its own"
FILES = 65536
"""Open files that are always enough for one process."""


class SlurmUser(Protocol):
    """What says who SlurmUser is."""

    @property
    def slurm_user(self) -> str:
        """His name."""

    @property
    def slurm_user_id(self) -> int:
        """His uid."""


class StartError(Exception):
    """The daemon cannot start: one line that says why and what would help."""


def check_user(uid: int, gid: int) -> None:
    """Refuse privileges that a translator of requests does not need, and uids that mean nobody."""
    check_somebody(uid, gid)
    if uid == 0:
        raise StartError(f"slurmrestd must not run as root: {ADVICE}")
    if gid == 0:
        raise StartError(f"slurmrestd must not run with the group of root: {ADVICE}")


def check_somebody(uid: int, gid: int) -> None:
    """Refuse ids that Slurm takes for nobody's. Raises: StartError."""
    if NOBODY in (uid, gid):
        raise StartError(f"slurmrestd must not run as nobody ({NOBODY}): {ADVICE}")


def check_cluster(conf: str | None, uid: int, gid: int, settings: Config | None = None) -> str:
    """See in a child process whether libslurm and slurm.conf can be used; nothing of libslurm stays in this one.

    uid, gid: whom the daemon serves as; it is they who must be able to. settings: security and debug_flags count.
    Refuses SlurmUser, who is more than a translator of requests should be. Gives the path of slurm.conf.
    """
    from libslurm.errors import ConfigurationError
    from libslurm.probe import probe, verify

    ids = (uid, gid) if (uid, gid) != (os.geteuid(), os.getegid()) else None
    try:
        found = probe(conf, ids=ids, debug_flags=settings.debug_flags if settings else "")
        unasked = verify(found, ids)
    except ConfigurationError as error:
        raise StartError(str(error)) from None
    if settings is None or NO_USER_CHECK not in settings.security:
        check_slurm_user(found, uid, gid)
    if unasked:
        log.log(VERBOSE, "layout %s was not compared with slurmctld's configuration: %s", found.layout, unasked)
    return found.conf


def check_slurm_user(found: SlurmUser, uid: int, gid: int) -> None:
    """Refuse SlurmUser, and his group. Raises: StartError."""
    advice = "use another unprivileged user"
    if uid == found.slurm_user_id:
        raise StartError(f"slurmrestd must not run as SlurmUser ({found.slurm_user}): {advice}")
    if gid == _group_of(found.slurm_user_id):
        raise StartError(f"slurmrestd must not run with the group of SlurmUser ({found.slurm_user}): {advice}")


def check_readable(conf: str | None) -> None:
    """See that slurm.conf is still there. libslurm would wait for it for a minute, deaf to every signal."""
    if conf and not os.access(conf, os.R_OK):
        raise StartError(f"slurm.conf cannot be read: {conf}")


def _group_of(uid: int) -> int | None:
    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        return None


def raise_file_limit(largest: Quota) -> None:
    """Allow as many open files as the *largest* share of a worker needs. A thread needs one for its RPC."""
    needed = largest.connections + largest.threads + RESERVED_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = hard if hard != resource.RLIM_INFINITY else max(needed, FILES)
    if most < needed:
        raise StartError(
            f"{largest.connections} connections in a process need {needed} open files, the limit is {most}: "
            "raise it (ulimit -n, LimitNOFILE) or lower --max-connections"
        )
    wanted = max(soft, min(most, max(needed, FILES)))
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def ids() -> tuple[int, int]:
    """Give the uid and gid that this process acts as."""
    return os.geteuid(), os.getegid()

"""`slurmrestd --check`: what would work and what not, a line each, with the settings that the daemon would have.

Nothing is served and nothing stays; libslurm is used by other processes only (questions.py).
"""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from .. import plugins
from . import checks, security, sockets
from .checks import StartError
from .config import Config
from .quotas import Quota, worker_count
from .settings import NO_USER_CHECK

if TYPE_CHECKING:
    from libslurm.probe import Probe

DEADLINE = 60.0
"""Seconds that a question has: libslurm tries for 20 s where a slurmctld accepts connections and says nothing."""
JWT = "SLURM_JWT"
NOT_TRIED = "not tried"

Found = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """What was found of one thing. good: whether it would work."""

    what: str
    text: str
    good: bool = True

    def __str__(self) -> str:
        return f"{'ok' if self.good else 'wrong':<6} {self.what:<15} {' '.join(self.text.split())}"


def check(settings: Config, output: TextIO) -> int:
    """Write a line for each thing that is needed. Gives the exit status: 1 where one is wrong."""
    status = 0
    for line in lines(settings):
        output.write(f"{line}\n")
        output.flush()
        status |= not line.good
    return status


def lines(settings: Config) -> Iterator[Line]:
    """Look at one thing after the other."""
    uid, gid = whom(settings)
    yield from library(uid, gid)
    found = None
    try:
        found = look(settings, uid, gid)
        yield Line("slurm.conf", f"{found.conf}, cluster {found.cluster_name}")
        yield agreement(found, uid, gid)
    except StartError as error:
        yield Line("slurm.conf", str(error), good=False)
    yield user(settings, uid, gid, found)
    yield files(settings)
    yield from cluster(settings, found, uid, gid)
    yield from addresses(settings)


def whom(settings: Config) -> security.Ids:
    """Give the uid and gid to look as: those that it would serve as, where it can."""
    try:
        return security.wanted(settings)
    except StartError:
        return checks.ids()


def library(uid: int, gid: int) -> Iterator[Line]:
    """Look for libslurm and the layout of its records."""
    try:
        found = ask("library", uid, gid, {})
    except StartError as error:
        yield Line("libslurm", str(error), good=False)
        yield Line("layout", NOT_TRIED, good=False)
        return
    lacks = "" if found["full"] else ", the public library: without rest_auth/jwt"
    yield Line("libslurm", f"{found['release']}, {found['path']}{lacks}")
    yield Line("layout", f"that of Slurm {found['layout']} and later")


def look(settings: Config, uid: int, gid: int) -> Probe:
    """Have slurm.conf read as the daemon would read it. Raises: StartError."""
    from libslurm.errors import ConfigurationError
    from libslurm.probe import probe

    ids = None if (uid, gid) == checks.ids() else (uid, gid)
    try:
        return probe(settings.conf, ids=ids, debug_flags=settings.debug_flags)
    except ConfigurationError as error:
        raise StartError(str(error)) from None


def agreement(found: Probe, uid: int, gid: int) -> Line:
    """Compare the layout with slurmctld's own configuration, where slurmctld gives it."""
    from libslurm.errors import ConfigurationError
    from libslurm.probe import verify

    try:
        unasked = verify(found, None if (uid, gid) == checks.ids() else (uid, gid))
    except ConfigurationError as error:
        return Line("layout", str(error), good=False)
    return Line("layout", f"not compared: {unasked}" if unasked else "agrees with slurmctld's own configuration")


def user(settings: Config, uid: int, gid: int, found: Probe | None) -> Line:
    """Look whether that user may run it, as far as it is known who SlurmUser is."""
    text = f"{_name(uid)} (uid {uid}, gid {gid})"
    try:
        security.admitted(settings, listening=bool(settings.addresses))
        if found and NO_USER_CHECK not in settings.security:
            checks.check_slurm_user(found, uid, gid)
    except StartError as error:
        return Line("user", str(error), good=False)
    return Line("user", text)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return "without a name"


def files(settings: Config) -> Line:
    """Look whether as many connections can be open."""
    total = Quota(settings.threads, settings.max_connections)
    text = f"{settings.max_connections} connections and {settings.threads} threads in {worker_count(total)} processes"
    try:
        checks.raise_file_limit(total.share(0, worker_count(total)))
    except StartError as error:
        return Line("limits", str(error), good=False)
    return Line("limits", text)


def cluster(settings: Config, found: Probe | None, uid: int, gid: int) -> Iterator[Line]:
    """Look whether the daemons answer, and what kind of authentication they take."""
    if found is None:
        for what in ("slurmctld", "slurmdbd", *settings.auth.split(",")):
            yield Line(what, f"{NOT_TRIED}, for lack of slurm.conf", good=False)
        return
    said = daemons(found.conf, uid, gid, jwt=None)
    yield from reached("slurmctld", said)
    yield from reached("slurmdbd", said)
    if "query" in said:
        yield answered("slurmdbd", "a query", said["query"])
    yield local(settings, said)
    yield tokens(settings, found, uid, gid)


def daemons(conf: str, uid: int, gid: int, jwt: str | None) -> Found:
    """Ask how the daemons answer, in a process that has SLURM_JWT or not. An error is that of the call."""
    try:
        return ask("daemons", uid, gid, {"SLURM_CONF": conf, JWT: jwt})
    except StartError as error:
        return {"slurmctld": [], "slurmdbd": [], "call": {"error": str(error)}}


def reached(kind: str, said: Found) -> Iterator[Line]:
    """Say how fast each daemon of a kind accepts connections."""
    for daemon in said[kind]:
        where = f"{daemon['host']}:{daemon['port']}"
        failed = f"{where}: {daemon['error']}"
        yield Line(kind, failed, good=False) if daemon["error"] else Line(kind, f"{where} in {daemon['ms']:.1f} ms")
    if not said[kind]:
        missing = "none in slurm.conf" if kind == "slurmdbd" else NOT_TRIED
        yield Line(kind, missing, good=kind == "slurmdbd")


def answered(what: str, by: str, outcome: Found | None) -> Line:
    """Say how fast something was answered, or why not."""
    if outcome is None:
        return Line(what, f"{NOT_TRIED}, as no slurmctld accepts connections", good=False)
    if outcome["error"]:
        return Line(what, f"{by}: {outcome['error']}", good=False)
    return Line(what, f"{by} in {outcome['ms']:.1f} ms")


def local(settings: Config, said: Found) -> Line:
    """Say whether the daemon's own user is served."""
    if plugins.LOCAL not in settings.auth.split(","):
        return Line(plugins.LOCAL, "off, as -a says")
    return answered(plugins.LOCAL, "slurmctld took the credential", said.get("call"))


def tokens(settings: Config, found: Probe, uid: int, gid: int) -> Line:
    """Say whether tokens are taken: that in SLURM_JWT, or one of the daemon's own user."""
    chosen = settings.auth.split(",")
    if plugins.JWT not in chosen:
        return Line(plugins.JWT, "off, as -a says")
    if not settings.jwt:
        return Line(plugins.JWT, f"off, as {JWT} is not set", good=plugins.LOCAL in chosen)
    if not found.jwt or "auth/jwt" not in found.auth_types:
        reason = "AuthAltTypes of slurm.conf has no auth/jwt" if found.jwt else "this libslurm has no auth_jwt.so"
        return Line(plugins.JWT, reason, good=False)
    said = daemons(found.conf, uid, gid, os.environ.get(JWT))
    return answered(plugins.JWT, "slurmctld took a token", said.get("call"))


def addresses(settings: Config) -> Iterable[Line]:
    """Bind each address, and let go of it."""
    for address in settings.addresses:
        try:
            sockets.remove_all(sockets.listen([address]))
            yield Line("address", f"{address} can be bound")
        except sockets.BindError as error:
            yield Line("address", str(error), good=False)
    if not settings.addresses:
        yield Line("address", "none: inetd mode")


def ask(question: str, uid: int, gid: int, variables: Mapping[str, str | None]) -> Found:
    """Have another interpreter answer, as that user. variables: None takes one away. Raises: StartError."""
    laid = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), **variables}
    command = [sys.executable, "-P", "-c", "from slurmrest.daemon.questions import main; main()", question]
    whom: dict[str, Any] = {} if (uid, gid) == checks.ids() else {"user": uid, "group": gid, "extra_groups": ()}
    try:
        done = subprocess.run(
            command,
            env={name: value for name, value in laid.items() if value is not None},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=DEADLINE,
            check=False,
            text=True,
            **whom,
        )
    except subprocess.TimeoutExpired:
        raise StartError(f"libslurm gave no answer within {DEADLINE:.0f} s") from None
    return _understood(done)


def _understood(done: subprocess.CompletedProcess[str]) -> Found:
    try:
        found: Found = json.loads(done.stdout)
    except ValueError:
        last = done.stderr.strip().rpartition("\n")[2]
        raise StartError(f"libslurm ended the process with {done.returncode}: {last}") from None
    if "error" in found:
        raise StartError(str(found["error"]))
    return found

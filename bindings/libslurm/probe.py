"""probe: try libslurm in a forked child, because where slurm.conf is broken libslurm ends the process.

A broken slurm.conf makes slurm_init call exit(), a missing one makes it wait for a minute first. So the
file is looked at in Python, the rest happens in a child with a deadline, and whatever goes wrong becomes
one line. The caller itself never touches libslurm, and may fork afterwards.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from . import selfcheck
from .errors import ConfigurationError, SlurmError
from .layout import LayoutError
from .library import Library
from .memory import decode, string
from .sockets import accepts

DEFAULT_CONF = ("/etc/slurm/slurm.conf", "/run/slurm/conf/slurm.conf")
"""Where slurm.conf is looked for when nobody says where it is; libslurm may know one place more."""

CONNECT_WITHIN = 0.5
"""Seconds that slurmctld has to accept a connection of verify."""

_LAST = 3
_PREFIX = re.compile(r"^(\S+: )?(fatal|error): ")


class Probe(NamedTuple):
    """What was found. path: of libslurm. release: (22, 5, 8). layout: the first release with its layout.

    full: whether it is libslurmfull.so. jwt: whether a process can act by tokens. conf: path of slurm.conf.
    controllers: the hosts of slurmctld, the primary first. auth_types: AuthType, then AuthAltTypes.
    """

    path: str
    release: str
    layout: str
    full: bool
    jwt: bool
    conf: str
    cluster_name: str
    slurm_user: str
    slurm_user_id: int
    controllers: tuple[str, ...]
    auth_types: tuple[str, ...]


def probe(
    conf: str | None = None,
    library: str | None = None,
    deadline: float = 10.0,
    ids: tuple[int, int] | None = None,
    debug_flags: str = "",
) -> Probe:
    """Open libslurm and read slurm.conf in a child, and say what is there.

    conf: path of slurm.conf; None: SLURM_CONF, else libslurm's own places. library: as for Library.open.
    deadline: seconds for the child. ids: uid and gid that the child becomes, for root. debug_flags: to be tried.
    Raises: ConfigurationError, one line.
    """
    given = conf or os.environ.get("SLURM_CONF")
    if given:
        _readable(given)
    said, messages, status = _in_child(partial(_tried, given, library, ids, debug_flags), deadline)
    return _understand(said, messages, status, given, deadline)


def verify(found: Probe, ids: tuple[int, int] | None = None, deadline: float = 3.0) -> str:
    """Compare the layout with slurmctld's own configuration, in a child, without a token.

    ids, deadline: as for probe. Returns: "" where they agree, else, in one line, why slurmctld could not be asked.
    Raises: ConfigurationError where the library's records are not those of the layout, and all would be nonsense.
    """
    said, messages, status = _in_child(partial(_verified, found, ids), deadline)
    if status is None:
        return f"slurmctld did not give its configuration within {deadline:g} s"
    if not said:
        # Whoever follows a pointer that is none ends here.
        ended = f"reading slurmctld's configuration ended with {os.waitstatus_to_exitcode(status)}"
        raise ConfigurationError(f"libslurm {found.release} is not what layout {found.layout} says: {ended}")
    answer = json.loads(said)
    if "error" in answer:
        raise ConfigurationError(answer["error"])
    reason: str = answer["unasked"] or ""
    return f"{reason}: {_one_line(messages)}" if reason and messages else reason


def find_conf(compiled: str = "") -> str:
    """The slurm.conf that libslurm takes when it is told none. Raises: ConfigurationError where there is none.

    compiled: the path that the library was built with.
    """
    places = [place for place in (compiled, *DEFAULT_CONF) if place]
    found = next((place for place in places if Path(place).exists()), None)
    if found is None:
        raise ConfigurationError(f"there is no slurm.conf: looked for {', '.join(dict.fromkeys(places))}")
    _readable(found)
    return found


def _readable(path: str) -> None:
    try:
        with Path(path).open("rb") as file:
            file.read(1)
    except OSError as error:
        raise ConfigurationError(f"slurm.conf cannot be read: {path}: {error.strerror}") from None


def _in_child(look: Callable[[], dict[str, Any]], deadline: float) -> tuple[bytes, bytes, int | None]:
    """What *look* found in a child, as JSON; what the child printed; its status, None where the deadline ended it."""
    output, errors, child = _spawn(look)
    try:
        return _wait(output, errors, child, deadline)
    finally:
        os.close(output)
        os.close(errors)


def _spawn(look: Callable[[], dict[str, Any]]) -> tuple[int, int, int]:
    output, output_end = os.pipe()
    errors, errors_end = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _child(look, output_end, errors_end)
    os.close(output_end)
    os.close(errors_end)
    return output, errors, child


def _child(look: Callable[[], dict[str, Any]], output: int, errors: int) -> None:
    """Never returns."""
    try:
        os.dup2(errors, 1)
        os.dup2(errors, 2)
        answer = _answer(look)
        os.write(output, json.dumps(answer).encode())
    finally:
        os._exit(0)


def _answer(look: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return look()
    except (ConfigurationError, LayoutError) as error:
        return {"error": str(error)}
    except Exception as error:  # noqa: BLE001 - the parent says it, whatever it was
        return {"error": f"libslurm cannot be used: {type(error).__name__}: {error}"}


def _tried(conf: str | None, path: str | None, ids: tuple[int, int] | None, flags: str) -> dict[str, Any]:
    _become(ids)
    # With it later releases take auth/jwt for what slurm.conf says.
    os.environ.pop("SLURM_JWT", None)
    library = Library.open(path)
    conf = conf or find_conf(compiled_conf(library))
    _readable(conf)
    library.init(conf)
    if flags:
        library.set_debug_flags(flags)
    selfcheck.check_library(library)
    return _facts(library)


def _verified(found: Probe, ids: tuple[int, int] | None) -> dict[str, Any]:
    _become(ids)
    # A token is for requests. Without one libslurm identifies the process by munge, where the site has it.
    os.environ.pop("SLURM_JWT", None)
    library = Library.open(found.path)
    library.init(found.conf)
    conf = library.configuration()
    if not any(accepts(host, conf.port, CONNECT_WITHIN) for host in conf.addresses):
        # libslurm would go on trying for as long as a restart of slurmctld may take.
        return {"unasked": "no slurmctld accepts connections"}
    try:
        selfcheck.check_controller(library)
    except SlurmError as error:
        return {"unasked": str(error)}
    return {"unasked": None}


def _become(ids: tuple[int, int] | None) -> None:
    if ids:
        os.setgroups([])
        os.setresgid(ids[1], ids[1], ids[1])
        os.setresuid(ids[0], ids[0], ids[0])


def _facts(library: Library) -> dict[str, Any]:
    found = library.configuration()
    plugin = found.auth_type.replace("/", "_") + ".so"
    if not _has_plugin(plugin, library.path, found.plugin_directories):
        raise ConfigurationError(
            f"{found.path} has AuthType={found.auth_type}, and there is no {plugin} in {found.plugin_directories}"
        )
    alternatives = [name for name in found.auth_alternatives.split(",") if name]
    return {
        "path": library.path,
        "release": library.release_text,
        "layout": library.layout.release_text,
        "full": library.full,
        "jwt": library.full and _has_plugin("auth_jwt.so", library.path, found.plugin_directories),
        "conf": found.path,
        "cluster_name": found.cluster_name,
        "slurm_user": found.slurm_user,
        "slurm_user_id": found.slurm_user_id,
        "controllers": found.controllers,
        "auth_types": [found.auth_type, *alternatives],
    }


def compiled_conf(library: Library) -> str:
    """The slurm.conf that the library was built for; "" from the public library, which hides it."""
    import ctypes

    with contextlib.suppress(ValueError):
        address = ctypes.c_void_p.in_dll(library.handle, "default_slurm_config_file").value
        return decode(string(address))
    return ""


def _has_plugin(name: str, library: str, directories: str) -> bool:
    places = [Path(place) for place in directories.split(":")]
    return any((place / name).exists() for place in (*places, Path(library).parent))


def _wait(output: int, errors: int, child: int, deadline: float) -> tuple[bytes, bytes, int | None]:
    """What the child wrote to both pipes, and its status; None for one that was killed at the deadline."""
    end = time.monotonic() + deadline
    said = {output: b"", errors: b""}
    reading = [output, errors]
    while reading and (left := end - time.monotonic()) > 0:
        for ready in select.select(reading, (), (), left)[0]:
            piece = os.read(ready, 65536)
            said[ready] += piece
            if not piece:
                reading.remove(ready)
    if reading:
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    return said[output], said[errors], None if reading else status


def _understand(said: bytes, messages: bytes, status: int | None, conf: str | None, deadline: float) -> Probe:
    where = conf or "slurm.conf"
    heard = _one_line(messages)
    if status is None:
        reason = f": {heard}" if heard else ""
        raise ConfigurationError(f"libslurm did not finish with {where} within {deadline:g} s{reason}")
    if not said:
        ended = f"it ended with {os.waitstatus_to_exitcode(status)}"
        raise ConfigurationError(f"libslurm refuses {where}: {heard or ended}")
    answer = json.loads(said)
    if "error" in answer:
        raise ConfigurationError(answer["error"])
    lists = {name: tuple(answer[name]) for name in ("controllers", "auth_types")}
    return Probe(**{**answer, **lists})


def _one_line(messages: bytes) -> str:
    """The last of libslurm's own messages as one line; the last is seldom the one that says why."""
    lines = [_PREFIX.sub("", line).strip() for line in decode(messages).splitlines()]
    return "; ".join([line for line in lines if line][-_LAST:])

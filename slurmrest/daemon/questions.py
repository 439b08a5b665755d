"""What `slurmrestd --check` asks libslurm, each in an interpreter of its own.

There libslurm may end the process or hang, and choose its authentication, which it does once in a process. What was
found is JSON on stdout: times are in milliseconds.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from libslurm.library import Library

CONNECT_WITHIN = 5.0
"""Seconds that a daemon has to accept a connection."""

Found = dict[str, Any]


def library() -> Found:
    """Say which libslurm there is: its "path", "release", "layout", and whether it is the "full" one."""
    from libslurm.library import Library

    found = Library.open()
    return {
        "path": found.path,
        "release": found.release_text,
        "layout": found.layout.release_text,
        "full": found.full,
    }


def daemons() -> Found:
    """Say how the daemons answer the process's own user.

    Returns: {"slurmctld": [...], "slurmdbd": [...], "call": ..., "query": ...}. Each daemon: {"host", "port"} and what
    `timed` gives. "call" and "query" are an RPC to each kind, and are only there where one of them accepts connections.
    """
    from libslurm.identity import prepare_process
    from libslurm.library import Library

    prepare_process()
    loaded = Library.open()
    loaded.init(os.environ["SLURM_CONF"])
    conf = loaded.configuration()
    found: Found = {
        "slurmctld": knock(conf.addresses, conf.port),
        "slurmdbd": knock(conf.database_hosts, conf.database_port),
    }
    for kind, name, ask in (("slurmctld", "call", call), ("slurmdbd", "query", query)):
        if any(not daemon["error"] for daemon in found[kind]):
            found[name] = timed(partial(ask, loaded))
    if found.get("call", {}).get("error"):
        found["call"]["error"] += explained(loaded)
    return found


def explained(loaded: Library) -> str:
    """Say what the error of a call may come from, where it does not say so itself; else ""."""
    from libslurm.identity import OwnIdentity

    from ..cluster import Cluster

    if not Cluster(loaded, OwnIdentity(loaded)).foreign():
        return ""
    return f": libslurm {loaded.release_text} is not of a release that Slurm here understands"


def knock(hosts: Iterable[str], port: int) -> list[Found]:
    """Connect to each host, and go away again."""

    def connect(host: str) -> None:
        socket.create_connection((host, port), timeout=CONNECT_WITHIN).close()

    return [{"host": host, "port": port, **timed(partial(connect, host))} for host in hosts]


def call(loaded: Library) -> None:
    """Ask slurmctld for something small."""
    from libslurm.controller import Controller
    from libslurm.identity import OwnIdentity

    Controller(loaded, OwnIdentity(loaded)).load_licenses().close()


def query(loaded: Library) -> None:
    """Ask slurmdbd for something small."""
    from libslurm.accounting import Accountings
    from libslurm.identity import OwnIdentity

    with Accountings(loaded).reading(OwnIdentity(loaded)) as db, db.tres():
        return


def timed(act: Callable[[], object]) -> Found:
    """Do something. Gives "ms", how long it took, and "error", why it failed, "" where it did not."""
    began, error = time.perf_counter(), ""
    try:
        act()
    except Exception as failure:  # noqa: BLE001 - whatever it was is the answer
        error = str(failure) or type(failure).__name__
    return {"ms": (time.perf_counter() - began) * 1e3, "error": error}


def main() -> None:
    """Answer the question that the command line names."""
    question = {"library": library, "daemons": daemons}[sys.argv[1]]
    try:
        found = question()
    except Exception as failure:  # noqa: BLE001 - the parent says it, whatever it was
        found = {"error": str(failure) or type(failure).__name__}
    sys.stdout.write(json.dumps(found))

"""gunicorn with conf/gunicorn.conf.py: the same worker and limits without our command line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT, Gate, eventually
from .test_command import ANYBODY, Command, command
from .wire import DEADLINE, Wire, request

__all__ = ("command",)


@contextmanager
def gunicorn(command: Command, *arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """Run gunicorn with the stand-in app on `socket`; it wants to be an unprivileged user like slurmrestd.

    That user may not be able to enter the checkout, so both files are copied to where it can.
    """
    for file in (ROOT / "conf/gunicorn.conf.py", ROOT / "tests/daemon/standin.py"):
        shutil.copy(file, command.folder)
    line = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", *arguments]
    listen = {"SLURMRESTD_LISTEN": f"unix:{command.folder}/socket", "SLURM_CONF": str(command.conf)}
    user: dict[str, Any] = {"user": command.user.pw_uid, "group": command.user.pw_gid, "extra_groups": ()}
    with (command.folder / "log").open("w") as log:
        process = subprocess.Popen(
            line,
            env=command.environment | listen | variables,
            cwd=command.folder,
            text=True,
            stderr=log,
            **(user if command.user.pw_name == ANYBODY else {}),
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(DEADLINE)


def test_it_serves_with_our_worker(command: Command) -> None:
    path = f"{command.folder}/socket"
    with gunicorn(command, "standin:app") as process:
        eventually(Path(path).exists)
        with Wire(path) as wire:
            assert Path(path).stat().st_mode & 0o777 == 0o777
            wire.send("".join(request(f"/ping/{number}") for number in range(100)))
            assert [wire.response().body for _ in range(100)] == [f"pong{number}".encode() for number in range(100)]
            assert json.loads(wire.get("/show").body)["SERVER_SOFTWARE"] == "slurmrestd"
        process.terminate()
        assert process.wait(DEADLINE) == 0
    assert not Path(path).exists()


def test_the_limits_are_totals_over_however_many_workers(command: Command) -> None:
    path = f"{command.folder}/socket"
    gate = Gate(command.folder)
    gate.folder.chmod(0o777)
    with (
        closing(gate),
        gunicorn(command, "--workers", "3", "standin:app", SLURMRESTD_MAX_CONNECTIONS="4"),
        ExitStack() as stack,
    ):
        eventually(Path(path).exists)
        wires = [stack.enter_context(Wire(path)) for _ in range(20)]
        for wire in wires:
            wire.send(request("/hold", *gate.headers))
        eventually(lambda: gate.held == 4)
        assert all(wire.silent(0.02) for wire in wires)
        assert gate.held == 4
        gate.open()
        assert [wire.response().body for wire in wires] == [b"held"] * 20


@pytest.mark.parametrize(
    ("arguments", "variables", "word"),
    [
        ((), {"SLURM_CONF": "/nonexistent"}, "/nonexistent"),
        (("--certfile", "/dev/null"), {}, "TLS"),
        ((), {"SLURMRESTD_MAX_CONNECTIONS": "none"}, "SLURMRESTD_MAX_CONNECTIONS"),
    ],
)
def test_what_slurmrestd_refuses_it_refuses(
    command: Command, arguments: tuple[str, ...], variables: dict[str, str], word: str
) -> None:
    with gunicorn(command, *arguments, "standin:app", **variables) as process:
        assert process.wait(DEADLINE) == 1
    assert word in (command.folder / "log").read_text()


def test_a_live_socket_is_refused(command: Command) -> None:
    path = f"{command.folder}/socket"
    with gunicorn(command, "standin:app"):
        eventually(Path(path).exists)
        with gunicorn(command, "standin:app") as second:
            assert second.wait(DEADLINE) == 1
        with Wire(path) as wire:
            assert wire.get("/ping").body == b"pong"

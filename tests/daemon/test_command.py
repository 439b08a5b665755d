"""The command `slurmrestd` itself: what it prints, how it ends, and that it serves the real app.

Where the tests run as root it is started as another user, as it wants to be.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slurmrest.daemon import checks
from slurmrest.daemon.checks import StartError
from slurmrest.daemon.config import help_text

from .conftest import eventually
from .wire import DEADLINE, Wire

CONF = """\
ClusterName=nowhere
SlurmctldHost=nowhere(127.0.0.1)
SlurmUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge
NodeName=n1
PartitionName=all Nodes=ALL
"""
ANYBODY = "daemon"
"""A user that every system has and nobody works as."""

Completed = subprocess.CompletedProcess[str]


class Command:
    """Runs slurmrestd. folder: where the user that it runs as may write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.user = pwd.getpwnam(ANYBODY) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self.environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "LANG": "C.UTF-8"}
        os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        folder.chmod(0o755)
        self.conf = self.write_conf("root")

    def write_conf(self, slurm_user: str) -> Path:
        """Write a slurm.conf that libslurm takes, of a cluster that is not there."""
        path = self.folder / "slurm.conf"
        path.write_text(CONF.format(user=slurm_user, folder=self.folder))
        return path

    def start(self, *arguments: str, root: bool = False, **options: Any) -> subprocess.Popen[str]:
        """Start it."""
        if os.geteuid() == 0 and not root:
            options |= {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        variables = self.environment | options.pop("env", {})
        command = [sys.executable, "-m", "slurmrest", *arguments]
        return subprocess.Popen(command, env=variables, cwd=self.folder, text=True, **options)

    def run(self, *arguments: str, **options: Any) -> Completed:
        """Run it to its end."""
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with self.start(*arguments, **pipes, **options) as process:
            output, errors = process.communicate(timeout=DEADLINE)
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    @contextlib.contextmanager
    def serving(self, *arguments: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
        """Have it serve on `socket` in the folder."""
        with (self.folder / "log").open("w") as log:
            process = self.start(*arguments, f"unix:{self.folder}/socket", stderr=log, **options)
        try:
            eventually((self.folder / "socket").exists)
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(DEADLINE)


@pytest.fixture
def command() -> Iterator[Command]:
    """The command, with a folder whose name is short enough for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="slurmrestd-"))
    yield Command(folder)
    shutil.rmtree(folder)


def assert_refused(done: Completed, *words: str) -> None:
    """See that it ended with one line that has all of *words*."""
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert done.stderr.startswith("slurmrestd: ")
    assert done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr


def test_help_is_printed_where_the_c_daemon_prints_it(command: Command) -> None:
    for option in ("-h", "--help"):
        done = command.run(option)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", help_text())


def test_the_version_is_that_of_slurm(command: Command) -> None:
    done = command.run("-V")
    assert (done.returncode, done.stderr) == (0, "")
    name, release = done.stdout.split()
    assert name == "slurm"
    assert len(release.split(".")) == 3


def test_a_bad_option_is_one_line(command: Command) -> None:
    assert_refused(command.run("-x"), "-x")
    assert_refused(command.run("-t1"), "-t")
    assert_refused(command.run(env={"SLURMRESTD_MAX_CONNECTIONS": "0"}), "SLURMRESTD_MAX_CONNECTIONS")


LISTS = {
    "-a": ["Possible REST authentication plugins:", "rest_auth/local", "rest_auth/jwt"],
    "-s": ["Possible OpenAPI plugins:", "openapi/v0.0.39", "openapi/dbv0.0.39"],
    "-d": ["data_parser plugins:", "data_parser/v0.0.39", "data_parser/v0.0.39+23.02.8"],
}


@pytest.mark.parametrize("option", LISTS)
def test_the_plugins_are_listed_as_the_c_daemon_lists_them(command: Command, option: str) -> None:
    done = command.run(option, "list")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [f"slurmrestd: {line}" for line in LISTS[option]]


def test_a_value_with_line_ends_is_one_line_too(command: Command) -> None:
    assert_refused(command.run("-a", "one\ntwo"), "one two")


def test_a_missing_slurm_conf_is_one_line(command: Command) -> None:
    assert_refused(command.run("-f", "/nonexistent", "127.0.0.1:6820"), "/nonexistent", "No such file")
    assert_refused(command.run("127.0.0.1:6820", env={"SLURM_CONF": "/nonexistent"}), "/nonexistent")


def test_a_broken_slurm_conf_is_one_line(command: Command) -> None:
    command.conf.write_text("ClusterName=a\nNonsense=1\n")
    assert_refused(command.run("-f", str(command.conf), f"unix:{command.folder}/socket"), str(command.conf))
    assert not (command.folder / "socket").exists()


def test_a_socket_that_cannot_be_bound_is_one_line(command: Command) -> None:
    conf = ("-f", str(command.conf))
    assert_refused(command.run(*conf, "unix:/nonexistent/socket"), "unix:/nonexistent/socket", "No such file")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert_refused(command.run(*conf, f"127.0.0.1:{port}"), f"127.0.0.1:{port}", "in use")


def test_more_connections_than_files_are_refused(command: Command) -> None:
    assert_refused(command.run("--max-connections", "99999999", "127.0.0.1:6820"), "open files", "--max-connections")


def test_slurm_user_is_refused(command: Command) -> None:
    conf = command.write_conf(command.user.pw_name)
    assert_refused(command.run("-f", str(conf), "127.0.0.1:6820"), "SlurmUser", "unprivileged user")


@pytest.mark.parametrize(("uid", "gid", "word"), [(0, 5, "root"), (5, 0, "group"), (99, 5, "99"), (5, 99, "99")])
def test_users_with_privileges_are_refused(uid: int, gid: int, word: str) -> None:
    with pytest.raises(StartError, match=word):
        checks.check_user(uid, gid)


def test_others_are_not() -> None:
    assert checks.check_user(65534, 65534) is None  # type: ignore[func-returns-value]


def test_it_serves_the_real_app_and_ends_cleanly(command: Command) -> None:
    with command.serving("-f", str(command.conf), "-t2") as process:
        with Wire(f"{command.folder}/socket") as wire:
            answer = wire.get("/openapi", "Accept: application/json")
            assert answer.status < 500
            assert int(answer.headers["content-length"]) == len(answer.body)
        second = command.run("-f", str(command.conf), f"unix:{command.folder}/socket")
        assert_refused(second, "another process")
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == 0
    assert not (command.folder / "socket").exists()


def test_addresses_of_the_variable_and_the_command_line_add_up(command: Command) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    listen = {"SLURMRESTD_LISTEN": f"unix:{command.folder}/other,localhost:{port}"}
    with command.serving("-f", str(command.conf), "-t2", env=listen):
        addresses: tuple[Any, ...] = (f"{command.folder}/socket", f"{command.folder}/other", ["127.0.0.1", port])
        for address in addresses:
            with Wire(address) as wire:
                assert wire.get("/openapi").status in (200, 401)


def test_the_master_has_nothing_of_libslurm(command: Command) -> None:
    with command.serving("-f", str(command.conf), "-t2") as process, Wire(f"{command.folder}/socket") as wire:
        wire.get("/openapi")
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert "libslurm" not in Path(f"/proc/{process.pid}/maps").read_text()
        assert all("libslurm" in Path(f"/proc/{child}/maps").read_text() for child in children)


def test_it_goes_on_while_slurm_conf_is_broken(command: Command) -> None:
    """A hangup that nobody could survive changes nothing; a worker that cannot start is tried again."""
    log = command.folder / "log"
    with command.serving("-f", str(command.conf), "-t2") as process:
        socket_path = f"{command.folder}/socket"
        with Wire(socket_path) as wire:
            wire.get("/openapi")
        command.conf.rename(command.folder / "away")
        process.send_signal(signal.SIGHUP)
        eventually(lambda: "not replaced" in log.read_text())
        with Wire(socket_path) as wire:
            assert wire.get("/openapi").status < 500
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        eventually(lambda: "tried again" in log.read_text())
        (command.folder / "away").rename(command.conf)
        with Wire(socket_path) as wire:
            assert wire.get("/openapi").status < 500

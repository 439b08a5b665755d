"""Privileges, for real: started as root, served by somebody else; and that nobody acts as another."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.jobs import API, Jobs
from tests.plugins.client import Client, eventually
from tests.plugins.cluster import Cluster
from tests.plugins.daemon import Daemon, Factory, free_port

USER = "slurmrestd"


@pytest.fixture(scope="module")
def dropped(daemon: Factory) -> Iterator[Daemon]:
    """A daemon that root started, and that serves as another, on a socket in a folder of root's."""
    with daemon("-u", USER, tcp=True, user="root") as server:
        yield server
    assert server.process.returncode == 0


def facts(pid: int) -> dict[str, list[str]]:
    """What the kernel says of a process: name -> words."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {line.partition(":")[0]: line.partition(":")[2].split() for line in lines}


def assert_is(pid: int, user: str, group: str) -> None:
    """See that a process is somebody's, and can become nobody else."""
    found = facts(pid)
    assert found["Uid"] == [str(pwd.getpwnam(user).pw_uid)] * 4
    assert found["Gid"] == [str(grp.getgrnam(group).gr_gid)] * 4
    assert found["Groups"] == []
    assert found["NoNewPrivs"] == ["1"]
    for capabilities in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(found[capabilities][0], 16) == 0, capabilities


def primary(user: str) -> str:
    """Name of a user's group."""
    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name


def test_all_its_processes_are_the_other_user_s(dropped: Daemon) -> None:
    assert dropped.workers()
    for pid in (dropped.pid, *dropped.workers()):
        assert_is(pid, USER, primary(USER))


def test_a_group_can_be_chosen(daemon: Factory) -> None:
    with daemon("-u", USER, "-g", "games", user="root") as server:
        for pid in (server.pid, *server.workers()):
            assert_is(pid, USER, "games")
        assert server.client.get(f"{API}/ping").status == 200


@contextlib.contextmanager
def in_groups(daemon: Factory, groups: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Have root start it with supplementary groups."""
    argv = ("setpriv", "--groups", groups, daemon.program, "-f", str(daemon.cluster.conf), *arguments)
    with daemon.popen(argv, None, "root", stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()
            assert process.wait(20) == 0


def test_supplementary_groups_are_dropped(daemon: Factory, cluster: Cluster) -> None:
    path = cluster.run_directory / "groups.sock"
    with in_groups(daemon, "0,4,20", "-u", USER, f"unix:{path}") as process:
        eventually(lambda: path.exists() and Client(path).get(f"{API}/ping").status == 200, 20.0)
        assert_is(process.pid, USER, primary(USER))
    path.unlink(missing_ok=True)


def test_sockets_are_bound_before_that(daemon: Factory, cluster: Cluster) -> None:
    """A port that needs privileges, and a folder that only root may write to."""
    port = next(number for number in range(1023, 700, -1) if is_free(number))
    with daemon(f"127.0.0.1:{port}", "-u", USER, user="root") as server:
        assert server.socket is not None
        assert server.socket.parent.stat().st_uid == 0
        assert Client(("127.0.0.1", port)).as_user(None, cluster.token("games")).get(f"{API}/ping").status == 200
        assert server.client.get(f"{API}/ping").status == 200
        assert server.stop() == 0
        assert "stays behind" in server.log()
        again = daemon.popen(
            (daemon.program, "-f", str(cluster.conf), "-u", USER, f"unix:{server.socket}"),
            None,
            "root",
            stderr=subprocess.DEVNULL,
        )
        with again as process:
            eventually(lambda: answers(server.client), 20.0)
            process.terminate()
            assert process.wait(20) == 0


def is_free(port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def answers(client: Client) -> bool:
    """Whether somebody serves."""
    with contextlib.suppress(OSError):
        return client.get(f"{API}/ping").status == 200
    return False


def status(cluster: Cluster, server: Daemon, user: str, *headers: str) -> str:
    """Ask for the jobs by curl, as a user of this machine."""
    options = [word for header in headers for word in ("-H", header)]
    code = ("-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", str(server.socket))
    return cluster.run("curl", *code, *options, f"http://localhost{API}/jobs", user=user).stdout


@pytest.mark.parametrize("user", ["games", "slurm", "nobody", "daemon"])
def test_no_local_user_acts_as_another(cluster: Cluster, dropped: Daemon, user: str) -> None:
    assert status(cluster, dropped, user) == "401"
    for name in ("root", USER, user, "slurm"):
        assert status(cluster, dropped, user, f"X-SLURM-USER-NAME: {name}") == "401"


def test_root_is_served_but_not_as_root(cluster: Cluster, dropped: Daemon, jobs: Jobs, root: Client) -> None:
    assert status(cluster, dropped, USER) == status(cluster, dropped, "root") == "200"
    for name in ("root", "games", "slurm"):
        assert status(cluster, dropped, "root", f"X-SLURM-USER-NAME: {name}") == "401"
    job = jobs.submit(dropped.client, hold=True)
    assert jobs.got(root, job)[0]["user_name"] == USER


def test_a_token_is_its_own_user_s_alone(cluster: Cluster, dropped: Daemon, jobs: Jobs, root: Client) -> None:
    for client in (dropped.client, dropped.network):
        games = client.as_user(None, cluster.token("games"))
        job = jobs.submit(games, hold=True)
        assert jobs.got(root, job)[0]["user_name"] == "games"
        for name in ("root", "man", USER, "slurm"):
            assert games.as_user(name, games.token).get(f"{API}/jobs").status == 401
        others = client.as_user(None, cluster.token("man"))
        assert others.delete(f"{API}/job/{job}").status in (401, 403, 404)
        assert jobs.state(job) == "PENDING"


def test_a_hangup_after_that(daemon: Factory) -> None:
    """The new workers are nobody else than the old ones."""
    with daemon("-u", USER, user="root") as server:
        before = server.workers()
        os.kill(server.pid, signal.SIGHUP)
        eventually(lambda: server.workers() and not set(server.workers()) & set(before), 20.0)
        eventually(lambda: answers(server.client), 20.0)
        for pid in server.workers():
            assert_is(pid, USER, primary(USER))


REFUSED = [
    ("root", (), {}, "as root"),
    ("root", ("-u", "root"), {}, "as root"),
    ("root", ("-u", USER, "-g", "root"), {}, "group of root"),
    ("root", ("-g", USER), {}, "as root"),
    ("root", ("-u", "slurm"), {}, "SlurmUser"),
    ("root", ("-u", USER, "-g", "slurm"), {}, "group of SlurmUser"),
    ("root", ("-u", "99", "-g", USER), {}, "nobody"),
    ("root", ("-u", "no-such-user"), {}, "no-such-user"),
    ("slurm", (), {}, "SlurmUser"),
    (USER, ("-u", "games"), {}, "only root"),
    (USER, ("-g", "games"), {}, "only root"),
    (USER, (), {"SLURMRESTD_SECURITY": "become_user"}, "inetd mode"),
    ("root", ("-a", "rest_auth/local"), {"SLURMRESTD_SECURITY": "become_user"}, "inetd mode"),
    (USER, (), {"SLURMRESTD_SECURITY": "trust_me"}, "trust_me"),
    (USER, (), {"SLURM_DEBUG_FLAGS": "NoSuchFlag"}, "NoSuchFlag"),
]


@pytest.mark.parametrize(("user", "arguments", "env", "words"), REFUSED)
def test_it_does_not_start(
    daemon: Factory, user: str, arguments: tuple[str, ...], env: dict[str, str], words: str
) -> None:
    port = free_port()
    done = daemon.run("-f", str(daemon.cluster.conf), *arguments, f"127.0.0.1:{port}", user=user, env=env)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done
    assert words in done.stderr
    assert is_free(port)


def test_become_user_needs_root_and_no_token_in_inetd_mode_too(daemon: Factory) -> None:
    conf = ("-f", str(daemon.cluster.conf))
    env = {"SLURMRESTD_SECURITY": "become_user", "SLURM_JWT": None}
    for user, arguments, variables, words in (
        (USER, ("-a", "rest_auth/local"), env, "for root"),
        ("root", (), env, "rest_auth/jwt"),
        ("root", ("-a", "rest_auth/local"), env | {"SLURM_JWT": "daemon"}, "SLURM_JWT"),
    ):
        done = daemon.run(*conf, *arguments, user=user, env=variables)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done
        assert words in done.stderr


def test_slurm_conf_must_be_readable_by_whom_it_serves_as(daemon: Factory, cluster: Cluster, directory: Path) -> None:
    conf = directory / "slurm.conf"
    conf.write_text(cluster.conf.read_text())
    conf.chmod(0o600)
    done = daemon.run("-f", str(conf), "-u", USER, f"127.0.0.1:{free_port()}", user="root")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done
    assert str(conf) in done.stderr


def test_root_may_serve_where_the_check_is_left_out(daemon: Factory, jobs: Jobs, root: Client) -> None:
    with daemon(env={"SLURMRESTD_SECURITY": "disable_user_check"}, user="root") as server:
        for pid in (server.pid, *server.workers()):
            assert facts(pid)["Uid"] == ["0"] * 4
            assert facts(pid)["NoNewPrivs"] == ["1"]
        job = jobs.submit(server.client, hold=True)
        assert jobs.got(root, job)[0]["user_name"] == "root"
        assert status(daemon.cluster, server, "games") == "401"


def test_slurm_user_may_too(daemon: Factory) -> None:
    security = "disable_user_check,disable_unshare_files,disable_unshare_sysv"
    with daemon(env={"SLURMRESTD_SECURITY": security}, user="slurm") as server:
        assert server.client.get(f"{API}/ping").status == 200

"""slurmrestd --check: a line for each thing, right about the cluster as it is and with parts of it down."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugins.cluster import Cluster
from tests.plugins.daemon import Factory, free_port

Lines = dict[str, list[tuple[str, str]]]


def checked(daemon: Factory, *arguments: str, user: str | None = None, **env: str | None) -> tuple[int, Lines]:
    """Run it. Returns: the exit status; what -> (verdict, text) of each line."""
    done = daemon.run("-f", str(daemon.cluster.conf), "--check", *arguments, user=user, env=env)
    assert done.stderr == ""
    lines: Lines = {}
    for line in done.stdout.splitlines():
        verdict, what, text = line.split(None, 2)
        lines.setdefault(what, []).append((verdict, text))
    wrong = any(verdict != "ok" for found in lines.values() for verdict, _ in found)
    assert done.returncode == int(wrong)
    return done.returncode, lines


def test_everything_works(daemon: Factory, cluster: Cluster, directory: Path) -> None:
    release = cluster.run("scontrol", "--version").stdout.split()[1]
    unix, tcp = f"unix:{directory}/s", f"127.0.0.1:{free_port()}"
    status, lines = checked(daemon, unix, tcp)
    assert status == 0, lines
    assert lines["libslurm"][0][1].startswith(f"{release}, /")
    assert lines["slurm.conf"][0][1].startswith(f"{cluster.conf}, ")
    assert cluster.daemon_user in lines["user"][0][1]
    for what in ("layout", "limits", "slurmctld", "slurmdbd", "rest_auth/local", "rest_auth/jwt"):
        assert what in lines
    for what in ("slurmctld", "slurmdbd", "rest_auth/local", "rest_auth/jwt"):
        assert lines[what][-1][1].endswith(" ms")
    assert [text for _, text in lines["address"]] == [f"{unix} can be bound", f"{tcp} can be bound"]
    assert list(directory.iterdir()) == []


def test_as_root_it_looks_as_the_other_user(daemon: Factory) -> None:
    status, lines = checked(daemon, "-u", "slurmrestd", user="root")
    assert (status, lines["user"][0][1].split()[0]) == (0, "slurmrestd")


@pytest.mark.parametrize(
    ("arguments", "user", "words"),
    [((), "root", "root"), ((), "slurm", "SlurmUser"), (("-u", "root"), None, "only root")],
)
def test_the_wrong_user(daemon: Factory, arguments: tuple[str, ...], user: str | None, words: str) -> None:
    status, lines = checked(daemon, *arguments, user=user)
    assert status == 1
    ((verdict, text),) = lines["user"]
    assert verdict == "wrong"
    assert words in text


def test_addresses_that_are_taken_or_nowhere(daemon: Factory, cluster: Cluster) -> None:
    status, lines = checked(daemon, f"unix:{cluster.socket}", "unix:/nonexistent/s", "192.0.2.1:80")
    assert status == 1
    for (verdict, text), words in zip(
        lines["address"], ("another process", "No such file", "Cannot assign"), strict=True
    ):
        assert verdict == "wrong"
        assert words in text
    assert cluster.unix.get("/slurm/v0.0.39/ping").status == 200


def test_authentication_that_is_off(daemon: Factory) -> None:
    status, lines = checked(daemon, SLURM_JWT=None)
    assert (status, lines["rest_auth/jwt"]) == (0, [("ok", "off, as SLURM_JWT is not set")])
    status, lines = checked(daemon, "-a", "rest_auth/jwt", SLURM_JWT=None)
    assert status == 1
    assert lines["rest_auth/jwt"][0][0] == "wrong"
    status, lines = checked(daemon, "-a", "rest_auth/local")
    assert (status, lines["rest_auth/jwt"]) == (0, [("ok", "off, as -a says")])


def test_a_token_that_is_not_good(daemon: Factory, cluster: Cluster) -> None:
    status, lines = checked(daemon, SLURM_JWT=f"{cluster.token('games')}x")
    assert (status, lines["rest_auth/jwt"][0][0]) == (1, "wrong")
    assert lines["rest_auth/local"][0][0] == "ok"


def test_a_conf_that_is_not_there(daemon: Factory) -> None:
    status, lines = checked(daemon, "-f", "/nonexistent")
    assert status == 1
    assert lines["libslurm"][0][0] == "ok"
    assert "/nonexistent" in lines["slurm.conf"][0][1]


def test_debug_flags_that_there_are_not(daemon: Factory) -> None:
    assert checked(daemon, SLURM_DEBUG_FLAGS="Protocol,Route")[0] == 0
    status, lines = checked(daemon, SLURM_DEBUG_FLAGS="NoSuchFlag")
    assert (status, lines["slurm.conf"][0][0]) == (1, "wrong")


OUTAGES = {
    "slurmdbd": {"slurmdbd"},
    "slurmctld": {"slurmctld", "rest_auth/local", "rest_auth/jwt"},
    "munged": {"slurmdbd", "rest_auth/local", "rest_auth/jwt"},
}


@pytest.mark.parametrize("service", OUTAGES)
def test_what_is_down_is_said(daemon: Factory, cluster: Cluster, service: str) -> None:
    with cluster.stopped(service):
        status, lines = checked(daemon)
    assert status == 1
    wrong = {what for what, found in lines.items() if any(verdict != "ok" for verdict, _ in found)}
    assert wrong == OUTAGES[service]

"""Inetd mode on the cluster: what the man page shows, in order, whoever may, and nobody as somebody else."""

from __future__ import annotations

import os
import pty
import pwd
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.live.inetd import MUNGE, Inetd, Session, read_answer, request
from tests.live.jobs import API, Jobs
from tests.plugins.client import eventually
from tests.plugins.cluster import Cluster, identity_of
from tests.plugins.daemon import Factory

PING = f"{API}/ping"
JWT = {"SLURM_JWT": "daemon"}
BECOME = {"SLURM_JWT": None, "SLURMRESTD_SECURITY": "become_user", "SLURMRESTD_AUTH_TYPES": "rest_auth/local"}


@pytest.fixture(scope="module")
def inetd(daemon: Factory) -> Inetd:
    """Runs slurmrestd in inetd mode."""
    return Inetd(daemon)


def shell(daemon: Factory, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell as the daemon's user, in the environment of an administrator."""
    env = daemon.environment(MUNGE) | {"SLURM_CONF": str(daemon.cluster.conf)}
    user = identity_of(daemon.cluster.daemon_user)
    argv = ("/bin/bash", "-c", line)
    return subprocess.run(argv, env=env, cwd="/", capture_output=True, text=True, timeout=60, check=False, **user)


def test_the_example_of_the_man_page(daemon: Factory, cluster: Cluster) -> None:
    line = r'echo -e "GET http://localhost:8080/slurm/v0.0.39/node/node01 HTTP/1.1\r\n" | slurmrestd'
    done = shell(daemon, f"PATH={Path(daemon.program).parent}:$PATH; {line}")
    assert done.returncode == 0, done
    head, _, body = done.stdout.partition("\n\n")
    lines = head.splitlines()
    assert lines[0] == "HTTP/1.1 200 OK"
    assert f"content-length: {len(body.encode())}" in [one.lower() for one in lines]
    assert "content-type: application/json" in [one.lower() for one in lines]
    assert body.startswith('{\n  "meta": {\n    "plugin": {\n      "type": "openapi')
    assert '"name": "node01"' in body
    assert "GET /slurm/v0.0.39/node/node01 200 " in done.stderr
    assert f"user={cluster.daemon_user} " in done.stderr


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_requests_are_answered_in_order(inetd: Inetd, end: str) -> None:
    paths = (PING, "/nope", f"{API}/job/no-number", f"{API}/partition/debug", "/openapi", PING)
    session = inetd.pipe("".join(f"GET {path} HTTP/1.1{end}Accept: */*{end}{end}" for path in paths))
    assert (session.status, session.statuses) == (0, [200, 404, 422, 200, 200, 200])
    documents = [session.answers[number].document for number in (0, 3, 4, 5)]
    assert ["pings" in documents[0], "partitions" in documents[1], "paths" in documents[2]] == [True] * 3
    ids = [answer.head["x-request-id"] for answer in session.answers]
    assert len(set(ids)) == len(paths)
    assert re.findall(r"id=(\S+)", session.log) == ids


def test_a_body_is_taken_as_it_is(inetd: Inetd) -> None:
    body = '{"script":\n\n"x"}'
    text = f"POST {API}/job/submit HTTP/1.1\nContent-Type: application/json\nContent-Length: {len(body)}\n\n{body}"
    session = inetd.pipe(f"{text}\r\n\r\nGET {PING} HTTP/1.1\n\n")
    assert session.statuses[1:] == [200]
    assert session.answers[0].status >= 400
    assert session.answers[0].document["errors"]


@pytest.mark.parametrize(
    ("text", "status", "answers"),
    [
        ("", 0, []),
        ("\r\n\n\n", 0, []),
        (f"GET {PING} HTTP", 0, []),
        (f"GET {PING} HTTP/1.1\r\n", 0, []),
        (f"POST {API}/job/submit HTTP/1.1\r\nContent-Length: 10\r\n\r\n{{}}", 0, []),
        (f"GET {PING} HTTP/1.0\n\nGET {PING} HTTP/1.0\n\n", 0, [200]),
        (f"GET {PING} HTTP/1.1\nConnection: close\n\nGET {PING} HTTP/1.1\n\n", 0, [200]),
        ("garbage\n\n", 1, [400]),
        (f"GET {PING} HTTP/1.1\n\n\0\1\2\n\nGET {PING} HTTP/1.1\n\n", 1, [200, 400]),
        (f"GET {PING} HTTP/1.1\nX: a\rb\n\n", 1, [400]),
        (f"GET {PING} HTTP/1.1\nX: a\n b\n\n", 1, [400]),
        (f"GET {PING} HTTP/1.1\nContent-Length: 1\nContent-Length: 2\n\nab", 1, [400]),
        (f"GET {PING} HTTP/1.1\nX: {'y' * 60_000}", 0, []),
    ],
)
def test_what_input_comes_to(inetd: Inetd, text: str, status: int, answers: list[int]) -> None:
    session = inetd.pipe(text)
    assert (session.status, session.statuses) == (status, answers)


def test_threads_are_ignored(inetd: Inetd) -> None:
    assert inetd.pipe(request(PING), "-t", "7").statuses == [200]


@pytest.mark.parametrize("env", [MUNGE, JWT])
@pytest.mark.parametrize(
    ("owner", "mode", "status"),
    [
        (None, 0o600, 200),
        (None, 0o660, 200),
        (None, 0o604, 401),
        (None, 0o602, 401),
        (None, 0o601, 401),
        (None, 0o4600, 401),
        (None, 0o2600, 401),
        ("root", 0o600, 401),
        ("games", 0o600, 401),
    ],
)
def test_who_may_by_a_pipe(inetd: Inetd, owner: str | None, mode: int, status: int, env: dict[str, str | None]) -> None:
    session = inetd.pipe(request(f"{API}/partitions"), owner=owner, mode=mode, env=env)
    assert (session.status, session.statuses) == (0, [status])


@pytest.mark.parametrize(("mode", "status"), [(0o600, 200), (0o640, 200), (0o604, 401), (0o4600, 401)])
def test_who_may_by_a_file(inetd: Inetd, directory: Path, mode: int, status: int) -> None:
    path = directory / "requests"
    path.write_text(request(PING))
    os.chown(path, pwd.getpwnam(inetd.cluster.daemon_user).pw_uid, -1)
    path.chmod(mode)
    with path.open("rb") as file:
        session = inetd.on(file.fileno())
    assert session.statuses == [status]
    if status == 200:
        assert session.answers[0].document["meta"]["client"]["source"].startswith(f"{path}->")


def test_a_directory_is_nobody(inetd: Inetd, directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        session = inetd.on(descriptor)
    finally:
        os.close(descriptor)
    assert (session.status, session.output) == (1, b"")


@pytest.mark.parametrize("env", [MUNGE, JWT])
def test_a_pipe_may_bring_a_token_where_there_is_jwt(
    inetd: Inetd, cluster: Cluster, env: dict[str, str | None]
) -> None:
    token = cluster.token("games")
    text = request(PING, f"X-SLURM-USER-TOKEN: {token}", "X-SLURM-USER-NAME: games")
    session = inetd.pipe(text, owner="root", env=env)
    assert session.statuses == [200 if env is JWT else 401]
    assert token.split(".")[2] not in session.log
    assert (f"user={'games' if env is JWT else '-'} ") in session.log


@pytest.mark.parametrize(("peer", "status"), [("slurmrestd", 200), ("root", 200), ("games", 401), ("slurm", 401)])
def test_who_may_by_a_unix_socket(inetd: Inetd, peer: str, status: int) -> None:
    user = inetd.cluster.daemon_user if peer == "slurmrestd" else peer
    with inetd.accepted(user) as (ours, theirs), inetd.started(ours.fileno(), output=ours.fileno()) as process:
        ours.close()
        theirs.sendall(request(PING).encode())
        answer = read_answer(theirs)
        assert answer.status == status
        theirs.sendall(request(PING, "X-SLURM-USER-NAME: games").encode())
        assert read_answer(theirs).status == 401
        theirs.shutdown(socket.SHUT_WR)
        assert theirs.recv(1) == b""
        assert process.wait(30) == 0


def test_a_tcp_peer_needs_a_token(inetd: Inetd, cluster: Cluster) -> None:
    token = f"X-SLURM-USER-TOKEN: {cluster.token('games')}"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        theirs = socket.create_connection(listener.getsockname(), timeout=60)
        ours, address = listener.accept()
    with ours, theirs, inetd.started(ours.fileno(), output=ours.fileno(), env=JWT):
        ours.close()
        for headers, status in (((), 401), ((token,), 200), ((), 401)):
            theirs.sendall(request(PING, *headers).encode())
            answer = read_answer(theirs)
            assert answer.status == status
            if status == 200:
                assert answer.document["meta"]["client"]["source"] == f"[localhost]:{address[1]}"


def test_nothing_but_answers_goes_to_a_socket(inetd: Inetd, daemon: Factory) -> None:
    """As xinetd starts it: standard error is the client's socket too."""
    argv = (daemon.program, "-vvvvvv", "-f", str(daemon.cluster.conf))
    user = daemon.cluster.daemon_user
    with inetd.accepted(user) as (ours, theirs):
        same: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), ours.fileno())
        with subprocess.Popen(argv, env=daemon.environment(MUNGE), cwd="/", **same, **identity_of(user)) as process:
            ours.close()
            theirs.sendall((request(PING) + request("/nope", "Connection: close")).encode())
            received = b"".join(iter(lambda: theirs.recv(1 << 16), b""))
            assert process.wait(30) == 0
    assert Session(0, received, "").statuses == [200, 404]


def test_a_start_that_fails_says_nothing_to_a_socket(inetd: Inetd, daemon: Factory) -> None:
    argv = (daemon.program, "-f", "/nonexistent/slurm.conf")
    user = daemon.cluster.daemon_user
    with inetd.accepted(user) as (ours, theirs):
        same: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), ours.fileno())
        with subprocess.Popen(argv, env=daemon.environment(MUNGE), cwd="/", **same, **identity_of(user)) as process:
            ours.close()
            assert theirs.recv(1) == b""
            assert process.wait(30) == 1


def test_a_client_that_leaves_is_no_error(inetd: Inetd) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        source, feed = os.pipe()
        os.fchown(source, pwd.getpwnam(inetd.cluster.daemon_user).pw_uid, -1)
        os.write(feed, request(PING).encode())
        os.close(feed)
        assert inetd.on(source, output=write).status == 0
        os.close(source)
    finally:
        os.close(write)


def test_a_person_at_a_terminal(inetd: Inetd) -> None:
    ours, theirs = pty.openpty()
    os.fchown(theirs, pwd.getpwnam(inetd.cluster.daemon_user).pw_uid, -1)
    os.fchmod(theirs, 0o620)
    try:
        with inetd.started(theirs) as process:
            os.write(ours, f"GET {PING} HTTP/1.1\n\n\x04".encode())
            written, log = process.communicate(timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    session = Session(process.returncode, written, log.decode())
    assert (session.status, session.statuses) == (0, [200])
    assert "Type a request" in session.log


# become_user: root starts it, and it is whoever connects.


def status_of(process: subprocess.Popen[bytes]) -> dict[str, list[str]]:
    """What the kernel says of a process."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return {name: value.split() for name, _, value in (line.partition(":") for line in lines)}


def test_become_user_is_the_peer_for_good(inetd: Inetd, jobs: Jobs, cluster: Cluster) -> None:
    games = pwd.getpwnam("games")
    body = (
        '{"script": "#!/bin/sh\\ntrue", "job": {"environment": {"PATH": "/bin"}, "current_working_directory": "/tmp"}}'
    )
    with (
        inetd.accepted("games") as (ours, theirs),
        inetd.started(ours.fileno(), output=ours.fileno(), env=BECOME, user="root") as process,
    ):
        ours.close()
        theirs.sendall(request(f"{API}/job/submit", method="POST", body=body).encode())
        answer = read_answer(theirs)
        assert answer.status == 200
        now = status_of(process)
        assert now["Uid"] == [str(games.pw_uid)] * 4
        assert now["Gid"] == [str(games.pw_gid)] * 4
        assert now["Groups"] == []
        assert now["NoNewPrivs"] == ["1"]
        assert {now[name][0].strip("0") for name in ("CapInh", "CapPrm", "CapEff")} == {""}
        for headers in (("X-SLURM-USER-NAME: root",), ("X-SLURM-USER-NAME: bin",), ("X-SLURM-USER-TOKEN: x",)):
            theirs.sendall(request(f"{API}/jobs", *headers).encode())
            assert read_answer(theirs).status == 401
        own = f"{API}/job/{answer.document['job_id']}"
        theirs.sendall(request(own, "X-SLURM-USER-NAME: games").encode())
        seen = read_answer(theirs)
        assert seen.status == 200
        assert {job["user_name"] for job in seen.document["jobs"]} == {"games"}
        theirs.shutdown(socket.SHUT_WR)
        assert process.wait(30) == 0
    (job,) = jobs.shown(answer.document["job_id"])
    assert job["UserId"].startswith("games(")


def test_become_user_makes_nobody_the_user_of_another(inetd: Inetd, jobs: Jobs) -> None:
    job = jobs.sbatch("--hold", user="bin")
    for peer, status in (("games", {403, 404, 422}), ("bin", {200})):
        with (
            inetd.accepted(peer) as (ours, theirs),
            inetd.started(ours.fileno(), output=ours.fileno(), env=BECOME, user="root"),
        ):
            ours.close()
            theirs.sendall(request(f"{API}/job/{job}", method="DELETE").encode())
            assert read_answer(theirs).status in status


def test_become_user_serves_nobody_by_pipe_or_tcp(inetd: Inetd, cluster: Cluster) -> None:
    for owner in ("root", "games"):
        session = inetd.pipe(request("/openapi") + request(PING), env=BECOME, user="root", owner=owner)
        assert (session.status, session.statuses) == (0, [401, 401])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        theirs = socket.create_connection(listener.getsockname(), timeout=60)
        ours, _ = listener.accept()
    with ours, theirs, inetd.started(ours.fileno(), output=ours.fileno(), env=BECOME, user="root"):
        ours.close()
        theirs.sendall(request(PING, f"X-SLURM-USER-TOKEN: {cluster.token('games')}").encode())
        assert read_answer(theirs).status == 401


def test_become_user_with_tokens_does_not_start(inetd: Inetd) -> None:
    for env in (BECOME | {"SLURM_JWT": "daemon"}, BECOME | {"SLURMRESTD_AUTH_TYPES": "rest_auth/jwt"}):
        session = inetd.pipe(request(PING), env=env, user="root")
        assert (session.status, session.output) == (1, b"")


@pytest.mark.parametrize("user", ["root", "slurm"])
def test_without_it_root_and_slurm_user_do_not_start(inetd: Inetd, user: str) -> None:
    session = inetd.pipe(request(PING), user=user)
    assert (session.status, session.output, session.log.count("\n")) == (1, b"", 1)


def test_a_conf_that_is_wrong(inetd: Inetd, cluster: Cluster, directory: Path) -> None:
    conf = directory / "slurm.conf"
    conf.write_text(cluster.conf.read_text() + "\nNonsense=1\n")
    conf.chmod(0o644)
    session = inetd.pipe(request(PING), "-f", str(conf))
    assert (session.status, session.output) == (1, b"")
    assert "Nonsense" in session.log
    session = inetd.pipe(request(PING), "-f", str(directory / "absent"))
    assert (session.status, session.output) == (1, b"")
    assert "absent" in session.log


# What it costs. Seconds depend on what else the machine does: bench/starting.py has them.

OURS = {"slurmrest", "libslurm"}


def package(module: str) -> str:
    """The package at the top of a module's name."""
    return module.partition(".")[0]


def imported(done: subprocess.CompletedProcess[str]) -> set[str]:
    """The modules that `python -X importtime` told of."""
    assert done.returncode == 0, done
    return {one.rpartition("|")[2].strip() for one in done.stderr.splitlines() if one.startswith("import time")}


def test_only_what_is_needed_is_imported(daemon: Factory, cluster: Cluster) -> None:
    """From start to answer is to take at most twice as long as the import of falcon and orjson, beside the RPC."""
    python = f"{cluster.venv}/bin/python -X importtime"
    served = shell(daemon, f"printf 'GET {API}/node/node01 HTTP/1.1\\n\\n' | {python} {daemon.program}")
    assert served.stdout.startswith("HTTP/1.1 200 OK")
    loaded, alone = imported(served), imported(shell(daemon, f"{python} -c 'import falcon, orjson'"))
    # Most of the time goes to imports, and nothing that a busy machine does changes how many there are.
    others = {name for name in loaded if package(name) not in OURS}
    assert len(alone) < len(others) < 1.25 * len(alone)
    assert len(loaded) < 2 * len(alone)
    assert {package(name) for name in others - alone} - sys.stdlib_module_names == {"gunicorn", "setproctitle"}
    unwanted = {"gunicorn.arbiter", "gunicorn.app.base", "gunicorn.config", "slurmrest.openapi"}
    assert loaded & unwanted == set()
    assert not [name for name in loaded if name.startswith("slurmrest.resources.slurmdb")]


def test_it_serves_while_the_client_thinks(inetd: Inetd) -> None:
    """Answers do not wait for the end of the input."""
    user = inetd.cluster.daemon_user
    with inetd.accepted(user) as (ours, theirs), inetd.started(ours.fileno(), output=ours.fileno()) as process:
        ours.close()
        for piece in (request(PING)[:30], request(PING)[30:]):
            theirs.sendall(piece.encode())
        assert read_answer(theirs).status == 200
        began = time.monotonic()
        theirs.sendall(request(PING).encode())
        assert read_answer(theirs).status == 200
        assert time.monotonic() - began < 30
        theirs.close()
        eventually(lambda: process.poll() is not None, 30)
        assert process.returncode == 0

"""What a running daemon logs: one line for each request, libslurm's messages, and never a token."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.inetd import Inetd, request
from tests.live.jobs import API, COMMON, SCRIPT
from tests.plugins.client import eventually
from tests.plugins.cluster import Cluster
from tests.plugins.daemon import Daemon, Factory

LINE = re.compile(
    r"\[[-0-9T:.]+\] slurmrestd\[\d+\]: (?P<method>\S+) (?P<path>\S+) (?P<status>\S+) user=(?P<user>\S+) "
    r"bytes=(?P<bytes>\S+) seconds=(?P<seconds>\S+) peer=(?P<peer>.+) id=(?P<id>\S+)(?: \((?P<ending>[a-z ]+)\))?"
)
MOST = "-vvvvvv"


@pytest.fixture(scope="module")
def server(daemon: Factory) -> Iterator[Daemon]:
    """A daemon at its usual level."""
    with daemon(tcp=True) as server:
        yield server


def line_of(server: Daemon, identifier: str) -> re.Match[str]:
    """The line of a request, once it is there; fails where there is more than one."""

    def found() -> list[str]:
        return [one for one in server.log().splitlines() if f"id={identifier}" in one.split()]

    (line,) = eventually(found)
    matched = LINE.fullmatch(line)
    assert matched, line
    return matched


def test_a_request_is_one_line(server: Daemon, cluster: Cluster) -> None:
    answer = server.client.get(f"{API}/partitions?update_time=1&secret=xyzzy")
    line = line_of(server, answer.headers["X-Request-ID"])
    assert line.group("method", "path", "status") == ("GET", f"{API}/partitions", "200")
    assert line.group("user", "peer", "ending") == (cluster.daemon_user, "unix socket", None)
    assert int(line["bytes"]) > int(answer.headers["Content-Length"])
    assert 0 < float(line["seconds"]) < 60
    assert "xyzzy" not in server.log()


def test_the_user_of_a_token_is_named(server: Daemon, cluster: Cluster) -> None:
    answer = server.network.as_user("games", cluster.token("games")).get(f"{API}/nodes")
    line = line_of(server, answer.headers["X-Request-ID"])
    assert line["user"] == "games"
    assert re.fullmatch(r"127\.0\.0\.1:\d+", line["peer"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nope", "404"), ("POST", f"{API}/nodes", "405"), ("HEAD", f"{API}/ping", "200")],
)
def test_every_status_has_its_line(server: Daemon, method: str, path: str, status: str) -> None:
    answer = server.client.request(method, path)
    assert line_of(server, answer.headers["X-Request-ID"]).group("method", "path", "status") == (method, path, status)


def test_nobody_has_no_name(server: Daemon) -> None:
    answer = server.network.get(f"{API}/ping", headers={"X-SLURM-USER-NAME": "root"})
    assert line_of(server, answer.headers["X-Request-ID"]).group("status", "user") == ("401", "-")


def test_what_is_no_request_has_a_line_too(server: Daemon) -> None:
    with server.client.raw() as link:
        link.sendall(b"GET / HTTP/1.1\r\nX-SLURM-USER-TOKEN : plugh\r\n\r\n")
        received = b"".join(iter(lambda: link.recv(4096), b""))
    (identifier,) = re.findall(rb"X-Request-ID: (\S+)\r\n", received)
    assert line_of(server, identifier.decode()).group("status", "ending") == ("400", "refused")
    assert "plugh" not in server.log()


def test_a_proxys_id_is_kept(server: Daemon) -> None:
    answer = server.client.get(f"{API}/ping", headers={"X-Request-ID": "7f3a.proxy-1"})
    assert answer.headers.get_all("X-Request-ID") == ["7f3a.proxy-1"]
    line_of(server, "7f3a.proxy-1")
    for bad in ("a b", "x" * 200, "a, b"):
        given = server.client.get(f"{API}/ping", headers={"X-Request-ID": bad}).headers["X-Request-ID"]
        assert given != bad
        line_of(server, given)


def test_names_forge_no_line(server: Daemon, cluster: Cluster) -> None:
    path = f"{API}/node/x%0A%1b[31m%20id=forged"
    answer = server.client.get(path)
    assert answer.status == 404
    assert line_of(server, answer.headers["X-Request-ID"])["path"].startswith(f"{API}/node/x%0A")
    assert not re.search(r"^\S* ?id=forged", server.log(), re.MULTILINE)


def test_errors_alone_at_that_level(daemon: Factory) -> None:
    with daemon(env={"SLURMRESTD_DEBUG": "error"}) as server:
        assert server.client.get(f"{API}/ping").status == 200
        assert server.stop() == 0
        assert server.log() == ""


# libslurm's own messages.


def test_libslurm_says_what_it_does(daemon: Factory) -> None:
    with daemon(MOST, env={"SLURM_JWT": None}) as server:
        assert server.client.get(f"{API}/ping").status == 200
        assert eventually(lambda: re.search(r"slurmrestd\[\d+\]: debug: .*auth/munge", server.log()))


def test_what_libslurm_quotes_forges_no_line(server: Daemon, cluster: Cluster) -> None:
    forged = "GET /forged 200 user=root"
    for text in (f"x%0A{forged.replace(' ', '%20')}", "%1b[2J", "y" * 100):
        assert server.client.get(f"/slurmdb/v0.0.39/jobs?start_time={text}").status == 422
    body = {"script": SCRIPT, "job": COMMON | {"cpu_frequency": f"x\n{forged}"}}
    assert server.client.post(f"{API}/job/submit", body).status >= 400
    asked = server.client.get(f"{API}/ping").headers["X-Request-ID"]
    line_of(server, asked)
    lines = [line for line in server.log().splitlines() if forged in line]
    assert all("libslurm: " in line for line in lines)
    assert "y" * 100 not in server.log()
    assert "\x1b" not in server.log()


def test_libslurms_errors_are_in_the_log(daemon: Factory, cluster: Cluster) -> None:
    with daemon(env={"SLURM_JWT": None}) as server, cluster.stopped("munged"):
        assert server.client.get(f"{API}/jobs").status >= 500
        assert eventually(lambda: re.search(r"slurmrestd\[\d+\]: error: .*[Mm]unge", server.log()))


def test_broken_plugins_of_commands_change_nothing(daemon: Factory, cluster: Cluster, directory: Path) -> None:
    """plugstack.conf and cli_filter are for srun and the like: libslurm must not get as far as reading them."""
    plugstack = directory / "plugstack.conf"
    plugstack.write_text("required /nonexistent/plugin.so\nthis is no plugstack.conf\n")
    conf = directory / "slurm.conf"
    lines = f"PlugStackConfig={plugstack}\nCliFilterPlugins=cli_filter/nonexistent\n"
    conf.write_text(cluster.conf.read_text() + lines)
    for path in (conf, plugstack):
        path.chmod(0o644)
    with daemon(tcp=True, conf=conf) as server:
        submitted = server.client.post(f"{API}/job/submit", {"script": SCRIPT, "job": COMMON})
        assert submitted.status == 200
        assert server.client.delete(f"{API}/job/{submitted.document['job_id']}").status == 200
        assert not re.search("plugstack|cli_filter|spank", server.log())


# Tokens.


def fragments(token: str) -> set[str]:
    """What nobody may find of a token: all of its signature, in pieces, and the beginning of the rest."""
    signature = token.split(".")[2]
    return {token[:24], token.split(".")[1][:24], *(signature[begin : begin + 12] for begin in range(0, 36, 12))}


def assert_absent(tokens: list[str], text: str) -> None:
    """Fail where any part of a token is in the text, as it is or in hexadecimal."""
    for token in tokens:
        found = [part for part in fragments(token) if part in text]
        assert not found, (found, [line for line in text.splitlines() if found[0] in line][:3])
        dumped = " ".join(f"{byte:02x}" for byte in token.split(".")[2][:8].encode())
        assert dumped not in text


def test_no_token_is_in_the_log(daemon: Factory, cluster: Cluster) -> None:
    """At the highest level, with every flag that shows messages, for good tokens and bad ones, wherever they are."""
    good, given = cluster.token("games"), cluster.token(cluster.daemon_user)
    forged = good[:-8] + "AAAAAAAA"
    tokens = [good, given, forged]
    env = {"SLURM_JWT": given, "SLURM_DEBUG_FLAGS": "Network,NetworkRaw,Protocol"}
    with daemon(MOST, tcp=True, env=env) as server:
        asked = server.network
        for path in (f"{API}/jobs", "/slurmdb/v0.0.39/users", f"{API}/node/{good}", f"/{good}", f"{API}/jobs?t={good}"):
            for token in (good, forged):
                asked.get(path, token=token, user="games")
                asked.get(path, headers={"Authorization": f"Bearer {token}"})
                asked.get(path, headers={"Authorization": f"Basic {token}"})
                asked.get(path, headers={"X-Request-ID": token})
        server.client.get(f"{API}/jobs")
        server.client.post(f"{API}/job/submit", {"script": good, "job": {"environment": [good], "name": good}})
        asked.get(f"{API}/jobs", token=good, user=good)
        with server.client.raw() as link:
            link.sendall(f"GET / HTTP/1.1\r\nX-SLURM-USER-TOKEN : {good}\r\n\r\n".encode())
            assert b"400" in link.recv(4096)
        with server.client.raw() as link:
            link.sendall(f"{good} / HTTP/1.1\r\n\r\n".encode())
            assert b"400" in link.recv(4096)
        eventually(lambda: "NET_RAW" in server.log() and "[token]" in server.log())
        server.stop()
        log = server.log()
    assert_absent(tokens, log)
    assert log.count(" id=") > 40


def test_no_token_is_in_the_log_of_inetd_mode(daemon: Factory, cluster: Cluster) -> None:
    good = cluster.token("games")
    inetd = Inetd(daemon)
    token = f"X-SLURM-USER-TOKEN: {good}"
    submission = request(f"{API}/job/submit", token, method="POST", body='{"script": "' + good + '"}')
    env = {"SLURM_JWT": "daemon", "SLURM_DEBUG_FLAGS": "NetworkRaw"}
    session = inetd.pipe(request(f"{API}/jobs", token) + submission + f"{good}\n\n", MOST, env=env)
    assert session.statuses == [200, 422, 400]
    assert "NET_RAW" in session.log
    assert_absent([good], session.log)


def test_a_failing_app_shows_no_token(cluster: Cluster) -> None:
    """The log of an exception whose text is a token."""
    good = cluster.token("games")
    code = """
import logging, sys
from slurmrest.daemon import logs
logs.start(9)
read = sys.stdin.read()
try:
    {}[read]
except KeyError:
    logging.getLogger("slurmrestd").exception("failed for %s", read)
    logging.getLogger("slurmrestd.libslurm").error("heard of %s", read)
"""
    env = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ["PATH"]}
    done = subprocess.run((sys.executable, "-c", code), input=good, capture_output=True, text=True, env=env, check=True)
    assert_absent([good], done.stderr)
    assert done.stderr.count("[token]") == 3

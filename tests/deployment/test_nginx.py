"""conf/nginx.conf in nginx: before a stand-in for what is about HTTP, before the daemon for what is about users."""

from __future__ import annotations

import http.client
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.live.jobs import API
from tests.plugins.client import eventually
from tests.plugins.cluster import Cluster
from tests.plugins.daemon import Daemon, Factory

from .conftest import Folders
from .proxy import DEADLINE, HOST, Behind, Nginx

Headers = Mapping[str, str]
MIB = 1 << 20


def ask(nginx: Nginx, method: str, path: str, headers: Headers | None = None, body: bytes | None = None) -> int:
    """Make one request. Gives its status."""
    connection = http.client.HTTPConnection(HOST, timeout=DEADLINE)
    connection.sock = nginx.connect()
    with closing(connection):
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        answer.read()
        return answer.status


@pytest.fixture(scope="module")
def behind(folder: Path) -> Iterator[Behind]:
    """The proxy and a recording stand-in."""
    with closing(Behind(folder)) as both:
        yield both


def test_nginx_has_nothing_to_say_of_it(behind: Behind) -> None:
    assert "warn" not in behind.nginx.check()


def test_connections_to_the_daemon_are_kept(behind: Behind) -> None:
    def sockets() -> int:
        files = [file for worker in behind.daemon.workers for file in Path(f"/proc/{worker}/fd").iterdir()]
        return sum(str(file.readlink()).startswith("socket:") for file in files)

    before = sockets()
    for number in range(40):
        assert ask(behind.nginx, "GET", f"/ping/{number}") == 200
    # Each of the two processes of nginx keeps what it has used, which is one at a time.
    assert 1 <= sockets() - before <= 4


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ({f"X-{number}": "a" * 15_000 for number in range(3)}, "/ping", 200),
        ({f"X-{number}": "a" * 15_000 for number in range(5)}, "/ping", 400),
        ({"X-A": "a" * 17_000}, "/ping", 400),
        ({}, "/ping?" + "a" * 15_000, 200),
        ({}, "/ping?" + "a" * 17_000, 414),
        ({"Authorization": "Bearer " + "a" * 15_000, "If-None-Match": "b" * 15_000}, "/ping", 200),
    ],
)
def test_headers_are_refused_by_nginx_before_the_daemon_would(
    behind: Behind, headers: Headers, path: str, status: int
) -> None:
    behind.reached()
    assert ask(behind.nginx, "GET", path, headers) == status
    assert len(behind.reached()) == (status == 200)


@pytest.mark.parametrize(("size", "status"), [(50 * MIB, 200), (50 * MIB + 1, 413)])
def test_bodies_have_the_limit_that_the_daemon_has(behind: Behind, size: int, status: int) -> None:
    assert ask(behind.nginx, "POST", "/count", body=b"x" * size) == status
    assert len(behind.reached()) == (status == 200)


def test_a_request_that_is_not_whole_does_not_reach_the_daemon(behind: Behind) -> None:
    behind.reached()
    with behind.nginx.connect() as link:
        link.sendall(f"POST /echo HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 10\r\n\r\nhello".encode())
        assert ask(behind.nginx, "GET", "/ping") == 200
    assert [target for _, target, _, _ in behind.reached()] == ["/ping"]


def test_no_request_is_lost_while_workers_are_replaced(behind: Behind) -> None:
    before = set(behind.daemon.workers)

    def replaced() -> bool:
        return len(behind.daemon.workers) == 2 and not before & set(behind.daemon.workers)

    with ThreadPoolExecutor(6) as pool:
        clients = [pool.submit(until, replaced, behind.nginx, method) for method in ("GET", "POST") * 3]
        behind.daemon.signal(signal.SIGHUP)
        statuses = [status for client in clients for status in client.result()]
    assert set(statuses) == {200}
    assert len(statuses) > 30


def until(done: Callable[[], bool], nginx: Nginx, method: str) -> list[int]:
    """Ask until something is done, and some more. Gives the statuses."""
    statuses, left = [], 10
    while left:
        left -= done()
        statuses.append(ask(nginx, method, "/echo", body=b"hello"))
    return statuses


@contextmanager
def proxied(server: Daemon, folder: Path, user: str = "www-data") -> Iterator[Nginx]:
    """The proxy before a real daemon."""
    with closing(Closing(folder, str(server.socket), user)) as nginx:
        nginx.start()
        yield nginx


class Closing(Nginx):
    """One that is stopped at the end of a with block."""

    def close(self) -> None:
        """Stop it."""
        self.stop()


@pytest.fixture(scope="module")
def server(daemon: Factory) -> Iterator[Daemon]:
    """A real daemon."""
    with daemon() as server:
        yield server


def test_a_token_is_whoever_it_is_for(server: Daemon, cluster: Cluster, folders: Folders) -> None:
    with proxied(server, folders()) as nginx:
        token = cluster.token("games")
        assert ask(nginx, "GET", f"{API}/jobs", {"X-SLURM-USER-TOKEN": token}) == 200
        assert ask(nginx, "GET", f"{API}/jobs", {"X-SLURM-USER-TOKEN": token, "X-SLURM-USER-NAME": "games"}) == 200
        assert ask(nginx, "GET", f"{API}/jobs", {"Authorization": f"Bearer {token}"}) == 200
        assert ask(nginx, "GET", f"{API}/jobs", {"X-SLURM-USER-TOKEN": f"{token}x"}) == 401
        assert ask(nginx, "GET", f"{API}/jobs", {"X-SLURM-USER-TOKEN": token, "X-SLURM-USER-NAME": "root"}) == 401


@pytest.mark.parametrize("user", ["root", "slurmrestd", "www-data"])
def test_nobody_becomes_a_local_peer_by_the_proxy(
    server: Daemon, cluster: Cluster, folders: Folders, user: str
) -> None:
    """Not even where nginx is a user who would be one."""
    name = cluster.daemon_user if user == "slurmrestd" else user
    lines: list[Headers] = [
        {},
        {"X-SLURM-USER-NAME": cluster.daemon_user},
        {"X-SLURM-USER-NAME": "root"},
        {"X-Forwarded-For": ""},
        {"Connection": "close, X-Forwarded-For, X-Forwarded-Proto"},
        {"X_Forwarded_For": ""},
        {"X-SLURM-USER-TOKEN": ""},
        {"Authorization": ""},
    ]
    assert server.client.get(f"{API}/ping").status == 200
    with proxied(server, folders(), name) as nginx:
        assert [ask(nginx, "GET", f"{API}/ping", headers) for headers in lines] == [401] * len(lines)


def test_a_daemon_that_is_away_is_502_and_then_is_not(daemon: Factory, cluster: Cluster, folders: Folders) -> None:
    headers = {"X-SLURM-USER-TOKEN": cluster.token("games")}
    with daemon() as server, proxied(server, folders()) as nginx:
        assert ask(nginx, "GET", f"{API}/ping", headers) == 200
        assert server.socket
        away = server.socket.with_suffix(".away")
        server.socket.rename(away)
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: ask(nginx, "GET", f"{API}/ping", headers) == 502)
        away.rename(server.socket)
        assert ask(nginx, "GET", f"{API}/ping", headers) == 200

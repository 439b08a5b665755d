"""Whom a request is served as: tokens, local peers, forwarded requests, and that no two users ever mix."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from slurmrest.routes import ROUTES
from tests.live.commands import scontrol
from tests.live.jobs import API, COMMON, SCRIPT, Jobs
from tests.plugins.client import Client, Connection, eventually
from tests.plugins.cluster import Cluster
from tests.plugins.daemon import Factory

PARTS = {
    "job_id": "67108863",
    "node_name": "node01",
    "partition_name": "debug",
    "reservation_name": "course",
    "cluster_name": "nowhere",
    "account_name": "nobody",
    "user_name": "nobody",
    "qos_name": "none",
    "wckey": "none",
}
URLS = [url.format(**PARTS) for url in ROUTES]
REQUESTS = [
    (method, url.format(**PARTS))
    for url, resource in ROUTES.items()
    for method in ("GET", "HEAD", "POST", "DELETE")
    if hasattr(resource, f"on_{method.lower()}")
]
BODY = json.dumps({"script": SCRIPT, "job": COMMON})
METHODS = ("GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT")
FORWARDED = [
    {"Forwarded": "for=192.0.2.1"},
    {"X-Forwarded-For": "192.0.2.1"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Host": "x"},
    {"X-Real-IP": "192.0.2.1"},
    {"Via": "1.1 proxy"},
    {"x-forwarded-for": ""},
]

pytestmark = pytest.mark.usefixtures("workers")


@pytest.fixture(scope="module")
def tokens(cluster: Cluster, users: tuple[str, ...]) -> dict[str, str]:
    """User -> token."""
    return {user: cluster.token(user) for user in users}


@pytest.fixture(scope="module")
def held(cluster: Cluster, tokens: dict[str, str]) -> Iterator[dict[str, int]]:
    """A held job of each user."""
    jobs = Jobs(cluster)
    yield {user: jobs.submit(cluster.network.as_user(user, token), hold=True) for user, token in tokens.items()}
    jobs.cancel()


def part(document: dict[str, Any]) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def token(user: str, key: bytes, lasting: int, algorithm: str = "HS256") -> str:
    """A token that somebody else made. lasting: seconds from now."""
    now = int(time.time())
    text = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part({'exp': now + lasting, 'iat': now - 100, 'sun': user})}"
    signed = hmac.digest(key, text.encode(), hashlib.sha256)
    return f"{text}.{base64.urlsafe_b64encode(signed).rstrip(b'=').decode()}" if algorithm != "none" else f"{text}."


@pytest.fixture(scope="module")
def key(cluster: Cluster) -> bytes:
    """What slurmctld signs tokens with."""
    return (cluster.state / "etc" / "jwt.key").read_bytes()


def test_a_token_of_our_own_making_is_good(cluster: Cluster, key: bytes) -> None:
    assert cluster.network.get(f"{API}/jobs", token=token("games", key, 60)).status == 200


BAD = ("expired", "other key", "unsigned", "cut", "changed", "nonsense", "other user")


@pytest.fixture(scope="module")
def bad(key: bytes) -> dict[str, str]:
    """Tokens that slurmctld refuses."""
    good = token("root", key, 60)
    payload = part({"exp": int(time.time()) + 60, "iat": 0, "sun": "slurm"})
    return {
        "expired": token("root", key, -10),
        "other key": token("root", b"x" * 32, 60),
        "unsigned": token("root", key, 60, "none"),
        "cut": good[:-4],
        "changed": good.replace(".", ".e", 1),
        "nonsense": "nonsense",
        "other user": ".".join([good.split(".")[0], payload, good.split(".")[2]]),
    }


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("transport", ["unix", "network"])
def test_a_bad_token_is_401_everywhere(
    cluster: Cluster, bad: dict[str, str], jobs: Jobs, transport: str, kind: str
) -> None:
    client = getattr(cluster, transport).as_user(None, bad[kind])
    job = jobs.submit(cluster.unix, hold=True)
    before = [node["NodeName"] for node in scontrol(cluster, "node")]
    for method, url in REQUESTS:
        body = BODY if method == "POST" else None
        assert client.request(method, url.replace("67108863", str(job)), body=body).status == 401, (method, url)
    assert client.as_user("root", bad[kind]).get(f"{API}/jobs").status == 401
    assert jobs.state(job) == "PENDING"
    assert [node["NodeName"] for node in scontrol(cluster, "node")] == before


def test_a_token_that_expires(cluster: Cluster, key: bytes) -> None:
    client = cluster.unix.as_user(None, token("games", key, 2))
    assert client.get(f"{API}/ping").status == 200
    eventually(lambda: client.get(f"{API}/ping").status == 401)
    assert client.get(f"{API}/jobs").status == 401


@pytest.mark.parametrize("url", [*URLS, "/", "/openapi", f"{API}/nowhere"])
def test_nobody_is_401_everywhere(cluster: Cluster, url: str) -> None:
    for headers in ({}, {"X-SLURM-USER-NAME": "root"}, {"Authorization": "Basic cm9vdDo="}, {"X-SLURM-USER-TOKEN": ""}):
        for method in METHODS:
            answer = cluster.network.request(method, url, headers=headers)
            assert (answer.status, answer.document or "Authentication failure") == (401, "Authentication failure")


@pytest.mark.parametrize("user", ["games", "slurm", "nobody", "slurmrestd", "root"])
def test_local_peers(cluster: Cluster, tokens: dict[str, str], user: str) -> None:
    def status(*options: str) -> str:
        code = ("-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", str(cluster.socket))
        return cluster.run("curl", *code, *options, f"http://localhost{API}/jobs", user=user).stdout

    served = user in ("root", cluster.daemon_user)
    assert status() == ("200" if served else "401")
    assert status("-H", f"X-SLURM-USER-NAME: {cluster.daemon_user}") == ("200" if served else "401")
    for name in {user, "root", "games", "no-such-user"} - {cluster.daemon_user}:
        assert status("-H", f"X-SLURM-USER-NAME: {name}") == "401"
    assert status("-H", f"X-SLURM-USER-TOKEN: {tokens['games']}") == "200"


def test_a_local_peer_is_the_daemon_s_user(cluster: Cluster, jobs: Jobs, root: Client) -> None:
    job = jobs.submit(cluster.unix, hold=True)
    assert jobs.got(root, job)[0]["user_name"] == cluster.daemon_user


@pytest.mark.parametrize("headers", FORWARDED, ids=str)
def test_what_was_forwarded_is_not_local(cluster: Cluster, tokens: dict[str, str], headers: dict[str, str]) -> None:
    assert cluster.unix.get(f"{API}/ping", headers=headers).status == 401
    assert cluster.unix.get(f"{API}/ping", headers=headers, user=cluster.daemon_user).status == 401
    assert cluster.unix.get(f"{API}/ping", headers=headers, token=tokens["games"]).status == 200


def test_forms_of_a_token(cluster: Cluster, tokens: dict[str, str]) -> None:
    good = tokens["games"]
    for client in (cluster.unix, cluster.network):
        assert client.get(f"{API}/ping", headers={"Authorization": f"Bearer {good}"}).status == 200
        assert client.get(f"{API}/ping", headers={"x-slurm-user-token": good}).status == 200
        for refused in ("bearer", "Token", ""):
            assert client.get(f"{API}/ping", headers={"Authorization": f"{refused} {good}"}).status == 401
        both = {"Authorization": f"Bearer {good}", "X-SLURM-USER-TOKEN": good}
        assert client.get(f"{API}/ping", headers=both).status == 401
        assert client.get(f"{API}/ping", headers={"X-SLURM-USER-TOKEN": f"{good} {good}"}).status == 401


def test_a_token_is_its_users_whoever_is_named(cluster: Cluster, tokens: dict[str, str], held: dict[str, int]) -> None:
    client = cluster.unix
    assert seen(client.as_user("games", tokens["games"])) == {"games"}
    for other in ("man", "root", "no-such-user"):
        assert client.get(f"{API}/jobs", token=tokens["games"], user=other).status == 401


@pytest.mark.parametrize("powerful", ["root", "slurm"])
def test_who_may_name_another(cluster: Cluster, held: dict[str, int], powerful: str) -> None:
    mighty = cluster.token(powerful)
    assert seen(cluster.network.as_user("games", mighty)) == {"games"}
    assert seen(cluster.network.as_user("man", mighty)) == {"man"}
    assert seen(cluster.network.as_user(None, mighty)) >= set(held)


def seen(client: Client) -> set[str]:
    """Whose jobs a client sees."""
    return {job["user_name"] for job in client.get(f"{API}/jobs").document["jobs"]}


def test_users_see_only_their_own_jobs(cluster: Cluster, tokens: dict[str, str], held: dict[str, int]) -> None:
    for user, own in tokens.items():
        client = cluster.unix.as_user(user, own)
        assert seen(client) == {user}
        for owner, job in held.items():
            assert client.get(f"{API}/job/{job}").status == (200 if owner == user else 404)


def test_users_end_only_their_own_jobs(cluster: Cluster, tokens: dict[str, str], held: dict[str, int]) -> None:
    for user, own in tokens.items():
        client = cluster.network.as_user(user, own)
        for owner in set(held) - {user}:
            assert client.delete(f"{API}/job/{held[owner]}").status == 403
            assert client.post(f"{API}/job/{held[owner]}", {"comment": user}).status == 403
    assert {Jobs(cluster).state(job) for job in held.values()} == {"PENDING"}


def test_users_never_mix(cluster: Cluster, tokens: dict[str, str], held: dict[str, int]) -> None:
    """Eight users over 16 threads, each of which has one connection to each address, and local peers among them."""

    def ask(chance: random.Random, link: Connection) -> Any:
        user, owner = chance.choice([*tokens, None]), chance.choice(list(held))
        listed = user is not None and chance.random() < 0.1
        url = f"{API}/jobs" if listed else f"{API}/job/{held[owner]}"
        link.request("GET", url, headers={"X-SLURM-USER-TOKEN": tokens[user]} if user else {})
        answer = link.answer()
        if listed:
            return None if {job["user_name"] for job in answer.document["jobs"]} == {user} else (user, answer)
        expected = 401 if user is None and link.address == cluster.tcp else 200 if user == owner else 404
        return None if answer.status == expected else (user, owner, answer)

    def thread(number: int) -> list[Any]:
        chance, links = random.Random(number), [Connection(cluster.socket), Connection(cluster.tcp)]
        wrong = [ask(chance, chance.choice(links)) for _ in range(100)]
        for link in links:
            link.close()
        return [one for one in wrong if one]

    with ThreadPoolExecutor(16) as pool:
        assert [wrong for wrong in pool.map(thread, range(16)) if wrong] == []


def test_submissions_never_mix(cluster: Cluster, tokens: dict[str, str], root: Client, jobs: Jobs) -> None:
    order = list(tokens) * 8
    random.Random(1).shuffle(order)

    def submit(user: str) -> int:
        return jobs.submit(cluster.network.as_user(None, tokens[user]), hold=True, comment=user)

    with ThreadPoolExecutor(16) as pool:
        submitted = list(pool.map(submit, order))
    found = {job["job_id"]: job for job in root.get(f"{API}/jobs").document["jobs"]}
    assert [found[job]["user_name"] for job in submitted] == order
    assert [found[job]["comment"] for job in submitted] == order


def test_without_slurm_jwt_there_are_no_tokens(daemon: Factory, tokens: dict[str, str]) -> None:
    with daemon(env={"SLURM_JWT": None}, tcp=True) as server:
        assert server.client.get(f"{API}/jobs").status == 200
        assert server.client.get(f"{API}/jobs", token=tokens["games"]).status == 401
        assert server.network.get(f"{API}/jobs", token=tokens["games"]).status == 401


def test_a_real_token_in_slurm_jwt_serves_the_local_peers(
    daemon: Factory, cluster: Cluster, held: dict[str, int]
) -> None:
    own = cluster.token(cluster.daemon_user)
    with daemon(env={"SLURM_JWT": own}, tcp=True) as server:
        assert seen(server.client) <= {cluster.daemon_user}
        assert server.network.get(f"{API}/jobs").status == 401
        assert own not in server.log()


def test_no_token_is_logged(daemon: Factory, tokens: dict[str, str], bad: dict[str, str]) -> None:
    with daemon("-vvvvvv") as server:
        for secret in (tokens["games"], bad["expired"], bad["changed"]):
            server.client.get(f"{API}/jobs", token=secret)
            server.client.get(f"{API}/jobs", headers={"Authorization": f"Bearer {secret}"})
            server.client.get(f"{API}/nowhere?x={1}", token=secret)
        log = server.log()
        assert "/jobs" in log
        for secret in (tokens["games"], bad["expired"], bad["changed"]):
            assert secret not in log
            assert secret.rpartition(".")[2] not in log

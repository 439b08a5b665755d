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
from tests.live.jobs import API, COMMON, SCRIPT, Jobs
from tests.plugins.client import Client, Connection, read
from tests.plugins.cluster import Cluster
from tests.plugins.daemon import Factory

PARTS = {"job_id": "67108863", "node_name": "node01", "partition_name": "debug", "reservation_name": "course"}
URLS = [url.format(**PARTS) for url in ROUTES] + ["/", "/openapi", f"{API}/nowhere"]
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


@pytest.mark.parametrize("kind", ["expired", "other key", "unsigned", "cut", "changed", "nonsense", "nobody"])
def test_a_bad_token_is_401_everywhere(cluster: Cluster, key: bytes, jobs: Jobs, kind: str) -> None:
    good = token("root", key, 60)
    bad = {
        "expired": token("root", key, -10),
        "other key": token("root", b"x" * 32, 60),
        "unsigned": token("root", key, 60, "none"),
        "cut": good[:-4],
        "changed": good.replace(".", ".e", 1),
        "nonsense": "nonsense",
        "nobody": token("no-such-user", key, 60),
    }[kind]
    job = jobs.submit(cluster.unix, hold=True)
    for client in (cluster.unix, cluster.network):
        for url in [*URLS, f"{API}/job/{job}"]:
            for method in ("GET", "DELETE"):
                answer = client.request(method, url, token=bad)
                if answer.status != 401:
                    print(kind, method, url, answer.status, answer.document)
    assert jobs.state(job) == "PENDING"

"""Who a request is made as, by what it brings and where it comes from. The kernel's word is real: socket pairs."""

from __future__ import annotations

import os
import pwd
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from libslurm.identity import OwnIdentity, TokenIdentity
from libslurm.library import Library
from slurmrest.auth import Authenticator
from slurmrest.errors import Refusal

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdW4iOiJiaW4ifQ.c2lnbmF0dXJl"  # noqa: S105 - made up here
OWN = pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture
def unix() -> Iterator[dict[str, Any]]:
    """The environ of a request from the daemon's own user over a unix socket."""
    server, client = socket.socketpair()
    with server, client:
        yield {"gunicorn.socket": server}


@pytest.fixture
def tcp() -> Iterator[dict[str, Any]]:
    """The environ of a request over TCP."""
    with socket.socket() as peer:
        yield {"gunicorn.socket": peer}


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.open()


def _authenticator(library: Library, *, tokens: bool) -> Authenticator:
    return Authenticator(library, OwnIdentity(library), tokens=tokens)


@pytest.mark.parametrize("headers", [{}, {"HTTP_X_SLURM_USER_NAME": OWN}])
@pytest.mark.parametrize("tokens", [True, False])
def test_a_local_peer_is_the_daemons_user(
    library: Library, unix: dict[str, Any], headers: dict[str, str], tokens: bool
) -> None:
    assert isinstance(_authenticator(library, tokens=tokens).identify({**unix, **headers}), OwnIdentity)


@pytest.mark.parametrize("headers", [{"HTTP_X_SLURM_USER_TOKEN": TOKEN}, {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}])
def test_a_token_makes_its_user_on_any_socket(
    library: Library, unix: dict[str, Any], tcp: dict[str, Any], headers: dict[str, str]
) -> None:
    for environ in (unix, tcp):
        identity = _authenticator(library, tokens=True).identify({**environ, **headers})
        assert isinstance(identity, TokenIdentity)
        assert identity.user == "bin"
        named = _authenticator(library, tokens=True).identify({**environ, **headers, "HTTP_X_SLURM_USER_NAME": "man"})
        assert named.user == "man"


REFUSED = {
    "names somebody else": {"HTTP_X_SLURM_USER_NAME": "nobody"},
    "names the empty user": {"HTTP_X_SLURM_USER_NAME": ""},
    "Forwarded": {"HTTP_FORWARDED": "for=1.2.3.4"},
    "X-Forwarded-For": {"HTTP_X_FORWARDED_FOR": "1.2.3.4"},
    "X-Forwarded-Anything": {"HTTP_X_FORWARDED_ANYTHING": ""},
    "X-Real-IP": {"HTTP_X_REAL_IP": "1.2.3.4"},
    "Via": {"HTTP_VIA": "1.1 proxy"},
    "two tokens": {"HTTP_X_SLURM_USER_TOKEN": TOKEN, "HTTP_AUTHORIZATION": f"Bearer {TOKEN}"},
    "an empty token": {"HTTP_X_SLURM_USER_TOKEN": ""},
    "a token with a space": {"HTTP_X_SLURM_USER_TOKEN": "a b"},
    "a token with a control character": {"HTTP_X_SLURM_USER_TOKEN": "a\x01b"},
    "bearer in small letters": {"HTTP_AUTHORIZATION": f"bearer {TOKEN}"},
    "another scheme": {"HTTP_AUTHORIZATION": "Basic YTpi"},
    "no token after Bearer": {"HTTP_AUTHORIZATION": "Bearer"},
}


@pytest.mark.parametrize("headers", REFUSED.values(), ids=REFUSED)
def test_refused_even_to_the_daemons_own_user(library: Library, unix: dict[str, Any], headers: dict[str, str]) -> None:
    assert_refuses(_authenticator(library, tokens=True), {**unix, **headers})


def test_a_token_is_refused_where_the_process_cannot_act_on_it(library: Library, unix: dict[str, Any]) -> None:
    assert_refuses(_authenticator(library, tokens=False), {**unix, "HTTP_X_SLURM_USER_TOKEN": TOKEN})


def test_nobody_is_local_over_tcp(library: Library, tcp: dict[str, Any]) -> None:
    assert_refuses(_authenticator(library, tokens=True), tcp)
    assert_refuses(_authenticator(library, tokens=True), {})


def assert_refuses(authenticator: Authenticator, environ: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as caught:
        authenticator.identify(environ)
    assert (caught.value.status, caught.value.text) == (401, "Authentication failure")

"""Identities: what a process is, tokens kept out of libslurm's sight, one fetch for all threads."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from libslurm import errors, identity, library, own_token
from libslurm.identity import TokenSource, claims, looks_like_token

from .interpreter import run_python


def _part(data: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def make_token(user: str = "alice", life: int = 1000, serial: int = 0) -> str:
    """A JWT in form; nobody signed it."""
    return f"{_part({'alg': 'HS256'})}.{_part({'sun': user, 'iat': 0, 'exp': life, 'n': serial})}.c2lnbmF0dXJl"


def test_the_program_that_fetches_one_opens_libslurm_as_the_process_does() -> None:
    # It imports neither.
    assert (own_token.MODE, own_token.UNKNOWN) == (library.MODE, errors.UNKNOWN)


def test_a_token_says_who_it_is() -> None:
    assert claims(make_token("alice", 60)) == {"sun": "alice", "iat": 0, "exp": 60, "n": 0}
    assert claims("nonsense") == {}
    assert claims("a.%%%.c") == {}


@pytest.mark.parametrize("text", ["", "daemon", "a.b.c", "eyJh", make_token() + " "])
def test_what_is_no_token(text: str) -> None:
    assert looks_like_token(make_token())
    assert not looks_like_token(text)


def _prepare(code: str, **variables: str) -> list[str]:
    code = f"import os; from libslurm import identity, prepare_process\n{code}"
    return run_python(code, check=True, **variables).stdout.split()


SHOW = "print(prepare_process(), prepare_process(), os.environ.get('SLURM_JWT'), *identity._given.values())"


def test_without_the_variable_it_is_a_munge_process() -> None:
    assert _prepare(SHOW) == ["munge", "munge", "None"]


def test_with_the_variable_it_is_a_jwt_process() -> None:
    assert _prepare(SHOW, SLURM_JWT="daemon") == ["jwt", "jwt", "daemon"]
    assert _prepare(SHOW, SLURM_JWT="anything") == ["jwt", "jwt", "daemon"]


def test_a_real_token_is_kept_where_libslurm_does_not_look() -> None:
    token = make_token()
    assert _prepare(SHOW, SLURM_JWT=token) == ["jwt", "jwt", "daemon", token]


def test_opening_the_library_prepares_the_process() -> None:
    code = "from libslurm import Library; Library.open(); print(os.environ['SLURM_JWT'])"
    assert _prepare(code, SLURM_JWT=make_token()) == ["daemon"]


def test_a_given_token_is_the_own_identity() -> None:
    code = """
from libslurm import Library, OwnIdentity
own = OwnIdentity(Library.open())
print(own.user, own.token, own)
"""
    assert _prepare(code, SLURM_JWT=make_token("alice")) == ["alice", "False", "<OwnIdentity", "alice>"]


def test_a_token_in_a_munge_process_is_never_the_own_user(conf: Path) -> None:
    code = """
        import sys
        from libslurm import Library, SlurmError, TokenIdentity
        library = Library.open()
        library.init(sys.argv[1])
        try:
            with TokenIdentity(library, sys.argv[2]).acting():
                print("acted")
        except SlurmError as error:
            print(error.function, error.number)
    """
    assert run_python(code, str(conf), make_token()).stdout == "auth_g_thread_config 6000\n"


def test_a_token_never_shows(conf: Path) -> None:
    code = """
        import sys
        from libslurm import Library, TokenIdentity
        print(repr(TokenIdentity(Library.open(), sys.argv[2])))
        try:
            TokenIdentity(Library.open(), sys.argv[2] + chr(0))
        except ValueError as error:
            print(error)
    """
    token = make_token("alice")
    said = run_python(code, str(conf), token).stdout
    assert said == "<TokenIdentity alice>\na token is neither empty nor holds a NUL character\n"


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


class Issuer:
    """Counts the tokens that it issues; fails while *error* is set."""

    def __init__(self) -> None:
        self.issued = 0
        self.error: Exception | None = None

    def __call__(self) -> str:
        """Another token."""
        if self.error:
            raise self.error
        self.issued += 1
        return make_token(serial=self.issued)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def source(issuer: Issuer, clock: Clock) -> TokenSource:
    return TokenSource(issuer, clock)


def test_a_token_is_kept_until_half_its_life(source: TokenSource, clock: Clock) -> None:
    first = source.current()
    clock.now = 499
    assert source.current() == first
    clock.now = 501
    assert source.current() != first


def test_a_good_token_serves_while_renewal_fails(source: TokenSource, clock: Clock, issuer: Issuer) -> None:
    first = source.current()
    issuer.error = OSError("munged is down")
    clock.now = 600
    assert source.current() == first
    clock.now = 960
    with pytest.raises(OSError, match="munged is down"):
        source.current()
    issuer.error = None
    assert source.current() != first


def test_renewal_is_not_tried_at_every_call(source: TokenSource, clock: Clock, issuer: Issuer) -> None:
    first = source.current()
    clock.now = 600
    issuer.error = OSError("munged is down")
    source.current()
    issuer.error = None
    assert source.current() == first
    clock.now += identity.RETRY
    assert source.current() != first


def test_a_refused_token_is_forgotten(source: TokenSource) -> None:
    first = source.current()
    source.forget("another")
    assert source.current() == first
    source.forget(first)
    assert source.current() != first


def _started(count: int, work: Callable[[], None]) -> list[threading.Thread]:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def test_one_fetch_serves_all_threads(clock: Clock, issuer: Issuer) -> None:
    asked, go = threading.Event(), threading.Event()
    found = []

    def fetch() -> str:
        asked.set()
        assert go.wait(timeout=10)
        return issuer()

    source = TokenSource(fetch, clock)
    first = threading.Thread(target=lambda: found.append(source.current()))
    first.start()
    assert asked.wait(timeout=10)
    threads = _started(7, lambda: found.append(source.current()))
    go.set()
    for thread in (first, *threads):
        thread.join()
    assert (issuer.issued, len(set(found)), len(found)) == (1, 1, 8)


def test_all_who_wait_hear_of_the_failure(clock: Clock, issuer: Issuer) -> None:
    issuer.error = OSError("munged is down")
    source = TokenSource(issuer, clock)
    heard = []

    def work() -> None:
        try:
            source.current()
        except OSError as error:
            heard.append(str(error))

    for thread in _started(8, work):
        thread.join()
    assert heard == ["munged is down"] * 8

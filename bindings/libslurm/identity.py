"""The user that an RPC is made as, per thread.

    Identity
     ├─ OwnIdentity    the user this process runs as
     └─ TokenIdentity  the user of a JWT that somebody brought

libslurm picks its authentication once in a process, at the first use: JWT where SLURM_JWT is set, else
munge. In a JWT process each thread can be given a token; a thread that has none uses SLURM_JWT itself.
So prepare_process puts a placeholder there: a thread that was not configured is refused, and is nobody.
"""

from __future__ import annotations

import base64
import contextlib
import json
import math
import os
import pwd
import re
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .errors import UNKNOWN, ConfigurationError, SlurmError

if TYPE_CHECKING:
    from .library import Library

VARIABLE = "SLURM_JWT"
PLACEHOLDER = "daemon"
LIFESPAN = 1800
"""Seconds asked for when a token is fetched for the own user."""
FETCH_DEADLINE = 60.0
RETRY = 5.0
"""Seconds between attempts to renew a token that is still good."""

REFUSED = ("SLURM_PROTOCOL_AUTHENTICATION_ERROR", "SLURM_PROTOCOL_SOCKET_ZERO_BYTES_SENT")
"""How a controller refuses a token: the first from 26.05 and slurmdbd, the second from 22.05."""

_TOKEN = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+")

_given: dict[str, str] = {}
"""The real token that SLURM_JWT held, under that name; kept here, out of libslurm's sight."""

_lock = threading.Lock()


def prepare_process() -> str:
    """Take a real token out of SLURM_JWT before libslurm sees it; "jwt" or "munge", this process's kind.

    Must run before libslurm's first call; Library.open does it. Later calls change nothing.
    """
    with _lock:
        value = os.environ.get(VARIABLE)
        if value is None:
            return "munge"
        if value != PLACEHOLDER:
            _given.update({VARIABLE: value} if looks_like_token(value) else {})
            os.environ[VARIABLE] = PLACEHOLDER
        return "jwt"


def looks_like_token(text: str) -> bool:
    """Whether *text* has the form of a JWT; says nothing about its signature."""
    return _TOKEN.fullmatch(text) is not None


def claims(token: str) -> dict[str, Any]:
    """What a JWT says of itself, unverified: sun (the user), exp and iat (seconds since the epoch).

    Returns: {} where it cannot be read.
    """
    try:
        body = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


class Identity(ABC):
    """Whoever RPCs are made as. user: the name, as far as it is known. token: whether by a token brought.

    key: equal for identities that are the same to every daemon. expires: seconds since the epoch after which
    this is nobody any more, as far as it says itself.
    """

    user: str = ""
    token: bool = False
    key: Hashable = None
    expires: float = math.inf

    @property
    def ready(self) -> bool:
        """Whether acting() asks nobody for anything first."""
        return True

    @abstractmethod
    def acting(self) -> AbstractContextManager[None]:
        """Make the calls of this thread as this identity, for the length of the with.

        Entering raises SlurmError where the thread cannot be configured; then no call has been made.
        """


class TokenIdentity(Identity):
    """The user of a JWT that a client brought; slurmctld judges the token.

    user: acting for another user, which a token of root or SlurmUser may; None for the token's own.
    In a munge process acting() raises ESLURM_AUTH_CRED_INVALID or its like, and nothing is called.
    """

    token = True

    def __init__(self, library: Library, token: str, user: str | None = None) -> None:
        self._library = library
        self._token = _checked_text("token", token)
        self._user = _checked_text("user", user) if user else None
        self.user = user or _claimed_user(token)
        self.key = (self._token, self._user)

    @property
    def expires(self) -> float:  # type: ignore[override]
        """See Identity."""
        return _expiry(self._token.decode("utf-8", "replace"))

    def __repr__(self) -> str:
        return f"<TokenIdentity {self.user}>"

    def acting(self) -> AbstractContextManager[None]:
        """See Identity.acting."""
        return _ThreadToken(self._library, self._token, self._user)


class OwnIdentity(Identity):
    """The user this process runs as; share one between all threads.

    In a munge process that is what libslurm does by itself. In a JWT process its calls carry the token that
    was given in SLURM_JWT, or one fetched for the own user over munge by a newly executed interpreter
    (libslurm cannot do both in one process, and not after a fork), kept and renewed at half its life.
    """

    def __init__(self, library: Library, conf: str | None = None) -> None:
        self._library = library
        self._jwt = prepare_process() == "jwt"
        self._given = _given.get(VARIABLE)
        self._source = None if self._given else TokenSource(lambda: fetch_own_token(library, conf))
        self.user = _claimed_user(self._given) if self._given else own_user()

    def __repr__(self) -> str:
        return f"<OwnIdentity {self.user}>"

    @property
    def ready(self) -> bool:
        """See Identity."""
        return not (self._jwt and self._source) or self._source.has_one

    def fetch_ahead(self) -> None:
        """Begin to fetch the own token, where one is needed; acting() waits for it."""
        if self._jwt and self._source:
            threading.Thread(target=self._source.try_current, name="own-token", daemon=True).start()

    @contextmanager
    def acting(self) -> Iterator[None]:
        """See Identity.acting. Raises: also whatever fetching the own token raised."""
        if not self._jwt:
            yield
            return
        token = self._source.current() if self._source else self._given
        try:
            with _ThreadToken(self._library, (token or "").encode(), None):
                yield
        except SlurmError as error:
            if error.name in REFUSED and self._source and token:
                self._source.forget(token)
            raise


class _ThreadToken:
    """The calls of this thread as the user of a token, inside of the with."""

    __slots__ = ("_c", "_token", "_user")

    def __init__(self, library: Library, token: bytes, user: bytes | None) -> None:
        self._c, self._token, self._user = library.c, token, user

    def __enter__(self) -> None:
        # In a munge process this fails and the next RPC would be the daemon's own: so it must raise.
        try:
            self._c.auth_g_thread_config(self._token, self._user)
        except BaseException:
            self._c.auth_g_thread_clear()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._c.auth_g_thread_clear()


@dataclass(slots=True)
class _Kept:
    token: str
    renew: float
    expires: float


class TokenSource:
    """A token that is fetched when it is needed, kept, and renewed early. For all threads.

    fetch: returns a new token. While one thread fetches the first, the others wait for that very answer,
    also when it is an error; while one renews, the others go on with the token that is still good.
    """

    def __init__(self, fetch: Callable[[], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: _Kept | None = None
        self._flight: Future[str] | None = None

    def current(self) -> str:
        """A token with life left. Raises: whatever the fetch raised, where there is no good one."""
        with self._lock:
            kept, now = self._kept, self._clock()
            good = kept is not None and now < kept.expires
            if kept and good and (now < kept.renew or self._flight):
                return kept.token
            flight, mine = self._flight, self._flight is None
            if flight is None:
                flight = self._flight = Future()
        if mine:
            self._run(flight)
        return self._answer(flight, kept.token if kept and good else None)

    @property
    def has_one(self) -> bool:
        """Whether current() would not wait."""
        with self._lock:
            return self._kept is not None and self._clock() < self._kept.renew

    def try_current(self) -> None:
        """Fetch a token if there is no good one; whoever needs it will hear of an error."""
        with contextlib.suppress(SlurmError, ConfigurationError, OSError):
            self.current()

    def forget(self, token: str) -> None:
        """Drop *token*, which a controller refused; the next call fetches another."""
        with self._lock:
            if self._kept and self._kept.token == token:
                self._kept = None

    def _run(self, flight: Future[str]) -> None:
        began = self._clock()
        try:
            token = self._fetch()
        except Exception as error:  # noqa: BLE001 - the threads that wait are told, whatever it was
            with self._lock:
                self._flight = None
                if self._kept:
                    self._kept.renew = self._clock() + RETRY
            flight.set_exception(error)
            return
        life = _lifetime(token)
        with self._lock:
            self._kept = _Kept(token, began + life / 2, began + life * 0.95)
            self._flight = None
        flight.set_result(token)

    @staticmethod
    def _answer(flight: Future[str], fallback: str | None) -> str:
        try:
            return flight.result()
        except Exception:
            if fallback is None:
                raise
            return fallback


def own_user() -> str:
    """The name of the user this process runs as, or its number where it has no name."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def fetch_own_token(library: Library, conf: str | None = None, lifespan: int = LIFESPAN) -> str:
    """A JWT for the own user, fetched over munge by a newly executed interpreter; some 20 ms.

    lifespan: seconds. Raises: SlurmError; ConfigurationError where the interpreter itself failed.
    Source: slurm_fetch_token, slurm.h.
    """
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    # -P -S: it needs no modules but Python's own, and to make ready for others takes as long as all that it does.
    program = (sys.executable, "-P", "-S", str(Path(__file__).with_name("own_token.py")))
    try:
        done = subprocess.run(
            (*program, library.path, conf or "", str(lifespan), own_user()),
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=FETCH_DEADLINE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SlurmError(UNKNOWN, "", f"no answer within {FETCH_DEADLINE:.0f} s", "slurm_fetch_token") from None
    return _fetched(library, done.stdout, done.stderr)


def _fetched(library: Library, output: bytes, messages: bytes) -> str:
    """What own_token.py said. messages: what it wrote to standard error."""
    kind, _, value = output.decode("ascii", "replace").partition(" ")
    if kind == "error":
        raise library.error(int(value), "slurm_fetch_token")
    if kind != "token":
        last = messages.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise ConfigurationError(f"no token for {own_user()}: {last or 'the interpreter said nothing'}")
    return value


def _lifetime(token: str) -> float:
    """Seconds from its issue to its end, by the controller's clock at both ends."""
    said = claims(token)
    try:
        return float(said["exp"]) - float(said["iat"])
    except (KeyError, TypeError, ValueError):
        return float(LIFESPAN)


def _expiry(token: str) -> float:
    """When it ends, in seconds since the epoch; at once where it does not say so."""
    try:
        return float(claims(token)["exp"])
    except (KeyError, TypeError, ValueError):
        return 0.0


@lru_cache(maxsize=256)
def _claimed_user(token: str) -> str:
    said = claims(token)
    return str(said.get("sun") or said.get("username") or "")


def _checked_text(what: str, value: str) -> bytes:
    data = value.encode("utf-8", "surrogateescape")
    if not data or b"\0" in data:
        raise ValueError(f"a {what} is neither empty nor holds a NUL character")
    return data

"""Who a request is made as. Nothing is done for a request before this has said so.

rest_auth/jwt: the request brings a token; slurmctld judges it. A request that brings one is never served otherwise.
rest_auth/local: a peer on a unix socket whose uid the kernel vouches for (SO_PEERCRED): root and the daemon's own
user, who are served as the daemon's user. One that says it was forwarded is somebody else's, and is never local.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from libslurm.identity import Identity, OwnIdentity, TokenIdentity, own_user

from .errors import UNAUTHENTICATED, Refusal

if TYPE_CHECKING:
    from libslurm.library import Library

FORWARDED = ("HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
FORWARDED_PREFIX = "HTTP_X_FORWARDED"
"""Headers by which a proxy says that the request is not its own."""

UCRED = struct.Struct("3i")
"""struct ucred of SO_PEERCRED: pid, uid, gid."""


class Claim(NamedTuple):
    """What a request says of its user. token: None where it brings none. user: None where it names nobody."""

    token: str | None
    user: str | None


def claim(environ: Mapping[str, Any]) -> Claim:
    """Read the headers X-SLURM-USER-NAME, X-SLURM-USER-TOKEN and Authorization.

    Raises: Refusal 401 for two tokens, or for an Authorization that is not `Bearer TOKEN`.
    """
    token, authorization = environ.get("HTTP_X_SLURM_USER_TOKEN"), environ.get("HTTP_AUTHORIZATION")
    if authorization is not None:
        scheme, _, bearer = authorization.partition(" ")
        if token is not None or scheme != "Bearer":
            raise Refusal(401, UNAUTHENTICATED)
        token = bearer
    if token is not None and not _is_token(token):
        raise Refusal(401, UNAUTHENTICATED)
    return Claim(token, environ.get("HTTP_X_SLURM_USER_NAME"))


def _is_token(token: str) -> bool:
    return token.isascii() and token.isprintable() and " " not in token and token != ""


def was_forwarded(environ: Mapping[str, Any]) -> bool:
    """Tell whether the request says that it came through a proxy."""
    return any(name in environ for name in FORWARDED) or any(name.startswith(FORWARDED_PREFIX) for name in environ)


def peer_uid(environ: Mapping[str, Any]) -> int | None:
    """Give the uid of the peer on a unix socket, as the kernel says; None on TCP.

    Where there is no socket the server says whose pipe or file it is. No header can have that name.
    """
    peer = environ.get("gunicorn.socket")
    if peer is None:
        return environ.get("slurmrest.peer_uid")
    if peer.family != socket.AF_UNIX:
        return None
    _pid, uid, _gid = UCRED.unpack(peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, UCRED.size))
    return int(uid)


class Authenticator:
    """Decides who a request is made as. tokens: whether this process can act on tokens (SLURM_JWT was set).

    tokens and local say which kinds of authentication there are; the other requests are nobody's.
    """

    def __init__(self, library: Library, own: OwnIdentity, *, tokens: bool, local: bool = True) -> None:
        self.library, self.own, self.tokens, self.local = library, own, tokens, local

    @cached_property
    def own_name(self) -> str:
        """Name of the daemon's user."""
        return own_user()

    def identify(self, environ: Mapping[str, Any]) -> Identity:
        """Give the identity of a request. Raises: Refusal 401 where it has none."""
        claimed = claim(environ)
        if claimed.token is not None:
            if self.tokens:
                return TokenIdentity(self.library, claimed.token, claimed.user)
        elif self.local and self._is_local(environ) and claimed.user in (None, self.own_name):
            return self.own
        raise Refusal(401, UNAUTHENTICATED)

    def _is_local(self, environ: Mapping[str, Any]) -> bool:
        return peer_uid(environ) in (0, os.geteuid()) and not was_forwarded(environ)

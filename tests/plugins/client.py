"""A small HTTP client for unix sockets and TCP, and waiting for something to come true.

Client(path or (host, port), user=None, token=None)
    .get(path, headers=None, token=None, user=None)  -> Answer
    .post(path, document, …), .delete(path, …), .request(method, path, body=None, …)
    .as_user(user, token)   the same server, with a token
    .connection()           an http.client connection, for more than one request on it
    .raw()                  a connected socket, for bytes as they are
Answer is (status, headers, document): document is the parsed JSON, a str for another type, None for no body.

eventually(check, seconds=10)  calls *check* until it returns something true, and returns that
"""

import http.client
import json
import re
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.message import Message
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from tests.plugins import conformity

Found = TypeVar("Found")
Address = Path | tuple[str, int]
TIMEOUT = 60.0


class Answer(NamedTuple):
    """One HTTP answer."""

    status: int
    headers: Message
    document: Any


class Connection(http.client.HTTPConnection):
    """An HTTP connection on a socket of any family."""

    def __init__(self, address: Address) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self.address = address
        self.asked = ("", "")

    def connect(self) -> None:
        """Connect to the address."""
        self.sock = connect(self.address)

    def putrequest(self, method: str, url: str, *arguments: Any, **options: Any) -> None:
        """Begin a request, and remember which."""
        self.asked = (method, url)
        super().putrequest(method, url, *arguments, **options)

    def answer(self) -> "Answer":
        """Read the response to the last request, which must be what the OpenAPI document says."""
        response = self.getresponse()
        body = response.read()
        kind = response.headers.get_content_type()
        conformity.check(*self.asked, response.status, kind, body)
        # A C daemon, which is asked in other versions, passes on what is no UTF-8.
        text = body.decode("utf-8", "replace" if re.search(r"/v0\.0\.(?!39/)\d+/", self.asked[1]) else "strict")
        document = json.loads(text) if kind == "application/json" and text else text or None
        return Answer(response.status, response.headers, document)


def connect(address: Address) -> socket.socket:
    """A socket connected to *address*."""
    if isinstance(address, tuple):
        return socket.create_connection(address, timeout=TIMEOUT)
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(TIMEOUT)
    try:
        link.connect(str(address))
    except OSError:
        link.close()
        raise
    return link


@dataclass(frozen=True)
class Client:
    """Requests to one server, each on a connection of its own. user, token: sent with every request."""

    address: Address
    user: str | None = None
    token: str | None = None

    def get(self, path: str, **options: Any) -> Answer:
        """GET *path*."""
        return self.request("GET", path, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        """DELETE *path*."""
        return self.request("DELETE", path, **options)

    def post(self, path: str, document: Any, **options: Any) -> Answer:
        """POST *document* as JSON to *path*."""
        headers = {"Content-Type": "application/json"} | dict(options.pop("headers", {}))
        return self.request("POST", path, body=json.dumps(document), headers=headers, **options)

    def request(
        self,
        method: str,
        path: str,
        *,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **identity: str,
    ) -> Answer:
        """Make one request. identity: user and token for this one."""
        who = {"user": self.user, "token": self.token} | identity
        named = {"X-SLURM-USER-NAME": who["user"], "X-SLURM-USER-TOKEN": who["token"]}
        sent = {name: value for name, value in named.items() if value is not None}
        connection = self.connection()
        try:
            connection.request(method, path, body, sent | dict(headers or {}))
            return connection.answer()
        finally:
            connection.close()

    def as_user(self, user: str | None, token: str | None) -> "Client":
        """The same server, asked with that identity."""
        return replace(self, user=user, token=token)

    def connection(self) -> Connection:
        """A connection, which the caller closes."""
        return Connection(self.address)

    def raw(self) -> socket.socket:
        """A connected socket, which the caller closes."""
        return connect(self.address)


def eventually(check: Callable[[], Found], seconds: float = 10.0) -> Found:
    """Call *check* until it returns something true. Returns: that. Fails after *seconds*."""
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {check}"
        time.sleep(0.02)
    return found

"""Sends a recorded request, byte for byte, and reads what is compared of the answer."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from tests.daemon.wire import Response, Wire
from tests.plugins.client import Address

from .record import Answer, Case

HEAD = ("meta", "errors", "warnings")
REPEATED = re.compile(r"<([^<>]+)\*(\d+)>")
ROLE = re.compile(r"{(\w+)}")
PATH = re.compile(r"#/.")


@dataclass(frozen=True)
class Script:
    """How to fill in what a recording leaves open. find: a role of stage.py; token: of a user."""

    find: Callable[[str], str]
    token: Callable[[str], str]

    def request(self, sent: dict[str, Any]) -> bytes:
        """Make the bytes of a request."""
        token = self.token(sent.get("token") or sent.get("as") or "root")
        text: str = sent["wire"] if "wire" in sent else self._request(sent, token)
        return REPEATED.sub(lambda found: found[1] * int(found[2]), text.replace("<JWT>", token)).encode("latin-1")

    def _request(self, sent: dict[str, Any], token: str) -> str:
        method, target = ROLE.sub(lambda found: self.find(found[1]), sent["request"]).split(" ", 1)
        headers = list(self._identity(sent, token)) + sent.get("headers", [])
        body = REPEATED.sub(lambda found: found[1] * int(found[2]), sent.get("body", ""))
        if "json" in sent:
            body = json.dumps(sent["json"])
            headers.append("Content-Type: application/json")
        if (body or method == "POST") and "Transfer-Encoding: chunked" not in headers:
            headers.append(f"Content-Length: {len(body)}")
        return "\r\n".join((f"{method} {target} HTTP/1.1", "Host: localhost", *headers, "", body))

    def _identity(self, sent: dict[str, Any], token: str) -> Iterator[str]:
        if "as" in sent:
            yield f"X-SLURM-USER-NAME: {sent['as']}"
            yield f"X-SLURM-USER-TOKEN: {token}"


def replay(case: Case, address: Address, script: Script) -> tuple[Answer, Any]:
    """Send a case's request. Returns: what is compared of the first answer, and its whole document."""
    data = script.request(case.sent)
    times, split = case.sent.get("pipelined", 1), case.sent.get("split")
    with connected(address, case.sent.get("peer", "root")) as wire:
        if split:
            wire.send(data[:split])
            assert wire.silent(0.05)
        # A server that refuses what is too much need not read it all.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            wire.send(data[split or 0 :] * times)
            if "half_close" in case.sent or "wire" in case.sent:
                wire.end()
        method = data.split(b" ", 1)[0].decode("latin-1")
        first = wire.response(method=method)
        count = 1 + sum(1 for _ in range(case.answer.answers - 1) if wire.response().status)
        return read(first, count)


@contextlib.contextmanager
def connected(address: Address, user: str) -> Iterator[Wire]:
    """Have a connection that *user* made."""
    os.seteuid(pwd.getpwnam(user).pw_uid)
    try:
        wire = Wire(list(address) if isinstance(address, tuple) else str(address), timeout=60.0)
    finally:
        os.seteuid(0)
    with wire:
        yield wire


def read(response: Response, count: int = 1) -> tuple[Answer, Any]:
    """Read what is compared of an answer, and its document; None where it is text."""
    kind = response.headers.get("content-type", "")
    document = parsed(kind, response.body)
    if document is None:
        return Answer(response.status, answers=count), None
    found = Answer(
        response.status,
        type=None if kind == "application/json" else kind,
        errors=[[error.get("error_number", 0), path(error)] for error in document["errors"]],
        warnings=[path(warning) for warning in document["warnings"]],
        document={key: value for key, value in document.items() if key not in HEAD},
        head=None if tuple(document)[:3] == HEAD else list(document)[:3],
        answers=count,
    )
    return found, document


def parsed(kind: str, body: bytes) -> Any:
    """Read a document; None for text and for nothing."""
    if not body or kind.startswith("text/plain"):
        return None
    return json.loads(body) if kind == "application/json" else yaml.safe_load(body)


def path(problem: dict[str, Any]) -> str:
    """Where in the request a problem is; "" where its source is the name of a function or of a parameter."""
    source: str = problem.get("source", "")
    return source if PATH.match(source) else ""

"""Sends recorded requests, byte for byte, and reads what is compared of the answers."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import socket
from collections.abc import Iterator
from typing import Any

import yaml

from tests.daemon.wire import Response, Wire
from tests.plugins import conformity
from tests.plugins.client import Address

from .record import Answer, Case
from .stage import Stage

HEAD = ("meta", "errors", "warnings")
REPEATED = re.compile(r"<([^<>]+)\*(\d+)>")
REQUEST = re.compile(rb"([A-Z]+) (\S+) HTTP/")
ROLE = re.compile(r"{(\w+)}")
PATH = re.compile(r"#/.")

NO_JOB = "67108863"
"""The id of no job."""

PAUSE = 0.05
"""Seconds after which the first packet of a split request has arrived alone."""


class Player:
    """Replays requests to one daemon, with the jobs and nodes of a stage. unix, tcp: where the daemon listens."""

    def __init__(self, stage: Stage, cases: list[Case], unix: Address, tcp: Address) -> None:
        self.stage, self.unix, self.tcp = stage, unix, tcp
        self.cases = {case.name: case for case in cases}

    def play(self, case: Case) -> Answer:
        """Replay one request. Returns: the first answer to it."""
        data = self.request(case.sent)
        with connected(self.unix if "via" in case.sent else self.tcp, case.sent.get("peer", "root")) as wire:
            send(wire, data, case.sent)
            if wire.sock.recv(1, socket.MSG_PEEK) == b"":
                return Answer(None)
            first = wire.response(method=data.split(b" ", 1)[0].decode("latin-1"))
            count = 1 + sum(1 for _ in range(case.answer.answers - 1) if wire.response().status)
        if line := REQUEST.match(data):
            kind = first.headers.get("content-type", "")
            conformity.check(line[1].decode(), line[2].decode("latin-1"), first.status, kind, first.body)
        answer = read(first, count)
        if answer.document and answer.document.get("job_id"):
            self.stage.submitted(case.name, str(answer.document["job_id"]))
        return answer

    def request(self, sent: dict[str, Any]) -> bytes:
        """Make the bytes of a request."""
        token = self.stage.token(sent.get("token") or sent.get("as") or "root")
        text: str = sent["wire"] if "wire" in sent else self._request(sent, token)
        return repeated(text.replace("<JWT>", token)).encode("latin-1")

    def _request(self, sent: dict[str, Any], token: str) -> str:
        method, target = ROLE.sub(self._role, sent["request"]).split(" ", 1)
        headers = list(identity(sent, token)) + sent.get("headers", [])
        body = repeated(sent.get("body", ""))
        if "json" in sent:
            body = json.dumps(sent["json"])
            headers.append("Content-Type: application/json")
        if (body or method == "POST") and "Transfer-Encoding: chunked" not in headers:
            headers.append(f"Content-Length: {len(body)}")
        return "\r\n".join((f"{method} {target} HTTP/1.1", "Host: localhost", *headers, "", body))

    def _role(self, match: re.Match[str]) -> str:
        role = match[1]
        if role in self.cases and role not in self.stage.roles:
            self.play(self.cases[role])
        # A release may refuse what another accepts.
        return self.stage.find(role) if role not in self.cases else self.stage.roles.get(role, NO_JOB)


def repeated(text: str) -> str:
    """Write out <x*500>."""
    return REPEATED.sub(lambda found: found[1] * int(found[2]), text)


def identity(sent: dict[str, Any], token: str) -> Iterator[str]:
    """The headers that say who asks."""
    if "as" in sent:
        yield f"X-SLURM-USER-NAME: {sent['as']}"
        yield f"X-SLURM-USER-TOKEN: {token}"


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


def send(wire: Wire, data: bytes, sent: dict[str, Any]) -> None:
    """Send a request, in two packets or several times over where the recording says so."""
    split = sent.get("split", 0)
    if split:
        wire.send(data[:split])
        assert wire.silent(PAUSE)
    # A server that refuses what is too much need not read it all.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        wire.send(data[split:] * sent.get("pipelined", 1))
        if "wire" in sent:
            wire.end()


def read(response: Response, count: int) -> Answer:
    """Read what is compared of an answer, the first of *count*."""
    kind = response.headers.get("content-type", "")
    document = parsed(kind, response.body)
    if document is None:
        return Answer(response.status, answers=count)
    if "openapi" in document:
        return Answer(response.status, document={"openapi": document["openapi"]}, answers=count)
    return Answer(
        response.status,
        type=None if kind == "application/json" else kind,
        errors=[[error.get("error_number", 0), path(error)] for error in document["errors"]],
        warnings=[path(warning) for warning in document["warnings"]],
        document={key: value for key, value in document.items() if key not in HEAD},
        head=None if tuple(document)[:3] == HEAD else list(document)[:3],
        answers=count,
    )


def parsed(kind: str, body: bytes) -> Any:
    """Read a document; None for text and for nothing."""
    if not body or kind.startswith("text/plain"):
        return None
    return json.loads(body) if kind == "application/json" else yaml.safe_load(body)


def path(problem: dict[str, Any]) -> str:
    """Where in the request a problem is; "" where its source is the name of a function or of a parameter."""
    source: str = problem.get("source", "")
    return source if PATH.match(source) else ""

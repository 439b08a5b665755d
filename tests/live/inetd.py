"""slurmrestd in inetd mode, with every kind of standard input.

Inetd(daemon)
    .pipe(text, …)      a pipe, which belongs to the user unless owner says otherwise
    .on(descriptor, …)  whatever is given
    .accepted(user)     a context manager: a unix socket that *user* connected to, and that user's end of it
Each run gives a Session: status, answers (parsed strictly), output (bytes), log.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.plugins.cluster import identity_of
from tests.plugins.daemon import Factory, Variables

MUNGE: Variables = {"SLURM_JWT": None}
"""The environment of a process without tokens."""

CONNECT = """
import socket, sys
link = socket.socket(socket.AF_UNIX)
link.connect(sys.argv[1])
socket.send_fds(socket.socket(fileno=0), [b"x"], [link.fileno()])
"""


@dataclass(frozen=True)
class Answered:
    """One answer. head: the lines before the body. document: the body, parsed where it is JSON."""

    status: int
    head: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Session:
    """A slurmrestd that has ended."""

    status: int
    output: bytes
    log: str

    @property
    def answers(self) -> list[Answered]:
        """Every answer; fails where something else is there, or a length is wrong."""
        return parse(self.output)

    @property
    def statuses(self) -> list[int]:
        """The statuses of all answers."""
        return [answer.status for answer in self.answers]


def parse(output: bytes) -> list[Answered]:
    """Take answers of known length apart."""
    found = []
    while output:
        head, separator, output = output.partition(b"\r\n\r\n")
        assert separator, head
        first, *lines = head.decode("ascii").split("\r\n")
        version, status = first.split(" ")[:2]
        assert version in ("HTTP/1.0", "HTTP/1.1"), first
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        length = int(headers["content-length"])
        assert len(output) >= length
        found.append(Answered(int(status), headers, output[:length]))
        output = output[length:]
    return found


def request(path: str, *headers: str, method: str = "GET", body: str = "") -> str:
    """Write a request as a proper client would."""
    length = [f"Content-Length: {len(body)}", "Content-Type: application/json"] if body else []
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *headers, *length, "", ""]) + body


class Inetd:
    """Runs it."""

    def __init__(self, daemon: Factory) -> None:
        self.daemon, self.cluster = daemon, daemon.cluster

    def pipe(
        self,
        text: str | bytes,
        *arguments: str,
        env: Variables = MUNGE,
        user: str | None = None,
        owner: str | None = None,
        mode: int = 0o600,
    ) -> Session:
        """Run it on a pipe of *owner* with permissions *mode*."""
        read, write = os.pipe()
        os.fchown(read, pwd.getpwnam(owner or user or self.cluster.daemon_user).pw_uid, -1)
        os.fchmod(read, mode)
        data = text.encode() if isinstance(text, str) else text
        assert len(data) < 1 << 16
        os.write(write, data)
        os.close(write)
        try:
            return self.on(read, *arguments, env=env, user=user)
        finally:
            os.close(read)

    def on(
        self,
        descriptor: int,
        *arguments: str,
        env: Variables = MUNGE,
        user: str | None = None,
        output: int | None = None,
    ) -> Session:
        """Run it on an open file. output: where answers go; given back where that is None."""
        with self.started(descriptor, *arguments, env=env, user=user, output=output) as process:
            written, log = process.communicate(timeout=60)
        return Session(process.returncode, written or b"", log.decode())

    @contextlib.contextmanager
    def started(
        self,
        descriptor: int,
        *arguments: str,
        env: Variables = MUNGE,
        user: str | None = None,
        output: int | None = None,
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Have it running."""
        argv = (self.daemon.program, "-f", str(self.cluster.conf), *arguments)
        streams: dict[str, Any] = {"stdin": descriptor, "stdout": subprocess.PIPE if output is None else output}
        identity = identity_of(user or self.cluster.daemon_user)
        variables = self.daemon.environment(env)
        with subprocess.Popen(argv, env=variables, cwd="/", stderr=subprocess.PIPE, **streams, **identity) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    @contextlib.contextmanager
    def accepted(self, user: str) -> Iterator[tuple[socket.socket, socket.socket]]:
        """Give the accepted end of a connection that *user* made, and the user's own end."""
        with self.daemon.directory(user) as directory, socket.socket(socket.AF_UNIX) as listener:
            path = directory / "inetd.sock"
            listener.bind(str(path))
            Path(path).chmod(0o777)
            listener.listen()
            theirs = connected(user, path)
            ours, _ = listener.accept()
            with ours, theirs:
                theirs.settimeout(60)
                yield ours, theirs


def connected(user: str, path: Path) -> socket.socket:
    """A connection to a socket that a process of *user* made; the kernel takes it for that user's for ever."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        argv = ("/usr/bin/python3", "-c", CONNECT, str(path))
        subprocess.run(argv, stdin=theirs.fileno(), check=True, cwd="/", timeout=30, **identity_of(user))
        _, descriptors, *_ = socket.recv_fds(ours, 1, 1)
    return socket.socket(fileno=descriptors[0])


def read_answer(link: socket.socket) -> Answered:
    """Read one answer of known length."""
    data = b""
    while b"\r\n\r\n" not in data or not complete(data):
        piece = link.recv(1 << 16)
        assert piece, data
        data += piece
    (answer,) = parse(data)
    return answer


def complete(data: bytes) -> bool:
    """Whether an answer is here."""
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return len(body) >= int(length.split(b":")[1])

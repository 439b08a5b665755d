"""Lines of the log: their form, where they go, what never is in them."""

from __future__ import annotations

import logging
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from slurmrest.daemon import logs
from slurmrest.daemon.logs import Handler, request_id

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdW4iOiJyb290In0.c2lnbmF0dXJl-_x"  # noqa: S105 - nobody's


@pytest.fixture
def stderr(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The reading end of what stands for standard error."""
    read, write = os.pipe()
    monkeypatch.setattr(logs, "STDERR", write)
    yield read
    os.close(read)
    os.close(write)


def written(handler: Handler, stderr: int, *arguments: object, level: int = logging.INFO) -> str:
    """Log something. Gives what was written."""
    handler.handle(logging.makeLogRecord({"levelno": level, "msg": arguments[0], "args": arguments[1:]}))
    return os.read(stderr, 65536).decode()


@pytest.mark.parametrize(
    ("form", "level", "expected"),
    [
        ("terminal", logging.INFO, "slurmrestd: hello\n"),
        ("terminal", logging.ERROR, "slurmrestd: error: hello\n"),
        ("terminal", logging.DEBUG, "slurmrestd: debug: hello\n"),
        ("journal", logging.CRITICAL, "<2>fatal: hello\n"),
        ("journal", logging.ERROR, "<3>error: hello\n"),
        ("journal", logging.WARNING, "<4>warning: hello\n"),
        ("journal", logging.INFO, "<6>hello\n"),
        ("journal", logs.VERBOSE, "<6>hello\n"),
        ("journal", 6, "<7>debug: hello\n"),
        ("file", logging.ERROR, r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\] slurmrestd\[\d+\]: error: hello\n"),
    ],
)
def test_a_line_looks_as_its_place_wants_it(stderr: int, form: str, level: int, expected: str) -> None:
    found = written(Handler(form), stderr, "hello", level=level)
    assert re.fullmatch(expected if form == "file" else re.escape(expected), found)


def test_every_line_of_a_traceback_has_its_priority(stderr: int) -> None:
    handler = Handler("journal")
    try:
        int(f"in {TOKEN} there")
    except ValueError:
        record = logging.makeLogRecord({"levelno": logging.ERROR, "msg": "it failed", "exc_info": sys.exc_info()})
    handler.handle(record)
    found = os.read(stderr, 65536).decode()
    assert all(line.startswith("<3>error: ") for line in found.splitlines())
    assert len(found.splitlines()) > 3
    assert "in [token] there" in found


def test_late_lines_are_written_together_and_in_order(stderr: int) -> None:
    os.set_blocking(stderr, False)
    handler = Handler("journal")
    for number in range(3):
        handler.line(6, str(number), late=True)
    with pytest.raises(BlockingIOError):
        os.read(stderr, 1)
    handler.line(6, "3")
    assert os.read(stderr, 65536) == b"<6>0\n<6>1\n<6>2\n<6>3\n"
    handler.line(6, "4", late=True)
    handler.flush()
    assert os.read(stderr, 65536) == b"<6>4\n"


def test_late_lines_do_not_wait_for_long(stderr: int) -> None:
    handler = Handler("journal")
    for _ in range(logs.TOGETHER):
        handler.line(6, "x" * 1000, late=True)
    assert os.read(stderr, 65536) == f"<6>{'x' * 1000}\n".encode() * logs.TOGETHER


def test_no_line_can_be_forged(stderr: int) -> None:
    assert written(Handler("journal"), stderr, "a\nb\r\x0bc").count("<6>") == len("abc") + 1
    assert written(Handler("terminal"), stderr, "\x1b[2J\x07\t\u202e") == "slurmrestd: ?[2J???\n"
    assert logs._word("a b\nc\x1b[1m") == "a?b?c?[1m"  # noqa: SLF001


@pytest.mark.parametrize("text", [TOKEN, TOKEN[:40], TOKEN[:25], f"Bearer {TOKEN}", f"/slurm/{TOKEN}?x", repr(TOKEN)])
def test_a_token_is_taken_out(stderr: int, text: str) -> None:
    found = written(Handler("terminal"), stderr, "it said %s", text)
    assert "[token]" in found
    assert not any(part in found for part in ("eyJ", "c2ln", "zdW4i"))


def test_a_message_that_cannot_be_made_is_no_error(stderr: int) -> None:
    assert "cannot be logged" in written(Handler("terminal"), stderr, "%d", "x")


def test_nobody_fails_where_stderr_is_gone(stderr: int, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = Handler("journal")
    with monkeypatch.context() as gone:
        read, write = os.pipe()
        os.close(read)
        gone.setattr(logs, "STDERR", write)
        handler.line(6, "into the void")
        os.close(write)
        handler.line(6, "and beyond")
    handler.line(6, "and back")
    assert os.read(stderr, 65536) == b"<6>and back\n"


def test_syslog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "DEV_LOG", str(tmp_path / "log"))
    handler = Handler("syslog")
    handler.line(3, "nobody listens")
    for _ in range(2):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(tmp_path / "log"))
            listener.settimeout(10)
            handler.line(3, "lost, perhaps: the first after a restart")
            handler.line(3, f"with {TOKEN}")
            lines = [listener.recv(4096).decode()]
            while not lines[-1].endswith("[token]"):
                lines.append(listener.recv(4096).decode())
        (tmp_path / "log").unlink()
        assert lines[-1] == f"<27>slurmrestd[{os.getpid()}]: with [token]"
    handler.close()


FORMS = "from slurmrest.daemon.logs import form_of_stderr; print(form_of_stderr())"


def form(line: str, **variables: str) -> str:
    """What standard error is taken for in a process started by a line of shell."""
    env = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ["PATH"], **variables}
    line = line.replace("$IT", f"{sys.executable} -c '{FORMS}'")
    return subprocess.run(
        ("/bin/sh", "-c", line), env=env, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()


def test_where_the_log_goes(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.touch()
    found = file.stat()
    assert form(f"$IT 2>{file}") == "file"
    assert form("$IT 2>/dev/null") == "syslog"
    assert form("$IT 2>&-") == "syslog"
    assert form(f"$IT 2>>{file}", JOURNAL_STREAM=f"{found.st_dev}:{found.st_ino}") == "journal"
    assert form(f"$IT 2>>{file}", JOURNAL_STREAM=f"{found.st_dev}:1") == "file"


def test_the_clients_socket_is_no_place_for_a_log() -> None:
    env = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ["PATH"]}
    command = (sys.executable, "-c", FORMS)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        found = [
            subprocess.run(command, stdin=stdin, stderr=ours.fileno(), stdout=subprocess.PIPE, env=env, check=True)
            for stdin in (ours.fileno(), subprocess.DEVNULL)
        ]
    assert [done.stdout for done in found] == [b"syslog\n", b"file\n"]


@pytest.mark.parametrize(
    "given", ["a", "0" * 128, "7f3a-1", "proxy.example/17:x=y@z+w", "550e8400-e29b-41d4-a716-446655440000"]
)
def test_a_proxys_id_is_taken(given: str) -> None:
    assert request_id(given) == given


@pytest.mark.parametrize("given", [None, "", "0" * 129, "a b", "a,b", "-a", "a\n", "é", '"a"', "<a>", "a;b"])
def test_any_other_is_not(given: str | None) -> None:
    made = request_id(given)
    assert made != given
    assert re.fullmatch(r"[0-9a-f]{12}-[0-9a-f]+", made)
    assert request_id(given) != made


def test_ids_differ_after_a_fork() -> None:
    request_id(None)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, request_id(None).encode())
        os._exit(0)
    os.close(write)
    theirs = os.read(read, 100).decode()
    os.waitpid(child, 0)
    os.close(read)
    assert theirs.partition("-")[0] != request_id(None).partition("-")[0]

"""Where the daemon's messages go, and how a line looks there. What is logged is said elsewhere.

    a terminal                slurmrestd: error: …
    a file or pipe            [2026-11-22T10:00:00.000] slurmrestd[4711]: error: …
    the journal               <3>error: …          on stderr, as sd-daemon(3) has it
    neither (/dev/null, or    <27>slurmrestd[4711]: error: …          to /dev/log
    the client's own socket)

No line holds a token: whatever looks like one is taken out of every line, wherever it came from. Messages of
libslurm come through the logger "slurmrestd.libslurm".
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import re
import socket
import stat
import sys
import threading
import time
from collections import deque
from itertools import accumulate
from select import PIPE_BUF
from typing import TYPE_CHECKING

from .refusal import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from .answering import Answer
    from .refusal import Refused

NAME = "slurmrestd"
STDERR = 2
DEV_LOG = "/dev/log"
DAEMON = 3 << 3
"""Facility of syslog."""

TOGETHER = 16
"""Lines that are written at the latest when there are so many."""

VERBOSE = 15
LEVELS = (60, logging.CRITICAL, logging.ERROR, logging.INFO, VERBOSE, logging.DEBUG, 9, 8, 7, 6)
"""Levels of Python's logging by those of Slurm: quiet, fatal, error, info, verbose, debug, debug2 … debug5."""
PRIORITIES = ((logging.CRITICAL, 2, "fatal: "), (logging.ERROR, 3, "error: "), (logging.WARNING, 4, "warning: "))
"""Python's level, syslog's priority, and what stands before the text; below them come info and debug."""

TOKEN = re.compile(r"eyJ[\w-]{6,}(?:\.[\w-]*)*")
"""A JWT, or the beginning of one."""
REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+/=@-]{0,127}")

log = logging.getLogger(NAME)


class Handler(logging.Handler):
    """Writes records, and lines of requests without the detour of a record. Never fails, and never waits for syslog."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.form, self._socket = form, _syslog() if form == "syslog" else None
        self._late: deque[bytes] = deque()
        self._sending = threading.Lock()
        self._second, self._time = 0, ""
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, a traceback line by line."""
        try:
            priority, prefix = priority_of(record.levelno)
            for line in self.format(record).splitlines() or [""]:
                self.line(priority, prefix + line)
        except Exception:  # noqa: BLE001 - a message is never worth a request
            self.line(3, f"error: a message cannot be logged: {record.msg!r}")

    def line(self, priority: int, text: str, *, late: bool = False) -> None:
        """Write one line. priority: syslog's. late: with others, by whoever calls `flush` or when there are enough.

        A line of its own costs each request a call of the system, around which every other thread takes its turn.
        """
        if "eyJ" in text:
            text = TOKEN.sub("[token]", text)
        if not text.isprintable():
            text = "".join(char if char.isprintable() else "?" for char in text)
        data = (self._before(priority) + text).encode("utf-8", "replace")
        if self.form == "syslog":
            self._send(data)
            return
        self._late.append(data + b"\n")
        if not late or len(self._late) >= TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Write the lines that are still to be written."""
        with self._sending:
            lines = [self._late.popleft() for _ in range(len(self._late))]
        while lines:
            size = accumulate(map(len, lines))
            count = max(1, sum(so_far <= PIPE_BUF for so_far in size))
            with contextlib.suppress(OSError):
                os.write(STDERR, b"".join(lines[:count]))
            del lines[:count]

    def close(self) -> None:
        """Let go of syslog."""
        if self._socket is not None:
            self._socket.close()
        super().close()

    def _before(self, priority: int) -> str:
        if self.form == "terminal":
            return f"{NAME}: "
        if self.form == "journal":
            return f"<{priority}>"
        if self.form == "syslog":
            return f"<{DAEMON + priority}>{NAME}[{os.getpid()}]: "
        now = time.time()
        if int(now) != self._second:
            self._second = int(now)
            self._time = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(now))
        return f"[{self._time}.{int(now * 1000) % 1000:03}] {NAME}[{os.getpid()}]: "

    def _send(self, data: bytes) -> None:
        """Send to syslog, which may have been started anew since."""
        if self._socket is None:
            self._socket = _syslog()
        if self._socket is None:
            return
        try:
            self._socket.send(data, socket.MSG_DONTWAIT)
        except ConnectionError:
            self._socket.close()
            self._socket = _syslog()
        except OSError:
            return


def priority_of(level: int) -> tuple[int, str]:
    """Give syslog's priority of a level of Python's, and the word that stands before the text."""
    for least, priority, prefix in PRIORITIES:
        if level >= least:
            return priority, prefix
    return (6, "") if level >= VERBOSE else (7, "debug: ")


def _syslog() -> socket.socket | None:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        sock.connect(DEV_LOG)
    except OSError:
        sock.close()
        return None
    return sock


def start(level: int) -> None:
    """Let everything that is logged go where it belongs. level: as Slurm numbers them, 0 quiet … 9 debug5."""
    logging.addLevelName(VERBOSE, "VERBOSE")
    form = form_of_stderr()
    if form == "syslog":
        _detach_stderr()
    log.handlers[:] = [Handler(form)]
    log.propagate = False
    log.setLevel(LEVELS[level])


def form_of_stderr() -> str:
    """Find out what stderr is: "terminal", "journal", "file", or "syslog" where it cannot be used."""
    try:
        found = os.fstat(STDERR)
    except OSError:
        return "syslog"
    if os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}":
        return "journal"
    if os.isatty(STDERR):
        return "terminal"
    if stat.S_ISCHR(found.st_mode) or (stat.S_ISSOCK(found.st_mode) and _is_input(found)):
        return "syslog"
    return "file"


def _is_input(found: os.stat_result) -> bool:
    try:
        return os.path.samestat(found, os.fstat(0))
    except OSError:
        return False


def _detach_stderr() -> None:
    """Keep what others write to stderr (Python, libslurm before it is told where to) away from the client."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, STDERR)
    if null != STDERR:
        os.close(null)


def complain(text: str) -> None:
    """Say why the daemon does not start: on stderr, in one line, or where the log goes if that is elsewhere."""
    handler = _own_handler()
    if handler is not None and handler.form in ("journal", "syslog"):
        handler.line(3, text)
    else:
        sys.stderr.write(f"{NAME}: {text}\n")


def _own_handler() -> Handler | None:
    return next((one for one in log.handlers if isinstance(one, Handler)), None)


class RequestLog:
    """One line for each request: what, by whom, what became of it. The query is left out: it may be secret."""

    def __init__(self) -> None:
        handler = _own_handler()
        self._say: Callable[..., None] = handler.line if handler is not None else _plain
        self.flush: Callable[[], None] = handler.flush if handler is not None else _nothing
        self.enabled = log.isEnabledFor(logging.INFO)

    def write(self, answer: Answer, peer: str, moved: int, ending: str = "", *, late: bool = False) -> None:
        """Log an answer. peer: who asked. moved: bytes sent. ending: " (client gone)" and the like.

        late: in a moment, as there will be more; `flush` is called at least once a second.
        """
        if not self.enabled:
            return
        user = answer.environ.get("slurmrest.user") or "-"
        seconds = time.monotonic() - answer.began
        self._say(
            6,
            f"{answer.method} {_word(answer.incoming.head.path)} {answer.status[:3]} user={_word(user)} bytes={moved} "
            f"seconds={seconds:.4f} peer={peer} id={answer.identifier}{ending}",
            late=late,
        )

    def refused(self, reason: Refused, peer: str, identifier: str) -> None:
        """Log what the server itself refused. The reason quotes the request, and is for its sender alone."""
        if self.enabled:
            self._say(6, f"- - {reason.status} user=- bytes=- seconds=- peer={peer} id={identifier} (refused)")


def _plain(_priority: int, text: str, **_late: bool) -> None:
    log.info("%s", TOKEN.sub("[token]", text))


def _nothing() -> None:
    """Flush what is never kept."""


def _word(text: str) -> str:
    """Make *text* one word of printable ASCII."""
    return text if text.isascii() and text.isprintable() and " " not in text else printable(text).replace(" ", "?")


def request_id(given: str | None) -> str:
    """Give the id of a request: the one that a proxy *given*, where it is well formed, else a new one."""
    if given is not None and REQUEST_ID.fullmatch(given):
        return given
    return f"{_process()}-{next(_count):x}"


_count = itertools.count(1)
_ids: dict[int, str] = {}


def _process() -> str:
    """Give what tells the ids of this process from those of any other: made anew after a fork."""
    pid = os.getpid()
    found = _ids.get(pid)
    if found is None:
        found = _ids[pid] = os.urandom(6).hex()
    return found

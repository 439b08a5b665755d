"""libslurm's own messages, line by line, as they would go to its log. It has no callback: they come through a pipe.

Where more is said than is read libslurm waits 5 s for each message, then drops it; the pipe is large.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from .errors import SlurmUnsupported

if TYPE_CHECKING:
    from .library import Library

LEVELS = ("quiet", "fatal", "error", "info", "verbose", "debug", "debug2", "debug3", "debug4", "debug5")
"""Slurm's levels by number. Source: log.h in Slurm's src/common."""

Take = Callable[[str, str], None]

_LINE = re.compile(r"(?:\[[0-9][^\]]*\] )?(?:(fatal|error|debug[2-5]?): +)?(.*)")
_TOKEN = re.compile(r"eyJ[\w-]{6,}(?:\.[\w-]*)*")
"""A JWT, or the beginning of one."""
_DUMP = re.compile(r"(\[\d+/\d+\] )0x[0-9a-f]{2}\b.*")
"""A line of the dumps that DebugFlags=NetworkRaw makes of messages, which have tokens in them, 16 bytes a line."""
_SIZE = 1 << 20
_PATIENCE = 1.0
"""Seconds that `close` waits for the last messages."""


class Messages:
    """Gives every message to *take*, with the name of its level, in a thread of its own.

    level: up to which libslurm says something, see LEVELS. take: called as take("error", "text"); a message of
    level verbose comes as "info", libslurm does not tell them apart. Nothing is said where the public libslurm.so
    is loaded, which cannot be told where its messages go: they stay on stderr.
    """

    def __init__(self, library: Library, level: int, take: Take) -> None:
        self._library, self._take = library, take
        self._input, output = os.pipe()
        os.set_blocking(output, False)
        with contextlib.suppress(OSError):
            fcntl.fcntl(output, fcntl.F_SETPIPE_SZ, _SIZE)
        with contextlib.suppress(SlurmUnsupported):
            library.log_to(output, level)
        os.close(output)
        self._thread = threading.Thread(target=self._run, name="libslurm-messages", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Wait for what has been said so far; what libslurm says from now on is lost."""
        with contextlib.suppress(SlurmUnsupported):
            self._library.log_to(2, 0)
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        with os.fdopen(self._input, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                level, text = parse(line.rstrip("\n"))
                if text:
                    self._take(level, text)


def parse(line: str) -> tuple[str, str]:
    """Split a line of libslurm's log into the name of its level and its text; the time stamp is dropped.

    Tokens are taken out of the text, and the bytes of messages, which may be tokens.
    """
    found = _LINE.fullmatch(line)
    level, text = (found[1] or "info", found[2]) if found else ("info", line)
    return level, _DUMP.sub(r"\1(not shown)", _TOKEN.sub("[token]", text))

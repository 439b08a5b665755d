"""A reader of requests that were written by hand or by a script: lines of a head may end in LF alone.

Line ends are made CR LF before the parser sees the head, and only the head: a body is as long as it says, and its
chunks are framed by CR LF. Empty lines before a request are dropped. For inetd mode; behind a proxy it has no place.
"""

from __future__ import annotations

import re

from .reading import HEAD_END, RequestReader

BLANK = re.compile(rb"\r?\n\r?\n")
"""The end of a line and an empty line: the end of a head."""
ENDING = re.compile(rb"\r?\n")
LONGEST = len(HEAD_END)


class LenientReader(RequestReader):
    """As RequestReader. A CR that no LF follows stays, and is refused by the parser."""

    __slots__ = ()

    def _read_head(self) -> bool:
        if not self.scanned:
            self._drop_empty_lines()
        found = BLANK.search(self.buffer, max(0, self.scanned - LONGEST))
        if found is not None:
            lines = ENDING.sub(b"\r\n", bytes(self.buffer[: found.start()]))
            self.buffer[: found.end()] = lines + HEAD_END
        return super()._read_head()

    def _await_head(self) -> None:
        self.scanned = len(self.buffer)

    def _drop_empty_lines(self) -> None:
        empty = len(self.buffer) - len(self.buffer.lstrip(b"\r\n"))
        del self.buffer[:empty]

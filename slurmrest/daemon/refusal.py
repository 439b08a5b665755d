"""What the server itself answers: to what is not HTTP, is too much, or cannot be understood.

The reason is in the body as text. Every such answer closes the connection, because what follows on it cannot be
trusted. Statuses are those of the C daemon, but for those that it leaves without a body or a blank line.
"""

from __future__ import annotations

from gunicorn.http import errors

REASONS = {
    400: "Bad Request",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    408: "Request Timeout",
    413: "Content Too Large",
    417: "Expectation Failed",
    500: "Internal Server Error",
}

REQUEST_ID = "X-Request-ID"
"""The header by which a client learns what its request is called in the log."""

STATUS_OF = {errors.ExpectationFailed: 417, errors.UnsupportedTransferCoding: 406, errors.ConfigurationProblem: 500}
"""Statuses of gunicorn's exceptions; every other one is 400."""


class Refused(Exception):
    """A request that the server answers itself. status: HTTP status. text: one sentence for the client."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(status, text)
        self.status, self.text = status, text


def refused(error: Exception) -> Refused:
    """Turn what gunicorn's parser raised into an answer. Its text quotes the request, and is cut short."""
    status = next((status for kind, status in STATUS_OF.items() if isinstance(error, kind)), 400)
    if isinstance(error, StopIteration | errors.NoMoreData):
        return Refused(status, "The request is not complete")
    return Refused(status, printable(str(error)))


def printable(text: str, length: int = 200) -> str:
    """Cut *text* to *length* characters and replace what is not printable ASCII, for answers and logs."""
    return "".join(char if " " <= char <= "~" else "?" for char in text[:length])


def answer(status: int, text: str, *, head_only: bool = False, identifier: str = "") -> bytes:
    """Make the whole answer for *status*, which says that the connection will be closed. identifier: of the request."""
    body = text.encode("ascii", "replace")
    called = f"{REQUEST_ID}: {identifier}\r\n" if identifier else ""
    head = (
        f"HTTP/1.1 {status} {REASONS[status]}\r\n{called}Connection: close\r\n"
        f"Content-Length: {len(body)}\r\nContent-Type: text/plain\r\n\r\n"
    )
    return head.encode() + (b"" if head_only else body)

"""A request as WSGI (PEP 3333) has it.

Nothing a client sends changes who it seems to be: forwarding headers are passed on like any other, and read by nobody
here. A body that came in chunks is whole by now, and is passed on with its length.
"""

from __future__ import annotations

import socket
import sys
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.util import FileWrapper

from .reading import Incoming, Peer

TEMPLATE: dict[str, Any] = {
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
    "wsgi.file_wrapper": FileWrapper,
    "SERVER_SOFTWARE": "slurmrestd",
    "SCRIPT_NAME": "",
}


def of_connection(sock: socket.socket | None, peer: Peer, server: Peer) -> dict[str, Any]:
    """Make what all requests of one connection have in common.

    gunicorn.socket is the connection itself, for SO_PEERCRED; None in inetd mode where the input is no socket.
    REMOTE_ADDR is "" where there is no network.
    """
    environ = {**TEMPLATE, "gunicorn.socket": sock, "wsgi.errors": sys.stderr}
    if isinstance(peer, tuple):
        environ |= {"REMOTE_ADDR": peer[0], "REMOTE_PORT": str(peer[1])}
    else:
        environ |= {"REMOTE_ADDR": ""}
    name, port = (server[0], server[1]) if isinstance(server, tuple) else ("localhost", 80)
    return {**environ, "SERVER_NAME": name, "SERVER_PORT": str(port)}


def of_request(common: dict[str, Any], incoming: Incoming) -> dict[str, Any]:
    """Make the environ of one request. common: what of_connection made."""
    head = incoming.head
    environ = {
        **common,
        **incoming.headers.variables,
        "wsgi.input": incoming.body,
        "REQUEST_METHOD": head.method,
        "RAW_URI": head.uri,
        "PATH_INFO": unquoted(head.path),
        "QUERY_STRING": head.query,
        "SERVER_PROTOCOL": f"HTTP/{head.version[0]}.{head.version[1]}",
    }
    if "HTTP_TRANSFER_ENCODING" in environ:
        del environ["HTTP_TRANSFER_ENCODING"]
        environ["CONTENT_LENGTH"] = str(incoming.length)
    return environ


def unquoted(path: str) -> str:
    """Decode %XX; bytes become the characters of their number, as WSGI wants it."""
    return unquote_to_bytes(path).decode("latin-1") if "%" in path else path

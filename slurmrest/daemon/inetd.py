"""Inetd mode: requests from standard input, answers to standard output, one after the other, until the input ends.

Input is a pipe, a file, a terminal, or a socket that xinetd or systemd (Accept=yes) accepted. Requests are read and
answered by the same code as in listen mode. Only two things differ: lines of a head may end in LF alone, as people
write them, and where the output is no socket an answer says how long it is, for it is read by people and scripts.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from .. import wsgi
from . import environ, refusal
from .answering import Answer, App, Headers
from .bodies import spool
from .checks import StartError, check_readable, check_slurm_user
from .lenient import LenientReader
from .limits import Limits
from .logs import RequestLog, request_id
from .reading import Incoming, parser_settings
from .refusal import Refused
from .stdin import Origin, become, origin, write_all

log = logging.getLogger("slurmrestd")

RECEIVE = 64 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
REFUSED, FAILED = 1, 1
"""Exit statuses: input that is no request; output that cannot be written."""


def run(conf: str | None, *, become_user: bool = False, slurm_user: bool = False) -> NoReturn:
    """Serve, and end the process at once: taking the interpreter down takes a while, and nothing is left to do.

    Arguments: those of serve. Raises: StartError.
    """
    status = serve(conf, become_user=become_user, slurm_user=slurm_user)
    wsgi.close_messages()
    sys.stderr.flush()
    os._exit(status)


def serve(conf: str | None, *, become_user: bool = False, slurm_user: bool = False) -> int:
    """Answer everything on standard input. Gives the exit status, 0 also after answers like 404.

    conf: path of slurm.conf. become_user: act as the peer of the unix socket on standard input, for good; needs root.
    slurm_user: whether SlurmUser may run this. Raises: StartError.
    """
    gc.disable()
    client = origin()
    nobody = become_user and not become(client)
    app = refuse_everybody if nobody else load_app(conf, client, slurm_user=slurm_user or become_user)
    if client.terminal:
        log.info("Type a request; an empty line ends its head, Ctrl-D the session")
    session = Session(app if client.socket else measured(app), client)
    try:
        return session.run()
    except (BrokenPipeError, ConnectionError):
        log.info("The client has left")
        return 0
    except OSError as error:
        log.error("An answer cannot be written: %s", error.strerror)  # noqa: TRY400 - the line says it all
        return FAILED


def load_app(conf: str | None, client: Origin, *, slurm_user: bool) -> App:
    """Load libslurm and the app in this process: where slurm.conf is broken, libslurm says so and ends it here.

    Raises: StartError.
    """
    from libslurm.errors import ConfigurationError
    from libslurm.library import Library
    from libslurm.probe import compiled_conf, find_conf

    try:
        check_readable(conf or find_conf(compiled_conf(Library.open())))
        library = wsgi.get_library()
        if not slurm_user:
            check_slurm_user(library.configuration(), os.geteuid(), os.getegid())
    except ConfigurationError as error:
        raise StartError(str(error)) from None

    def call(request: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if client.local and not brings_token(request):
            wsgi.get_own().fetch_ahead()
        app = wsgi.get_app_for(request["PATH_INFO"])
        if not gc.isenabled():
            # Not before: while modules are imported it would look for garbage many times, and there is none. Nor is
            # there any in what was imported, which is left alone from here on.
            gc.freeze()
            gc.enable()
        return app(request, start_response)

    return call


def brings_token(request: dict[str, Any]) -> bool:
    """Tell whether a request is not made as this process's own user, whose token takes a while to come by."""
    return any(name in request for name in ("HTTP_AUTHORIZATION", "HTTP_X_SLURM_USER_TOKEN"))


def refuse_everybody(_environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer 401, as the app does: with become_user there is nobody to become but the peer of a unix socket."""
    body = b"Authentication failure"
    start_response("401 Unauthorized", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def measured(app: App) -> App:
    """Make *app* say how long each answer is, where it does not by itself: a large one waits in a file meanwhile."""

    def call(request: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        said: list[Any] = []

        def take(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], None]:
            said[:] = (status, headers, exc_info)
            return start_response(status, headers, exc_info)  # type: ignore[no-any-return]

        result = app(request, take)
        if not said or isinstance(result, list | tuple) or _has_length(said[1]) or request["REQUEST_METHOD"] == "HEAD":
            return result
        return _spooled(result, said, start_response)

    return call


def _has_length(headers: Headers) -> bool:
    return any(name.lower() == "content-length" for name, _ in headers)


def _spooled(result: Iterable[bytes], said: list[Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    file = spool(Limits.body_in_memory)
    try:
        for piece in result:
            file.write(piece)
    finally:
        getattr(result, "close", bool)()
    status, headers, exc_info = said
    start_response(status, [*headers, ("Content-Length", str(file.tell()))], exc_info or (None, None, None))
    file.seek(0)
    return environ.TEMPLATE["wsgi.file_wrapper"](file, RECEIVE)  # type: ignore[no-any-return]


class Session:
    """The requests of one input. app: what answers them. client: who sends them, and how."""

    def __init__(self, app: App, client: Origin) -> None:
        limits = Limits()
        self.app, self.client = app, client
        self.reader = LenientReader(parser_settings(limits), limits, client.peer)
        self.common = environ.of_connection(client.socket, client.peer, client.server) | client.facts
        self.requests = RequestLog()
        self.continued = False
        if client.socket is not None:
            client.socket.settimeout(limits.keep_alive)

    def run(self) -> int:
        """Answer until the input ends, or an answer says that it is the last. Raises: OSError from writing."""
        try:
            while (incoming := self._next()) is not None:
                if not self._answer(incoming):
                    break
        except Refused as reason:
            self._refuse(reason)
            return REFUSED
        return 0

    def _next(self) -> Incoming | None:
        """Give the next request; None at the end of the input, even in the middle of one. Raises: Refused."""
        while (incoming := self.reader.next()) is None:
            if self.reader.wants_continue and not self.continued:
                self.continued = True
                write_all(CONTINUE)
            data = self._receive()
            if not data:
                if self.reader.started:
                    log.info("The input ended in the middle of a request")
                return None
            self.reader.feed(data)
        self.continued = False
        return incoming

    def _receive(self) -> bytes:
        """Wait for input; b"" at its end, which a client that left or says nothing has reached. Raises: Refused."""
        try:
            return self.client.read(RECEIVE)
        except TimeoutError:
            if self.reader.started:
                raise Refused(408, "The request did not arrive in time") from None
        except ConnectionError:
            log.debug("The client has left")
        return b""

    def _answer(self, incoming: Incoming) -> bool:
        """Answer a request; false where no other may follow it. Raises: OSError from writing."""
        answer = Answer(incoming, lambda: True)
        request = environ.of_request(self.common, incoming)
        moved = 0
        try:
            for piece in answer.pieces(self.app, request):
                write_all(piece)
                moved += len(piece)
        except OSError:
            self.requests.write(answer, self.client.name, moved, " (client gone)")
            raise
        except Exception:
            log.exception("The answer broke off")
            self.requests.write(answer, self.client.name, moved, " (broken off)")
            return False
        finally:
            answer.close()
            incoming.body.close()
        self.requests.write(answer, self.client.name, moved)
        return answer.keep

    def _refuse(self, reason: Refused) -> None:
        identifier = request_id(None)
        self.requests.refused(reason, self.client.name, identifier)
        write_all(refusal.answer(reason.status, reason.text, identifier=identifier))
        self.reader.close()

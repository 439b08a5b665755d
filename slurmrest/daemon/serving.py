"""What a thread does with a connection whose request is whole: answer it, as far as the client takes the answer."""

from __future__ import annotations

import logging

from . import environ
from .answering import Answer, App
from .connection import Connection, Phase, peer_name
from .logs import RequestLog
from .pace import Pace
from .poller import Poller

log = logging.getLogger("slurmrestd")


class Server:
    """Answers requests with *app*. log_requests: whether each is worth a line in the log."""

    def __init__(self, app: App, poller: Poller, pace: Pace, *, log_requests: bool = False) -> None:
        self.app, self.poller, self.pace = app, poller, pace
        self.log_requests, self.requests = log_requests, RequestLog()

    def serve(self, connection: Connection) -> None:
        """Answer, or go on with an answer; the connection is let go of in every case."""
        if connection.phase is Phase.READY and not self.poller.read(connection):
            return
        try:
            complete = connection.gone or self._send(connection)
        except OSError:
            connection.gone = complete = True
        except Exception:
            log.exception("The answer to %s broke off", peer_name(connection.reader.peer))
            connection.broken = complete = True
        try:
            (self._finish if complete else self._wait)(connection)
        except (OSError, ValueError):
            # The worker's time to stop was up and it closed everything.
            log.debug("A connection was closed before its answer was complete")

    def _send(self, connection: Connection) -> bool:
        """Send piece after piece; false where the client has to take some first."""
        answer, pieces = connection.answer, connection.pieces
        if answer is None:
            return True
        if pieces is None:
            self.pace.answering(connection)
            request = environ.of_request(connection.common, answer.incoming)
            request["slurmrest.arrived"] = answer.began
            pieces = connection.pieces = answer.pieces(self.app, request)
        return all(map(connection.send, pieces))

    def _wait(self, connection: Connection) -> None:
        self.pace.writing(connection)
        connection.phase = Phase.WRITING
        self.poller.await_output(connection)

    def _finish(self, connection: Connection) -> None:
        answer, moved = connection.answer, connection.moved
        connection.keep = answer is not None and answer.keep
        ending = " (client gone)" if connection.gone else " (broken off)" if connection.broken else ""
        connection.drop_answer()
        if not connection.keep or ending or connection.reader.started:
            self._log(answer, connection, moved, ending)
            connection.phase = Phase.ANSWERED
            self.poller.give_back(connection)
        else:
            self.poller.await_request(connection)
            # From here on the connection is somebody else's, and its next request does not wait for a line in a log.
            self._log(answer, connection, moved, ending)

    def _log(self, answer: Answer | None, connection: Connection, moved: int, ending: str) -> None:
        if self.log_requests and answer is not None:
            peer = peer_name(connection.reader.peer)
            self.requests.write(answer, peer, moved, ending, late=self.poller.threads.more)

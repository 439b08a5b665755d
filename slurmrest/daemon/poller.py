"""The main thread of a worker: it has every connection that no thread is answering.

It accepts, reads, sends what did not fit, closes, and watches the time. While there is little to do, a thread reads
what it will answer, and nobody hands it over; while most threads are at work, the poller reads, many at a time. Only
the poller closes sockets; a thread gives a connection back by arming it or, to be looked at, through `give_back`.
"""

from __future__ import annotations

import itertools
import os
import select
import socket
import time
from collections import deque
from functools import partial
from typing import Any

from . import environ, refusal
from .balance import BUSY, FULL, Load
from .connection import Connection, Phase, peer_name, watch
from .doors import Doors
from .logs import RequestLog, request_id
from .pace import Pace
from .reading import ParserSettings, RequestReader
from .refusal import Refused
from .slots import Slots
from .threads import Threads

INPUT, OUTPUT = select.EPOLLIN, select.EPOLLOUT
EVENTS = 256
TICK = 1.0
SCARCE = 0.05
"""Seconds between two looks at all connections; the short one while slots are scarce."""


class Poller:
    """Polls *listeners* and their connections. threads: where connections with a whole request go; set before use."""

    def __init__(
        self, listeners: list[socket.socket], pace: Pace, slots: Slots, settings: ParserSettings, load: Load
    ) -> None:
        self.limits, self.pace, self.slots, self.settings, self.load = pace.limits, pace, slots, settings, load
        self.connections: dict[int, Connection] = {}
        self.threads: Threads
        self.requests = RequestLog()
        self.begun, self.stopping, self.retiring = 0, False, False
        self._beginnings = itertools.count(1)
        self._look_at, self._stop_reading_at, self._stop_waiting_at = 0.0, 0.0, 0.0
        self._epoll = select.epoll()
        self._doors = Doors(listeners, self._epoll, load)
        self._returned: deque[Connection] = deque()
        self._wakeup = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._epoll.register(self._wakeup, select.EPOLLIN)

    # What threads may call.

    def await_request(self, connection: Connection) -> None:
        """Let go of a connection until the client asks for something."""
        self.pace.idle(connection)
        if connection.slot and not (self.stopping or self.threads.many):
            connection.phase = Phase.READY
            self.threads.hear(connection)
        else:
            connection.phase = Phase.IDLE
            self._arm(connection, INPUT)

    def await_output(self, connection: Connection) -> None:
        """Let go of a connection until the client takes something."""
        self._arm(connection, OUTPUT)

    def read(self, connection: Connection) -> bool:
        """Read a request from a connection that was READY. Tells whether all of it is here; else the poller has it."""
        if self.slots.waiting:
            connection.phase = Phase.IDLE
            self.give_back(connection)
            return False
        data = connection.receive()
        if data:
            connection.reader.feed(data)
            try:
                if self._take_request(connection):
                    return True
            except Refused as reason:
                connection.refused = reason
        elif data is not None:
            connection.gone = True
        self.give_back(connection)
        return False

    def give_back(self, connection: Connection) -> None:
        """Give a connection back to the poller at once."""
        self._returned.append(connection)
        self.wake()

    def wake(self) -> None:
        """Make the poller look around. Also for signal handlers."""
        os.eventfd_write(self._wakeup, 1)

    # The loop.

    def turn(self) -> None:
        """Wait for something to happen, at most a second, and do what there is to do."""
        room = self._has_room()
        self.load.say(FULL if not room else BUSY if self.threads.busy else len(self.connections))
        self._doors.open(time.monotonic(), when=room)
        knocking = self._dispatch(self._epoll.poll(self._patience(), EVENTS))
        while self._returned:
            self._after_answer(self._returned.popleft())
        now = time.monotonic()
        if now >= self._look_at or self.stopping:
            self._look_around(now)
        while (connection := self.slots.next()) is not None:
            self._read(connection)
        if knocking:
            for sock, peer, server in self._doors.let_in(knocking, now, self._has_room):
                self._add(sock, peer, server)

    def _patience(self) -> float:
        now = time.monotonic()
        scarce = self.stopping or not self.slots.free or len(self.connections) >= self.limits.held
        self._look_at = min(self._look_at, now + (SCARCE if scarce else TICK))
        return max(0.0, min(self._look_at, self._doors.opening(now)) - now)

    def _has_room(self) -> bool:
        """Tell whether another connection can be accepted."""
        return self.slots.free and not self.stopping and len(self.connections) < self.limits.held

    def _dispatch(self, events: list[tuple[int, int]]) -> list[socket.socket]:
        """Serve the connections, and give the listeners where somebody knocks, whose turn is last."""
        knocking = []
        for fd, _ in events:
            connection = self.connections.get(fd)
            if connection is not None:
                self._serve(connection)
            elif fd in self._doors.listeners:
                knocking.append(self._doors.listeners[fd])
            elif fd == self._wakeup:
                os.eventfd_read(fd)
        return knocking

    def _serve(self, connection: Connection) -> None:
        phase = connection.phase
        if connection.gone:
            self._abandon(connection)
        elif phase is Phase.IDLE or phase is Phase.READING:
            parked = not connection.slot
            if self.slots.take(connection):
                connection.since = time.monotonic() if parked else connection.since
                self._read(connection)
        elif phase is Phase.WRITING:
            self._write(connection)
        elif phase is Phase.LINGERING:
            self._linger(connection)

    def _add(self, sock: socket.socket, peer: Any, server: Any) -> None:
        common = environ.of_connection(sock, peer, server)
        reader = RequestReader(self.settings, self.limits, peer)
        connection = Connection(sock, reader, common, time.monotonic())
        self.slots.used += 1
        self.connections[connection.fd] = connection
        self.await_request(connection)

    # Reading.

    def _arm(self, connection: Connection, events: int) -> None:
        """Let go of a connection until epoll reports it to the poller."""
        watch(self._epoll, connection.fd, events)

    def _take_back(self, connection: Connection) -> bool:
        """Take a connection from the threads, if it is READY; false where one of them was faster."""
        if connection.phase is Phase.READY:
            if not self.threads.unhear(connection):
                return False
            connection.phase = Phase.IDLE
            self._arm(connection, INPUT)
        return True

    def _read(self, connection: Connection) -> None:
        data = connection.receive()
        if data is None:
            self._await_request(connection)
        elif not data:
            self._close(connection)
        else:
            connection.reader.feed(data)
            self._advance(connection)

    def _advance(self, connection: Connection) -> None:
        """Go on with what has been read: a whole request goes to the threads."""
        try:
            if self._take_request(connection):
                self.threads.submit(connection)
            else:
                self._await_request(connection)
        except Refused as reason:
            self._refuse(connection, reason)

    def _take_request(self, connection: Connection) -> bool:
        taken = connection.take_request(partial(self.may_keep, connection))
        if taken:
            self.begun = next(self._beginnings)
        return taken

    def _await_request(self, connection: Connection) -> None:
        if connection.reader.started:
            self.pace.reading(connection)
            connection.phase = Phase.READING
            if self.slots.waiting:
                self.slots.release(connection)
            if not connection.reader.wants_continue or self._continue(connection):
                self._arm(connection, INPUT)
        else:
            self.await_request(connection)

    def _continue(self, connection: Connection) -> bool:
        """Say `100 Continue`, once a request; false where the client does not even take that."""
        if connection.continued:
            return True
        connection.continued = True
        try:
            if connection.send(b"HTTP/1.1 100 Continue\r\n\r\n"):
                return True
        except OSError:
            connection.gone = True
        self._close(connection)
        return False

    def _refuse(self, connection: Connection, reason: Refused) -> None:
        """Answer what the server refuses, after which the connection ends."""
        connection.keep, connection.phase = False, Phase.ANSWERED
        connection.reader.close()
        self.pace.answering(connection)
        identifier = request_id(None)
        self.requests.refused(reason, peer_name(connection.reader.peer), identifier)
        connection.rest = memoryview(refusal.answer(reason.status, reason.text, identifier=identifier))
        self._write(connection)

    # Writing.

    def _write(self, connection: Connection) -> None:
        """Send what was left over, then go on with the answer, if there is more of it."""
        if connection.phase is Phase.WRITING:
            self.pace.taken(connection)
        try:
            done = connection.flush()
        except OSError:
            self._abandon(connection)
            return
        if not done:
            self.pace.writing(connection)
            connection.phase = Phase.WRITING
            self.await_output(connection)
        elif connection.pieces is not None:
            connection.phase = Phase.RUNNING
            self.threads.submit(connection)
        else:
            self._after_answer(connection)

    def _abandon(self, connection: Connection) -> None:
        """The client is gone: what the answer holds is freed at once, by a thread because it may take a while."""
        connection.gone = True
        if connection.answer is not None:
            connection.phase = Phase.RUNNING
            self.threads.submit(connection)
        else:
            self._close(connection)

    def _after_answer(self, connection: Connection) -> None:
        if connection.gone or connection.broken:
            self._close(connection)
        elif connection.phase is Phase.IDLE:
            self._serve(connection)
        elif connection.refused is not None:
            reason, connection.refused = connection.refused, None
            self._refuse(connection, reason)
        elif not connection.keep:
            self._end(connection)
        elif connection.reader.started:
            self._advance(connection)
        else:
            self._await_request(connection)

    # Ending.

    def _end(self, connection: Connection) -> None:
        """Close our side, and leave the client a moment to see the answer: closing at once could take it away."""
        connection.end_output()
        self.slots.release(connection)
        self.pace.lingering(connection)
        connection.phase = Phase.LINGERING
        self._linger(connection)

    def _linger(self, connection: Connection) -> None:
        data = connection.receive()
        if data == b"" or self.stopping:
            self._close(connection)
            return
        if data:
            self.pace.lingering(connection)
        self._arm(connection, INPUT)

    def _close(self, connection: Connection) -> None:
        del self.connections[connection.fd]
        self.slots.release(connection)
        connection.close()

    # The time.

    def _look_around(self, now: float) -> None:
        """Look at every connection: whose time is up, who says nothing."""
        self._look_at = now + TICK
        self.requests.flush()
        if self.threads.busy:
            # Nobody would take what these say, and they would seem to be silent.
            for connection in self.threads.spoken():
                self._read(connection)
        for connection in list(self.connections.values()):
            if self.stopping:
                self._hurry(connection)
            if connection.deadline <= now:
                self._expire(connection)
            elif self.pace.may_park(connection, now) and self._take_back(connection):
                self.slots.release(connection)
        self._make_room()

    def _expire(self, connection: Connection) -> None:
        """Act on a deadline. A connection that a thread may be arming is not closed here, but reported by epoll."""
        if not self._take_back(connection):
            return
        if connection.phase is Phase.READING:
            self._refuse(connection, Refused(408, "The request did not arrive in time"))
        elif connection.phase is Phase.LINGERING:
            self._close(connection)
        elif connection.phase is Phase.IDLE or connection.phase is Phase.WRITING:
            connection.broken = connection.phase is Phase.WRITING
            connection.gone = True
            connection.shut()

    def _make_room(self) -> None:
        """Close a tenth of too many connections, and what holds too much memory: those without a slot for longest."""
        phases = (Phase.IDLE, Phase.READING)
        parked = [one for one in self.connections.values() if one.phase in phases and not one.slot]
        surplus = self.limits.held // 10 + 1 if len(self.connections) >= self.limits.held else 0
        excess = sum(one.reader.held for one in parked) - self.limits.parked
        if surplus or excess > 0:
            parked.sort(key=lambda connection: connection.since)
            for place, connection in enumerate(parked):
                if place < surplus or excess > 0 < connection.reader.held:
                    excess -= connection.reader.held
                    self._expire(connection)

    @property
    def quiet(self) -> bool:
        """Whether no request is here, whole or in part, and no answer under way."""
        idle = (Phase.READY, Phase.IDLE, Phase.LINGERING)
        return all(connection.phase in idle for connection in self.connections.values())

    # The end.

    def stop(self) -> None:
        """Take no more connections, and end each as soon as its requests are answered."""
        now = time.monotonic()
        self.stopping, self._look_at = True, 0.0
        self._stop_reading_at = now + self.limits.stopping
        self._stop_waiting_at = now + (0.0 if self.load.closing else self.limits.parting)
        self.load.say(FULL)
        self.load.say_serving(serves=False)
        self._doors.close()

    @property
    def stopped(self) -> bool:
        """Whether it was told to stop and no connection is left."""
        return self.stopping and not self.connections

    def may_keep(self, connection: Connection) -> bool:
        """Tell whether the connection may stay open after an answer; one with more requests read stays in any case."""
        return not (self.stopping or self.retiring) or connection.reader.started

    def _hurry(self, connection: Connection) -> None:
        """End a connection without a request, and set a limit to one where a request has begun."""
        self._take_back(connection)
        if connection.phase is Phase.IDLE:
            data = connection.receive()
            if data:
                connection.reader.feed(data)
                self._advance(connection)
            else:
                connection.deadline = min(connection.deadline, self._stop_waiting_at)
        elif connection.phase is Phase.READING:
            connection.deadline = min(connection.deadline, self._stop_reading_at)
        elif connection.phase is Phase.LINGERING:
            connection.deadline = 0.0

    def abort(self) -> None:
        """Break off whatever is left."""
        for connection in list(self.connections.values()):
            connection.broken = True
            self._close(connection)

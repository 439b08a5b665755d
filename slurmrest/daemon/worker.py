"""A worker process of gunicorn: one poller, some threads, and when to end.

    gunicorn -k slurmrest.daemon.worker.Worker …

In place of gunicorn's ThreadWorker, which answers one of several pipelined requests, gives silent connections a
thread, and knows no deadline for slow heads, bodies and readers. Here a connection costs a thread only while a whole
request is being answered.
"""

from __future__ import annotations

import logging
import os
import resource
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker as BaseWorker

from .balance import Load, Loads
from .checks import StartError
from .limits import Limits
from .pace import Pace
from .poller import Poller
from .quotas import RESERVED_FILES, Quota
from .reading import parser_settings
from .serving import Server
from .slots import Slots
from .threads import Threads
from .turns import yield_to_others

WORKER_SIGNALS = (signal.SIGTERM, signal.SIGQUIT)
"""What the master tells a worker. Blocked from the fork until the worker can act on it."""
PAGE = os.sysconf("SC_PAGE_SIZE")


class Worker(BaseWorker):  # type: ignore[misc]  # gunicorn has no types
    """One process. The master gives it quota, load and place before the fork.

    quota: its share of threads and connections. load: how it shares new connections with others. place: whose both are.
    """

    quota: Quota | None = None
    load: Load | None = None
    place = 0

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.limits: Limits = getattr(self.app, "limits", None) or Limits()
        self.poller: Poller | None = None
        self._retire_by = 0.0
        self._watch_at = 0.0
        self._taken, self._stuck_since = 0.0, 0.0

    @classmethod
    def check_config(cls, cfg: Any, _log: Any) -> None:
        """Refuse what this worker does not do rather than do without it. Raises: RuntimeError."""
        if cfg.is_ssl:
            raise RuntimeError("TLS is for a proxy in front, this worker does not speak it")

    def init_signals(self) -> None:
        """TERM: end gracefully. QUIT: end at once. INT and HUP, which a terminal sends to all, are for the master."""
        super().init_signals()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WORKER_SIGNALS)

    def load_wsgi(self) -> None:
        """Load the app. What keeps it from starting is one line in the log, and the status that tells the master."""
        os.environ["SLURMREST_WORKER_THREADS"] = str((self.quota or self._whole).threads)
        try:
            super().load_wsgi()
        except StartError as error:
            self.log.error("%s", error)  # noqa: TRY400  # the line says it all
            sys.exit(Arbiter.WORKER_BOOT_ERROR)

    def handle_exit(self, _sig: int, _frame: Any) -> None:
        """Begin to end, requests under way are finished."""
        self.alive = False
        if self.poller is not None:
            self.poller.wake()

    def handle_quit(self, _sig: int, _frame: Any) -> None:
        """End at once."""
        self.cfg.worker_int(self)
        leave()

    def run(self) -> None:
        """Serve until told to end, or until it is time for a successor."""
        yield_to_others()
        adopt_logger(self.log.error_log)
        poller = self._prepare()
        while self.alive:
            poller.turn()
            self._watch(poller)
        self._drain(poller)

    @property
    def _whole(self) -> Quota:
        """What gunicorn's own settings say, where nobody shares out."""
        return Quota(self.cfg.threads, self.cfg.worker_connections)

    def _prepare(self) -> Poller:
        quota = self.quota or self._whole
        limits = replace(self.limits, held=held(self.limits.held, quota.connections))
        pace = Pace(limits)
        load = self.load or Loads().of(0)
        poller = Poller(self.sockets, pace, Slots(quota.connections), parser_settings(limits), load)
        server = Server(self.wsgi, poller, pace, log_requests=self.cfg.accesslog is not None)
        poller.threads = Threads(quota.threads, server.serve)
        self.poller = poller
        load.say_ready()
        load.say_serving()
        return poller

    def _watch(self, poller: Poller) -> None:
        """Once a second: tell the master that we live, see whether it does, and whether it is time to go."""
        now = time.monotonic()
        if now >= self._watch_at:
            self._watch_at = now + 1.0
            if not self._stuck(poller, now):
                self.notify()
                poller.load.say_serving()
            if self.ppid != os.getppid():
                self.log.info("The master is gone")
                self.alive = False
            if not poller.retiring and (reason := self._worn(poller)):
                self.log.info("This worker is replaced: %s", reason)
                poller.retiring, self._retire_by = True, now + self.limits.replacing
        if poller.retiring and (now >= self._retire_by or poller.quiet):
            self.alive = False

    def _stuck(self, poller: Poller, now: float) -> bool:
        """Tell whether all threads hang. Then the master hears no more of this worker, and kills it."""
        threads = poller.threads
        if not threads.waiting() or threads.taken != self._taken:
            self._taken, self._stuck_since = threads.taken, now
        return now - self._stuck_since > self.limits.stuck

    def _worn(self, poller: Poller) -> str:
        """Say why this worker should be replaced; "" where it should not. Memory counts only between requests."""
        self.nr = poller.begun
        if poller.begun >= self.max_requests:
            return f"{poller.begun} requests served"
        if resident() > self.limits.resident and poller.quiet:
            return f"{resident() >> 20} MiB of memory held"
        return ""

    def _drain(self, poller: Poller) -> None:
        """Finish what is under way, as long as the master waits for it."""
        poller.stop()
        deadline = time.monotonic() + max(0.5, self.cfg.graceful_timeout - 1)
        while not poller.stopped and time.monotonic() < deadline:
            poller.turn()
            self.notify()
        if not poller.stopped:
            self.log.warning("%d connections were broken off", len(poller.connections))
            poller.abort()
            leave()
        poller.requests.flush()


def adopt_logger(like: logging.Logger) -> None:
    """Let the logger of our own code write where gunicorn's does, where it does not know better (logs.start)."""
    log = logging.getLogger("slurmrestd")
    if log.handlers:
        return
    log.handlers, log.propagate = like.handlers, False
    log.setLevel(like.level)


def leave() -> None:
    """End the process without waiting for threads, which libslurm may hold up."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def resident() -> int:
    """Memory that this process holds, in bytes."""
    return int(Path("/proc/self/statm").read_bytes().split()[1]) * PAGE


def held(wanted: int, connections: int) -> int:
    """How many connections a worker may have open, at least its *connections*: as many as open files allow."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(connections, min(max(wanted, connections), files - RESERVED_FILES))

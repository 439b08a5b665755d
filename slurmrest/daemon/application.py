"""gunicorn's application and master process, as slurmrestd uses them.

The master binds nothing, loads neither app nor libslurm, and forks workers that do. The settings are the same when
gunicorn itself is started with conf/gunicorn.conf.py.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter as BaseArbiter
from gunicorn.errors import HaltServer

from . import checks, sockets
from .addresses import UnixAddress
from .answering import App
from .config import INFO, LEVELS, Config, UsageError, read
from .limits import Limits
from .quotas import Quota, assigner, worker_count
from .settings import NO_USER_CHECK
from .sockets import Listener
from .systemd import Notifier
from .worker import WORKER_SIGNALS

GRACE = 30
"""Seconds that requests under way have when the daemon stops."""
HASTE = 0.05
"""Seconds between two looks whether the workers are ready, where systemd is to be told."""
RESPAWN = 1.0
"""Seconds between two attempts to replace workers that are missing."""
LOG_LEVELS = {"quiet": "critical", "fatal": "critical", "error": "error", "info": "info", "verbose": "info"}
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - gunicorn makes a file of its own there, without a name
"""Where a worker's sign of life is kept: never on a disk, whose delays would look like a worker that hangs."""


def load_app() -> App:
    """Load the app of the REST API. Only workers do. Raises: StartError."""
    from libslurm.errors import ConfigurationError
    from slurmrest.wsgi import get_app

    checks.check_readable(os.environ.get("SLURM_CONF"))
    try:
        return get_app()
    except ConfigurationError as error:
        raise checks.StartError(str(error)) from None


def gunicorn_settings(config: Config, limits: Limits) -> dict[str, Any]:
    """Make gunicorn's settings for ours. threads and worker_connections are those of the largest share."""
    total = Quota(config.threads, config.max_connections)
    workers = worker_count(total)
    largest = total.share(0, workers)
    return {
        "bind": [str(address) for address in config.addresses],
        "backlog": sockets.BACKLOG,
        "umask": 0,
        "workers": workers,
        "worker_class": "slurmrest.daemon.worker.Worker",
        "threads": largest.threads,
        "worker_connections": largest.connections,
        "pre_fork": assigner(total),
        "max_requests": limits.requests,
        "max_requests_jitter": limits.requests // 10,
        "graceful_timeout": GRACE,
        "worker_tmp_dir": SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None,
        "control_socket_disable": True,
        "proc_name": "slurmrestd",
        "loglevel": LOG_LEVELS.get(LEVELS[config.level], "debug"),
        "logger_class": "slurmrest.daemon.gunicorn_log.Logger",
        "accesslog": "-" if config.level >= INFO else None,
    }


def on_starting(arbiter: Any) -> None:
    """Make, as a hook of conf/gunicorn.conf.py: the checks of slurmrestd. Raises: RuntimeError."""
    try:
        settings = read([], os.environ)
        if NO_USER_CHECK not in settings.security:
            checks.check_user(arbiter.cfg.uid, arbiter.cfg.gid)
        checks.check_cluster(settings.conf, arbiter.cfg.uid, arbiter.cfg.gid, settings)
        for address in arbiter.cfg.address:
            if isinstance(address, str):
                sockets.refuse_live(UnixAddress(address))
    except (UsageError, checks.StartError, sockets.BindError) as error:
        raise RuntimeError(str(error)) from None


class Application(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """What gunicorn runs: settings, sockets that are bound already, and an app that workers load.

    check: raises StartError where workers would fail to start. notifier: hears how things are; to be set before `run`.
    """

    def __init__(
        self,
        settings: dict[str, Any],
        listeners: Sequence[Listener],
        load: Callable[[], App] = load_app,
        limits: Limits | None = None,
        check: Callable[[], object] = bool,
    ) -> None:
        self.settings, self.listeners, self.load_wsgi = settings, list(listeners), load
        self.limits, self.check = limits or Limits(), check
        self.notifier = Notifier()
        super().__init__(prog="slurmrestd")

    def load_config(self) -> None:
        """Take up the settings; also when the workers are replaced on SIGHUP."""
        for name, value in self.settings.items():
            self.cfg.set(name, value)

    def load(self) -> App:
        """Load the app. Called in a worker."""
        return self.load_wsgi()

    def run(self) -> None:
        """Serve until a signal says to stop; ends with SystemExit."""
        Arbiter(self, self.listeners).run()


class Arbiter(BaseArbiter):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's master process with our sockets. INT ends it as gracefully as TERM does.

    Once it has served, it goes on: workers that fail to start are tried again, at most once a second.
    """

    def __init__(self, app: Application, listeners: list[Listener]) -> None:
        super().__init__(app)
        self.LISTENERS = listeners
        self.notifier: Notifier = app.notifier
        self._owner, self._served, self._spawned = os.getpid(), False, 0.0
        self._announced, self._outdated, self._note = False, 0, ""

    def manage_workers(self) -> None:
        """Replace workers that are missing, but not in a hurry: they may have ended because they cannot start."""
        self._served = self._served or any(worker.load.ready for worker in self.WORKERS.values())
        if len(self.WORKERS) < self.num_workers:
            now = time.monotonic()
            if now < self._spawned + RESPAWN:
                return
            self._spawned = now
        super().manage_workers()
        self._tell_systemd()

    def _tell_systemd(self) -> None:
        """Say that the daemon is ready once as many workers serve as should, and alive while any of them does."""
        if not self.notifier:
            return
        serving = [worker.age for worker in self.WORKERS.values() if worker.load.serving]
        new = sum(age > self._outdated for age in serving)
        status = f"{new} of {self.num_workers} workers serve{self._note}"
        if self._announced:
            self.notifier.status(status)
        elif new >= self.num_workers:
            self.notifier.ready(status)
            self._announced = True
        if serving:
            self.notifier.alive()

    def wait_for_signals(self, timeout: float = 1.0) -> list[int]:
        """Wait for signals; not as long while somebody waits to hear that the daemon is ready."""
        waited_for = self.notifier and not self._announced
        return list(super().wait_for_signals(min(timeout, HASTE) if waited_for else timeout))

    def reap_workers(self) -> None:
        """Take notice of workers that ended. gunicorn ends with one that fails to start; we do so only at first."""
        while True:
            try:
                super().reap_workers()
            except HaltServer as failure:
                if not self._served:
                    raise
                self.log.error("%s It is tried again.", failure.reason)  # noqa: TRY400 - the worker has logged why
            else:
                break
        self._tell_systemd()

    def reload(self) -> None:
        """Replace the workers, if new ones can be expected to start."""
        self.notifier.reloading()
        try:
            self.app.check()
        except checks.StartError as failure:
            self.log.error("The workers are not replaced: %s", failure)  # noqa: TRY400 - the line says it all
            self._announced, self._note = False, f"; they were not replaced: {failure}"
            return
        self._announced, self._outdated, self._note = False, self.worker_age, ""
        super().reload()

    def spawn_worker(self) -> int:
        """Fork a worker. A signal to it waits until it can act on it; in gunicorn it would be lost."""
        signal.pthread_sigmask(signal.SIG_BLOCK, WORKER_SIGNALS)
        try:
            return int(super().spawn_worker())
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, WORKER_SIGNALS)

    def handle_int(self) -> None:
        """Stop gracefully; a second time, at once."""
        self.handle_term()

    def handle_usr2(self) -> None:
        """Do nothing: gunicorn would start a second master, whose command line is not ours."""
        self.log.info("SIGUSR2 is ignored")

    def handle_ttin(self) -> None:
        """Do nothing: gunicorn would add a worker, beyond the totals of threads and connections."""
        self.log.info("SIGTTIN is ignored")

    def handle_ttou(self) -> None:
        """Do nothing: gunicorn would take a worker away."""
        self.log.info("SIGTTOU is ignored")

    def stop(self, graceful: bool = True) -> None:  # noqa: FBT001, FBT002 - gunicorn's
        """Stop listening, remove the socket files, end the workers."""
        self.notifier.stopping()
        self.notifier = Notifier()
        for worker in self.WORKERS.values():
            worker.load.say_closing()
        if os.getpid() == self._owner:
            sockets.remove_all(self.LISTENERS)
        self.LISTENERS = []
        super().stop(graceful)

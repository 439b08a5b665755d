"""Bringing the development cluster up and taking it down: what is done in which order."""

import contextlib
import fcntl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import contents
from processes import end, family, marked, wait_until
from services import Service, check_ports, command, outdated, running, services, start, stop, wait_ready
from settings import Settings, venv

SWEEP_SECONDS = 3.0


@contextlib.contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """One change at a time to each cluster."""
    settings.state.mkdir(parents=True, exist_ok=True)
    with (settings.state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def up(settings: Settings, own: list[Service]) -> None:
    """Start those of the services *own* that do not run, and restart those that are out of date."""
    check_ports(settings, own)
    names = {service.name for service in own}
    if not settings.conf:
        names |= refresh(settings)
    write_environment(settings)
    for stage in stages([service for service in services(settings) if service.name in names]):
        launch(settings, stage)
        for service in stage:
            AFTER.get(service.name, nothing)(settings)


def refresh(settings: Settings) -> set[str]:
    """Bring files up to date; stop the cluster where that concerns it, and what a crash left of it.

    Returns: the services that ran before, and shall run again.
    """
    before = {service.name for service in services(settings) if running(settings, service)}
    if contents.render(settings) or not before:
        down(settings)
    contents.make_keys(settings)
    contents.make_database(settings)
    return before


def stages(own: list[Service]) -> list[list[Service]]:
    """The services in groups that start together: munge and MariaDB need nobody."""
    first = [service for service in own if service.name in ("munged", "mariadbd")]
    return [first, *([service] for service in own if service not in first)]


def launch(settings: Settings, stage: list[Service]) -> None:
    """Start the services of a stage, then wait for each."""
    started: dict[str, subprocess.Popen[bytes]] = {}
    for service in stage:
        process = running(settings, service)
        if process and outdated(service, process):
            stop(settings, service)
            process = None
        if not process:
            started[service.name] = start(settings, service)
    for service in stage:
        wait_ready(settings, service, started.get(service.name))


def nothing(_settings: Settings) -> None:
    """What follows most services."""


def attend(settings: Settings) -> None:
    """What follows slurmctld: accounts, some with TRES it made known; reservations; node01 resumed."""
    contents.fill_accounts(settings)
    contents.reserve(settings)
    state = command(settings, "sinfo", "-h", "-n", "node01", "-o", "%T").stdout
    if state.startswith(("drain", "down")):
        command(settings, "scontrol", "update", "NodeName=node01", "State=RESUME")


AFTER: dict[str, Callable[[Settings], None]] = {"slurmdbd": contents.add_cluster, "slurmctld": attend}


def write_environment(settings: Settings) -> None:
    """Write the file that a shell sources."""
    lines = (
        f"export SLURM_CONF={settings.slurm_conf}",
        f"export SLURMRESTD={settings.socket}",
        f"export PATH={venv()}/bin:$PATH:/usr/sbin",
    )
    contents.put(settings.state / "env", "\n".join([*lines, ""]).encode())


def down(settings: Settings) -> None:
    """Stop everything in reverse order, jobs first, and end whatever else bears the cluster's mark."""
    own = Settings(settings.state, settings.shift)
    if marked(own.state):
        cancel_jobs(own)
        for service in reversed(services(own)):
            stop(own, service)
        end(family(process.pid for process in marked(own.state)), SWEEP_SECONDS)


def cancel_jobs(settings: Settings) -> None:
    """Cancel every job, so that none outlives the cluster; without slurmctld, the mark finds their steps."""
    controller = next(service for service in services(settings) if service.name == "slurmctld")
    # Without its slurm.conf each command would look for it for a minute.
    if settings.slurm_conf.exists() and running(settings, controller) and queue(settings):
        for state in ("PENDING", "RUNNING"):
            command(settings, "scancel", f"--state={state}")
        wait_until(lambda: not queue(settings), 10.0, step=0.1)


def queue(settings: Settings) -> str:
    """The jobs that wait or run, one a line."""
    return command(settings, "squeue", "--noheader", "--all").stdout


def down_all(settings: Settings) -> None:
    """Stop this cluster and those of other checkouts."""
    down(settings)
    for state in {process.state for process in marked()}:
        down(Settings(Path(state)))

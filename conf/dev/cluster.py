#!/usr/bin/python3
"""The development cluster: munge, MariaDB, slurmdbd, slurmctld, one slurmd that runs jobs, and our daemon.

    cluster.py up [NAME …]      start what does not run; restart our daemon where its sources changed
    cluster.py down             stop everything; with --all, also the clusters of other checkouts
    cluster.py run              up, show what to try, follow our daemon's log; Ctrl-C is down
    cluster.py stop NAME …      stop some of its daemons
    cluster.py status           what runs
    cluster.py install          install what is missing, also for the tests, and start nothing
    cluster.py facts            where everything is, as JSON, for the tests

All state is in .dev, see settings.py. Needs root, because the daemons run as several users; serving an
existing cluster (--conf) does not. Standard library only: this runs before anything is installed.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import install
from lifecycle import down, down_all, locked, up
from services import Service, running, services, stop
from settings import Failure, Settings, lay_out, own_state

USAGE = """
# In a shell that has read the cluster's environment:
. {state}/env
curl --unix-socket "${{SLURMRESTD}}" 'http://localhost:8080/slurm/v0.0.39/node/node01'
curl -H "Content-Type: application/json" -d @conf/dev/example_job.json --unix-socket "${{SLURMRESTD}}" \\
  'http://localhost:8080/slurm/v0.0.39/job/submit'
# Over TCP, as any user, with a token:
export $(scontrol token username=games)
curl -H "X-SLURM-USER-NAME: games" -H "X-SLURM-USER-TOKEN: $SLURM_JWT" http://127.0.0.1:{port}/slurm/v0.0.39/jobs

# The daemon's log follows; Ctrl-C takes everything down.
"""


def do_up(settings: Settings, asked: argparse.Namespace) -> None:
    """Install what is missing, and start everything, or the services that are named."""
    install.everything(settings)
    with locked(settings):
        if not asked.names:
            # Tests that started it take it down when they end, unless a person asks for it meanwhile.
            (settings.state / "started-by-tests").unlink(missing_ok=True)
        up(settings, named(settings, asked.names))
    if not settings.conf and not settings.address.startswith("127."):
        say(f"Slurm listens on {settings.address}, this host's own address: it may not be named localhost here")


def do_down(settings: Settings, asked: argparse.Namespace) -> None:
    """Stop everything."""
    with locked(settings):
        (down_all if asked.all else down)(settings)


def do_stop(settings: Settings, asked: argparse.Namespace) -> None:
    """Stop the services that are named."""
    with locked(settings):
        for service in reversed(named(settings, asked.names)):
            stop(settings, service)


def do_run(settings: Settings, asked: argparse.Namespace) -> None:
    """Start, show what to try, follow the log until a signal, and take everything down."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        do_up(settings, asked)
        show(settings)
        follow(settings.log("slurmrestd"))
    except KeyboardInterrupt:
        say("")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        do_down(settings, asked)


def do_status(settings: Settings, _asked: argparse.Namespace) -> None:
    """Print a line for each service."""
    for service in services(settings):
        process = running(settings, service)
        say(f"{service.name:12} {f'pid {process.pid}' if process else 'down'}")


def do_install(settings: Settings, _asked: argparse.Namespace) -> None:
    """Install what is missing, and what the tests need besides."""
    install.everything(settings, tests=True)


def do_facts(settings: Settings, _asked: argparse.Namespace) -> None:
    """Print where everything is."""
    say(settings.facts())


COMMANDS: dict[str, Callable[[Settings, argparse.Namespace], None]] = {
    "up": do_up,
    "down": do_down,
    "run": do_run,
    "stop": do_stop,
    "status": do_status,
    "install": do_install,
    "facts": do_facts,
}


def show(settings: Settings) -> None:
    """Print the ping document and the lines to try."""
    curl = ("curl", "-sS", "--unix-socket", str(settings.socket), "http://localhost:8080/slurm/v0.0.39/ping")
    say(f"$ {' '.join(curl)}")
    subprocess.run(curl, check=False)
    say(USAGE.format(state=settings.state, port=settings.port("slurmrestd")))


def follow(path: Path) -> None:
    """Copy what is added to a log to stdout, for ever."""
    with path.open(errors="replace") as log:
        log.seek(0, os.SEEK_END)
        while True:
            if text := log.read():
                sys.stdout.write(text)
                sys.stdout.flush()
            else:
                time.sleep(0.2)


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def named(settings: Settings, names: list[str]) -> list[Service]:
    """The services of those names, or all, in starting order."""
    table = {service.name: service for service in services(settings)}
    if unknown := [name for name in names if name not in table]:
        message = f"no service {', '.join(unknown)}: there are {', '.join(table)}"
        raise Failure(message)
    return [service for name, service in table.items() if name in names or not names]


def arguments() -> argparse.Namespace:
    """The command line."""
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("names", nargs="*", metavar="NAME", help="services, for up and stop")
    parser.add_argument("--all", action="store_true", help="down: the clusters of other checkouts too")
    parser.add_argument("--conf", type=Path, help="serve the existing cluster of this slurm.conf")
    parser.add_argument("--state", type=Path, help="directory of the cluster, instead of .dev")
    parser.add_argument("--shift", type=int, default=0, help="added to every port, for a second cluster")
    return parser.parse_args()


def chosen(asked: argparse.Namespace) -> Settings:
    """The cluster that the command line chooses, with its directories made. Raises: Failure, OSError."""
    if not asked.conf and os.getuid() != 0:
        raise Failure("the development cluster runs daemons as several users and has to be started by root")
    lay_out()
    return Settings(asked.state or own_state(), asked.shift, asked.conf)


def main() -> int:
    """Do what the command line says. Returns: the exit status."""
    os.umask(0o022)
    # Where the daemons are; an ordinary user's path, and that of `su`, do without.
    os.environ["PATH"] = f"{os.environ.get('PATH', '/usr/bin:/bin')}:/usr/sbin:/sbin"
    asked = arguments()
    try:
        COMMANDS[asked.command](chosen(asked), asked)
    except (Failure, OSError) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

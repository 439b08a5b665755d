"""What the command `slurmrestd` does, in order. Whatever keeps it from serving is one line and exit status 1."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial

from . import checks, config, sockets
from .checks import StartError
from .config import Config, UsageError
from .limits import Limits
from .quotas import Quota, worker_count
from .sockets import BindError

NO_ADDRESS = "an address to listen on is needed: [host]:port or unix:/path; see slurmrestd --help"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run slurmrestd. Gives the exit status, or ends with SystemExit when it has served."""
    try:
        settings = config.read(sys.argv[1:] if arguments is None else arguments, os.environ)
        return act(settings)
    except (UsageError, StartError, BindError) as error:
        sys.stderr.write(f"slurmrestd: {error}\n")
        return 1


def act(settings: Config) -> int:
    """Do what the settings say. Raises: UsageError, StartError, BindError."""
    if settings.help:
        sys.stderr.write(config.help_text())
        return 0
    if settings.version:
        sys.stdout.write(f"slurm {slurm_release()}\n")
        return 0
    if not settings.addresses:
        raise UsageError(NO_ADDRESS)
    serve(settings)
    return 0


def slurm_release() -> str:
    """Give the release of the libslurm that would be used. Raises: StartError where there is none."""
    from libslurm.errors import ConfigurationError
    from libslurm.library import Library

    try:
        return Library.open().release_text
    except ConfigurationError as error:
        raise StartError(str(error)) from None


def serve(settings: Config) -> None:
    """Check, bind, serve until a signal says to stop. Raises: StartError, BindError; and SystemExit at the end."""
    total = Quota(settings.threads, settings.max_connections)
    checks.raise_file_limit(total.share(0, worker_count(total)))
    uid, gid = checks.ids()
    checks.check_user(uid, gid)
    conf = checks.check_cluster(settings.conf, uid, gid)
    export(settings, conf)
    listeners = sockets.listen(settings.addresses)
    # Not before: gunicorn is a tenth of a second to import, which a mistake in the command line need not wait for.
    from .application import Application, gunicorn_settings

    limits = Limits()
    check = partial(checks.check_cluster, conf, uid, gid)
    Application(gunicorn_settings(settings, limits), listeners, limits=limits, check=check).run()


def export(settings: Config, conf: str) -> None:
    """Put what was decided into the environment, which is all that the app reads."""
    os.environ["SLURM_CONF"] = conf
    os.environ["SLURMRESTD_DEBUG"] = str(settings.level)

"""What the command `slurmrestd` does, in order. Whatever keeps it from serving is one line and exit status 1."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial

from .. import plugins, versions
from . import checks, config, logs, security, sockets, systemd
from .checks import StartError
from .config import Config, UsageError
from .limits import Limits
from .quotas import Quota, worker_count
from .settings import BECOME_USER, NO_USER_CHECK
from .sockets import BindError, Listener


def main(arguments: Sequence[str] | None = None) -> int:
    """Run slurmrestd. Gives the exit status, or ends with SystemExit when it has served."""
    try:
        settings = config.read(sys.argv[1:] if arguments is None else arguments, os.environ)
        return act(settings)
    except (UsageError, StartError, BindError) as error:
        logs.complain(" ".join(str(error).split()))
        return 1


def act(settings: Config) -> int:
    """Do what the settings say. Gives the exit status. Raises: UsageError, StartError, BindError."""
    if settings.help:
        sys.stderr.write(config.help_text())
    elif settings.version:
        sys.stdout.write(f"slurm {slurm_release()}\n")
    elif names := listing(settings):
        sys.stderr.write(names)
    elif settings.generate:
        print_document(settings)
    elif settings.check:
        from .check import check

        return check(settings, sys.stdout)
    else:
        return start(settings)
    return 0


def listing(settings: Config) -> str:
    """Name the plugins that `list` asks for; "" where nothing does."""
    lists = {
        plugins.AUTH.listing: settings.auth,
        versions.listing: settings.data_parser,
        plugins.OPENAPI.listing: settings.openapi,
    }
    return "".join(name_all() for name_all, given in lists.items() if given == plugins.LIST)


def start(settings: Config) -> int:
    """Serve: whoever connects, or in inetd mode, which is where there is no address, whoever is at the other end."""
    logs.start(settings.level)
    inherited = systemd.inherited(os.environ)
    listening = bool(settings.addresses or inherited)
    uid, gid = security.admitted(settings, listening=listening)
    if not listening:
        return serve_one(settings, uid, gid)
    serve(settings, uid, gid, inherited)
    return 0


def serve_one(settings: Config, uid: int, gid: int) -> int:
    """Serve what stdin brings. Gives the exit status. Raises: StartError."""
    from . import inetd

    security.lock_down(settings, uid, gid)
    export(settings, settings.conf)
    slurm_user, become_user = (name in settings.security for name in (NO_USER_CHECK, BECOME_USER))
    return inetd.run(settings.conf, become_user=become_user, slurm_user=slurm_user)


def slurm_release() -> str:
    """Give the release of the libslurm that would be used. Raises: StartError where there is none."""
    from libslurm.errors import ConfigurationError
    from libslurm.library import Library

    try:
        return Library.open().release_text
    except ConfigurationError as error:
        raise StartError(str(error)) from None


def print_document(settings: Config) -> None:
    """Print the OpenAPI document of the dialect that was chosen, as JSON."""
    from .. import media
    from ..routes import document

    codec = media.codec(media.JSON_TYPES[0])
    made = document(versions.chosen(settings.data_parser), plugins.OPENAPI.chosen(settings.openapi))
    sys.stdout.write(codec.encode(made).decode() + "\n")


def serve(settings: Config, uid: int, gid: int, inherited: Sequence[Listener] = ()) -> None:
    """Check, bind, serve until a signal says to stop. Raises: StartError, BindError; and SystemExit at the end.

    uid, gid: whom to become. inherited: sockets that systemd opened, to listen on besides the settings' addresses.
    """
    notifier = systemd.Notifier.take(os.environ)
    total = Quota(settings.threads, settings.max_connections)
    checks.raise_file_limit(total.share(0, worker_count(total)))
    check = partial(checks.check_cluster, uid=uid, gid=gid, settings=settings)
    conf = check(settings.conf)
    export(settings, conf)
    listeners = [*inherited, *sockets.listen(settings.addresses)]
    try:
        security.lock_down(settings, uid, gid)
    except StartError:
        sockets.remove_all(listeners)
        raise
    # Not before: gunicorn is a tenth of a second to import, which a mistake in the command line need not wait for.
    from .application import Application, gunicorn_settings

    limits = Limits()
    application = Application(gunicorn_settings(settings, limits), listeners, limits=limits, check=partial(check, conf))
    application.notifier = notifier
    application.run()


def export(settings: Config, conf: str | None) -> None:
    """Put what was decided into the environment, which is all that the app reads."""
    if conf:
        os.environ["SLURM_CONF"] = conf
    os.environ["SLURMRESTD_DEBUG"] = str(settings.level)
    os.environ[versions.VARIABLE] = settings.data_parser
    os.environ[plugins.AUTH.variable] = settings.auth
    os.environ[plugins.OPENAPI.variable] = settings.openapi

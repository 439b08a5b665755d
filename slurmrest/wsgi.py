"""The WSGI app for gunicorn: `slurmrest.wsgi:app`, made from the environment alone.

It is made when it is first asked for, which gunicorn does in each worker after the fork: libslurm is never loaded
in gunicorn's master.
"""

from __future__ import annotations

import logging
import os
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import falcon

    from libslurm.identity import OwnIdentity
    from libslurm.library import Library
    from libslurm.messages import Messages

    from .cluster import Cluster


LOGGER = "slurmrestd.libslurm"
"""The logger that libslurm's messages come through."""
LEVEL = "SLURMRESTD_DEBUG"
THREADS = "SLURMREST_WORKER_THREADS"
"""How many threads of this process answer requests; the worker sets it."""


@lru_cache(maxsize=1)
def get_library() -> Library:
    """Load libslurm and take up slurm.conf. What libslurm has to say goes to LOGGER from then on.

    Environment: SLURM_CONF, SLURM_DEBUG_FLAGS, SLURM_JWT, SLURMRESTD_DEBUG.
    Raises: ConfigurationError where libslurm cannot be used.
    """
    from libslurm import linux
    from libslurm.identity import prepare_process
    from libslurm.library import Library

    # Before the first thread, or what a large message took is never given back.
    linux.limit_arenas()
    prepare_process()
    library = Library.open()
    library.init(os.environ.get("SLURM_CONF"))
    if flags := os.environ.get("SLURM_DEBUG_FLAGS"):
        library.set_debug_flags(flags)
    get_messages(library)
    return library


@lru_cache(maxsize=1)
def get_messages(library: Library) -> Messages:
    """Let libslurm's messages come through LOGGER. Environment: SLURMRESTD_DEBUG, a level of Slurm's or its number."""
    from libslurm.messages import LEVELS, Messages

    log = logging.getLogger(LOGGER)
    text = os.environ.get(LEVEL, "").lower()
    level = LEVELS.index(text) if text in LEVELS else int(text) if text.isdigit() else LEVELS.index("info")
    known = {"fatal": logging.CRITICAL, "error": logging.ERROR, "info": logging.INFO}

    def take(name: str, message: str) -> None:
        log.log(known.get(name, logging.DEBUG), "libslurm: %s", message)

    return Messages(library, level, take)


def close_messages() -> None:
    """See that everything libslurm has said is logged, at the end of a process. Never loads libslurm for it."""
    if get_library.cache_info().currsize:
        get_messages(get_library()).close()


@lru_cache(maxsize=1)
def get_own() -> OwnIdentity:
    """Make the identity of the user that this process runs as. Environment, errors: those of get_library."""
    from libslurm.identity import OwnIdentity

    return OwnIdentity(get_library())


@lru_cache(maxsize=1)
def get_cluster() -> Cluster:
    """Make what the resources depend on. Environment: that of get_library, THREADS, SLURMRESTD_DATA_PARSER_PLUGINS.

    Raises: ConfigurationError where libslurm cannot be used, ValueError for a data_parser that there is not.
    """
    from .cluster import MANY, Cluster
    from .data_parser.parser import Parser
    from .versions import VARIABLE, chosen

    version = chosen(os.environ.get(VARIABLE))
    library = get_library()
    threads = int(os.environ.get(THREADS) or MANY)
    return Cluster(library, get_own(), Parser(library, version), threads=threads)


@cache
def get_app(part: str = "") -> falcon.App[Any, Any]:
    """Make the app. part: what the URLs begin with that it shall have (routes.part_of); "" for all that there are.

    Environment: that of get_cluster, and SLURMRESTD_AUTH_TYPES, SLURMRESTD_OPENAPI_PLUGINS, SLURMRESTD_JSON,
    SLURMRESTD_YAML. Raises: as get_cluster; ValueError for a plugin that there is not.
    """
    from libslurm.identity import prepare_process

    from . import plugins
    from .app import create_app
    from .auth import Authenticator

    auth, openapi = (kind.chosen(os.environ.get(kind.variable)) for kind in (plugins.AUTH, plugins.OPENAPI))
    cluster = get_cluster()
    tokens = prepare_process() == "jwt" and plugins.JWT in auth
    authenticator = Authenticator(cluster.library, cluster.own, tokens=tokens, local=plugins.LOCAL in auth)
    return create_app(cluster, authenticator, openapi, part)


def get_app_for(path: str) -> falcon.App[Any, Any]:
    """Make an app for a URL, without what only other URLs need. It answers this one as the whole app would."""
    from .routes import part_of

    return get_app(part_of(path))


def __getattr__(name: str) -> Any:
    if name == "app":
        return get_app()
    raise AttributeError(name)

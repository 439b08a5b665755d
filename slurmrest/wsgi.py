"""The WSGI app for gunicorn: `slurmrest.wsgi:app`, made from the environment alone.

It is made when it is first asked for, which gunicorn does in each worker after the fork: libslurm is never loaded
in gunicorn's master.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

import falcon


@lru_cache(maxsize=1)
def get_app() -> falcon.App[Any, Any]:
    """Load libslurm, take up slurm.conf, and make the app.

    Environment: SLURM_CONF, SLURM_JWT, SLURMRESTD_JSON, SLURMRESTD_YAML.
    Raises: ConfigurationError where libslurm cannot be used.
    """
    from libslurm import linux
    from libslurm.identity import OwnIdentity, prepare_process
    from libslurm.library import Library

    from .app import create_app
    from .auth import Authenticator
    from .cluster import Cluster

    # Before the first thread, or what a large message took is never given back.
    linux.limit_arenas()
    mode = prepare_process()
    library = Library.open()
    library.init(os.environ.get("SLURM_CONF"))
    own = OwnIdentity(library)
    return create_app(Cluster(library, own), Authenticator(library, own, tokens=mode == "jwt"))


def __getattr__(name: str) -> Any:
    if name == "app":
        return get_app()
    raise AttributeError(name)

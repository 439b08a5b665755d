"""The same server without our command line.

    gunicorn -c conf/gunicorn.conf.py slurmrest.wsgi:app

Settings come from the environment as slurmrestd takes them: SLURM_CONF, SLURMRESTD_LISTEN, SLURMRESTD_MAX_CONNECTIONS
and so on; without SLURMRESTD_LISTEN it is 127.0.0.1:6820. gunicorn's own options come before what is here. `workers`
may be changed: threads and connections are totals, and shared out to however many there are.

What gunicorn's master does otherwise than slurmrestd: SIGINT stops at once, SIGTERM gracefully, as gunicorn has it.
"""

import os

from slurmrest.daemon import application
from slurmrest.daemon.config import read
from slurmrest.daemon.limits import Limits

ENVIRONMENT = {"SLURMRESTD_LISTEN": "127.0.0.1:6820", **os.environ}

globals().update(application.gunicorn_settings(read([], ENVIRONMENT), Limits()))
on_starting = application.on_starting

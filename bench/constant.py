"""The floor under a small request: `python -m bench.constant -t THREADS 127.0.0.1:PORT`.

A Falcon resource that answers a constant as long as a ping, whatever the URL, behind the gunicorn worker,
sockets and settings of slurmrestd. Between this and the daemon lies what the daemon does, and the RPC.
"""

import os
import sys

import falcon

from slurmrest.daemon import config, sockets
from slurmrest.daemon.application import Application, gunicorn_settings
from slurmrest.daemon.limits import Limits

BODY = b'{"meta":{"plugin":{"type":"openapi/v0.0.39","name":"constant"}},"errors":[],"warnings":[],"pings":[%s]}' % (
    b'{"hostname":"localhost","pinged":"UP","latency":606,"mode":"primary"},' * 4
)


def answer(_req: falcon.Request, resp: falcon.Response) -> None:
    """Answer with the constant."""
    resp.content_type = falcon.MEDIA_JSON
    resp.data = BODY


class Constant:
    """A URL. Falcon takes responders from classes."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Answer with the constant."""
        answer(req, resp)


def load() -> falcon.App:  # type: ignore[type-arg]
    """The app; called in a worker."""
    app = falcon.App()
    app.add_route("/slurm/v0.0.39/ping", Constant())
    return app


def main() -> None:
    """Serve until a signal says to stop."""
    settings, limits = config.read(sys.argv[1:], os.environ), Limits()
    listeners = sockets.listen(settings.addresses)
    Application(gunicorn_settings(settings, limits), listeners, load=load, limits=limits).run()


if __name__ == "__main__":
    main()

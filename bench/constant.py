"""The floor under a small request: `python -m bench.constant -t THREADS 127.0.0.1:PORT`.

A Falcon resource that answers a constant as long as a ping, whatever the URL, behind the gunicorn worker,
sockets and settings of slurmrestd. Between this and the daemon lies what the daemon does, and the RPC.
Below /bare it makes the RPC of a kind of request first: between that and the daemon lies what the daemon does.
"""

import os
import sys
from collections.abc import Callable

import falcon

from libslurm import Controller, Library, TokenIdentity
from slurmrest import wsgi
from slurmrest.daemon import config, sockets
from slurmrest.daemon.application import Application, gunicorn_settings
from slurmrest.daemon.limits import Limits

from .bare import SMALL

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


class Called:
    """A URL with an RPC behind it."""

    def __init__(self, library: Library, call: Callable[[Controller], object]) -> None:
        self.library, self.call = library, call

    def on_get(self, req: falcon.Request, resp: falcon.Response, **_params: str) -> None:
        """Make the RPC with the token of the request, and answer with the constant."""
        identity = TokenIdentity(self.library, req.headers["X-SLURM-USER-TOKEN"])
        self.call(Controller(self.library, identity))
        answer(req, resp)

    def on_post(self, req: falcon.Request, resp: falcon.Response, **params: str) -> None:
        """The same for a request with a body, which is read and no more."""
        req.bounded_stream.read()
        self.on_get(req, resp, **params)


def load() -> falcon.App:  # type: ignore[type-arg]
    """The app; called in a worker."""
    app, library = falcon.App(), wsgi.get_library()
    app.add_route("/slurm/v0.0.39/ping", Constant())
    for name, call in SMALL.items():
        app.add_route(f"/slurm/v0.0.39/bare/{name}", Called(library, call))
    return app


def main() -> None:
    """Serve until a signal says to stop."""
    settings, limits = config.read(sys.argv[1:], os.environ), Limits()
    listeners = sockets.listen(settings.addresses)
    Application(gunicorn_settings(settings, limits), listeners, load=load, limits=limits).run()


if __name__ == "__main__":
    main()

"""The Falcon app: what happens to every request before and after its resource.

A request is authenticated before anything else, the routes included, so that nobody learns which URLs there are.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import falcon

from libslurm.errors import SlurmError, SlurmUnsupported

from . import media
from .cluster import NO_DATABASE, UNREACHABLE, Cluster
from .data_parser.parse import Problem
from .errors import MARIADB, UNAUTHENTICATED, Problems, Refusal, number_of, status_of
from .exchange import Exchange, body_stream, client_source, set_tag
from .plugins import OPENAPI
from .routes import add_routes

if TYPE_CHECKING:
    from .auth import Authenticator

log = logging.getLogger("slurmrestd")

AMBIGUOUS = frozenset({"", "SLURM_ERROR", "SLURM_UNEXPECTED_MSG_ERROR", "SLURM_PROTOCOL_SOCKET_ZERO_BYTES_SENT"})
"""Errors by which libslurm may mean a slurmctld that is down, a token that it refused, or what they say."""

REFUSED_TOKEN = AMBIGUOUS | {"SLURM_PROTOCOL_AUTHENTICATION_ERROR"}

FOREIGN = "SLURM_PROTOCOL_VERSION_ERROR"
"""Slurm's error for a slurmctld or slurmdbd of a release that does not understand libslurm's."""

PERHAPS_FOREIGN = REFUSED_TOKEN | {"SLURM_PROTOCOL_INSANE_MSG_LENGTH"}
"""Errors by which libslurm may mean that."""

DATABASE_CALLS = "slurmdb_"
"""What the names of slurmdbd's C functions begin with."""

REFUSED_BY_DATABASE = frozenset({"SLURM_PROTOCOL_AUTHENTICATION_ERROR"})
"""By which slurmdbd refuses a token, 22.05 and later alike."""

UNANSWERED = AMBIGUOUS | {"SLURM_COMMUNICATIONS_CONNECTION_ERROR", "SLURM_COMMUNICATIONS_RECEIVE_ERROR"}
"""Errors by which libslurm may mean a slurmdbd that went away."""


def create_app(
    cluster: Cluster, authenticator: Authenticator, openapi: tuple[str, ...] = OPENAPI.names, part: str = ""
) -> falcon.App[Any, Any]:
    """Make the WSGI app for one cluster. openapi: the OpenAPI plugins whose URLs it has. part: as for add_routes."""
    app = falcon.App(middleware=[Gate(cluster, authenticator)])
    app.req_options.strip_url_path_trailing_slash = True
    app.req_options.keep_blank_qs_values = True
    app.req_options.auto_parse_qs_csv = False
    app.add_error_handler(Exception, on_exception)
    app.add_error_handler(falcon.HTTPError, on_http_error)
    app.add_error_handler(Refusal, on_refusal)
    app.add_error_handler(Problems, on_problems)
    app.add_error_handler(SlurmError, on_slurm_error)
    add_routes(app, cluster, openapi, part)
    return app


class Gate:
    """Middleware: who it is, what they want back, and whether there is a body where none may be."""

    def __init__(self, cluster: Cluster, authenticator: Authenticator) -> None:
        self.cluster, self.authenticator = cluster, authenticator

    def process_request(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Authenticate, then negotiate; both before routing."""
        identity = self.authenticator.identify(req.env)
        req.env["slurmrest.user"] = identity.user
        req.path = plain_path(req.path)
        if req.method in ("GET", "HEAD", "DELETE") and has_body(req):
            raise Refusal(400, "Unexpected http body provided for non-POST method")
        codec = media.negotiate(req.get_header("Accept"))
        exchange = Exchange(self.cluster, identity, codec, client_source(req.env), url=req.path)
        exchange.arrived = req.env.get("slurmrest.arrived", exchange.arrived)
        req.context.exchange = exchange


def plain_path(path: str) -> str:
    """Drop empty and `.` segments of a path, as the C daemon does. Raises: Refusal 400 for `..` and for NUL."""
    segments = [segment for segment in path.split("/") if segment not in ("", ".")]
    if ".." in segments or "\0" in path:
        raise Refusal(400, "A path with .. or NUL is refused")
    return "/" + "/".join(segments)


def has_body(req: falcon.Request) -> bool:
    """Tell whether the request brings a body, chunked or not."""
    return bool(req.content_length) or bool(body_stream(req).read(1))


def on_refusal(req: falcon.Request, resp: falcon.Response, error: Refusal, params: Any) -> None:
    """Answer what the daemon itself refuses, as text."""
    resp.status = error.status
    resp.set_headers(error.headers)
    resp.content_type = "text/plain"
    resp.text = error.text


def on_http_error(req: falcon.Request, resp: falcon.Response, error: falcon.HTTPError, params: Any) -> None:
    """Answer what Falcon refuses: an unknown URL, a method that the URL does not have."""
    headers = dict(error.headers or {})
    if isinstance(error, falcon.HTTPNotFound):
        refusal = Refusal(404, "Unable find requested URL. Please view /openapi/v3 for API reference.")
    elif isinstance(error, falcon.HTTPMethodNotAllowed):
        text = f"Method {req.method} is not defined at this URL, which has {headers.get('Allow')}."
        refusal = Refusal(405, text, headers)
    else:
        refusal = Refusal(error.status_code, error.description or error.title or "", headers)
    on_refusal(req, resp, refusal, params)


def on_problems(req: falcon.Request, resp: falcon.Response, error: Problems, params: Any) -> None:
    """Answer with the usual document and its errors."""
    exchange: Exchange = req.context.exchange
    exchange.warnings.extend(error.warnings)
    first = error.errors[0]
    resp.status = error.status or status_of(first.name, number_of(first.name, exchange.cluster.library))
    exchange.answer(resp, dict(error.payload or {}), error.errors)


def on_slurm_error(req: falcon.Request, resp: falcon.Response, error: SlurmError, params: Any) -> None:
    """Answer what Slurm refused, or what became of a request to it."""
    exchange: Exchange = req.context.exchange
    name, status = diagnose(error, exchange)
    if status == HTTPStatus.NOT_MODIFIED:
        resp.status = status
        if exchange.tag:
            set_tag(resp, exchange.tag)
        return
    if status == HTTPStatus.UNAUTHORIZED:
        on_refusal(req, resp, Refusal(401, UNAUTHENTICATED), params)
        return
    purpose = exchange.purpose or error.text
    if name == FOREIGN:
        purpose += f": libslurm {exchange.cluster.library.release_text} is not of a release that Slurm here understands"
    problem = Problem(purpose, f"{error.function}()", name)
    resp.status = status
    document = exchange.envelope([problem])
    if name == error.name and error.number:
        document["errors"][0] |= {"error_number": error.number, "error": MARIADB.get(error.number, error.text)}
    resp.content_type = exchange.codec.content_type
    resp.data = exchange.codec.encode(document)


def diagnose(error: SlurmError, exchange: Exchange) -> tuple[str, int]:
    """Tell which error it was, and its status. A ping decides where libslurm's number can mean several things."""
    if isinstance(error, SlurmUnsupported):
        return error.name, 501
    if error.name in exchange.not_found:
        return error.name, 404
    by_database = error.function.startswith(DATABASE_CALLS)
    return (diagnose_database if by_database else diagnose_controller)(error, exchange)


def diagnose_controller(error: SlurmError, exchange: Exchange) -> tuple[str, int]:
    """As diagnose, for a call to slurmctld."""
    if error.name in PERHAPS_FOREIGN and exchange.cluster.foreign():
        return FOREIGN, 502
    if error.name == UNREACHABLE or (error.name in AMBIGUOUS and not exchange.cluster.answers()):
        exchange.cluster.unreachable = True
        return UNREACHABLE, 502
    if exchange.identity.token and error.name in REFUSED_TOKEN:
        return error.name, 401
    return error.name, status_of(error.name, error.number)


def diagnose_database(error: SlurmError, exchange: Exchange) -> tuple[str, int]:
    """As diagnose, for a call to slurmdbd. An error that may mean one that is down does, where nothing listens."""
    cluster = exchange.cluster
    if error.name == NO_DATABASE or (error.name in UNANSWERED and not cluster.database_listening()):
        cluster.no_database = True
        return NO_DATABASE, 502
    if error.name in REFUSED_BY_DATABASE and cluster.foreign():
        # slurmdbd's own number is that for a bad token; but it is never older than slurmctld.
        return FOREIGN, 502
    if exchange.identity.token and error.name in REFUSED_BY_DATABASE:
        return error.name, 401
    return error.name, status_of(error.name, error.number)


def on_exception(req: falcon.Request, resp: falcon.Response, error: Exception, params: Any) -> None:
    """Answer a fault of the daemon's own: the log has the traceback, the client a sentence."""
    log.error("%s %s: %s", req.method, req.path, type(error).__name__, exc_info=error)
    on_refusal(req, resp, Refusal(500, "Internal error of slurmrestd; its log says more"), params)

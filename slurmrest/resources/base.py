"""What all resources share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import falcon

from libslurm.errors import SlurmError
from libslurm.memory import STRINGS, decode

from ..data_parser.parse import Problem
from ..data_parser.parser import Parser, Records
from ..errors import Problems
from ..exchange import Exchange, set_tag
from ..validators import make_content_tag

if TYPE_CHECKING:
    from libslurm.controller import Controller
    from libslurm.owned import Owned

    from ..cluster import Cluster
    from ..data_parser.convert import JSON
    from ..data_parser.fields import Table
    from ..data_parser.parse import Context


class Resource:
    """A URL of /slurm."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster, self.parser = cluster, cluster.parser

    def slurm(self, req: falcon.Request, purpose: str, *, not_found: str = "") -> Controller:
        """Give slurmctld's calls as the request's user.

        purpose: what an error's description will say. not_found: the Slurm error that here means 404.
        """
        return self.cluster.controller(self.say(req, purpose, not_found).identity)

    def say(self, req: falcon.Request, purpose: str, not_found: str) -> Exchange:
        """Say what the request is about, for the description of an error, and which error means 404."""
        exchange: Exchange = req.context.exchange
        exchange.purpose, exchange.not_found = purpose, frozenset([not_found] if not_found else ())
        return exchange

    def answer(self, req: falcon.Request, resp: falcon.Response, **payload: Any) -> None:
        """Answer with one document."""
        req.context.exchange.answer(resp, payload)

    def answer_records(self, req: falcon.Request, resp: falcon.Response, key: str, records: Records) -> None:
        """Answer with the few records that were asked for by name, while their message is there."""
        req.context.exchange.answer_records(resp, key, records)

    def answer_all(self, req: falcon.Request, resp: falcon.Response, collection: Collection, message: Owned) -> None:
        """Answer with every record of *message*, which is freed when the last is sent."""
        records = collection.records(self.parser, message)
        made = message.record.last_update
        req.context.exchange.answer_all(resp, collection.key, records, made, message.close)

    def parse(self, table: Table, document: JSON, record: Any, context: Context) -> None:
        """Fill in *record*. Raises: Problems, with every error found, where there is one."""
        self.parser.parse(table, document, record, context)
        if context.errors:
            raise Problems(context.errors, context.warnings)


class Readable(Resource):
    """A resource with on_get, whose HEAD is the same without the body."""

    on_get: Callable[..., None]

    def on_head(self, req: falcon.Request, resp: falcon.Response, **params: str) -> None:
        """Answer as GET; the server leaves the body out."""
        self.on_get(req, resp, **params)

    def answer_tagged(self, req: falcon.Request, resp: falcon.Response, payload: dict[str, Any]) -> None:
        """Answer with one document, with a tag that goes by what it says; 304 where the client has just that."""
        exchange: Exchange = req.context.exchange
        tag = make_content_tag(payload, exchange.view)
        set_tag(resp, tag)
        if tag in (req.get_header("If-None-Match") or ""):
            resp.status = 304
        else:
            exchange.answer(resp, payload)


class Collection:
    """How a message holds its records: an array of C structs, and their number.

    key: of the document. table: of one record. array, count: members of the message. named: key and member of the name
    that a record in use always has; slurmctld leaves unused ones in between (deleted nodes).
    """

    def __init__(self, key: str, table: Table, array: str, *, count: str = "record_count", named: str = "") -> None:
        self.key, self.table, self.array, self.count, self.named = key, table, array, count, named

    def records(self, parser: Parser, message: Owned) -> Records:
        """Give the records in use."""
        addresses: Sequence[int] = message.addresses(self.array, self.count, self.table.struct or "")
        if self.named:
            name = self._name(parser)
            addresses = [address for address in addresses if STRINGS[(address + name) >> 3]]
        return Records(parser, self.table, addresses)

    def only(self, parser: Parser, message: Owned, name: str) -> Records:
        """Give the records called *name*, upper or lower case."""
        found, offset, wanted = self.records(parser, message).addresses, self._name(parser), name.lower()
        names = (decode(STRINGS[(address + offset) >> 3]).lower() for address in found)
        called = [address for address, this in zip(found, names, strict=True) if this == wanted]
        return Records(parser, self.table, called)

    def _name(self, parser: Parser) -> int:
        return parser.library.layout.structs[self.table.struct or ""].members[self.named].offset


def not_found(what: str, source: str, key: str, name: str | None = "ESLURM_REST_INVALID_QUERY") -> Problems:
    """Make the 404 for something asked for by name: the errors entry of 23.02.3, and an empty list under *key*."""
    return Problems([Problem(what, source, name)], payload={key: []}, status=404)


@contextmanager
def tolerated(name: str, exchange: Exchange, text: str) -> Iterator[None]:
    """Turn the Slurm error called *name* into a warning: what was asked for is so already."""
    try:
        yield
    except SlurmError as error:
        if error.name != name:
            raise
        exchange.warn(text, f"{error.function}()")

"""ping, diag, licenses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import falcon

from ...data_parser.tables import TABLES
from ...errors import UNAUTHENTICATED, Refusal
from ...exchange import Exchange, query, update_time
from ...shared import ByUser, Shared
from ..base import Collection, Readable

if TYPE_CHECKING:
    from libslurm.controller import Controller, ControllerPing

    from ...cluster import Cluster
    from ...data_parser.convert import JSON

LICENSES = Collection("licenses", TABLES["LICENSE"], "lic_array", count="num_lic")


class Ping(Readable):
    """/slurm/v0.0.39/ping"""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster)
        self._asked: ByUser[Shared[list[ControllerPing]]] = ByUser(Shared)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Ping every slurmctld; one that is down is an answer, not an error."""
        query(req)
        exchange: Exchange = req.context.exchange
        identity = exchange.identity
        pings = self._asked.of(identity.key).ask(lambda: self.cluster.pings(identity), exchange.arrived)
        # libslurm says DOWN also of a slurmctld that refused the token.
        if not any(ping.pinged for ping in pings) and identity.token and self.cluster.answers():
            raise Refusal(401, UNAUTHENTICATED)
        self.answer(req, resp, pings=list(self.parser.dump_all(TABLES["CONTROLLER_PING"], pings)))


class Diag(Readable):
    """/slurm/v0.0.39/diag"""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster)
        self._asked: ByUser[Shared[JSON]] = ByUser(Shared)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show slurmctld's statistics."""
        query(req)
        slurm, exchange = self.slurm(req, "Unable to query statistics"), req.context.exchange
        statistics = self._asked.of(exchange.identity.key).ask(lambda: self._statistics(slurm), exchange.arrived)
        self.answer(req, resp, statistics=statistics)

    def _statistics(self, slurm: Controller) -> JSON:
        with slurm.statistics() as message:
            return self.parser.dump(TABLES["STATS_MSG"], message.address)


class Licenses(Readable):
    """/slurm/v0.0.39/licenses"""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List licences; 304 where the client has them and none changed.

        Of licences slurmctld says when they last changed, not when it was asked, so that their tag is by content.
        """
        with self.slurm(req, "Unable to query licenses").load_licenses(update_time(req)) as message:
            payload = {"licenses": list(LICENSES.records(self.parser, message).documents())}
        self.answer_tagged(req, resp, payload)

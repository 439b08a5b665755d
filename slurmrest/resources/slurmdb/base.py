"""What the resources of /slurmdb share: slurmdbd's calls as the request's user, and what its ids stand for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import falcon

from libslurm.conditions import condition
from libslurm.memory import Arena, decode

from ...data_parser.known import Catalogue
from ...data_parser.parser import Records
from ..base import Resource

if TYPE_CHECKING:
    from libslurm.accounting import Accounting
    from libslurm.owned import OwnedList

    from ...data_parser.convert import JSON
    from ...data_parser.fields import Table


class SlurmdbResource(Resource):
    """A URL of /slurmdb."""

    @contextmanager
    def slurmdb(self, req: falcon.Request, purpose: str, *, not_found: str = "") -> Iterator[Accounting]:
        """Give slurmdbd's calls as the request's user, for reading.

        purpose: what an error's description will say. not_found: the Slurm error that here means 404.
        """
        exchange = self.say(req, purpose, not_found)
        with self.cluster.accounting(exchange.identity) as db, self._knowing(db):
            yield db

    @contextmanager
    def slurmdb_writing(self, req: falcon.Request, purpose: str, *, not_found: str = "") -> Iterator[Accounting]:
        """As slurmdb, for one transaction on a connection of its own: the caller commits, an exception rolls back."""
        exchange = self.say(req, purpose, not_found)
        with self.cluster.accounting(exchange.identity, writing=True) as db, self._knowing(db):
            yield db

    @contextmanager
    def _knowing(self, db: Accounting) -> Iterator[None]:
        with self.parser.names.known.asking(partial(catalogue, db)):
            yield

    def documents(self, table: Table, records: OwnedList) -> list[JSON]:
        """Make the documents of all records of an answer, which must be open."""
        return list(Records(self.parser, table, records.addresses()).documents())


def catalogue(db: Accounting) -> Catalogue:
    """Fetch all TRES and QOS."""
    arena = Arena()
    with (
        db.tres() as tres,
        db.qos(condition(db, arena, "slurmdb_qos_cond_t")) as live,
        db.qos(condition(db, arena, "slurmdb_qos_cond_t", "with_deleted")) as qos,
    ):
        names = {one.id: decode(one.name) for one in qos}
        removed = names.keys() - {one.id for one in live}
        return Catalogue({one.id: (decode(one.type), decode(one.name)) for one in tres}, names, frozenset(removed))

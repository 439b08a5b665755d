"""reservations, reservation/{reservation_name}."""

from __future__ import annotations

import falcon

from ...data_parser.tables import TABLES
from ...exchange import unchanged_since, update_time
from ..base import Collection, Readable, not_found

RESERVATIONS = Collection("reservations", TABLES["RESERVATION_INFO"], "reservation_array", named="name")


class Reservations(Readable):
    """/slurm/v0.0.39/reservations"""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List reservations; 304 where the client has them and none changed."""
        message = self.slurm(req, "Unable to query reservations").load_reservations(unchanged_since(req))
        self.answer_all(req, resp, RESERVATIONS, message)


class Reservation(Readable):
    """/slurm/v0.0.39/reservation/{reservation_name}"""

    def on_get(self, req: falcon.Request, resp: falcon.Response, reservation_name: str) -> None:
        """Show one reservation."""
        with self.slurm(req, "Unable to query reservations").load_reservations(update_time(req)) as message:
            found = RESERVATIONS.only(self.parser, message, reservation_name)
            if not found.addresses:
                raise not_found(f"Unable to find reservation {reservation_name}", "reservation_name", "reservations")
            self.answer_records(req, resp, RESERVATIONS.key, found)

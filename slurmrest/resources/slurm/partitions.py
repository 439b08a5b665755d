"""partitions, partition/{partition_name}."""

from __future__ import annotations

import falcon

from ...data_parser.tables import TABLES
from ...exchange import unchanged_since, update_time
from ..base import Collection, Readable, not_found

PARTITIONS = Collection("partitions", TABLES["PARTITION_INFO"], "partition_array", named="name")


class Partitions(Readable):
    """/slurm/v0.0.39/partitions"""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List partitions; 304 where the client has them and none changed."""
        message = self.slurm(req, "Unable to query partitions").load_partitions(unchanged_since(req))
        self.answer_all(req, resp, PARTITIONS, message)


class Partition(Readable):
    """/slurm/v0.0.39/partition/{partition_name}"""

    def on_get(self, req: falcon.Request, resp: falcon.Response, partition_name: str) -> None:
        """Show one partition."""
        with self.slurm(req, "Unable to query partitions").load_partitions(update_time(req)) as message:
            found = PARTITIONS.only(self.parser, message, partition_name)
            if not found.addresses:
                raise not_found(f"Unable to find partition {partition_name}", "partition_name", "partitions")
            self.answer_records(req, resp, PARTITIONS.key, found)

"""nodes, node/{node_name}."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import falcon

from libslurm.memory import Arena, decode, record_at

from ...data_parser.tables import TABLES
from ...exchange import query, read_body, unchanged_since
from ..base import Collection, Readable, not_found
from .membership import Membership, Told

if TYPE_CHECKING:
    from ...cluster import Cluster
    from ...data_parser.parser import Records

NODES = Collection("nodes", TABLES["NODE"], "node_array", named="name")

UNKNOWN = "ESLURM_INVALID_NODE_NAME"


class Nodes(Readable):
    """/slurm/v0.0.39/nodes"""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List nodes with the partitions each is in; 304 where the client has them and none changed."""
        slurm = self.slurm(req, "Failure to query nodes")
        message = slurm.load_nodes(unchanged_since(req))
        with slurm.load_partitions() as partitions:
            slurm.populate_node_partitions(message, partitions)
        self.answer_all(req, resp, NODES, message)


class Node(Readable):
    """/slurm/v0.0.39/node/{node_name}"""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster)
        self.membership = Membership(self.parser.names.hostlist_has, cluster.calls)

    def on_get(self, req: falcon.Request, resp: falcon.Response, node_name: str) -> None:
        """Show one node."""
        query(req)
        slurm = self.slurm(req, f"Failure to query node {node_name}", not_found=UNKNOWN)
        told = self.membership.told(slurm, req.context.exchange.arrived)
        with slurm.load_node(node_name) as message:
            found = NODES.only(self.parser, message, node_name)
            if not found.addresses:
                raise not_found(f"Failure to query node {node_name}", "node_name", "nodes", name=None)
            with self._in_partitions(found, told):
                self.answer_records(req, resp, NODES.key, found)

    @contextmanager
    def _in_partitions(self, nodes: Records, told: Callable[[], Told]) -> Iterator[None]:
        """Have the partitions of *nodes* stand in their records, as slurm_populate_node_partitions does for all."""
        record_class = self.cluster.library.layout.record("node_info_t")
        records: list[Any] = [record_at(record_class, address) for address in nodes.addresses]
        for record in records:
            record.partitions = ",".join(self.membership.of(decode(record.name), told())).encode()
        try:
            yield
        finally:
            for record in records:
                # Python's own memory, which libslurm must not free with the message.
                record.partitions = None

    def on_post(self, req: falcon.Request, resp: falcon.Response, node_name: str) -> None:
        """Change a node: state, reason, features, weight."""
        query(req)
        slurm = self.slurm(req, f"Failure to update node {node_name}", not_found=UNKNOWN)
        record, context = slurm.new_node_update(), self.parser.context(Arena())
        self.parse(TABLES["UPDATE_NODE_MSG"], read_body(req), record, context)
        if record.node_names:
            named = record.node_names.decode()
            context.warn(f'"name" {named} was ignored: the URL names the node to update')
        record.node_names = node_name.encode()
        slurm.update_node(record)
        req.context.exchange.warnings += context.warnings
        self.answer(req, resp)

    def on_delete(self, req: falcon.Request, resp: falcon.Response, node_name: str) -> None:
        """Delete a dynamic node."""
        query(req)
        self.slurm(req, f"Failure to update node {node_name}", not_found=UNKNOWN).delete_node(node_name)
        self.answer(req, resp)

"""nodes, node/{node_name}."""

from __future__ import annotations

from typing import TYPE_CHECKING

import falcon

from libslurm.memory import Arena

from ...data_parser.tables import TABLES
from ...exchange import query, read_body, unchanged_since
from ..base import Collection, Readable, not_found
from .partitions import PARTITIONS

if TYPE_CHECKING:
    from libslurm.owned import Owned

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

    def on_get(self, req: falcon.Request, resp: falcon.Response, node_name: str) -> None:
        """Show one node."""
        query(req)
        slurm = self.slurm(req, f"Failure to query node {node_name}", not_found=UNKNOWN)
        with slurm.load_node(node_name) as message, slurm.load_partitions() as partitions:
            found = NODES.only(self.parser, message, node_name)
            for document in found:
                document["partitions"] = self._partitions_of(document["name"], partitions)
        if not found:
            raise not_found(f"Failure to query node {node_name}", "node_name", "nodes", name=None)
        self.answer(req, resp, nodes=found)

    def _partitions_of(self, node: str, partitions: Owned) -> list[str]:
        """Name the partitions of one node. libslurm's own way counts on a message that lists every node."""
        has = self.parser.names.hostlist_has
        documents = PARTITIONS.records(self.parser, partitions).documents()
        return [one["name"] for one in documents if has(one["nodes"]["configured"], node)]

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

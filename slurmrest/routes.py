"""Every URL and the resource behind it. Routes match whole paths, exactly as they are written here."""

from __future__ import annotations

from functools import lru_cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .plugins import OPENAPI, serves
from .resources.openapi import OpenApi

if TYPE_CHECKING:
    import falcon

    from .cluster import Cluster
    from .data_parser.fields import Version
    from .data_parser.schema import Schema
    from .operations import Operations

NAMES = {
    "/slurm/v0.0.39/ping": "slurm.Ping",
    "/slurm/v0.0.39/diag": "slurm.Diag",
    "/slurm/v0.0.39/licenses": "slurm.Licenses",
    "/slurm/v0.0.39/jobs": "slurm.Jobs",
    "/slurm/v0.0.39/job/submit": "slurm.JobSubmit",
    "/slurm/v0.0.39/job/{job_id}": "slurm.Job",
    "/slurm/v0.0.39/nodes": "slurm.Nodes",
    "/slurm/v0.0.39/node/{node_name}": "slurm.Node",
    "/slurm/v0.0.39/partitions": "slurm.Partitions",
    "/slurm/v0.0.39/partition/{partition_name}": "slurm.Partition",
    "/slurm/v0.0.39/reservations": "slurm.Reservations",
    "/slurm/v0.0.39/reservation/{reservation_name}": "slurm.Reservation",
    "/slurmdb/v0.0.39/diag": "slurmdb.Diag",
    "/slurmdb/v0.0.39/config": "slurmdb.Config",
    "/slurmdb/v0.0.39/clusters": "slurmdb.Clusters",
    "/slurmdb/v0.0.39/cluster/{cluster_name}": "slurmdb.ClusterRecord",
    "/slurmdb/v0.0.39/accounts": "slurmdb.Accounts",
    "/slurmdb/v0.0.39/account/{account_name}": "slurmdb.Account",
    "/slurmdb/v0.0.39/users": "slurmdb.Users",
    "/slurmdb/v0.0.39/user/{user_name}": "slurmdb.User",
    "/slurmdb/v0.0.39/associations": "slurmdb.Associations",
    "/slurmdb/v0.0.39/association": "slurmdb.Association",
    "/slurmdb/v0.0.39/qos": "slurmdb.QosList",
    "/slurmdb/v0.0.39/qos/{qos_name}": "slurmdb.Qos",
    "/slurmdb/v0.0.39/tres": "slurmdb.Tres",
    "/slurmdb/v0.0.39/wckeys": "slurmdb.Wckeys",
    "/slurmdb/v0.0.39/wckey/{wckey}": "slurmdb.Wckey",
    "/slurmdb/v0.0.39/jobs": "slurmdb.Jobs",
    "/slurmdb/v0.0.39/job/{job_id}": "slurmdb.Job",
}
"""Every URL, and the class of its resource: the package in resources, and its name there."""

DOCUMENTS = ("/openapi", "/openapi.json", "/openapi.yaml", "/openapi/v3")
"""The URLs of the OpenAPI document."""


def served(openapi: tuple[str, ...] = OPENAPI.names) -> dict[str, Any]:
    """Give the routes of these OpenAPI plugins. No module of another plugin is imported for it."""
    return {path: resource_class(name) for path, name in NAMES.items() if serves(openapi, path)}


def resource_class(name: str) -> Any:
    """Import the class of a resource, "slurm.Ping"."""
    package, _, kind = name.partition(".")
    return getattr(import_module(f".resources.{package}", __package__), kind)


@lru_cache(maxsize=1)
def operations() -> dict[Any, Operations]:
    """Say what each resource can do."""
    from .resources.slurm.operations import OPERATIONS as SLURM
    from .resources.slurmdb.operations import OPERATIONS as SLURMDB

    return {**SLURM, **SLURMDB}


def __getattr__(name: str) -> Any:
    """ROUTES: every URL with the class of its resource. OPERATIONS: what each class can do."""
    if name == "ROUTES":
        return served()
    if name == "OPERATIONS":
        return operations()
    raise AttributeError(name)


def document(version: Version, openapi: tuple[str, ...] = OPENAPI.names) -> Schema:
    """Make the OpenAPI document of all that is served."""
    from .openapi import make_document

    known = operations()
    return make_document(version, {path: known[resource] for path, resource in served(openapi).items()}, DOCUMENTS)


def add_routes(app: falcon.App[Any, Any], cluster: Cluster, openapi: tuple[str, ...] = OPENAPI.names) -> None:
    """Put every resource of the chosen plugins at its URL."""
    for path, resource in served(openapi).items():
        app.add_route(path, resource(cluster))
    described = OpenApi(cluster, partial(document, cluster.parser.version, openapi))
    for path in DOCUMENTS:
        app.add_route(path, described)

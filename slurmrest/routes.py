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
    "/slurm/v0.0.39/ping": "slurm.status.Ping",
    "/slurm/v0.0.39/diag": "slurm.status.Diag",
    "/slurm/v0.0.39/licenses": "slurm.status.Licenses",
    "/slurm/v0.0.39/jobs": "slurm.jobs.Jobs",
    "/slurm/v0.0.39/job/submit": "slurm.jobs.JobSubmit",
    "/slurm/v0.0.39/job/{job_id}": "slurm.jobs.Job",
    "/slurm/v0.0.39/nodes": "slurm.nodes.Nodes",
    "/slurm/v0.0.39/node/{node_name}": "slurm.nodes.Node",
    "/slurm/v0.0.39/partitions": "slurm.partitions.Partitions",
    "/slurm/v0.0.39/partition/{partition_name}": "slurm.partitions.Partition",
    "/slurm/v0.0.39/reservations": "slurm.reservations.Reservations",
    "/slurm/v0.0.39/reservation/{reservation_name}": "slurm.reservations.Reservation",
    "/slurmdb/v0.0.39/diag": "slurmdb.diag.Diag",
    "/slurmdb/v0.0.39/config": "slurmdb.config.Config",
    "/slurmdb/v0.0.39/clusters": "slurmdb.clusters.Clusters",
    "/slurmdb/v0.0.39/cluster/{cluster_name}": "slurmdb.clusters.ClusterRecord",
    "/slurmdb/v0.0.39/accounts": "slurmdb.accounts.Accounts",
    "/slurmdb/v0.0.39/account/{account_name}": "slurmdb.accounts.Account",
    "/slurmdb/v0.0.39/users": "slurmdb.users.Users",
    "/slurmdb/v0.0.39/user/{user_name}": "slurmdb.users.User",
    "/slurmdb/v0.0.39/associations": "slurmdb.associations.Associations",
    "/slurmdb/v0.0.39/association": "slurmdb.associations.Association",
    "/slurmdb/v0.0.39/qos": "slurmdb.qos.QosList",
    "/slurmdb/v0.0.39/qos/{qos_name}": "slurmdb.qos.Qos",
    "/slurmdb/v0.0.39/tres": "slurmdb.tres.Tres",
    "/slurmdb/v0.0.39/wckeys": "slurmdb.wckeys.Wckeys",
    "/slurmdb/v0.0.39/wckey/{wckey}": "slurmdb.wckeys.Wckey",
    "/slurmdb/v0.0.39/jobs": "slurmdb.jobs.Jobs",
    "/slurmdb/v0.0.39/job/{job_id}": "slurmdb.jobs.Job",
}
"""Every URL, and the class of its resource: the module in resources, and its name there."""

PARTS = frozenset("/".join(path.split("/")[:4]) for path in NAMES)
"""What URLs begin with, as far as it stands in front of every name."""

DOCUMENTS = ("/openapi", "/openapi.json", "/openapi.yaml", "/openapi/v3")
"""The URLs of the OpenAPI document."""


def served(openapi: tuple[str, ...] = OPENAPI.names, part: str = "") -> dict[str, Any]:
    """Give the routes of these OpenAPI plugins, and of one part of them only. No other module is imported for it."""
    names = {path: name for path, name in NAMES.items() if serves(openapi, path) and part in ("", part_of(path))}
    return {path: resource_class(name) for path, name in names.items()}


def part_of(path: str) -> str:
    """Give what several URLs begin with, "/slurm/v0.0.39/job"; "" for what no resource has."""
    part = "/".join(path.split("/")[:4])
    return part if part in PARTS else ""


def resource_class(name: str) -> Any:
    """Import the class of a resource, "slurm.status.Ping"."""
    module, _, kind = name.rpartition(".")
    return getattr(import_module(f".resources.{module}", __package__), kind)


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


def add_routes(
    app: falcon.App[Any, Any], cluster: Cluster, openapi: tuple[str, ...] = OPENAPI.names, part: str = ""
) -> None:
    """Put every resource of the chosen plugins at its URL. part: only those that begin so, and no documents."""
    for path, resource in served(openapi, part).items():
        app.add_route(path, resource(cluster))
    if part:
        return
    described = OpenApi(cluster, partial(document, cluster.parser.version, openapi))
    for path in DOCUMENTS:
        app.add_route(path, described)

"""Every URL and the resource behind it. Routes match whole paths, exactly as they are written here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .resources import slurm

if TYPE_CHECKING:
    import falcon

    from .cluster import Cluster

ROUTES: dict[str, Any] = {
    "/slurm/v0.0.39/ping": slurm.Ping,
    "/slurm/v0.0.39/diag": slurm.Diag,
    "/slurm/v0.0.39/licenses": slurm.Licenses,
    "/slurm/v0.0.39/jobs": slurm.Jobs,
    "/slurm/v0.0.39/job/submit": slurm.JobSubmit,
    "/slurm/v0.0.39/job/{job_id}": slurm.Job,
    "/slurm/v0.0.39/nodes": slurm.Nodes,
    "/slurm/v0.0.39/node/{node_name}": slurm.Node,
    "/slurm/v0.0.39/partitions": slurm.Partitions,
    "/slurm/v0.0.39/partition/{partition_name}": slurm.Partition,
    "/slurm/v0.0.39/reservations": slurm.Reservations,
    "/slurm/v0.0.39/reservation/{reservation_name}": slurm.Reservation,
}


def add_routes(app: falcon.App[Any, Any], cluster: Cluster) -> None:
    """Put every resource at its URL."""
    for path, resource in ROUTES.items():
        app.add_route(path, resource(cluster))

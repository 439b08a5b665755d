"""The URLs of /slurm/v0.0.39."""

from .jobs import Job, Jobs, JobSubmit
from .nodes import Node, Nodes
from .partitions import Partition, Partitions
from .reservations import Reservation, Reservations
from .status import Diag, Licenses, Ping

__all__ = [
    "Diag", "Job", "JobSubmit", "Jobs", "Licenses", "Node", "Nodes", "Partition", "Partitions", "Ping",
    "Reservation", "Reservations",
]  # fmt: skip

"""GET ping: the controllers, as libslurm.controller gives them."""

from __future__ import annotations

from ..computed import ping
from ..fields import Computed, Field, Table
from ..types import STRING, UINT64

CONTROLLER_PING = Table(
    "CONTROLLER_PING",
    None,
    "Whether a slurmctld answers",
    (
        Field("hostname", STRING, "hostname", "Host"),
        Computed("pinged", STRING, ping.result, "UP or DOWN", uses=("pinged",)),
        Field("latency", UINT64, "latency", "Time until the answer (microseconds)"),
        Computed("mode", STRING, ping.mode, "primary, backup, backup2 and so on", uses=("offset",)),
    ),
)

"""Whether somebody listens, without libslurm, which would go on trying."""

from __future__ import annotations

import socket


def accepts(host: str, port: int, within: float) -> bool:
    """Whether a connection is accepted. within: seconds. To slurmctld and slurmdbd it is an error in their logs."""
    try:
        socket.create_connection((host, port), timeout=within).close()
    except OSError:
        return False
    return True

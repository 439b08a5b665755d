"""The comparison with the C daemon, in one run: `make bench`, or `python -m bench` from the checkout.

    plan        how much is built, how long it is measured
    cluster     munge and slurmctld with many nodes at which nobody answers, beside the development cluster
    load        held jobs for it, by a loop on libslurm
    servers     Debian's slurmrestd, ours, and a constant behind our gunicorn worker
    client, wrk, bare, memory   what measures: a socket reader, wrk, the bare RPC, /proc
    downloads, requests, beside, polling, starting   what is measured
    report      rows, the table, docs/benchmarks.md

Nothing here is part of the daemon, and nothing is imported from it but the server around the constant.
"""

import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
# The development cluster's programs are no package; their services are started here too.
sys.path.append(str(CHECKOUT / "conf" / "dev"))

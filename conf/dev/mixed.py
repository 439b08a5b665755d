#!/usr/bin/python3
"""A cluster of one release of Slurm, our daemon with the libslurm of another: what tests/live/mixed.py finds then.

    mixed.py CONTROLLER CLIENT pytest …     folders of matrix.py; run in namespaces, which take the mounts away again

The daemon's folder sees the state of the other's cluster in the place of its own, so that every path in slurm.conf
leads there. It is let in by a token, as the users of two folders need not have the same numbers.
"""

import os
import subprocess
import sys
from pathlib import Path

SOURCE = "/srv/slurmrest"
SERVICES = ("munged", "mariadbd", "slurmdbd", "slurmctld", "slurmd")
CONF = f"{SOURCE}/.dev/etc/slurm.conf"


def main(controller: str, client: str, *pytest: str) -> int:
    """Start the cluster, test, stop it. Returns: the status of the tests, or 125 where there was no cluster."""
    for root in (controller, client):
        must("mount", "--rbind", "/dev", f"{root}/dev")
        must("mount", "-t", "proc", "proc", f"{root}/proc")
        must("mount", "-t", "sysfs", "sysfs", f"{root}/sys")
    cluster = ("chroot", controller, "/usr/bin/python3", f"{SOURCE}/conf/dev/cluster.py")
    try:
        must(*cluster, "up", *SERVICES)
        Path(f"{client}{SOURCE}/.dev").mkdir(exist_ok=True)
        must("mount", "--bind", f"{controller}{SOURCE}/.dev", f"{client}{SOURCE}/.dev")
        token = ("chroot", controller, "env", f"SLURM_CONF={CONF}", "scontrol", "token", "username=root")
        said = subprocess.run(token, check=True, capture_output=True, text=True).stdout
        variables = os.environ | {"SLURMREST_TEST_TOKEN": said.strip().partition("=")[2], "SLURM_CONF": CONF}
        inside = ("chroot", client, "sh", "-c", f'cd {SOURCE} && exec "$@"', "sh", *pytest)
        return subprocess.run(inside, env=variables, check=False).returncode
    except subprocess.CalledProcessError as error:
        sys.stdout.write(f"{error}\n")
        return 125
    finally:
        subprocess.run((*cluster, "down"), check=False)


def must(*argv: str) -> None:
    """Run a command. Raises: CalledProcessError."""
    subprocess.run(argv, check=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

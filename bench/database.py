"""The accounting cluster: MariaDB, slurmdbd and slurmctld as the development cluster has them, and many accounted jobs.

The jobs are put straight into MariaDB's tables, as slurmdbd would have written them: each with a batch step and one
of srun, under the associations there are.
"""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import contents
from lifecycle import locked
from services import check_ports, command, start, wait_ready
from settings import Failure, Settings

from .cluster import ScaleCluster, sweep
from .plan import Plan

FILL = Path(__file__).with_name("jobs.sql")


class AccountingCluster(ScaleCluster):
    """The cluster once it is up. Its user sees all jobs."""

    names = ("munged", "mariadbd", "slurmdbd", "slurmctld")

    def up(self) -> None:
        """Start it anew, and fill the database. Raises: Failure."""
        sweep(self.settings)
        check_ports(self.settings, self.services)
        for name in ("etc", "log", "run", "state"):
            shutil.rmtree(self.settings.state / name, ignore_errors=True)
        self.settings.etc.mkdir(parents=True)
        contents.make_keys(self.settings)
        contents.render(self.settings)
        contents.make_database(self.settings)
        for service in self.services:
            wait_ready(self.settings, service, start(self.settings, service))
            if service.name == "slurmdbd":
                contents.add_cluster(self.settings)
        contents.fill_accounts(self.settings)
        self.must("sacctmgr", "-i", "modify", "user", self.user, "set", "adminlevel=Operator")
        self.fill()
        self.token = self._token()

    def fill(self) -> None:
        """Put the jobs of the plan into the database. Raises: Failure."""
        socket = self.settings.variables()["mariadb_socket"]
        text = FILL.read_text(encoding="utf-8").replace("$jobs", str(self.plan.jobs))
        self.must("mariadb", "--no-defaults", "--user=root", f"--socket={socket}", "slurm_acct_db", text=text)

    def must(self, *argv: str, text: str = "") -> None:
        """Run a command. Raises: Failure where it failed."""
        done = command(self.settings, *argv, text=text)
        if done.returncode != 0:
            raise Failure(f"{argv[0]} failed: {done.stdout.strip()}")


@contextlib.contextmanager
def accounting_cluster(settings: Settings, plan: Plan) -> Iterator[AccountingCluster]:
    """Have an accounting cluster for a while."""
    cluster = AccountingCluster(settings, plan)
    with locked(settings):
        try:
            cluster.up()
            yield cluster
        finally:
            cluster.down()

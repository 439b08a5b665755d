"""The development cluster: started, stopped, crashed, and started again.

A second one, beside that of the other tests, which may be in use.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.client import eventually
from tests.plugins.cluster import USERS, Cluster, control

SERVICES = ["munged", "mariadbd", "slurmdbd", "slurmctld", "slurmd", "slurmrestd"]
LOOPBACK = "0100007F"


class Second(Cluster):
    """A cluster on other ports."""

    def up(self) -> None:
        """Start what does not run."""
        control(*self.options, "up")

    def down(self) -> None:
        """Stop everything."""
        control(*self.options, "down")

    def processes(self) -> list[int]:
        """All that the cluster started: its daemons, their workers, the steps of jobs."""
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and self.owns(entry)]

    def owns(self, entry: Path) -> bool:
        """Whether a directory of /proc is of a process that bears the cluster's mark."""
        try:
            return f" {self.state}\0".encode() in (entry / "environ").read_bytes()
        except OSError:
            return False

    def crash(self) -> None:
        """Kill all of it at once, with what is being forked meanwhile."""
        eventually(self.killed)

    def killed(self) -> bool:
        """Kill what is there. Tells whether nothing is."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not self.processes()

    def ports(self) -> list[str]:
        """The addresses that its daemons listen on, as /proc/net/tcp writes them."""
        text = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
        own = {f"{port + 1000:04X}" for port in (16817, 16818, 16819, 6820)}
        rows = [line.split() for line in text.splitlines()]
        return [row[1] for row in rows if row[3] == "0A" and row[1].rpartition(":")[2] in own]

    def submit(self, user: str, script: str) -> str:
        """Submit a job. Returns: its id."""
        asked = ("--parsable", "--account=sub1", "--output=/dev/null", f"--wrap={script}")
        return self.run("sbatch", *asked, user=user).stdout.strip()

    def state_of(self, job: str) -> str:
        """What scontrol says of a job."""
        text = self.run("scontrol", "show", "job", job).stdout
        return text.partition("JobState=")[2].split()[0]

    def completes(self, job: str) -> bool:
        """Whether the job ran to its end."""
        return eventually(lambda: self.state_of(job) not in ("PENDING", "RUNNING", "COMPLETING"), 20.0) and (
            self.state_of(job) == "COMPLETED"
        )


@pytest.fixture(scope="module")
def second() -> Iterator[Second]:
    """A cluster of its own, to do harm to."""
    state = Path(tempfile.mkdtemp(prefix="slurmrest-test-", dir="/var/tmp"))
    state.chmod(0o755)
    cluster = Second("--state", str(state), "--shift", "1000")
    try:
        cluster.up()
        yield cluster
    finally:
        cluster.down()
        shutil.rmtree(state)


def test_up_again_starts_nothing(second: Second) -> None:
    before = [second.pid(name) for name in SERVICES]
    second.up()
    assert [second.pid(name) for name in SERVICES] == before


def test_it_listens_on_loopback_alone(second: Second) -> None:
    found = second.ports()
    assert len(found) == 4
    assert {address.partition(":")[0] for address in found} == {LOOPBACK}


def test_the_daemon_runs_as_nobody_special(second: Second) -> None:
    status = Path(f"/proc/{second.pid('slurmrestd')}/status").read_text()
    ids = {
        line.split()[0]: set(line.split()[1:]) for line in status.splitlines() if line[:4] in ("Uid:", "Gid:", "Grou")
    }
    group = second.run("id", "-g", second.daemon_user).stdout.strip()
    assert ids["Uid:"] == {second.run("id", "-u", second.daemon_user).stdout.strip()}
    assert ids["Gid:"] == {group}
    assert ids["Groups:"] <= {group}
    assert group not in {second.run("id", "-g", name).stdout.strip() for name in ("root", "slurm")}


def test_node01_runs_a_job_and_slurmdbd_hears_of_it(second: Second) -> None:
    job = second.submit("games", "true")
    assert second.completes(job)
    asked = ("sacct", "-nPX", f"--jobs={job}", "--format=user,nodelist,state")
    eventually(lambda: second.run(*asked).stdout.strip() == "games|node01|COMPLETED")


def test_what_it_is_made_of(second: Second) -> None:
    nodes = dict(line.split() for line in second.run("sinfo", "-hN", "-pdebug", "-o%N %t").stdout.splitlines())
    assert nodes["node01"] == "idle"
    assert all(nodes[f"node0{number}"].startswith("down") for number in (2, 3, 4))
    assert set(second.run("sinfo", "-h", "-o%R").stdout.split()) == {"debug", "gpu"}
    assert "gpu:tesla:4(S:0),test:8" in second.run("scontrol", "show", "node", "node01").stdout
    assert "LicenseName=matlab" in second.run("scontrol", "show", "licenses").stdout
    assert "ReservationName=maintenance" in second.run("scontrol", "show", "reservation").stdout
    listed = second.run("sacctmgr", "-nP", "show", "associations", "account=sub1", "format=user").stdout.split()
    assert {second.daemon_user, "root", *USERS} <= set(listed)
    assert second.run("sacctmgr", "-nP", "show", "qos", "format=name").stdout.split() == [
        "normal",
        "low",
        "high",
    ]


def test_users_see_their_own_jobs_and_operators_all(second: Second) -> None:
    job = second.submit("games", "sleep 60")
    seen = {user: job in second.run("squeue", "-ho%i", user=user).stdout.split() for user in ("games", "man", "uucp")}
    second.run("scancel", job)
    assert seen == {"games": True, "man": False, "uucp": True}


def test_a_token_is_good_for_its_user(second: Second) -> None:
    good = second.network.as_user("games", second.token("games"))
    bad = second.network.as_user("games", second.token("games").swapcase())
    assert good.get("/slurm/v0.0.39/nodes").status == 200
    assert bad.get("/slurm/v0.0.39/nodes").status == 401


def test_the_environment_file(second: Second) -> None:
    lines = f". {second.state}/env && scontrol ping && command -v slurmrestd && echo $SLURMRESTD"
    said = subprocess.run(
        ("sh", "-c", lines), env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True
    )
    assert "is UP" in said.stdout
    assert said.stdout.split()[-2:] == [str(second.venv / "bin" / "slurmrestd"), str(second.socket)]


def test_one_service_stops_and_starts_again(second: Second) -> None:
    for name in SERVICES:
        before = second.pid(name)
        with second.stopped(name):
            assert not Path(f"/proc/{before}/exe").exists()
        assert second.pid(name) != before
    assert second.completes(second.submit("man", "true"))


def test_a_changed_configuration_restarts_all_of_it(second: Second) -> None:
    before = {second.pid(name) for name in SERVICES}
    with second.conf.open("a") as conf:
        conf.write("# An older one.\n")
    second.start("slurmrestd")
    after = {second.pid(name) for name in SERVICES}
    assert len(after) == len(SERVICES)
    assert not after & before


def test_after_a_crash_it_comes_up(second: Second) -> None:
    job = second.submit("games", "sleep 300")
    eventually(lambda: second.state_of(job) == "RUNNING")
    second.crash()
    second.up()
    second.run("scancel", job)
    assert second.completes(second.submit("games", "true"))
    assert second.unix.get("/slurm/v0.0.39/ping").status == 200


def test_down_ends_all_of_it_with_the_jobs_and_twice_is_no_error(second: Second) -> None:
    job = second.submit("games", "sleep 300")
    eventually(lambda: second.state_of(job) == "RUNNING")
    second.down()
    assert second.processes() == []
    assert second.ports() == []
    second.down()


def test_a_database_half_made_is_made_again(second: Second) -> None:
    second.down()
    data = second.state / "state" / "mariadbd" / "data"
    data.rename(data.with_name("data.new"))
    second.up()
    assert second.completes(second.submit("games", "true"))


def test_down_finds_it_when_its_state_is_gone(second: Second) -> None:
    second.up()
    moved = second.state.rename(second.state.with_name(second.state.name + "-moved"))
    second.down()
    shutil.rmtree(moved)
    assert second.processes() == []

"""Where the development cluster lives: directories, ports, users, addresses. Starts nothing.

State and virtual environment are `.dev` and `.venv` in the checkout. Where the daemons' users could not reach
them there, or where a unix socket's name would be too long, both are links to a directory in /var/tmp.
"""

import functools
import hashlib
import json
import os
import re
import shutil
import socket
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SUBSTITUTES = Path("/var/tmp")  # noqa: S108 - each directory in it is checked to be ours
DAEMON_USER = "slurmrestd"
# The ports of an installed Slurm are 6817 to 6819. 6820 is the REST daemon's, there and here.
PORTS = {"slurmctld": 16817, "slurmd": 16818, "slurmdbd": 16819, "nobody": 16830, "slurmrestd": 6820}
SECOND = "2"
"""Name of the directory, in that of the first, of the cluster that half of the tests use."""
# The longest name is a socket of slurmd: `.dev/2/state/slurmd/node01_4294967295.4294967295.0`; 107 may be had.
LONGEST_CHECKOUT = 107 - 56


class Failure(Exception):
    """What went wrong, in one line for the user."""


@dataclass(frozen=True)
class Settings:
    """One development cluster.

    state: its directory, by a path that every user can reach. shift: added to every port, 0 for the first.
    conf: the slurm.conf of an existing cluster to serve, instead of a cluster of our own.
    """

    state: Path
    shift: int = 0
    conf: Path | None = None

    @property
    def etc(self) -> Path:
        """Rendered configuration files and keys."""
        return self.state / "etc"

    @property
    def slurm_conf(self) -> Path:
        """The slurm.conf that the daemon serves."""
        return self.conf or self.etc / "slurm.conf"

    @property
    def run(self) -> Path:
        """Sockets, in a directory for each service."""
        return self.state / "run"

    @property
    def socket(self) -> Path:
        """The REST daemon's unix socket."""
        return self.run / "slurmrestd" / "slurmrestd.sock"

    def log(self, name: str) -> Path:
        """Log file of a service."""
        return self.state / "log" / f"{name}.log"

    def port(self, name: str) -> int:
        """TCP port of a service."""
        return PORTS[name] + self.shift

    @functools.cached_property
    def namespace(self) -> bool:
        """Whether Slurm's daemons can be given a host name of their own, `localhost`."""
        return subprocess.run(("unshare", "--uts", "true"), capture_output=True, check=False).returncode == 0

    @functools.cached_property
    def address(self) -> str:
        """The address that Slurm's daemons bind, that of their host name: loopback, if we can help it."""
        if self.namespace:
            return "127.0.0.1"
        try:
            return socket.gethostbyname(socket.gethostname())
        except OSError as error:
            line = f"127.0.1.1 {socket.gethostname()}"
            raise Failure(f"this host's name does not resolve ({error}): add `{line}` to /etc/hosts") from None

    def variables(self) -> dict[str, str]:
        """What the templates in conf/dev/etc may name."""
        ports = {f"{name}_port": str(self.port(name)) for name in PORTS}
        return ports | {
            "address": self.address,
            "cgroup_plugin": cgroup_plugin(),
            "daemon_user": DAEMON_USER,
            "etc": str(self.etc),
            "state": str(self.state / "state"),
            "munge_socket": str(self.run / "munged" / "munged.sock"),
            "mariadb_socket": str(self.run / "mariadbd" / "mariadbd.sock"),
        }

    def facts(self) -> str:
        """The cluster as a JSON object, for the tests."""
        return json.dumps(
            {
                "conf": str(self.slurm_conf),
                "daemon_user": DAEMON_USER,
                "run": str(self.run),
                "socket": str(self.socket),
                "state": str(self.state),
                "tcp": ["127.0.0.1", self.port("slurmrestd")],
                "venv": str(venv()),
            }
        )


@functools.cache
def cgroup_plugin() -> str:
    """The plugin that leaves the machine's cgroups alone while nothing else asks for them."""
    said = subprocess.run(("slurmd", "-V"), capture_output=True, text=True, check=True).stdout
    release = tuple(int(number) for number in re.findall(r"\d+", said)[:2])
    return "disabled" if release >= (24, 5) else "cgroup/v1"


def reachable(directory: Path) -> bool:
    """Whether any user can enter *directory* and read the sources in it."""
    ways = (directory, *directory.parents)
    sources = directory / "setup.cfg"
    entered = all(way.stat().st_mode & stat.S_IXOTH for way in ways)
    return entered and bool(sources.stat().st_mode & stat.S_IROTH)


def usable(directory: Path) -> bool:
    """Whether `.dev` and `.venv` can be in *directory*: reachable, short, without odd characters."""
    plain = re.fullmatch(r"[\w./+-]+", str(directory), re.ASCII)
    return bool(plain) and len(str(directory)) <= LONGEST_CHECKOUT and reachable(directory)


def home() -> Path:
    """The directory of state and virtual environment: the checkout, or one in /var/tmp named after it."""
    if usable(CHECKOUT):
        return CHECKOUT
    name = hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:12]
    return SUBSTITUTES / f"slurmrest-{name}"


def venv() -> Path:
    """The virtual environment."""
    place = home()
    return place / (".venv" if place == CHECKOUT else "venv")


def own_state() -> Path:
    """The state of the checkout's own cluster."""
    place = home()
    return place / (".dev" if place == CHECKOUT else "dev")


def lay_out() -> None:
    """Make the directory of state and environment, and where it is not in the checkout, the links to it."""
    place = home()
    if place != CHECKOUT:
        make_substitute(place)
    for name, target in ((".dev", own_state()), (".venv", venv())):
        lay_link(CHECKOUT / name, target)


def make_substitute(place: Path) -> None:
    """Make *place*, refuse one that is somebody else's, and clear away those of checkouts that are gone."""
    for other in SUBSTITUTES.glob("slurmrest-*/checkout"):
        if other.owner() == "root" and not Path(other.read_text(encoding="utf-8")).exists():
            shutil.rmtree(other.parent, ignore_errors=True)
    place.mkdir(mode=0o755, exist_ok=True)
    if place.is_symlink() or place.stat().st_uid != os.getuid():
        raise Failure(f"{place} belongs to {place.owner()}: remove it")
    (place / "checkout").write_text(str(CHECKOUT), encoding="utf-8")


def lay_link(link: Path, target: Path) -> None:
    """Make *link* lead to *target*, or be a directory of its own where that is *target*."""
    if link.is_symlink() and (link == target or link.readlink() != target):
        link.unlink()
    if link != target and link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)
    target.mkdir(mode=0o755, exist_ok=True)
    if link != target and not link.is_symlink():
        link.symlink_to(target)

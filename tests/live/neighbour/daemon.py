"""Debian's own slurmrestd, started by a test, speaking the API version of its that is nearest to ours.

started(factory, user)    a with block; gives a Neighbour
    .version .release     (40, 0) of v0.0.40; (24, 11, 5)
    .client               a Client over TCP, with the user's token
    .get(url)             its answer to a URL like "/slurm/v0.0.39/ping", in its version
"""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.plugins.client import Answer, Client, eventually
from tests.plugins.cluster import Cluster, identity_of
from tests.plugins.daemon import Factory, free_port

OURS = 39
"""v0.0.39."""

# Ours is called the same, and comes first on the tests' PATH.
PLACES = "/usr/sbin:/usr/bin"


ACCOUNT = "with_assocs=true&with_coords=true"
QUERIES = {
    "accounts": ((40, ACCOUNT), (42, "WithAssociations=true&WithCoordinators=true")),
    "account": ((40, ACCOUNT),),
    "users": ((40, f"{ACCOUNT}&with_wckeys=true"),),
    "user": ((40, f"{ACCOUNT}&with_wckeys=true"),),
    "partitions": ((40, "flags=ALL"),),
}
"""What v0.0.39 always gives, and later versions where it is asked for: each query with the version that it is from."""


@dataclass(frozen=True)
class Neighbour:
    """A C daemon that runs. version: the number after v0.0."""

    version: int
    release: tuple[int, ...]
    client: Client

    def get(self, url: str) -> Answer:
        """Its answer where ours is asked *url*."""
        return self.client.get(self.asked(url))

    def asked(self, url: str) -> str:
        """The URL in its version that gives as much as ours."""
        path = url.replace(f"v0.0.{OURS}", f"v0.0.{self.version}")
        queries = [query for since, query in QUERIES.get(url.split("/")[3], ()) if self.version >= since]
        return f"{path}?{queries[-1]}" if queries else path


def program() -> str:
    """The path of the C daemon."""
    found = shutil.which("slurmrestd", path=PLACES)
    assert found, "Debian's package slurmrestd is not installed"
    return found


def printed(factory: Factory, *arguments: str) -> str:
    """What the C daemon prints of itself."""
    argv = (program(), "-f", str(factory.cluster.conf), *arguments)
    identity, variables = identity_of(factory.cluster.daemon_user), factory.environment(None)
    done = subprocess.run(argv, env=variables, capture_output=True, text=True, timeout=60, check=False, **identity)
    # Up to 24.05 on the one, then on the other.
    return f"{done.stderr}{done.stdout}"


def versions_of(text: str) -> dict[int, set[str]]:
    """The plugins in a list of them, by the API version that they speak."""
    found: dict[int, set[str]] = {}
    for plugin, version in re.findall(r"(\w+/(?:db)?v0\.0\.(\d+))(?!\S)", text):
        found.setdefault(int(version), set()).add(plugin)
    return found


def chosen(factory: Factory) -> tuple[int, tuple[str, ...]]:
    """The version nearest to ours, and the options that make the C daemon speak it and nothing else."""
    # Up to 23.02 each version is a plugin of its own for the URLs; then one for the documents.
    old, new = versions_of(printed(factory, "-s", "list")), versions_of(printed(factory, "-d", "list"))
    assert old or new, printed(factory, "-s", "list") + printed(factory, "-d", "list")
    version = min({*old, *new}, key=lambda number: abs(number - OURS))
    if version in new:
        return version, ("-s", "slurmctld,slurmdbd", "-d", f"v0.0.{version}")
    return version, ("-s", ",".join(sorted(old[version])))


@contextlib.contextmanager
def started(factory: Factory, user: str = "root") -> Iterator[Neighbour]:
    """Have the C daemon for a while, asked by *user*."""
    cluster, port = factory.cluster, free_port()
    version, options = chosen(factory)
    argv = (program(), "-f", str(cluster.conf), *options, f"127.0.0.1:{port}")
    client = Client(("127.0.0.1", port), user, cluster.token(user))
    with factory.directory(cluster.daemon_user) as directory:
        log = directory / "log"
        with log.open("wb") as errors, factory.popen(argv, None, cluster.daemon_user, stderr=errors) as process:
            try:
                eventually(lambda: answers(client, process, version, log), 30.0)
                yield Neighbour(version, release(cluster), client)
            finally:
                process.terminate()
                process.wait(15)


def answers(client: Client, process: subprocess.Popen[bytes], version: int, log: Path) -> bool:
    """Tell whether it serves. Fails where it ended instead."""
    assert process.poll() is None, log.read_text(errors="replace")
    with contextlib.suppress(OSError):
        return client.get(f"/slurm/v0.0.{version}/ping").status == 200
    return False


def release(cluster: Cluster) -> tuple[int, ...]:
    """The installed release of Slurm."""
    text = cluster.run("sinfo", "--version").stdout.split()[-1]
    return tuple(int(part) for part in text.split("."))

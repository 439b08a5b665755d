"""From the start to the first answer, and what is held at rest, with default settings throughout."""

import os
import pwd
import subprocess
import time
from collections.abc import Iterator
from statistics import median

from settings import venv

from .cluster import ScaleCluster
from .memory import proportional, resident
from .report import Row
from .servers import Kind, Server, kinds, start

SETTLE_SECONDS = 1.0


def measure(cluster: ScaleCluster) -> Iterator[Row]:
    """Each daemon as often as there are rounds, in turns."""
    table = kinds(cluster)
    listens: dict[str, list[tuple[float, int, int]]] = {"c": [], "ours": []}
    pipes: dict[str, list[float | None]] = {"c": [], "ours": []}
    imports: list[float] = []
    for _ in range(cluster.plan.rounds):
        for name, results in listens.items():
            results.append(listen(table[name], cluster))
            pipes[name].append(inetd(table[name], cluster))
        imports.append(importing())
    titles = (
        ("start to first answer, listening", "ms"),
        ("memory at rest, all processes, shared pages in parts", "MiB"),
        ("memory at rest, all processes, shared pages in each", "MiB"),
    )
    for place, (what, unit) in enumerate(titles):
        c, ours = (median(result[place] for result in listens[name]) for name in ("c", "ours"))
        yield Row(what, unit, c, ours)
    yield Row("start to first answer, inetd mode", "ms", middle(pipes["c"]), middle(pipes["ours"]), median(imports))


def middle(seconds: list[float | None]) -> float | None:
    """The median; None where one was not answered."""
    known = [one for one in seconds if one is not None]
    return median(known) if len(known) == len(seconds) else None


def importing() -> float:
    """The seconds of a Python that imports the framework and the JSON library, no more: the floor of inetd mode."""
    began = time.perf_counter()
    subprocess.run((venv() / "bin" / "python", "-c", "import falcon, orjson"), check=True)
    return time.perf_counter() - began


def listen(kind: Kind, cluster: ScaleCluster) -> tuple[float, int, int]:
    """Start it. Returns: the seconds to the first answer; then, after a moment, its memory in both counts."""
    server = Server(kind, cluster)
    try:
        time.sleep(min(SETTLE_SECONDS, cluster.plan.rest))
        pids = server.pids()
        return server.started, sum(map(proportional, pids)), sum(map(resident, pids))
    finally:
        server.stop()


def inetd(kind: Kind, cluster: ScaleCluster) -> float | None:
    """Have it answer one request from standard input as its own user. Returns: the seconds; None where it does not."""
    path = cluster.settings.state / "request"
    path.write_bytes(f"GET /slurm/{kind.api}/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    # Both trust a file that nobody else may write.
    path.chmod(0o600)
    os.chown(path, pwd.getpwnam(cluster.user).pw_uid, -1)
    out, into = os.pipe()
    with path.open("rb") as request, os.fdopen(out, "rb") as answer:
        began = time.perf_counter()
        with os.fdopen(into, "wb") as stream:
            log = cluster.settings.log(f"{kind.name}-inetd")
            process = start(kind, cluster, (), log, {}, stdin=request, stdout=stream)
        said = answer.readline()
        seconds = time.perf_counter() - began
        answer.read()
    process.wait()
    return seconds if b" 200 " in said else None

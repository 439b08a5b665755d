"""Small requests by wrk: requests a second, and what half and 99 of a hundred wait at most."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from settings import Failure

from . import wrk
from .cluster import ScaleCluster
from .plan import Plan
from .report import Row, plural
from .servers import Server, running

WARM_UP = 20
"""Requests on each of some connections that are not counted."""
# Both versions understand it. Nothing could run it either, as no node is up.
HELD = json.dumps(
    {
        "script": "#!/bin/sh\ntrue\n",
        "job": {
            "name": "submitted",
            "account": "physics",
            "hold": True,
            "environment": {"PATH": "/bin"},
            "current_working_directory": "/",
        },
    }
)


@dataclass(frozen=True)
class Request:
    """A kind of request. rest: of the path, which may have a number in it. body: of a POST."""

    name: str
    rest: str
    body: str = ""

    @property
    def first(self) -> str:
        """The path with the number 1."""
        return self.rest % 1 if "%" in self.rest else self.rest

    def last(self, plan: Plan) -> int:
        """The highest number that may be asked for."""
        return {"job/{id}": plan.jobs, "node/{name}": plan.nodes}.get(self.name, 1)


REQUESTS = (
    Request("ping", "ping"),
    Request("job/{id}", "job/%d"),
    Request("node/{name}", "node/node%05d"),
    Request("diag", "diag"),
    # The last, as every one of them makes the cluster larger.
    Request("job/submit", "job/submit", HELD),
)

LINES = (
    ("rate", "1/s", ""),
    ("p50", "ms", ", p50"),
    ("p99", "ms", ", p99"),
    ("processor", "us", ", processor time"),
)
"""Of wrk.Result: what a row tells, its unit, and what the row is called besides."""

Results = dict[str, list[wrk.Result]]


def measure(cluster: ScaleCluster) -> Iterator[Row]:
    """All kinds at all numbers of connections, the floor once for each number."""
    with running(cluster, "c", "ours", "constant") as (theirs, ours, constant):
        floors: dict[int, list[wrk.Result]] = {}
        for request in REQUESTS:
            for server in (theirs, ours):
                if not request.body:
                    server.warm_up(request.first, each=WARM_UP)
            alone = cluster.bare(request.name)
            yield Row(f"`{request.name}`, the RPC alone", "ms", floor=alone["seconds"])
            yield Row(f"`{request.name}`, the RPC alone, processor time", "us", floor=alone["processor"])
            for connections in cluster.plan.connections:
                compared = {"c": theirs, "ours": ours}
                if connections not in floors:
                    compared["constant"] = constant
                found = rounds(cluster.plan, compared, request, connections)
                floors.setdefault(connections, found.get("constant", []))
                yield from rows(request, connections, found, floors[connections])
            yield from behind(cluster.plan, constant, request, max(cluster.plan.connections))


def behind(plan: Plan, constant: Server, request: Request, connections: int) -> Iterator[Row]:
    """What is left to gain where most is asked for: the RPC with the constant as its answer."""
    called = replace(request, rest=f"bare/{request.rest}")
    results = rounds(plan, {"constant": constant}, called, connections)["constant"]
    for label, unit, which in (line for line in LINES if line[0] in ("rate", "processor")):
        what = f"`{request.name}`, {plural(connections, 'connection')}, the RPC and the constant{which}"
        yield Row(what, unit, floor=median(getattr(one, label) for one in results))


def rounds(plan: Plan, servers: dict[str, Server], request: Request, connections: int) -> Results:
    """A B A B."""
    found: Results = {name: [] for name in servers}
    # slurmctld stops now and then to save the state of all jobs, once there are new ones.
    for _ in range(plan.submitting if request.body else plan.rounds):
        for name, server in servers.items():
            found[name].append(run(plan, server, request, connections))
    return found


def run(plan: Plan, server: Server, request: Request, connections: int) -> wrk.Result:
    """Once. Raises: Failure where a request was refused or broken off."""
    ask = wrk.Ask(server.path(request.rest), last=request.last(plan), body=request.body)
    before = server.processor_time()
    result = wrk.run(server.port, server.headers, ask, connections, plan.seconds)
    taken = (server.processor_time() - before) / max(1.0, result.rate * plan.seconds)
    if result.refused or result.broken:
        what = f"{server.kind.name}, {request.name} at {connections}"
        raise Failure(f"{what}: {result.refused} requests refused, {result.broken} broken off")
    return replace(result, processor=taken)


def rows(request: Request, connections: int, found: Results, floor: Sequence[wrk.Result] = ()) -> Iterator[Row]:
    """A line for each of LINES."""
    what = f"`{request.name}`, {plural(connections, 'connection')}"
    for label, unit, which in LINES:
        all_ = (found["c"], found["ours"], floor)
        c, ours, bottom = (median(getattr(one, label) for one in results) if results else None for results in all_)
        yield Row(what + which, unit, c, ours, bottom, more=label == "rate")

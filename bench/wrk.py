"""wrk, run once."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from settings import Failure

SCRIPT = Path(__file__).with_name("wrk.lua")
TIMEOUT = "60s"
"""Answers that take longer are counted as errors and not as latency; wrk's own value is 2 s."""


@dataclass(frozen=True)
class Ask:
    """What is asked for. path: may have a %d, which goes from first to last. body: of a POST."""

    path: str
    first: int = 1
    last: int = 1
    body: str = ""


@dataclass(frozen=True)
class Result:
    """rate: requests a second. p50, p99: seconds. refused: answers with an error status. broken: without answer.

    processor: seconds of processor time that the server took for a request, where somebody has measured it.
    """

    rate: float
    p50: float
    p99: float
    refused: int
    broken: int
    processor: float = 0.0


def run(port: int, headers: dict[str, str], ask: Ask, connections: int, seconds: int) -> Result:
    """Ask for so many seconds on so many connections at once. Raises: Failure."""
    options = ["-t", str(min(2, connections)), "-c", str(connections), "-d", f"{seconds}s", "--timeout", TIMEOUT]
    for name, value in headers.items():
        options += ["-H", f"{name}: {value}"]
    method = "POST" if ask.body else "GET"
    script = [method, ask.path, str(ask.first), str(ask.last), *([ask.body] if ask.body else [])]
    argv = ("wrk", *options, "--latency", "-s", str(SCRIPT), f"http://127.0.0.1:{port}", "--", *script)
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    _, marked, found = done.stdout.partition("RESULT ")
    if not marked:
        raise Failure(f"wrk failed: {done.stderr.strip() or done.stdout.strip()}")
    return result(json.loads(found))


def result(found: dict[str, int]) -> Result:
    """Read what the script printed."""
    rate = found["requests"] / found["microseconds"] * 1e6
    return Result(rate, found["p50"] / 1e6, found["p99"] / 1e6, found["refused"], found["broken"])

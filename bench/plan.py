"""How much is built and how long it is measured: the sizes of a run as a table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """One run.

    rounds: of A B A B; a figure is the median over them. seconds: of one run of wrk. connections: of wrk.
    rest: seconds before memory is read again. beside: seconds of pings beside downloads. submitting: rounds of
    job/submit. in_a_row, at_once: downloads of /jobs for the memory after many. threads: -t of both daemons, 20 being
    the default of both.
    """

    size: str
    nodes: int
    jobs: int
    rounds: int
    seconds: int
    connections: tuple[int, ...]
    rest: float
    beside: float
    submitting: int
    in_a_row: int = 10
    at_once: int = 5
    threads: int = 20


SIZES = {
    "full": Plan("full", 10_000, 50_000, 3, 3, (1, 8, 64), 30.0, 30.0, 6),
    "small": Plan("small", 1_000, 5_000, 1, 1, (1, 8, 64), 1.0, 1.0, 1),
    "tiny": Plan("tiny", 50, 200, 1, 1, (8,), 0.1, 0.3, 1, in_a_row=2, at_once=2),
}

"""What Slurm's own commands say, as dictionaries: the measure of what the daemon answers.

records(text)                 the lines of `scontrol -o show …` and of whatever else says key=value
scontrol(cluster, kind, …)    the same, straight from the command
seconds(text), minutes(text)  a point in time and a time limit, as scontrol writes them
statistics(text)              the numbers of sdiag
"""

from __future__ import annotations

import re
from datetime import datetime

from tests.plugins.cluster import Cluster

PAIR = re.compile(r"(?:^|(?<=\s))([A-Z][\w:/]*)=(.*?)(?=\s+[A-Z][\w:/]*=|\s*$)")
LIMIT = re.compile(r"(?:(?P<days>\d+)-)?(?P<hours>\d+):(?P<minutes>\d+):\d+")
COUNTED = re.compile(r"\t(?P<name>\S+)\s+\(\s*(?P<number>\d+)\)\s+count:(?P<count>\d+)\s")
COUNTER = re.compile(
    r"\s*(?P<label>Data since|[^:]+):?\s+(?:(?P<number>\d+)|N/A|[A-Z][a-z]{2} .*\((?P<date>\d+)\))(?: microseconds)?$"
)
NEVER = ("None", "Unknown", "N/A")
Counts = dict[str, dict[int, int]]
"""Messages counted by sdiag: "type" and "user" -> number of it -> how many."""

Record = dict[str, str]


def records(text: str) -> list[Record]:
    """One dictionary a line, its values as they are written."""
    return [dict(PAIR.findall(line)) for line in text.splitlines() if "=" in line]


def scontrol(cluster: Cluster, *what: str) -> list[Record]:
    """What `scontrol show` says, in full detail, as root."""
    return records(cluster.run("scontrol", "-d", "-o", "show", *what).stdout)


def seconds(text: str) -> int:
    """Seconds since the epoch of a local time; 0 for never."""
    return 0 if text in NEVER else int(datetime.fromisoformat(text).timestamp())


def minutes(text: str) -> int:
    """Minutes of a time limit: "1-02:30:00"."""
    match = LIMIT.fullmatch(text)
    assert match, text
    return (int(match["days"] or 0) * 24 + int(match["hours"])) * 60 + int(match["minutes"])


def statistics(text: str) -> tuple[dict[str, int], Counts]:
    """What sdiag printed: single numbers by "section: label", dates in seconds since the epoch, and the counts."""
    numbers: dict[str, int] = {}
    counts: Counts = {"type": {}, "user": {}}
    section = ""
    for line in text.splitlines():
        kind = "user" if section.endswith("by user") else "type"
        if match := COUNTED.match(line):
            counts[kind][int(match["number"])] = int(match["count"])
        elif match := COUNTER.match(line):
            label = f"{section}: {match['label']}" if line[0] == "\t" else match["label"]
            numbers[label] = int(match["date"] or match["number"] or 0)
        else:
            section = line.strip(": ")
    return numbers, counts

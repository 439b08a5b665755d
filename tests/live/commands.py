"""What Slurm's own commands say, as dictionaries: the measure of what the daemon answers.

records(text)                 the lines of `scontrol -o show …` and of whatever else says key=value
scontrol(cluster, kind, …)    the same, straight from the command
seconds(text), minutes(text)  a point in time and a time limit, as scontrol writes them
statistics(text)              what sdiag printed
"""

from __future__ import annotations

import re
from datetime import datetime

from tests.plugins.cluster import Cluster

PAIR = re.compile(r"(?:^|(?<=\s))([A-Z][\w:/]*)=(.*?)(?=\s+[A-Z][\w:/]*=|\s*$)")
LIMIT = re.compile(r"(?:(?P<days>\d+)-)?(?P<hours>\d+):(?P<minutes>\d+):\d+")
COUNTED = re.compile(r"\t(?P<name>\S+)\s+\(\s*(?P<number>\d+)\)\s+count:(?P<count>\d+)\s")
NEVER = ("None", "Unknown", "N/A")

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


def statistics(text: str) -> tuple[Record, dict[str, dict[int, int]]]:
    """The single numbers of sdiag by "section: label", and the counts of messages by type and by user."""
    numbers: Record = {}
    counts: dict[str, dict[int, int]] = {"type": {}, "user": {}}
    section = kind = ""
    for line in text.splitlines():
        label, colon, value = line.partition(":")
        if match := COUNTED.match(line):
            counts[kind][int(match["number"])] = int(match["count"])
        elif colon:
            numbers[f"{section}: {label.strip()}" if label[:1] == "\t" else label] = value.strip()
        else:
            section, kind = line.strip(), "user" if "by user" in line else "type"
    return numbers, counts

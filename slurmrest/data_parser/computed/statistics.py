"""What is derived from slurmctld's counters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .arrays import integers

if TYPE_CHECKING:
    from ..convert import JSON
    from ..names import Names


def mean(names: Names, total: int, counter: int) -> int:
    """Divide, rounding down; 0 where nothing was counted."""
    return total // counter if counter else 0


def per_minute(names: Names, counter: int, now: int, since: int) -> int:
    """Give *counter* per whole minute between two times; 0 in the first minute."""
    minutes = (now - since) // 60
    return counter // minutes if minutes > 0 else 0


def rpcs_by_type(names: Names, size: int, ids: int, counts: int, times: int) -> list[JSON]:
    """List the messages received by type, in the order of the record."""
    rows = zip(integers("H", ids, size), integers("I", counts, size), integers("Q", times, size), strict=False)
    return [
        {"message_type": names.message_type(number), "type_id": number, **_counted(names, count, time)}
        for number, count, time in rows
    ]


def rpcs_by_user(names: Names, size: int, ids: int, counts: int, times: int) -> list[JSON]:
    """List the messages received by user, in the order of the record."""
    rows = zip(integers("I", ids, size), integers("I", counts, size), integers("Q", times, size), strict=False)
    return [
        {"user": names.user(uid) or str(uid), "user_id": uid, **_counted(names, count, time)}
        for uid, count, time in rows
    ]


def _counted(names: Names, count: int, time: int) -> dict[str, int]:
    return {"count": count, "average_time": mean(names, time, count), "total_time": time}

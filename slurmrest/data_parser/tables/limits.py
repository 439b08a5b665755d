"""Rows of limits, which changed their form within v0.0.39."""

from __future__ import annotations

from ..accounting import LIMIT
from ..fields import Field, Version
from ..types import UINT32_NO_VAL


def limit(key: str, member: str, description: str, since: Version = (39, 6)) -> tuple[Field, Field]:
    """Make the two rows of a limit: a plain number up to the dialect *since*, {set, infinite, number} from then on."""
    return (
        Field(key, LIMIT, member, description, until=since),
        Field(key, UINT32_NO_VAL, member, description, since=since),
    )

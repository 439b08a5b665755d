"""ETags of collections: when slurmctld made the answer, and for whom and in which form.

slurmctld keeps no version of its records, but says whether any changed after a second that it is asked about. So the
tag of an answer is the second it was made in; a client that brings it back in If-None-Match costs one small RPC while
nothing changed. The tag is weak: two answers of the same second may differ, and then the next question is answered in
full, because slurmctld counts a change within that second as one after it.
"""

from __future__ import annotations

import hashlib
import re

import orjson

TAG = re.compile(r'(?:W/)?"(?P<second>[0-9a-f]{1,12})-(?P<view>[0-9a-f]{12})"')


def view_of(*parts: str) -> str:
    """Give a short name for one view of a collection: URL, user, format. Another view's tag is never taken for it."""
    return hashlib.blake2s("\0".join(parts).encode(errors="replace"), digest_size=6).hexdigest()


def make_tag(second: int, view: str) -> str:
    """Give the ETag of an answer that slurmctld made in *second* (since the epoch)."""
    return f'W/"{second:x}-{view}"'


def make_content_tag(payload: object, view: str) -> str:
    """Give the ETag of a small answer, by what it says."""
    return f'W/"{hashlib.blake2s(orjson.dumps(payload), digest_size=12).hexdigest()}-{view}"'


def second_of(if_none_match: str | None, view: str) -> int:
    """Give the newest second among the tags of *view* in an If-None-Match header; 0 where it has none."""
    found = TAG.finditer(if_none_match or "")
    return max((int(match["second"], 16) for match in found if match["view"] == view), default=0)

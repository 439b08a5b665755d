"""Polling with If-None-Match: 304 while nothing changed, the document when something did, each user's own."""

from __future__ import annotations

import pytest

from tests.plugins.client import Client, eventually
from tests.plugins.cluster import Cluster

COLLECTIONS = ("jobs", "nodes", "partitions", "reservations", "licenses")


def _tag(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "private, no-cache"
    return str(answer.headers["ETag"])


def _unchanged(client: Client, url: str, tag: str) -> bool:
    """Whether the server says 304 to *tag*; slurmctld cannot tell a change within the second of the answer."""
    answer = client.get(url, headers={"If-None-Match": tag})
    if answer.status == 304:
        assert answer.document is None
        assert answer.headers["ETag"] == tag
    return answer.status == 304


@pytest.mark.parametrize("name", COLLECTIONS)
def test_304_while_nothing_changed(client: Client, name: str) -> None:
    url = f"/slurm/v0.0.39/{name}"
    assert eventually(lambda: _unchanged(client, url, _tag(client, url)))


def test_a_change_is_seen_at_once(client: Client, root: Client) -> None:
    url = "/slurm/v0.0.39/nodes"
    tag = _tag(client, url)
    for comment in ("etag one", "etag two", ""):
        assert root.post("/slurm/v0.0.39/node/node01", {"comment": comment}).status == 200
        answer = client.get(url, headers={"If-None-Match": tag})
        assert answer.status == 200
        (node,) = (node for node in answer.document["nodes"] if node["name"] == "node01")
        assert node["comment"] == comment
        tag = answer.headers["ETag"]


def test_a_tag_of_another_user_or_format_is_not_taken(client: Client, cluster: Cluster) -> None:
    url = "/slurm/v0.0.39/partitions"
    tag = _tag(client, url)
    other = client.as_user("bin", cluster.token("bin"))
    assert other.get(url, headers={"If-None-Match": tag}).status == 200
    assert client.get(url, headers={"If-None-Match": tag, "Accept": "text/yaml"}).status == 200
    assert other.get(url).headers["ETag"] != tag

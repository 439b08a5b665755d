"""Writing while slurmdbd is away."""

from __future__ import annotations

from tests.live.writing import ACCOUNT, API, Database, clean, post, written
from tests.plugins.client import Client
from tests.plugins.cluster import Cluster


def test_without_slurmdbd_nothing_is_written(root: Client, cluster: Cluster) -> None:
    clean(root)
    before = Database(cluster).everything()
    with cluster.stopped("slurmdbd"):
        assert post(root, "accounts", ACCOUNT).status == 502
        assert root.delete(f"{API}/account/sub1").status == 502
    assert Database(cluster).everything() == before
    written(root, "accounts", ACCOUNT)
    clean(root)

"""Shares of threads and connections, and which worker takes a new connection."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from slurmrest.daemon.balance import BUSY, FULL, PATIENCE, Loads
from slurmrest.daemon.quotas import Quota, assigner, worker_count


@pytest.mark.parametrize("total", [Quota(20, 124), Quota(2, 1), Quota(7, 10), Quota(1024, 99999)])
@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_all_shares_are_the_whole(total: Quota, workers: int) -> None:
    shares = [total.share(place, workers) for place in range(workers)]
    assert all(share.threads >= 1 and share.connections >= 1 for share in shares)
    assert max(share.threads for share in shares) == shares[0].threads
    if total.threads >= workers:
        assert sum(share.threads for share in shares) == total.threads
    if total.connections >= workers:
        assert sum(share.connections for share in shares) == total.connections


@pytest.mark.parametrize(
    ("processors", "total", "expected"),
    [
        (1, Quota(20, 124), 1),
        (2, Quota(20, 124), 2),
        (64, Quota(20, 124), 10),
        (64, Quota(3, 124), 1),
        (64, Quota(1024, 5), 5),
    ],
)
def test_the_number_of_workers(monkeypatch: pytest.MonkeyPatch, processors: int, total: Quota, expected: int) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(processors)))
    assert worker_count(total) == expected


def test_a_worker_takes_over_the_place_of_the_one_that_it_replaces() -> None:
    assign = assigner(Quota(5, 3))
    workers = [SimpleNamespace() for _ in range(2)]
    arbiter = SimpleNamespace(WORKERS={}, num_workers=2)
    for number, worker in enumerate(workers):
        assign(arbiter, worker)
        arbiter.WORKERS[number] = worker
    assert [worker.quota for worker in workers] == [Quota(3, 2), Quota(2, 1)]
    del arbiter.WORKERS[0]
    successor = SimpleNamespace()
    assign(arbiter, successor)
    assert successor.quota == Quota(3, 2)


def test_a_connection_is_left_to_the_worker_with_fewer() -> None:
    loads = Loads()
    mine, other = loads.of(0), loads.of(1)
    assert not mine.leaves(0.0)
    mine.say(1)
    assert mine.leaves(0.0)
    assert not other.leaves(0.0)
    other.say(1)
    assert not mine.leaves(0.0)


def test_it_is_left_only_for_a_moment() -> None:
    loads = Loads()
    mine, _ = loads.of(0), loads.of(1)
    mine.say(1)
    assert mine.leaves(0.0)
    assert mine.leaves(PATIENCE / 2)
    assert not mine.leaves(PATIENCE * 2)
    assert mine.leaves(PATIENCE * 3)


@pytest.mark.parametrize("load", [FULL, BUSY])
def test_it_is_not_left_to_one_that_cannot_take_it(load: int) -> None:
    loads = Loads()
    mine, other = loads.of(0), loads.of(1)
    mine.say(60)
    other.say(load)
    assert not mine.leaves(0.0)


def test_it_is_known_to_all_that_one_was_ready() -> None:
    loads = Loads()
    mine, other = loads.of(0), loads.of(1)
    assert not other.ready
    mine.say_ready()
    assert other.ready

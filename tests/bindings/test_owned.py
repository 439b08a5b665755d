"""Owned: freed once, by whom it was allocated, and not used after."""

from __future__ import annotations

import ctypes
import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest

from libslurm import Arena, ClosedError, Layout, Library, List, Owned, OwnedList, address_of

LAYOUT = Layout.exact((22, 5, 0))
NODES = LAYOUT.record("node_info_msg_t")
NODE = LAYOUT.record("node_info_t")


class Allocated:
    """A message of three nodes, and a list of the addresses that were freed."""

    def __init__(self) -> None:
        self.freed: list[int] = []
        self.array = (NODE * 3)()
        self.message: Any = NODES(node_array=ctypes.addressof(self.array), record_count=3)

    def own(self) -> Owned:
        """An owner of the message."""
        return Owned(address_of(self.message), NODES, self.freed.append)


@pytest.fixture
def allocated() -> Allocated:
    return Allocated()


def test_it_is_freed_at_the_end_of_the_with(allocated: Allocated) -> None:
    with allocated.own() as nodes:
        assert nodes.record.record_count == 3
        assert allocated.freed == []
    assert allocated.freed == [address_of(allocated.message)]


def test_it_is_freed_where_the_with_fails(allocated: Allocated) -> None:
    with pytest.raises(KeyError), allocated.own():
        raise KeyError
    assert len(allocated.freed) == 1


def test_close_twice_frees_once(allocated: Allocated) -> None:
    nodes = allocated.own()
    nodes.close()
    nodes.close()
    assert nodes.closed
    assert len(allocated.freed) == 1


def test_it_cannot_be_used_after_close(allocated: Allocated) -> None:
    nodes = allocated.own()
    nodes.close()
    with pytest.raises(ClosedError, match="node_info_msg_t was used after it was freed"):
        nodes.record.record_count += 1
    with pytest.raises(ClosedError):
        nodes.addresses("node_array", "record_count", "node_info_t")
    assert repr(nodes) == "<Owned node_info_msg_t closed>"


def test_a_forgotten_one_is_freed(allocated: Allocated) -> None:
    allocated.own()
    gc.collect()
    assert len(allocated.freed) == 1


def test_a_forked_child_does_not_free(allocated: Allocated) -> None:
    nodes = allocated.own()
    child = os.fork()
    if child == 0:
        nodes.close()
        os._exit(len(allocated.freed) + (0 if nodes.closed else 100))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert not nodes.closed
    nodes.close()
    assert len(allocated.freed) == 1


def test_addresses_are_those_of_the_array(allocated: Allocated) -> None:
    expected = [ctypes.addressof(node) for node in allocated.array]
    with allocated.own() as nodes:
        found = nodes.addresses("node_array", "record_count", "node_info_t")
        assert list(found) == expected
        assert len(found) == 3


def test_a_null_array_has_no_addresses(allocated: Allocated) -> None:
    allocated.message.node_array = None
    with allocated.own() as nodes:
        assert list(nodes.addresses("node_array", "record_count", "node_info_t")) == []


def test_the_records_of_an_array_are_views(allocated: Allocated) -> None:
    allocated.array[1].cpus = 24
    with allocated.own() as nodes:
        found = list(nodes.records("node_array", "record_count", "node_info_t"))
        assert [node.cpus for node in found] == [0, 24, 0]
        found[2].cpus = 7
    assert allocated.array[2].cpus == 7


@pytest.fixture
def users(library: Library) -> Iterator[OwnedList]:
    """A list of two users; closing it frees the list, and not what Python made."""
    arena, record = Arena(), library.layout.record("slurmdb_user_rec_t")
    made = List(library, [address_of(arena.keep(record(name=name))) for name in (b"one", b"two")])
    owned = OwnedList(library, made.address, "slurmdb_user_rec_t")
    made.address = 0
    yield owned
    owned.close()
    arena.keep(None)


def test_a_list_gives_its_records(users: OwnedList) -> None:
    assert len(users) == 2
    assert [record.name for record in users] == [b"one", b"two"]
    assert [record.name for record in users.records()] == [b"one", b"two"]
    assert users.struct == "slurmdb_user_rec_t"


def test_a_list_is_not_used_after_close(users: OwnedList) -> None:
    records = users.records()
    next(records)
    with users:
        pass
    for use in (users.addresses, lambda: len(users), lambda: next(records)):
        with pytest.raises(ClosedError, match="a list of slurmdb_user_rec_t was used after it was freed"):
            use()
    users.close()

"""list_t, host lists and bit strings."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

from libslurm import (
    Arena,
    Bitstring,
    Library,
    List,
    SlurmError,
    elements,
    expand_hostlist,
    hostlist_has,
    ranged_hostlist,
    record_at,
    text,
    text_list,
)
from libslurm.lists import texts


def test_a_list_holds_what_was_put_in(library: Library) -> None:
    arena = Arena()
    addresses = [arena.string(name) for name in ("first", "second")]
    with List(library, addresses) as made:
        made.append(addresses[0])
        assert len(made) == 3
        assert [text(address) for address in elements(library, made.address)] == ["first", "second", "first"]
    assert text(addresses[0]) == "first"


def test_a_list_is_destroyed_once(library: Library) -> None:
    made = List(library)
    made.close()
    made.close()
    assert len(made) == 0
    with pytest.raises(ValueError, match="destroyed"):
        made.append(1)


def test_no_list_has_no_elements(library: Library) -> None:
    assert elements(library, None) == []
    with List(library) as made:
        assert elements(library, made.address) == []


def iterated(library: Library, address: int) -> list[int]:
    """The elements of a list_t as libslurm's own iterator gives them."""
    iterator = library.c.slurm_list_iterator_create(address)
    found = list(iter(lambda: library.c.slurm_list_next(iterator) or 0, 0))
    library.c.slurm_list_iterator_destroy(iterator)
    return found


@pytest.mark.parametrize("length", [0, 1, 2, 1000])
def test_a_list_is_read_as_libslurm_itself_reads_it(library: Library, length: int) -> None:
    arena = Arena()
    with List(library, [arena.string(str(number)) for number in range(length)]) as made:
        assert elements(library, made.address) == iterated(library, made.address)
        record: Any = record_at(library.layout.record("xlist"), made.address)
        assert (record.magic, record.count) == (0xDEADBEEF, length)
        assert texts(library, made.address) == [str(number) for number in range(length)]


def test_texts_become_a_list(library: Library) -> None:
    arena = Arena()
    address = text_list(library, arena, ["one", "zwölf"])
    assert texts(library, address) == ["one", "zwölf"]


@pytest.mark.parametrize("value", ["o'neil", 'dev"', "`dev`", "x\\", "a\nb", "x' or '1'='1"])
def test_a_text_that_would_be_sql_is_refused(library: Library, value: str) -> None:
    with pytest.raises(SlurmError, match="Invalid argument"):
        text_list(library, Arena(), ["good", value])


def test_a_list_that_nobody_closed_is_destroyed(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    destroyed: list[int] = []
    made = List(library)
    monkeypatch.setattr(library.c, "slurm_list_destroy", destroyed.append)
    address = made.address
    del made
    assert destroyed == [address]


@pytest.mark.parametrize(
    ("written", "hosts"),
    [
        ("", []),
        (",", []),
        ("n1", ["n1"]),
        ("n[1-3]", ["n1", "n2", "n3"]),
        ("n[08-10],m5", ["n08", "n09", "n10", "m5"]),
        ("r[0-1]n[1-2]", ["r0n1", "r0n2", "r1n1", "r1n2"]),
    ],
)
def test_a_host_list_is_expanded(library: Library, written: str, hosts: list[str]) -> None:
    assert expand_hostlist(library, written) == hosts


@pytest.mark.parametrize("written", ["n[3-1]", "n[a-b]", "n[]"])
def test_a_bad_host_list_is_an_error(library: Library, written: str) -> None:
    with pytest.raises(SlurmError, match="Invalid argument"):
        expand_hostlist(library, written)


@pytest.mark.parametrize(
    ("hosts", "written"), [([], ""), (["n1"], "n1"), (["n1", "n2", "n5"], "n[1-2,5]"), (["a", "b"], "a,b")]
)
def test_hosts_are_ranged(library: Library, hosts: list[str], written: str) -> None:
    assert ranged_hostlist(library, hosts) == written


def test_a_bit_string_is_a_set_of_numbers(library: Library) -> None:
    library.handle.slurm_bit_alloc.restype = ctypes.c_void_p
    address = library.handle.slurm_bit_alloc(ctypes.c_int64(10))
    for bit in (1, 2, 3, 7):
        library.handle.slurm_bit_set(ctypes.c_void_p(address), ctypes.c_int64(bit))
    bits = Bitstring(library, address)
    assert (len(bits), list(bits), str(bits)) == (10, [1, 2, 3, 7], "1-3,7")
    assert 7 in bits
    assert 8 not in bits
    assert 99 not in bits
    library.handle.slurm_bit_free(ctypes.byref(ctypes.c_void_p(address)))


def test_no_bit_string_is_empty(library: Library) -> None:
    bits = Bitstring(library, None)
    assert (len(bits), list(bits), str(bits)) == (0, [], "")


@pytest.mark.parametrize(("name", "found"), [("n1", True), ("n10000", True), ("gpu7", True), ("n0", False)])
def test_a_host_is_found_without_expanding_the_list(library: Library, name: str, found: bool) -> None:
    assert hostlist_has(library, "n[1-10000],gpu7", name) is found
    assert not hostlist_has(library, "", name)

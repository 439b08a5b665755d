"""list_t, host lists and bit strings."""

from __future__ import annotations

import ctypes

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
    text,
)


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

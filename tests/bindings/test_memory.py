"""Reading C memory, and memory that Python builds for C."""

from __future__ import annotations

import ctypes
import gc
from typing import Any

import pytest

from libslurm import Arena, Layout, address_of, memory, read, record_at, string, strings, text


@pytest.fixture
def arena() -> Arena:
    return Arena()


def test_text_is_copied(arena: Arena) -> None:
    address = arena.string("Grüße")
    assert text(address) == "Grüße"
    assert string(address) == "Grüße".encode()
    assert read(address, 3) == "Gr\u00fc".encode()[:3]


def test_null_is_empty() -> None:
    assert text(0) == ""
    assert text(None) == ""
    assert string(0) is None
    assert strings(0) == []


def test_text_that_is_no_utf8_is_replaced(arena: Arena) -> None:
    assert text(arena.string(b"caf\xe9!")) == "caf\ufffd!"
    assert memory.decode(b"caf\xe9!") == "caf\ufffd!"


def test_read_takes_nul_and_all(arena: Arena) -> None:
    buffer = arena.keep(ctypes.create_string_buffer(b"a\0b", 4))
    assert read(address_of(buffer), 4) == b"a\0b\0"


def test_a_list_of_strings_ends_with_null_or_count(arena: Arena) -> None:
    address = arena.strings(["PATH=/bin", b"HOME=/", ""])
    assert strings(address) == ["PATH=/bin", "HOME=/", ""]
    assert strings(address, 2) == ["PATH=/bin", "HOME=/"]
    assert strings(arena.strings([])) == []


def test_a_nul_is_refused(arena: Arena) -> None:
    with pytest.raises(ValueError, match="NUL"):
        arena.string("a\0b")
    with pytest.raises(ValueError, match="NUL"):
        memory.encode("a\0b")


def test_pointers_are_read_where_they_stand(arena: Arena) -> None:
    address = arena.strings(["first", "second"])
    assert memory.STRINGS[(address >> 3) + 1] == b"second"
    assert memory.STRINGS[(address >> 3) + 2] is None
    assert text(memory.POINTERS[address >> 3]) == "first"
    assert memory.POINTERS[(address >> 3) + 2] == 0


def test_an_array_holds_its_values(arena: Arena) -> None:
    assert read(arena.array(ctypes.c_uint16, [1, 2, 3]), 6) == b"\1\0\2\0\3\0"


def test_what_an_arena_holds_outlives_its_makers(arena: Arena) -> None:
    node = Layout.exact((22, 5, 0)).record("node_info_t")
    made: Any = arena.record(node)
    made.name = arena.string("n1")
    address = address_of(made)
    del made
    gc.collect()
    seen: Any = record_at(node, address)
    assert seen.name == b"n1"
    seen.cpus = 7
    again: Any = record_at(node, address)
    assert again.cpus == 7

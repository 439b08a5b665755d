"""What a C compiler says of types and constants, read from the debug information of an object file.

Used by generate.py alone. The reader is readelf of binutils, which every compiler needs anyway and which
reads objects for other processors too. DWARF 4; a few tags and attributes of it.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

_ENTRY = re.compile(r" <(?P<depth>[0-9a-f]+)><(?P<offset>[0-9a-f]+)>: Abbrev Number: \d+(?: \(DW_TAG_(?P<tag>\w+)\))?")
_ATTRIBUTE = re.compile(r" +<[0-9a-f]+> +DW_AT_(?P<name>\w+) *: (?:\(.*?\): )?(?P<value>.*)")
_FILE = re.compile(r" +(?P<number>\d+)\t\d+\t\d+\t\d+\t(?P<name>.+)")

_BASE_NAMES = {
    "bool": "_Bool",
    "long int": "long",
    "long unsigned int": "unsigned long",
    "short int": "short",
    "short unsigned int": "unsigned short",
    "long long int": "long long",
    "long long unsigned int": "unsigned long long",
}
"""Compilers differ in how they spell these; the layouts have one spelling."""

_ENCODINGS = {"2": "bool", "4": "f", "5": "i", "6": "i", "7": "u", "8": "u"}


@dataclass(slots=True)
class Entry:
    """One entry of the debug information: a tag ("member"), its attributes as text, its children."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Entry] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name, "" where it has none."""
        return self.attributes.get("name", "")

    def number(self, attribute: str) -> int:
        """The value of a numeric attribute, decimal or hexadecimal."""
        return int(self.attributes[attribute].split()[0], 0)


class DebugInfo:
    """The types of one object file.

    entries: those of the outermost level, in the order of the source. object_file: compiled with -gdwarf-4.
    Raises: subprocess.CalledProcessError where readelf does not know the file.
    """

    def __init__(self, object_file: Path) -> None:
        self._by_offset: dict[str, Entry] = {}
        self.entries = self._parse(_readelf("info", object_file))
        self._files = _file_names(_readelf("rawline", object_file))

    def file(self, entry: Entry) -> str:
        """The name of the header that declares *entry*, without directory; "" for what the compiler adds."""
        return self._files.get(entry.attributes.get("decl_file", ""), "")

    def target(self, entry: Entry) -> Entry | None:
        """The type that a typedef, pointer, member or array is of; None for void."""
        reference = entry.attributes.get("type")
        return self._by_offset[reference.strip("<>").removeprefix("0x")] if reference else None

    def spelled(self, entry: Entry | None, parent: str = "") -> str:
        """A type as C spells it, without const. parent: what an anonymous struct is named after."""
        if entry is None:
            return "void"
        if entry.tag in ("const_type", "volatile_type"):
            return self.spelled(self.target(entry), parent)
        if entry.tag == "pointer_type":
            return self._pointer(entry)
        if entry.tag == "array_type":
            return f"{self.spelled(self.target(entry), parent)}[{_length(entry)}]"
        if entry.tag in ("structure_type", "union_type", "enumeration_type"):
            kind = entry.tag.removesuffix("_type").removesuffix("ure").replace("enumeration", "enum")
            return f"{kind} {entry.name or parent}"
        return _BASE_NAMES.get(entry.name, entry.name)

    def plain(self, entry: Entry | None) -> Entry | None:
        """*entry* with every typedef and qualifier taken off."""
        while entry is not None and entry.tag in ("typedef", "const_type", "volatile_type"):
            entry = self.target(entry)
        return entry

    def kind(self, entry: Entry) -> str | int:
        """A scalar type's kind ("u32", "i64", "ptr"); a struct's or union's size in bytes."""
        plain = self.plain(entry)
        if plain is None or plain.tag in ("structure_type", "union_type"):
            return plain.number("byte_size") if plain else 0
        if plain.tag == "pointer_type":
            return "ptr"
        encoding = _ENCODINGS[plain.attributes.get("encoding", "7").split()[0]]
        return encoding if encoding == "bool" else f"{encoding}{plain.number('byte_size') * 8}"

    def _pointer(self, entry: Entry) -> str:
        target = self.target(entry)
        if target is not None and target.tag == "subroutine_type":
            given = [self.spelled(self.target(child)) for child in target.children if child.tag == "formal_parameter"]
            return f"{self.spelled(self.target(target))} (*)({', '.join(given)})"
        text = self.spelled(target)
        return f"{text}{'' if text.endswith('*') else ' '}*"

    def _parse(self, text: str) -> list[Entry]:
        levels: list[list[Entry]] = [[]]
        entry = Entry("")
        for line in text.splitlines():
            if start := _ENTRY.match(line):
                del levels[int(start["depth"], 16) + 1 :]
                entry = Entry(start["tag"] or "")
                levels[-1].append(entry)
                levels.append(entry.children)
                self._by_offset[start["offset"]] = entry
            elif attribute := _ATTRIBUTE.match(line):
                entry.attributes[attribute["name"]] = attribute["value"].strip()
        return levels[0][0].children


def _length(array: Entry) -> int:
    subrange = array.children[0]
    return subrange.number("count") if "count" in subrange.attributes else subrange.number("upper_bound") + 1


def _readelf(what: str, object_file: Path) -> str:
    command = ["readelf", f"--debug-dump={what}", str(object_file)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _file_names(text: str) -> dict[str, str]:
    return {found["number"]: found["name"] for found in _matches(_FILE, text.splitlines())}


def _matches(pattern: re.Pattern[str], lines: Iterable[str]) -> Iterable[re.Match[str]]:
    return (found for line in lines if (found := pattern.fullmatch(line)))

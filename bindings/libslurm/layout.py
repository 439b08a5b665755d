"""Struct layouts of one libslurm release: layouts/*.json -> ctypes classes.

A file of layouts/ holds for every struct that slurm.h and slurmdb.h publish its size and its members
as [name, C type, offset], and the constants of slurm.h, slurmdb.h and slurm_errno.h. It is named after
the first release that it applies to. Only generate.py writes these files. 64-bit Linux (LP64) only; they are
those of x86-64, and OTHER_PROCESSORS is what differs elsewhere.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import json
import os
import re
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from .errors import ConfigurationError
from .private import private_structs

Release = tuple[int, int, int]

DIRECTORY = Path(__file__).parent / "layouts"

KINDS: dict[str, Any] = {
    "u8": ctypes.c_uint8,
    "u16": ctypes.c_uint16,
    "u32": ctypes.c_uint32,
    "u64": ctypes.c_uint64,
    "i8": ctypes.c_int8,
    "i16": ctypes.c_int16,
    "i32": ctypes.c_int32,
    "i64": ctypes.c_int64,
    "bool": ctypes.c_bool,
    "f64": ctypes.c_double,
    "f128": ctypes.c_longdouble,
    "str": ctypes.c_char_p,
    "ptr": ctypes.c_void_p,
}
"""Kind of a member -> its ctypes class; the kinds "struct" and "array" are built from these."""

C_TYPES = {
    "uint8_t": "u8",
    "uint16_t": "u16",
    "uint32_t": "u32",
    "uint64_t": "u64",
    "int8_t": "i8",
    "int16_t": "i16",
    "int32_t": "i32",
    "int64_t": "i64",
    "char": "i8",
    "signed char": "i8",
    "unsigned char": "u8",
    "short": "i16",
    "unsigned short": "u16",
    "int": "i32",
    "unsigned int": "u32",
    "long": "i64",
    "unsigned long": "u64",
    "_Bool": "bool",
    "double": "f64",
    "long double": "f128",
    "char *": "str",
}
"""C's own types -> kind. Typedefs and enums are in each layout's "types": a release may change them."""

OTHER_PROCESSORS = {"aarch64": {"pthread_mutex_t": 48}}
"""Processor, as `uname -m` has it -> types of the C library that have another size there than on x86-64, in bytes.
Sizes are multiples of 8, so that the members after one move, and nothing else does."""

MOVED_IN = {"job_id": "step_id"}
"""Member that records had themselves before 25.11 -> the struct in them that has it since. By attribute it is where it
was."""

_ARRAY = re.compile(r"(?P<element>.+)\[(?P<length>\d+)\]")

_ERROR_NAME = re.compile(r"(?!SLURM_DIST)(ESLURM|ESPANK|SLURM_|SLURMCTLD_|SLURMDBD_)")
_ERROR_NUMBERS = range(1000, 11000)
"""Slurm's own error numbers; those below are the system's."""


class ConstantError(KeyError):
    """A constant that a release does not have."""

    def __str__(self) -> str:
        return str(self.args[0])


class LayoutError(Exception):
    """A layout contradicts itself, or the library that is loaded."""


def release_text(release: Release) -> str:
    """(22, 5, 8) -> "22.05.8", as Slurm writes it."""
    return f"{release[0]}.{release[1]:02}.{release[2]}"


def parse_release(text: str) -> Release:
    """The inverse: "22.05.8" -> (22, 5, 8). Raises: ValueError for anything else."""
    major, minor, micro = text.split(".")
    return int(major), int(minor), int(micro)


class Member(NamedTuple):
    """One member of a C struct; offset and size in bytes.

    kind: a key of KINDS, "struct" (embedded, not pointed at) or "array". For an array *element* is the kind
    of its elements and *length* their number; else element is kind and length 1.
    """

    name: str
    c_type: str
    offset: int
    size: int
    kind: str
    element: str
    length: int


class Struct(NamedTuple):
    """One C struct: its size in bytes and its members in the order of the header."""

    name: str
    size: int
    members: dict[str, Member]


class Layout:
    """The structs and constants of one release. Read-only, shared, safe in any thread.

    data: a layout file. moved: what of it is to be otherwise, of OTHER_PROCESSORS.
    """

    def __init__(self, data: dict[str, Any], moved: dict[str, int] | None = None) -> None:
        self.release_text: str = data["release"]
        self.release = parse_release(self.release_text)
        self.source: str = data["source"]
        self.constants: dict[str, int] = data["constants"]
        self._types: dict[str, str | int] = data["types"]
        structs = data["structs"] | private_structs(self.release)
        for c_type, size in (moved or {}).items():
            structs = {name: _moved(struct, c_type, size - data["types"][c_type]) for name, struct in structs.items()}
            self._types = {**self._types, c_type: size}
        self._sizes = {name: struct["size"] for name, struct in structs.items()}
        self.structs = {name: self._struct(name, struct) for name, struct in structs.items()}
        self._records: dict[str, type[ctypes.Structure]] = {}

    def __repr__(self) -> str:
        return f"<Layout {self.release_text}>"

    @staticmethod
    def releases() -> list[Release]:
        """The first releases of all layouts that are shipped, oldest first."""
        return sorted(parse_release(path.stem) for path in DIRECTORY.glob("*.json"))

    @staticmethod
    def exact(release: Release, processor: str | None = None) -> Layout:
        """The layout shipped under that very name. processor: as `uname -m` has it, this machine's where None.

        Raises: ConfigurationError.
        """
        if tuple(release) not in Layout.releases():
            raise ConfigurationError(f"no layout {release_text(release)}; there are {_known()}")
        return _load(DIRECTORY / f"{release_text(release)}.json", processor or os.uname().machine)

    @staticmethod
    def for_release(release: Release, processor: str | None = None) -> Layout:
        """The layout a library of *release* has: the newest that is not newer, within the same soname.

        processor: as for exact.

        Raises: ConfigurationError for a release nobody has looked at; a layout is never guessed.
        """
        same = [known for known in Layout.releases() if known[:2] == release[:2] and known <= release]
        if not same:
            raise ConfigurationError(f"libslurm {release_text(release)} is not supported; supported are {_known()}")
        return Layout.exact(same[-1], processor)

    def constant(self, name: str) -> int:
        """The value of an enumerator or macro. Raises: ConstantError."""
        try:
            return self.constants[name]
        except KeyError:
            raise ConstantError(f"{name} is not a constant of Slurm {self.release_text}") from None

    def names(self, prefix: str) -> dict[int, str]:
        """Value -> name of the constants that begin with *prefix*; the first declared wins a value."""
        found: dict[int, str] = {}
        for name, value in self.constants.items():
            if name.startswith(prefix):
                found.setdefault(value, name)
        return found

    def error_name(self, number: int) -> str:
        """The name of an error number, "ESLURM_INVALID_JOB_ID" or "ECONNREFUSED"; "" for an unknown one."""
        return self._error_names.get(number) or errno.errorcode.get(number, "")

    @functools.cached_property
    def _error_names(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for name, value in self.constants.items():
            if value in _ERROR_NUMBERS and _ERROR_NAME.match(name):
                found.setdefault(value, name)
        return found

    def record(self, name: str) -> type[ctypes.Structure]:
        """The ctypes class of a struct, checked against the size and offsets of this layout.

        `char *` members read as bytes or None, other pointers as an integer or None, embedded structs as
        their own class, those that the headers do not publish as an array of integers. What MOVED_IN names is
        there by its old name in every release. The class has this layout as its attribute slurm_layout.
        Raises: KeyError for an unknown struct, LayoutError where ctypes arrives at other offsets.
        """
        if name not in self._records:
            self._records[name] = self._build(self.structs[name])
        return self._records[name]

    def _struct(self, name: str, data: dict[str, Any]) -> Struct:
        members = (self._member(*member) for member in data["members"])
        return Struct(name, data["size"], {member.name: member for member in members})

    def _member(self, name: str, c_type: str, offset: int) -> Member:
        array = _ARRAY.fullmatch(c_type)
        if array:
            element, size = self._kind(array["element"])
            length = int(array["length"])
            return Member(name, c_type, offset, size * length, "array", element, length)
        kind, size = self._kind(c_type)
        return Member(name, c_type, offset, size, kind, kind, 1)

    def _kind(self, c_type: str) -> tuple[str, int]:
        if c_type in self._sizes:
            return "struct", self._sizes[c_type]
        found = C_TYPES.get(c_type) or self._types.get(c_type) or ("ptr" if "*" in c_type else None)
        if found is None:
            raise LayoutError(f"layout {self.release_text} does not say what a {c_type} is")
        return ("struct", found) if isinstance(found, int) else (found, ctypes.sizeof(KINDS[found]))

    def _build(self, struct: Struct) -> type[ctypes.Structure]:
        fields = [(member.name, self._class(member)) for member in struct.members.values()]
        body = {"_fields_": fields, "__slots__": (), "slurm_layout": self, **dict(self._moved_in(struct))}
        record = type(struct.name, (ctypes.Structure,), body)
        self._check(struct, record)
        return record

    def _moved_in(self, struct: Struct) -> Iterator[tuple[str, property]]:
        """The members of MOVED_IN that *struct* has in the struct named there, as attributes."""
        for name, owner in MOVED_IN.items():
            inner = self.structs.get(struct.members[owner].c_type) if owner in struct.members else None
            if inner and name in inner.members and name not in struct.members:
                yield name, _inside(owner, name)

    def _class(self, member: Member) -> Any:
        if member.kind == "array":
            return KINDS[member.element] * member.length
        if member.kind == "struct":
            return self.record(member.c_type) if member.c_type in self.structs else _opaque(member.size)
        return KINDS[member.kind]

    def _check(self, struct: Struct, record: type[ctypes.Structure]) -> None:
        pairs = [(f"{struct.name}.{name}", getattr(record, name).offset, member.offset, "at")
                 for name, member in struct.members.items()]  # fmt: skip
        for what, found, expected, word in [*pairs, (struct.name, ctypes.sizeof(record), struct.size, "of")]:
            if found != expected:
                raise LayoutError(f"{what} is {word} {found} bytes in layout {self.release_text}, {expected} expected")


def _inside(owner: str, name: str) -> property:
    """An attribute of a record that is one of the struct *owner* in it."""

    def put(record: Any, value: Any) -> None:
        setattr(getattr(record, owner), name, value)

    return property(attrgetter(f"{owner}.{name}"), put)


def _opaque(size: int) -> Any:
    """An array of the widest integer that divides *size*: so aligned as C aligns such a struct."""
    kind = next(kind for kind in ("u64", "u32", "u16", "u8") if size % ctypes.sizeof(KINDS[kind]) == 0)
    return KINDS[kind] * (size // ctypes.sizeof(KINDS[kind]))


def _known() -> str:
    return ", ".join(release_text(release) for release in Layout.releases())


def _moved(struct: dict[str, Any], c_type: str, by: int) -> dict[str, Any]:
    """A struct of a layout file whose members of *c_type* take so many bytes more."""
    moved, shift = [], 0
    for name, spelled, offset in struct["members"]:
        moved.append([name, spelled, offset + shift])
        shift += by if spelled == c_type else 0
    return {"size": struct["size"] + shift, "members": moved}


@functools.cache
def _load(path: Path, processor: str) -> Layout:
    return Layout(json.loads(path.read_text("utf-8")), OTHER_PROCESSORS.get(processor))

"""Make a layout from installed headers.

    python -m libslurm.generate /usr/include

The compiler says where every member is, so the headers must be those of the library. Needs a C compiler
and readelf, not libslurm. The only writer of layouts/*.json.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .debuginfo import DebugInfo, Entry
from .errors import ConfigurationError
from .layout import C_TYPES, DIRECTORY, Layout, Member, Release, Struct, parse_release, release_text

HEADERS = ("slurm_errno.h", "slurm.h", "slurmdb.h")
"""What is published, and the order of the constants."""

_INCLUDES = "".join(f"#include <slurm/{name}>\n" for name in HEADERS)
_DEFINE = re.compile(r"#define (\w+) (.+)")
_MARKER = re.compile(r'# \d+ "(.*)"')
_VERSION = re.compile(r"#define\s+SLURM_VERSION_NUMBER\s+(0x[0-9a-fA-F]+)")
_MACRO = "macro_value_"


class CompilerError(Exception):
    """The compiler refused the headers; the text is what it said."""


class Compiler:
    """A C compiler and the headers it is to read.

    command: "gcc", "clang". target: a triplet, "aarch64-linux-gnu": clang is told so, gcc is named so.
    include: the directory that holds slurm/slurm.h.
    """

    def __init__(self, include: Path, command: str = "gcc", target: str | None = None) -> None:
        self._command = [command]
        if target:
            self._command = [command, "-target", target] if "clang" in command else [f"{target}-{command}"]
        self._flags = ["-I", str(include), "-w"]

    def processor(self) -> str:
        """What it compiles for, as `uname -m` has it: "x86_64"."""
        return self._run("-dumpmachine", source="").partition("-")[0].strip()

    def macros(self) -> list[str]:
        """The macros with a body and without arguments that HEADERS define, in their order."""
        found: dict[str, dict[str, None]] = {name: {} for name in HEADERS}
        current = ""
        for line in self._run("-E", "-dD", source=_INCLUDES).splitlines():
            if marker := _MARKER.match(line):
                current = Path(marker[1]).name
            elif current in found and (define := _DEFINE.fullmatch(line)):
                found[current][define[1]] = None
        return [name for header in HEADERS for name in found[header]]

    def debug_info(self) -> DebugInfo:
        """Types, enumerators and macros of the headers; a macro is the enumerator macro_value_NAME."""
        lines = [
            *_INCLUDES.splitlines(),
            *(f"enum {{ {_MACRO}{name} = ({name}) }};" for name in self.macros()),
        ]
        for number in self._refused(lines):
            lines[number - 1] = ""
        with tempfile.TemporaryDirectory() as directory:
            built = Path(directory) / "headers.o"
            flags = ("-gdwarf-4", "-fno-eliminate-unused-debug-types", "-c", "-o", str(built))
            self._run(*flags, source="\n".join(lines) + "\n")
            return DebugInfo(built)

    def _refused(self, lines: list[str]) -> set[int]:
        """The lines whose macro is no integer constant."""
        # An error in a macro is wanted where the macro is used, not where it is defined.
        gcc = ("-fmax-errors=0", "-ftrack-macro-expansion=0")
        flags = ("-ferror-limit=0",) if "clang" in self._command[0] else gcc
        done = self._start("-fsyntax-only", *flags, source="\n".join(lines) + "\n")
        return {int(number) for number in re.findall(r"^<stdin>:(\d+):\d+: error", done.stderr, re.MULTILINE)}

    def _run(self, *flags: str, source: str) -> str:
        done = self._start(*flags, source=source)
        if done.returncode:
            raise CompilerError(done.stderr.strip())
        return done.stdout

    def _start(self, *flags: str, source: str) -> subprocess.CompletedProcess[str]:
        command = [*self._command, *self._flags, *flags, "-x", "c", "-"]
        try:
            return subprocess.run(command, input=source, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise CompilerError(f"there is no {self._command[0]}") from None


def generate(compiler: Compiler, release: str, source: str) -> dict[str, Any]:
    """The contents of a layout file. release: the first it applies to. source: where it comes from."""
    info = compiler.debug_info()
    structs = dict(_published(info))
    types: dict[str, str | int] = {}
    return {
        "release": release,
        "source": source,
        "structs": {name: _struct(info, name, structs, types) for name in sorted(structs)},
        "types": dict(sorted(types.items())),
        "constants": dict(_constants(info)),
    }


def _published(info: DebugInfo) -> Iterator[tuple[str, Entry]]:
    """The complete structs that HEADERS declare, by the name of their typedef, else as "struct tag"."""
    declared = [entry for entry in info.entries if info.file(entry) in HEADERS]
    named = set()
    for entry in declared:
        plain = info.plain(entry)
        if entry.tag == "typedef" and plain is not None and _is_record(plain):
            named.add(id(plain))
            yield entry.name, plain
    for entry in declared:
        if _is_record(entry) and entry.name and id(entry) not in named:
            yield f"struct {entry.name}", entry


def _is_record(entry: Entry) -> bool:
    return entry.tag == "structure_type" and "byte_size" in entry.attributes


def _struct(info: DebugInfo, name: str, structs: dict[str, Entry], types: dict[str, str | int]) -> dict[str, Any]:
    """One struct of a layout file; what its members' types are is added to *types*."""
    members = []
    for member in structs[name].children:
        if member.tag != "member":
            continue
        spelled = info.spelled(info.target(member), f"{name}::{member.name}")
        members.append([member.name, spelled, member.number("data_member_location")])
        _note_type(info, info.target(member), spelled, structs, types)
    return {"size": structs[name].number("byte_size"), "members": members}


def _note_type(
    info: DebugInfo, entry: Entry | None, spelled: str, structs: dict[str, Entry], types: dict[str, str | int]
) -> None:
    if entry is not None and entry.tag == "array_type":
        entry, spelled = info.target(entry), spelled.partition("[")[0]
    if entry is not None and "*" not in spelled and spelled not in C_TYPES and spelled not in structs:
        types[spelled] = info.kind(entry)


def _constants(info: DebugInfo) -> Iterator[tuple[str, int]]:
    """Enumerators of HEADERS, header by header, then their macros."""
    enumerations = [entry for entry in info.entries if entry.tag == "enumeration_type"]
    macros = [entry for entry in enumerations if entry.children[0].name.startswith(_MACRO)]
    published = [entry for header in HEADERS for entry in enumerations if info.file(entry) == header]
    for entry in (*published, *macros):
        for enumerator in entry.children:
            if enumerator.tag == "enumerator":
                yield enumerator.name.removeprefix(_MACRO), enumerator.number("const_value")


def write(data: dict[str, Any]) -> str:
    """The text of a layout file: one struct and one constant a line, so that a difference can be read."""
    structs = [f"  {json.dumps(name)}: {json.dumps(struct)}" for name, struct in data["structs"].items()]
    constants = [f"  {json.dumps(name)}: {value}" for name, value in data["constants"].items()]
    head = [f" {json.dumps(key)}: {json.dumps(data[key])}," for key in ("release", "source", "types")]
    parts = [
        "{",
        *head,
        ' "structs": {',
        ",\n".join(structs),
        " },",
        ' "constants": {',
        ",\n".join(constants),
    ]
    return "\n".join([*parts, " }", "}"]) + "\n"


def differences(found: Layout, committed: Layout) -> list[str]:
    """What the headers say otherwise than the committed layout, one line each; [] where it serves them.

    A constant or struct that only the committed layout has is none: a later release of the same layout adds.
    """
    lines = [f"{name} is not in it" for name in found.structs if name not in committed.structs]
    for name, struct in found.structs.items():
        if name in committed.structs and struct != committed.structs[name]:
            lines.extend(_struct_differences(struct, committed.structs[name]))
    for name, value in found.constants.items():
        known = committed.constants.get(name)
        if known != value:
            lines.append(f"{name} is {value}, {'not in it' if known is None else f'{known} in it'}")
    return lines


def _struct_differences(found: Struct, known: Struct) -> Iterator[str]:
    if found.size != known.size:
        yield f"{found.name} is {found.size} bytes, {known.size} in it"
    for name in {**found.members, **known.members}:
        ours, theirs = found.members.get(name), known.members.get(name)
        if ours != theirs:
            yield f"{found.name}.{name} is {_place(ours)}, {_place(theirs)} in it"


def _place(member: Member | None) -> str:
    return f"{member.c_type} at {member.offset}" if member else "absent"


def read_release(include: Path) -> Release:
    """The release of the headers in include/slurm. Raises: ConfigurationError."""
    try:
        found = _VERSION.search((include / "slurm" / "slurm_version.h").read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(f"no headers of Slurm: {error.filename}: {error.strerror}") from None
    if found is None:
        raise ConfigurationError(f"{include}/slurm/slurm_version.h has no SLURM_VERSION_NUMBER")
    number = int(found[1], 16)
    return number >> 16, number >> 8 & 0xFF, number & 0xFF


def main(arguments: list[str] | None = None) -> int:
    """The command line. Returns: 0; 1 where --check finds a difference; 2 for an error."""
    options = _options().parse_args(arguments)
    try:
        release = read_release(options.include)
        compiler = Compiler(options.include, options.compiler, options.target)
        first = options.release or release_text(release)
        data = generate(compiler, first, f"headers of Slurm {release_text(release)}")
        if options.check:
            return _compare(Layout(data), release, compiler.processor())
        return _store(data, options.output, compiler.processor())
    except (CompilerError, ConfigurationError, OSError, ValueError) as error:
        sys.stderr.write(f"generate: {error}\n")
        return 2


def _compare(found: Layout, release: Release, processor: str) -> int:
    committed = Layout.for_release(release, processor)
    lines = differences(found, committed)
    verdict = "differ from" if lines else "agree with"
    title = f"headers of Slurm {release_text(release)} {verdict} layout {committed.release_text}"
    sys.stdout.write("".join(f"{line}\n" for line in (title, *(f"  {line}" for line in lines))))
    return 1 if lines else 0


def _store(data: dict[str, Any], output: Path | None, processor: str) -> int:
    if processor != "x86_64":
        raise ValueError(f"layouts are those of x86_64, this is {processor}: --check compares them with it")
    path = output or DIRECTORY / f"{data['release']}.json"
    path.write_text(write(data), "utf-8")
    sys.stdout.write(f"{path}\n")
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="libslurm.generate", description="Make a layout from installed headers.")
    parser.add_argument("include", type=Path, help="the directory that holds slurm/slurm.h")
    parser.add_argument("--check", action="store_true", help="only say whether the committed layout serves them")
    parser.add_argument("--release", type=_release, help="the first release with this layout; else the headers' own")
    parser.add_argument("--output", type=Path, help="the file to write; else layouts/RELEASE.json")
    parser.add_argument("--compiler", default="gcc", help="gcc or clang")
    parser.add_argument("--target", help="compile for another processor: aarch64-linux-gnu")
    return parser


def _release(text: str) -> str:
    return release_text(parse_release(text))


if __name__ == "__main__":
    sys.exit(main())

"""Dump compiled: one flat Python function per (table, API version, layout), made when it is first wanted.

The function unpacks the record once, with one precompiled struct, and gives a dict display with constants inlined:

    def dump_NODE(address, names):
        (c_arch, c_boards, ...) = unpack(read(address, 352))
        return {"architecture": text(c_arch), "boards": c_boards, ...}

Its source is kept as `function.source`, and in linecache, so that a traceback shows it.
`python -m slurmrest.data_parser.compile NODE 24.11.4` prints one.
This is the only module that calls exec.
"""

from __future__ import annotations

import linecache
import sys
import threading
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from libslurm import memory

from .bind import Bound, Keyed, bind, put
from .convert import JSON
from .fields import RECORD, Computed, Let, Table, Version
from .lists import ListOf
from .special import Pointer, Records

if TYPE_CHECKING:
    from libslurm.layout import Layout

Dump = Callable[[Any, Any], JSON]
"""(address of the record, Names) -> document."""

BY_ADDRESS = {"struct": "", "f128": "long_double"}
"""Kinds of members that are used by their address -> the function that reads them there, "" for the address itself."""

_lock = threading.RLock()


def compile_dump(table: Table, version: Version, layout: Layout) -> Dump:
    """Give the compiled dump of *table* for an API version and a layout; compiled once, by whoever is first."""
    with _lock:
        return _compile(table, version, layout)


@cache
def _compile(table: Table, version: Version, layout: Layout) -> Dump:
    bound = bind(table, version, layout)
    function: Dump = define(f"dump_{table.name}", "\n".join(_lines(bound)) + "\n", bound, _scope(bound))
    return function


def define(name: str, source: str, bound: Bound, scope: dict[str, Any]) -> Any:
    """Make the function *name* from its *source*, kept as its attribute; *scope* has what it refers to."""
    version, release = bound.version, bound.layout.release_text
    filename = f"<{name} api {version[0]}.{version[1]} layout {release}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec"), scope)  # noqa: S102 - the source is made here, from tables alone
    function = scope[name]
    function.source = source
    return function


def _scope(bound: Bound) -> dict[str, Any]:
    """Give the global names of the generated function."""
    scope: dict[str, Any] = {"read": memory.read, "text": memory.text, "long_double": memory.long_double}
    scope["unpack"] = bound.format(unpacked_names(bound)).unpack
    for row in bound.lets:
        scope[f"let_{row.name}"] = row.function
    for index, keyed in enumerate(bound.keyed):
        if isinstance(keyed, Computed):
            scope[f"compute_{index}"] = keyed.function
        elif isinstance(keyed.type, Pointer | Records | ListOf):
            scope[f"dump_{keyed.type.table.name}"] = _compile(keyed.type.table, bound.version, bound.layout)
        else:
            scope.update(keyed.type.bindings())
    return scope


def unpacked_names(bound: Bound, *, with_strings: bool = True) -> list[str]:
    """Name the members that a generated function unpacks: those BY_ADDRESS are not."""
    without = BY_ADDRESS.keys() if with_strings else BY_ADDRESS.keys() | {"str"}
    return [name for name in bound.uses() if bound.members[name].kind not in without]


def _lines(bound: Bound) -> list[str]:
    """Give the lines of the function."""
    lines = [f"def dump_{bound.table.name}(address, names):"]
    unpacked = unpacked_names(bound)
    if unpacked:
        variables = ", ".join(map(variable, unpacked))
        lines.append(f"    ({variables},) = unpack(read(address, {bound.size}))")
    lines += [f"    v_{row.name} = {call_source(bound, f'let_{row.name}', row)}" for row in bound.lets]
    tree: dict[str, Any] = {}
    for index, row in enumerate(bound.keyed):
        put(tree, row.key, _expression(bound, index, row))
    return [*lines, "    return {", *_display(tree, 8), "    }"]


def _display(tree: dict[str, Any], indent: int) -> list[str]:
    lines = []
    for key, value in tree.items():
        if isinstance(value, dict):
            lines += [f'{" " * indent}"{key}": {{', *_display(value, indent + 4), f"{' ' * indent}}},"]
        else:
            lines.append(f'{" " * indent}"{key}": {value},')
    return lines


def _expression(bound: Bound, index: int, row: Keyed) -> str:
    if isinstance(row, Computed):
        return call_source(bound, f"compute_{index}", row)
    if bound.table.struct is not None and row.member not in bound.members:
        return repr(row.type.zero)
    value = source_of(bound, row.member)
    if isinstance(row.type, Pointer):
        return f"dump_{row.type.table.name}({value}, names) if {value} else {{}}"
    if isinstance(row.type, Records):
        return _records(bound, row.type, value)
    if isinstance(row.type, ListOf):
        return f"[dump_{row.type.table.name}(one, names) for one in names.elements({value})] if {value} else []"
    return row.type.emit(value)


def _records(bound: Bound, records: Records, value: str) -> str:
    size = bind(records.table, bound.version, bound.layout).size
    count = source_of(bound, records.count)
    one = f"dump_{records.table.name}({value} + index * {size}, names)"
    return f"[{one} for index in range({count})] if {value} else []"


def call_source(bound: Bound, function: str, row: Computed | Let, read: Callable[[str], str] | None = None) -> str:
    """Give the source of a call of a row's *function*. read: gives that of the value of a member."""
    lets = {let.name for let in bound.lets}
    arguments = [f"v_{name}" if name in lets else source_of(bound, name, read) for name in row.uses]
    return f"{function}({', '.join(['names', *arguments])})"


def source_of(bound: Bound, name: str, read: Callable[[str], str] | None = None) -> str:
    """Give the source of a member's value; "None" where the layout lacks it. read: as in call_source."""
    if name == RECORD:
        return "address"
    if bound.table.struct is None:
        return f"address.{name}"
    if name not in bound.members:
        return "None"
    member = bound.members[name]
    if member.kind in BY_ADDRESS:
        return f"{BY_ADDRESS[member.kind]}(address + {member.offset})"
    if read:
        return read(name)
    return f"text({variable(name)})" if member.kind == "str" else variable(name)


def variable(name: str) -> str:
    """Give the local variable of a generated function that has a member, as it was unpacked."""
    return "c_" + name.replace(".", "_")


def main(arguments: list[str]) -> int:
    """Print the compiled source of the table and the layout named on the command line."""
    from libslurm.layout import Layout, parse_release

    from .fields import V0_0_39
    from .tables import TABLES

    layout = Layout.for_release(parse_release(arguments[1]))
    function: Any = compile_dump(TABLES[arguments[0]], V0_0_39, layout)
    sys.stdout.write(function.source)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

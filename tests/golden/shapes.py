"""The shape of a document: its keys, their order, and the JSON type of each leaf.

"integer", "number", "string", "boolean", "null"   a leaf; a number has a fraction, if only ".0"
"object"            an object without keys
"@NODE"             the shape of that name in shapes.json or shapes_slurmdb.json
"string|null"       one of several
{"key": shape}      an object with these keys in this order
{"*": shape}        an object with any keys, whose values have all one shape
[shape]             a list whose elements have all one shape
[]                  a list without elements
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Shape = Any

FOLDER = Path(__file__).parent

SLURM: dict[str, Shape] = json.loads((FOLDER / "shapes.json").read_text())
SLURMDB: dict[str, Shape] = json.loads((FOLDER / "shapes_slurmdb.json").read_text())
SHAPES = SLURM | SLURMDB

LEAVES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def faults(value: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """Say where a document is not of a shape; nothing where it is."""
    if isinstance(shape, str):
        yield from _one_of(value, shape.split("|"), path)
    elif isinstance(shape, list) and isinstance(value, list):
        for index, item in enumerate(value):
            yield from faults(item, shape[0] if shape else "nothing", f"{path}[{index}]")
    elif isinstance(shape, dict) and isinstance(value, dict):
        yield from _members(value, shape, path)
    else:
        yield f"{path or 'document'}: {json.dumps(value)[:80]} is not {shape}"


def _one_of(value: Any, shapes: list[str], path: str) -> Iterator[str]:
    found = [list(_named(value, shape, path)) for shape in shapes]
    if all(found):
        yield from min(found, key=len)


def _named(value: Any, shape: str, path: str) -> Iterator[str]:
    if shape.startswith("@"):
        yield from faults(value, SHAPES[shape[1:]], path)
    elif LEAVES.get(type(value), "object" if value == {} else "") != shape:
        yield f"{path or 'document'}: {json.dumps(value)[:80]} is not {shape}"


def _members(value: dict[str, Any], shape: dict[str, Shape], path: str) -> Iterator[str]:
    if list(shape) == ["*"]:
        shape = dict.fromkeys(value, shape["*"])
    if list(value) != list(shape):
        yield f"{path or 'document'}: {_keys(list(value), list(shape))}"
    for key in value.keys() & shape.keys():
        yield from faults(value[key], shape[key], f"{path}/{key}")


def _keys(found: list[str], expected: list[str]) -> str:
    missing, added = [key for key in expected if key not in found], [key for key in found if key not in expected]
    return f"lacks {missing}, has {added} besides" if missing or added else f"keys are in the order {found}"


def expand(shape: Shape) -> Shape:
    """Put shapes in the place of their names, all the way down; that of a leaf or of several is left as it is."""
    if isinstance(shape, str):
        return expand(SHAPES[shape[1:]]) if shape.startswith("@") else shape
    if isinstance(shape, list):
        return [expand(item) for item in shape]
    return {key: expand(item) for key, item in shape.items()}


def keys_of(value: Any, path: str = "") -> Iterator[str]:
    """Give the paths of a document's leaves: "nodes[]/cpu_load/set"; of a list that of its first element."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from keys_of(item, f"{path}/{key}" if path else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from keys_of(value[0], f"{path}[]")
    else:
        yield path

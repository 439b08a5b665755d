"""The OpenAPI schemas of the tables: which components there are, and how a row's type refers to them.

No layout is needed: a row's schema is the same whatever libslurm is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .fields import Computed, Field, Table, Version
from .flags import Flags
from .special import Exclusive, Pointer
from .types import Type

Schema = dict[str, Any]


@dataclass(frozen=True)
class Array:
    """An array as a component of its own. name: Slurm's name for it."""

    name: str
    items: Shape


@dataclass(frozen=True)
class Alias:
    """Another name for a component."""

    name: str
    target: Shape


@dataclass(frozen=True)
class Object:
    """An object that is no record of Slurm's. name: of its component."""

    name: str
    content: Mapping[str, Shape | Schema]
    description: str = ""


Shape = Type | Table | Array | Alias | Object
"""What a part of a document can be."""


class Schemas:
    """Collects the components that a document refers to, for one API version."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.prefix = f"v0.0.{version[0]}_"
        self.components: dict[str, Schema] = {}

    def of(self, shape: Shape) -> Schema:
        """Give the schema of *shape*, a reference where it is a component."""
        if isinstance(shape, Type):
            return self._type(shape)
        name = self.prefix + shape.name.lower()
        if isinstance(shape, Table):
            return self.add(name, lambda: self._table(shape))
        if isinstance(shape, Array):
            return self.add(name, lambda: {"type": "array", "items": self.of(shape.items)})
        if isinstance(shape, Alias):
            self.add(name, lambda: self.of(shape.target))
            return self.of(shape.target)
        return self.add(name, lambda: described(self.object(shape.content), shape.description))

    def add(self, name: str, make: Any) -> Schema:
        """Give a reference to the component *name*, made where it is new; a table may refer to itself."""
        if name not in self.components:
            self.components[name] = {}
            self.components[name].update(make())
        return {"$ref": f"#/components/schemas/{name}"}

    def object(self, content: Mapping[str, Shape | Schema]) -> Schema:
        """Give the schema of an object with these keys."""
        properties = {key: part if isinstance(part, dict) else self.of(part) for key, part in content.items()}
        return {"type": "object", "properties": properties}

    def _type(self, type_: Type) -> Schema:
        if isinstance(type_, Flags):
            type_ = type_.within(self.version)
        if not is_component(type_):
            return dict(type_.schema)
        made = self.add(self.prefix + type_.name.lower(), lambda: self._component(type_))
        # Generators make a class of every name, so that what is meant is referred to, not another name for it.
        return self.of(type_.same_as) if type_.same_as is not None else made

    def _component(self, type_: Type) -> Schema:
        if type_.same_as is not None:
            return self._target(type_.same_as, type_)
        table = getattr(type_, "table", None)
        return dict(type_.schema) if table is None else {"type": "array", "items": self.of(table)}

    def _table(self, table: Table) -> Schema:
        schema: Schema = {"type": "object", "description": table.description, "properties": {}}
        rows = [row for row in table.rows if isinstance(row, Field | Computed) and row.within(self.version)]
        for row in rows:
            put(schema, row.key.split("/"), described(self.of(row.type), row.description))
        # OpenAPI wants no empty list here.
        if required := [row.key for row in rows if is_required(row) and "/" not in row.key]:
            schema["required"] = required
        return schema

    def _target(self, target: Shape, type_: Type) -> Schema:
        """Give what *type_* is another name for. Behind a Pointer, which may be {}, nothing is required."""
        found = self.of(target)
        if isinstance(type_, Pointer):
            self.components[found["$ref"].rpartition("/")[2]].pop("required", None)
        return found


def is_component(type_: Type) -> bool:
    """Tell whether a type has a component: arrays and objects have, flags stand where they are used."""
    if isinstance(type_, Flags):
        return isinstance(type_, Exclusive)
    return type_.same_as is not None or type_.schema.get("type") in ("array", "object")


def is_required(row: Field | Computed) -> bool:
    """Tell whether a client must send the key of *row*."""
    return row.required or (isinstance(row, Computed) and row.expected)


def described(schema: Schema, text: str) -> Schema:
    """Give *schema* with a description. Beside a reference OpenAPI 3.0 would not see one."""
    if not text:
        return schema
    return {"allOf": [schema], "description": text} if "$ref" in schema else {**schema, "description": text}


def put(schema: Schema, path: list[str], value: Schema) -> None:
    """Put a property into an object, in the objects that *path* names, which are made where they are missing."""
    *parents, last = path
    for parent in parents:
        schema = schema["properties"].setdefault(parent, {"type": "object", "properties": {}})
    schema["properties"][last] = value

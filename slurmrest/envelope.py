"""The schemas of what every answer begins with: meta, errors, warnings. Data only; exchange.py makes the answers."""

from __future__ import annotations

from .data_parser.schema import Schema, Schemas

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer", "format": "int32"}


def text(description: str) -> Schema:
    """Give the schema of a text."""
    return {"type": "string", "description": description}


def nested(**properties: Schema) -> Schema:
    """Give the schema of an object."""
    return {"type": "object", "properties": properties}


META = nested(
    plugin=nested(
        type=text("Plugin of the API version"),
        name=text("What it is called"),
        data_parser=text("API version and dialect of the documents"),
    ),
    client=nested(source=text("Where the request came from")),
    Slurm=nested(
        version=nested(major=NUMBER, micro=NUMBER, minor=NUMBER),
        release=text("Release of the libslurm that is used"),
    ),
)

ERROR = nested(
    error_number={**NUMBER, "description": "Slurm's number of the error"},
    error=text("What the number means"),
    source=text("The function that failed, or the place in the request"),
    description=text("What failed"),
)

WARNING = nested(
    warning=text("Never there: description says it"),
    source=text("The function that warns, or the place in the request"),
    description=text("What to know"),
)

PARTS = {"error": ERROR, "warning": WARNING, "meta": META}
LISTS = {"errors": "error", "warnings": "warning"}
KEYS = ("meta", "errors", "warnings")


def add_envelope(schemas: Schemas, prefix: str) -> dict[str, Schema]:
    """Add the components of the envelope. prefix: of their names. Returns: the keys that a document begins with."""
    for name, part in PARTS.items():
        schemas.add(prefix + name, part.copy)
    for name, item in LISTS.items():
        schemas.add(prefix + name, lambda item=item: {"type": "array", "items": reference(prefix + item)})
    return {key: reference(prefix + key) for key in KEYS}


def reference(name: str) -> Schema:
    """Give a reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}

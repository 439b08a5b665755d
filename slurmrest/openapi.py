"""The OpenAPI document, made from the routes, the operations of their resources, and the tables.

Neither Slurm nor libslurm is asked, so that it is there while both are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .data_parser.fields import Version
from .data_parser.schema import Schema, Schemas, Shape, described
from .envelope import add_envelope, reference
from .operations import Document, Operation, Operations, Parameter
from .versions import name_of

MEDIA_TYPES = ("application/json", "application/x-yaml")
"""Those that are documented; others are understood."""

TAG = "slurm"
"""The tag of every operation: generators make one class of the operations of a tag."""

SCHEMES = {
    "user": {"type": "apiKey", "description": "Name of the user", "name": "X-SLURM-USER-NAME", "in": "header"},
    "token": {"type": "apiKey", "description": "Token of the user", "name": "X-SLURM-USER-TOKEN", "in": "header"},
    "bearerAuth": {"type": "http", "description": "Token of the user", "scheme": "bearer", "bearerFormat": "JWT"},
}

DELETED = {
    key: {"type": "array", "items": {"type": "string"}, "description": f"After DELETE: the {what} that are gone"}
    for key, what in (
        ("removed_accounts", "accounts"),
        ("removed_users", "users"),
        ("removed_qos", "QOS"),
        ("deleted_clusters", "clusters"),
        ("deleted_wckeys", "wckeys"),
    )
}
"""What the plain answer has besides, where something was deleted."""

IN_PATHS = {
    "job_id": "Job ID; 7_1 is a task of an array, 7+1 a component of a heterogeneous job",
    "node_name": "Name of the node",
    "partition_name": "Name of the partition, in upper or lower case",
    "reservation_name": "Name of the reservation, in upper or lower case",
    "account_name": "Name of the account",
    "cluster_name": "Name of the cluster",
    "qos_name": "Name of the QOS",
    "user_name": "Name of the user",
    "wckey": "Name of the wckey",
}
"""What stands in braces in a path."""

DATABASE = "db"
"""What the names of the components of /slurmdb begin with, before the API version."""

STATUS = "status"
"""The component of an answer that says no more than every answer does."""


def make_document(version: Version, paths: Mapping[str, Operations], documents: Iterable[str]) -> Schema:
    """Make the OpenAPI document of an API version, in its dialect.

    paths: what can be done at each URL. documents: the URLs of the document itself.
    """
    schemas = Schemas(version)
    items = {path: _item(path, operations, schemas) for path, operations in paths.items()}
    envelope = {**add_envelope(schemas, DATABASE + schemas.prefix), **DELETED}
    schemas.add(STATUS, lambda: described(schemas.object(envelope), "What became of a request"))
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Slurm REST API",
            "description": f"Access to Slurm, in the documents of {name_of(version)}",
            "version": f"0.0.{version[0]}",
            "license": {"name": "GPL-2.0-or-later", "url": "https://www.gnu.org/licenses/old-licenses/gpl-2.0.html"},
        },
        "tags": [
            {"name": TAG, "description": "What slurmctld and slurmdbd know and do"},
            {"name": "openapi", "description": "This document"},
        ],
        "servers": [{"url": "/"}],
        "security": [{"user": [], "token": []}, {"bearerAuth": []}],
        "paths": {**items, **{path: _documents() for path in documents}},
        "components": {"schemas": dict(sorted(schemas.components.items())), "securitySchemes": SCHEMES},
    }


def _item(path: str, operations: Operations, schemas: Schemas) -> Schema:
    return {method: _operation(path, method, operation, schemas) for method, operation in operations.items()}


def _operation(path: str, method: str, operation: Operation, schemas: Schemas) -> Schema:
    _, plugin, version, *_ = path.split("/")
    made: Schema = {
        "tags": [TAG],
        "operationId": f"{plugin}_{version.replace('.', '_')}_{operation.name}",
        "summary": operation.summary,
        "parameters": [
            *(_path_parameter(name) for name in re.findall(r"{(\w+)}", path)),
            *(_query_parameter(parameter) for parameter in operation.parameters),
        ],
    }
    prefix = DATABASE if plugin == "slurmdb" else ""
    if operation.body is not None:
        content = _content(_body(operation.body, prefix, schemas))
        made["requestBody"] = {"content": content, "required": operation.needed}
    answer = _document(operation.answer, prefix, schemas) if operation.answer else reference(STATUS)
    unchanged = {"304": {"description": "Nothing changed since the answer that the request names"}}
    made["responses"] = {
        "200": {"description": "It was done", "content": _content(answer)},
        **(unchanged if method == "get" else {}),
        "default": {"description": "It was not done, the errors say why", "content": _refused()},
    }
    return made


def _path_parameter(name: str) -> Schema:
    place = {"name": name, "in": "path", "required": True, "description": IN_PATHS[name]}
    return {**place, "style": "simple", "explode": False, "schema": {"type": "string"}}


def _query_parameter(parameter: Parameter) -> Schema:
    place = {"name": parameter.name, "in": "query", "required": False, "description": parameter.description}
    return {**place, "style": "form", "explode": parameter.explode, "schema": dict(parameter.schema)}


def _body(body: Document | Shape, prefix: str, schemas: Schemas) -> Schema:
    return _document(body, prefix, schemas) if isinstance(body, Document) else schemas.of(body)


def _document(document: Document, prefix: str, schemas: Schemas) -> Schema:
    """Give a reference to the component of a whole body."""

    def make() -> Schema:
        first = add_envelope(schemas, prefix + schemas.prefix) if document.envelope else {}
        return described(schemas.object({**first, **document.content}), document.description)

    return schemas.add(prefix + schemas.prefix + document.name, make)


def _content(schema: Schema) -> Schema:
    return {media_type: {"schema": schema} for media_type in MEDIA_TYPES}


def _refused() -> Schema:
    """Give the content of an error: the envelope where Slurm was asked, a line of text where the daemon refused."""
    return {**_content(reference(STATUS)), "text/plain": {"schema": {"type": "string"}}}


def _documents() -> Schema:
    """Give the path item of a URL of the document itself."""
    content = {media_type: {"schema": {"type": "object"}} for media_type in MEDIA_TYPES}
    responses = {
        "200": {"description": "The OpenAPI document", "content": content},
        "default": {"description": "It was refused", "content": {"text/plain": {"schema": {"type": "string"}}}},
    }
    return {"get": {"tags": ["openapi"], "summary": "Show this document", "responses": responses}}

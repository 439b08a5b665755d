"""Every answer that a test's client gets is held against the OpenAPI document.

check(method, url, status, media_type, body)  fails where an answer is not what the document says

It is stricter than the document: an object has no keys but those described. What a refused request's answer says
besides the errors is free, as it is in the document.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import yaml

from slurmrest.media import JSON_TYPES, YAML_TYPES
from slurmrest.routes import document
from slurmrest.versions import DEFAULT, chosen

Schema = dict[str, Any]

OPEN = "status"
"""The component whose objects may have more keys."""


def check(method: str, url: str, status: int, media_type: str, body: bytes) -> None:
    """Hold an answer against the document. URLs that it does not have are not its business."""
    template = template_of(urlsplit(url).path)
    if template is None or method == "HEAD" or not body:
        return
    errors = mismatches(template, method.lower(), status, media_type, read(media_type, body))
    assert not errors, f"{method} {url} {status}: {errors[:5]}"


def read(media_type: str, body: bytes) -> Any:
    """Read a body of any type that the daemon writes."""
    if media_type in JSON_TYPES:
        return json.loads(body)
    return yaml.safe_load(body) if media_type in YAML_TYPES else body.decode()


def mismatches(template: str, method: str, status: int, media_type: str, found: Any) -> list[str]:
    """List what in an answer is not as its operation has it."""
    dialect = found["meta"]["plugin"]["data_parser"] if isinstance(found, dict) and "meta" in found else DEFAULT
    operation = the_document(dialect)["paths"][template].get(method)
    if operation is None:
        return []
    kind = "application/json" if media_type in (*JSON_TYPES, *YAML_TYPES) else media_type
    code = str(status) if str(status) in operation["responses"] else "default"
    errors = validator(dialect, template, method, code, kind).iter_errors(found)
    return [f"{'/'.join(map(str, error.instance_path))}: {error.message[:300]}" for error in errors]


@cache
def the_document(dialect: str) -> Schema:
    """The OpenAPI document of a dialect."""
    made: Schema = document(chosen(dialect))
    return made


@cache
def templates() -> list[tuple[re.Pattern[str], str]]:
    """The paths of the document, those without parameters first."""
    paths = sorted(the_document(DEFAULT)["paths"], key=lambda path: path.count("{"))
    return [(re.compile("[^/]+".join(map(re.escape, re.split(r"{\w+}", path)))), path) for path in paths]


def template_of(path: str) -> str | None:
    """The path of the document that a URL's path is one of."""
    return next((template for pattern, template in templates() if pattern.fullmatch(path)), None)


@cache
def validator(dialect: str, template: str, method: str, code: str, kind: str) -> Any:
    """The validator of an operation's answers with a status and a media type."""
    content = the_document(dialect)["paths"][template][method]["responses"][code]["content"]
    assert kind in content, f"{method} {template}: {kind} is not described for {code}"
    return jsonschema_rs.Draft4Validator({"allOf": [closed(content[kind]["schema"])], **components(dialect)})


@cache
def components(dialect: str) -> Schema:
    """The components as JSON Schema knows them."""
    schemas = the_document(dialect)["components"]["schemas"]
    return {"components": {"schemas": {name: closed(schema, name) for name, schema in schemas.items()}}}


def closed(schema: Any, name: str = "") -> Any:
    """Allow no keys but those described, and null where OpenAPI 3.0 calls a schema nullable."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        made.setdefault("additionalProperties", name == OPEN)
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") is True else made

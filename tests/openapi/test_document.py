"""The OpenAPI document: valid, with all that the C daemon's has, and as the routes are.

c-daemon.json has the facts of the document that slurmrestd 23.02.3 serves: of each operation its id, its parameters and
the components of its body and its answer; of each component its keys, each with its type, its component or its words.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from slurmrest.resources.slurmdb.job_query import KEYS
from slurmrest.routes import OPERATIONS, ROUTES
from slurmrest.versions import DIALECTS
from tests.plugins.conformity import the_document

Schema = dict[str, Any]

FACTS: dict[str, Any] = json.loads((Path(__file__).parent / "c-daemon.json").read_text())
PATHS: Schema = the_document("v0.0.39")["paths"]
SCHEMAS: Schema = the_document("v0.0.39")["components"]["schemas"]
METHODS = ("get", "post", "put", "delete", "patch")

WRONG_THERE = {
    # The text "7_1".
    "v0.0.39_job_array_response_msg": {"job_id"},
    # Written last_run.
    "v0.0.39_rollup_stats": {"last run"},
    # Arrays of TRES, not of arrays of them; and the answers have them under TRES.
    "dbv0.0.39_set_config": {"TRES"},
    "dbv0.0.39_config_info": {"tres"},
    "dbv0.0.39_tres_info": {"tres"},
}
"""Keys that are not here what they are in the C daemon's document, because its answers are as ours."""

WIDTHS = {"int32": 31, "int64": 63}


def name_in(schema: Schema | None) -> str | None:
    """The component that a reference names."""
    found: str | None = (schema or {}).get("$ref", "").rpartition("/")[2] or None
    return found


def resolved(schema: Schema) -> Schema:
    """What a schema refers to."""
    while "$ref" in schema or "allOf" in schema:
        (schema,) = schema.get("allOf", [schema])
        schema = SCHEMAS[str(name_in(schema))] if "$ref" in schema else schema
    return schema


def at(schema: Schema, path: str) -> Schema:
    """The schema of a key of an object, `a/b` being b in its a; {"type": "missing"} where there is none."""
    for key in path.split("/"):
        schema = resolved(schema).get("properties", {}).get(key, {"type": "missing"})
    return schema


@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_is_valid(dialect: str) -> None:
    assert list(OpenAPIV30SpecValidator(the_document(dialect)).iter_errors()) == []


@pytest.mark.parametrize("operation", FACTS["operations"])
def test_every_operation_of_the_c_daemon_is_there(operation: str) -> None:
    method, path = operation.split()
    expected, ours = FACTS["operations"][operation], PATHS[path][method]
    parameters = {parameter["name"]: parameter["in"] for parameter in ours.get("parameters", [])}
    assert ours.get("operationId") == expected["id"]
    assert expected["parameters"].items() <= parameters.items()
    assert body_of(ours.get("requestBody")) == expected["body"]
    assert body_of(ours["responses"]["200"]) == expected["answer"]


def body_of(place: Schema | None) -> str | None:
    """The component of a body, the same in every format."""
    schemas = [media["schema"] for media in (place or {}).get("content", {}).values()]
    assert all(schema == schemas[0] for schema in schemas)
    return name_in(schemas[0]) if schemas else None


@pytest.mark.parametrize("name", FACTS["components"])
def test_every_component_of_the_c_daemon_is_there(name: str) -> None:
    expected = FACTS["components"][name]
    if not isinstance(expected, dict):
        assert agrees(SCHEMAS[name], expected)
        return
    schema = resolved(SCHEMAS[name])["items"] if "[]" in expected else SCHEMAS[name]
    keys = expected.get("[]", expected)
    assert {key for key, kind in keys.items() if not agrees(at(schema, key), kind)} == WRONG_THERE.get(name, set())


def agrees(schema: Schema, kind: Any) -> bool:
    """Tell whether a schema is what the C daemon's is: a type, a component, an array of one, or one of some words."""
    found = resolved(schema)
    if isinstance(kind, list):
        words = found.get("items", found).get("enum", [])
        return bool(set(kind) <= set(words))
    if kind.startswith("["):
        theirs, ours = resolved(SCHEMAS[kind.strip("[]")]), resolved(found.get("items", {}))
        # The most and the least of a step have more keys than other TRES: the node and the task.
        more = theirs.get("properties", {}).keys() <= ours.get("properties", {}).keys()
        return bool(found["type"] == "array" and theirs["type"] == ours.get("type") and more)
    return bool(found == resolved(SCHEMAS[kind]) if kind in SCHEMAS else found.get("type", "object") == kind)


@pytest.mark.parametrize("name", FACTS["required"])
def test_nothing_is_required_that_the_c_daemon_does_without(name: str) -> None:
    assert set(SCHEMAS[name].get("required", [])) <= set(FACTS["required"][name])


def test_every_route_has_the_operations_of_its_resource_and_no_others() -> None:
    ours = {path: {one for one in METHODS if hasattr(resource, f"on_{one}")} for path, resource in ROUTES.items()}
    assert {path: set(OPERATIONS[resource]) for path, resource in ROUTES.items()} == ours
    assert {path: set(item) for path, item in PATHS.items() if not path.startswith("/openapi")} == ours


def integers(schema: Any, path: str = "") -> dict[str, str | None]:
    """Every integer in a schema, and its format."""
    if isinstance(schema, list):
        return integers(dict(enumerate(schema)), path)
    if not isinstance(schema, dict):
        return {}
    own = {path: schema.get("format")} if schema.get("type") == "integer" else {}
    return own | {key: value for name, one in schema.items() for key, value in integers(one, f"{path}/{name}").items()}


def test_every_integer_has_a_width() -> None:
    assert {path: width for path, width in integers(SCHEMAS).items() if width not in WIDTHS} == {}


def test_every_key_is_described() -> None:
    silent = [
        f"{name}/{key}"
        for name, schema in SCHEMAS.items()
        for key, part in schema.get("properties", {}).items()
        if not {"description", "$ref", "properties"} & part.keys()
    ]
    assert silent == []


def test_all_references_lead_somewhere() -> None:
    text = json.dumps(the_document("v0.0.39"))
    named = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= set(SCHEMAS)


def test_every_filter_of_accounted_jobs_is_described() -> None:
    described = {parameter["name"] for parameter in PATHS["/slurmdb/v0.0.39/jobs"]["get"]["parameters"]}
    assert described == set(KEYS)

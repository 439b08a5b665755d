"""The OpenAPI document as the daemon serves it, and prints it."""

from __future__ import annotations

import json

import pytest

from slurmrest.versions import DIALECTS
from tests.live.jobs import API
from tests.plugins.client import Client
from tests.plugins.cluster import Cluster
from tests.plugins.conformity import read, the_document
from tests.plugins.daemon import Factory

URLS = ("/openapi", "/openapi.json", "/openapi.yaml", "/openapi/v3")
JSON, YAML = "application/json", "application/x-yaml"


@pytest.mark.parametrize("accept", [None, "*/*", JSON, YAML, "text/yaml", f"{YAML},{JSON};q=0.5"])
@pytest.mark.parametrize("url", URLS)
def test_the_document_in_the_format_asked_for(root: Client, url: str, accept: str | None) -> None:
    answer = root.get(url, headers={"Accept": accept} if accept else {})
    named = accept.partition(",")[0] if accept not in (None, "*/*") else None
    expected = named or (YAML if url.endswith("yaml") else JSON)
    assert (answer.status, answer.headers["Content-Type"]) == (200, expected)
    document = answer.document if expected == JSON else read(expected, answer.document.encode())
    assert document == the_document("v0.0.39")


def test_who_may_see_it(client: Client, cluster: Cluster) -> None:
    assert client.get("/openapi").status == 200
    assert cluster.network.get("/openapi").status == 401
    # As in the C daemon: nobody asks slurmctld about this token.
    assert cluster.network.as_user(None, "abc.def.ghi").get("/openapi").status == 200
    assert client.get("/openapi", headers={"Accept": "text/html"}).status == 415
    assert client.post("/openapi", {}).status == 405
    assert client.request("HEAD", "/openapi").status == 200


def test_it_is_there_while_slurm_is_not(cluster: Cluster) -> None:
    client = cluster.unix
    with cluster.stopped("slurmdbd"), cluster.stopped("slurmctld"):
        assert client.get("/openapi").document == the_document("v0.0.39")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_command_prints_it_without_slurm(daemon: Factory, dialect: str) -> None:
    done = daemon.run("--generate-openapi-spec", "-d", dialect, env={"SLURM_CONF": "/nowhere", "SLURM_JWT": None})
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == the_document(dialect)


def test_every_query_parameter_of_the_document_is_known(root: Client) -> None:
    values = {"integer": "0", "string": "0"}
    for path, item in the_document("v0.0.39")["paths"].items():
        if "{" in path or "get" not in item or not path.startswith(API):
            continue
        known = [(one["name"], one["schema"]) for one in item["get"]["parameters"]]
        query = "&".join(f"{name}={values[schema['type']]}" for name, schema in known)
        answer = root.get(f"{path}?{query}")
        assert [one for one in answer.document["warnings"] if "Unknown" in one["description"]] == []

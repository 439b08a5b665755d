"""What is left out by -a, -s and their variables is not served, and debug flags reach libslurm."""

from __future__ import annotations

import pytest

from slurmrest.routes import ROUTES
from tests.live.jobs import API
from tests.plugins.cluster import Cluster
from tests.plugins.daemon import Factory

DB = "/slurmdb/v0.0.39"
SOMETHING = {API: "diag", DB: "qos"}


@pytest.mark.parametrize("how", ["option", "variable"])
def test_without_local_authentication(daemon: Factory, cluster: Cluster, how: str) -> None:
    arguments = ("-a", "rest_auth/jwt") if how == "option" else ()
    env = {"SLURMRESTD_AUTH_TYPES": "rest_auth/jwt" if how == "variable" else "rest_auth/local"}
    with daemon(*arguments, tcp=True, env=env) as server:
        assert server.client.get(f"{API}/jobs").status == 401
        assert server.client.get("/openapi").status == 401
        token = cluster.token("games")
        assert server.client.as_user(None, token).get(f"{API}/jobs").status == 200
        assert server.network.as_user(None, token).get(f"{API}/jobs").status == 200


def test_without_tokens(daemon: Factory, cluster: Cluster) -> None:
    with daemon("-a", "rest_auth/local", tcp=True) as server:
        assert server.client.get(f"{API}/jobs").status == 200
        token = cluster.token("games")
        assert server.client.as_user(None, token).get(f"{API}/jobs").status == 401
        assert server.network.as_user(None, token).get(f"{API}/jobs").status == 401


CHOICES = {
    "v0.0.39": API,
    "dbv0.0.39": DB,
    "openapi/v0.0.39": API,
    "openapi/dbv0.0.39": DB,
    "slurmctld": API,
    "slurmdbd": DB,
}


@pytest.mark.parametrize("name", CHOICES)
def test_urls_of_other_plugins_are_not_found(daemon: Factory, name: str) -> None:
    chosen = CHOICES[name]
    with daemon("-s", name) as server:
        for path in ROUTES:
            if not path.startswith(f"{chosen}/"):
                for method in ("GET", "POST", "DELETE"):
                    assert server.client.request(method, path).status == 404, (method, path)
        assert server.client.get(f"{chosen}/{SOMETHING[chosen]}").status == 200
        document = server.client.get("/openapi").document
        urls = {path for path in document["paths"] if not path.startswith("/openapi")}
        assert urls == {path for path in ROUTES if path.startswith(f"{chosen}/")}


def test_several_plugins_by_the_variable(daemon: Factory) -> None:
    with daemon(env={"SLURMRESTD_OPENAPI_PLUGINS": "dbv0.0.39,v0.0.39"}) as server:
        assert server.client.get(f"{API}/ping").status == 200
        assert server.client.get(f"{DB}/qos").status == 200


def test_the_document_on_the_command_line_is_of_what_is_chosen(daemon: Factory) -> None:
    done = daemon.run("-s", "slurmdbd", "--generate-openapi-spec")
    assert done.returncode == 0
    assert f'"{DB}/diag"' in done.stdout
    assert f'"{API}/diag"' not in done.stdout

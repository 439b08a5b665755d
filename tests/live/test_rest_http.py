"""HTTP on the real app: methods, paths, media types, bodies in chunks, connections, update_time, styles."""

from __future__ import annotations

import http.client
import io
import json
import socket
import time
from typing import Any

import orjson
import pytest
import yaml

from tests.live.jobs import API, COMMON, SCRIPT, Jobs
from tests.plugins.client import Client
from tests.plugins.cluster import Cluster
from tests.plugins.daemon import Factory

COLLECTIONS = ("ping", "diag", "licenses", "jobs", "nodes", "partitions", "reservations")
READABLE = [*COLLECTIONS, "node/node01", "partition/debug", "reservation/course"]
KEYS = {"ping": "pings"}
UNKNOWN = "/slurm/v0.0.39/nowhere"

pytestmark = pytest.mark.usefixtures("workers")


def load_yaml(text: str) -> Any:
    """Read YAML, quickly."""
    return yaml.load(text, Loader=yaml.CSafeLoader)


@pytest.mark.parametrize("url", READABLE)
def test_head_is_get_without_the_body(client: Client, url: str) -> None:
    got, head = client.get(f"{API}/{url}"), client.request("HEAD", f"{API}/{url}")
    assert (got.status, head.status, head.document) == (200, 200, None)
    assert head.headers["Content-Type"] == got.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("ping", "GET, HEAD"),
        ("job/submit", "POST"),
        ("job/7", "DELETE, GET, HEAD, POST"),
        ("node/node01", "DELETE, GET, HEAD, POST"),
        ("partition/debug", "GET, HEAD"),
    ],
)
def test_options_and_wrong_methods(client: Client, url: str, allowed: str) -> None:
    options = client.request("OPTIONS", f"{API}/{url}")
    assert (options.status, options.document) == (200, None)
    assert sorted(options.headers["Allow"].split(", ")) == allowed.split(", ")
    for method in {"PUT", "PATCH", "DELETE", "POST", "GET", "TRACE"} - set(allowed.split(", ")):
        answer = client.request(method, f"{API}/{url}")
        assert (answer.status, answer.headers.get_content_type()) == (405, "text/plain")


@pytest.mark.parametrize("method", ["CONNECT", "PROPFIND", "get", "BREW"])
def test_methods_that_nobody_has(client: Client, method: str) -> None:
    assert client.request(method, f"{API}/ping").status in (400, 405)


def test_without_an_identity_nothing_is_told(cluster: Cluster) -> None:
    for url in (f"{API}/ping", UNKNOWN, "/", "/openapi", f"{API}/job/submit"):
        for method in ("GET", "POST", "OPTIONS", "HEAD", "PUT", "DELETE"):
            assert cluster.network.request(method, url).status == 401


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/slurm",
        "/slurm/v0.0.39",
        "/slurm/v0.0.39/",
        "/slurm/v0.0.39/pin",
        "/slurm/v0.0.39/pings",
        "/slurm/v0.0.39/ping/x",
        "/slurm/v0.0.39/PING",
        "/SLURM/v0.0.39/ping",
        "/slurm/v0.0.38/ping",
        "/slurm/v0.0.39/job",
        "/slurm/v0.0.39/node",
        "/slurm/v0.0.39/node/node01/x",
        "/slurm/v0.0.39//node/",
        "/slurm/v0.0.39/job/7/8",
    ],
)
def test_urls_that_nobody_has(client: Client, url: str) -> None:
    answer = client.get(url)
    assert (answer.status, answer.headers.get_content_type()) == (404, "text/plain")


@pytest.mark.parametrize(
    "url",
    [
        "/slurm/v0.0.39/ping/",
        "//slurm///v0.0.39//ping",
        "/./slurm/./v0.0.39/ping/.",
        "/%73lurm/v0%2E0.39/%70ing",
        "http://elsewhere:1234/slurm/v0.0.39/ping",
        "/slurm/v0.0.39/ping?",
        "/slurm/v0.0.39/ping?a=b&c",
    ],
)
def test_urls_that_mean_the_same(client: Client, url: str) -> None:
    assert client.get(url).document["pings"]


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/slurm/v0.0.39/../v0.0.39/ping", 400),
        ("/slurm/v0.0.39/%2e%2e/ping", 400),
        ("/slurm/v0.0.39/node/%00", 400),
        ("/slurm/v0.0.39/ping%00", 400),
        ("/slurm/v0.0.39/node/%FF", 404),
        ("/slurm/v0.0.39/node/a%2Fb", 404),
        ("/slurm/v0.0.39/node/" + "x" * 5000, 404),
        ("/slurm/v0.0.39/partition/%F0%9F%90%8C", 404),
    ],
)
def test_odd_urls(client: Client, url: str, status: int) -> None:
    assert client.get(url).status == status


def test_names_in_percent_code(client: Client) -> None:
    assert client.get(f"{API}/node/%6Eode%301").document["nodes"][0]["name"] == "node01"
    assert client.get(f"{API}/job/7%5F1").status == client.get(f"{API}/job/7_1").status


def test_an_unknown_query_is_warned_of(client: Client) -> None:
    answer = client.get(f"{API}/nodes?colour=red&update_time=0")
    assert (answer.status, len(answer.document["warnings"])) == (200, 1)
    assert "colour" in answer.document["warnings"][0]["description"]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("APPLICATION/JSON", "application/json"),
        ("application/jsonrequest", "application/jsonrequest"),
        ("application/yaml", "application/yaml"),
        ("application/x-yaml", "application/x-yaml"),
        ("text/yaml", "text/yaml"),
        ("text/*", "text/yaml"),
        ("application/json;q=0.3, text/yaml;q=0.7", "text/yaml"),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", "application/json"),
        ("application/json;q=0, */*", "application/jsonrequest"),
    ],
)
def test_accept(client: Client, accept: str | None, kind: str) -> None:
    answer = client.get(f"{API}/licenses", headers={"Accept": accept} if accept else {})
    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
    document = load_yaml(answer.document) if isinstance(answer.document, str) else answer.document
    assert {one["LicenseName"] for one in document["licenses"]} == {"fluent", "matlab"}


@pytest.mark.parametrize("accept", ["text/html", "image/*", "application/json;q=0", "nonsense", ""])
def test_accept_that_nothing_satisfies(client: Client, accept: str) -> None:
    answer = client.get(f"{API}/ping", headers={"Accept": accept})
    assert (answer.status, answer.headers.get_content_type()) == (415, "text/plain")


@pytest.fixture(scope="module")
def sys(cluster: Cluster) -> Client:
    """A user with few jobs: YAML takes its time."""
    return cluster.network.as_user("sys", cluster.token("sys"))


@pytest.mark.parametrize("url", COLLECTIONS)
def test_yaml_says_what_json_says(sys: Client, jobs: Jobs, url: str) -> None:
    jobs.submit(sys, hold=True, comment="yes", name="1:30", licenses="matlab:1", wckey="~")
    moving = {"meta", "pings", "statistics"}
    as_json = sys.get(f"{API}/{url}").document
    as_yaml = load_yaml(sys.get(f"{API}/{url}", headers={"Accept": "text/yaml"}).document)
    assert list(as_yaml) == list(as_json)
    assert [key for key in as_json if as_yaml[key] != as_json[key] and key not in moving] == []


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", "application/jsonrequest", None]
)
def test_json_bodies(client: Client, jobs: Jobs, kind: str | None) -> None:
    document = json.dumps({"script": SCRIPT, "job": COMMON | {"hold": True, "name": "ü"}}, ensure_ascii=False)
    assert_becomes_a_job(client, jobs, document.encode(), kind)


@pytest.mark.parametrize("kind", ["application/yaml", "application/x-yaml", "text/yaml; charset=utf-8"])
def test_yaml_bodies(client: Client, jobs: Jobs, kind: str) -> None:
    document = yaml.safe_dump({"script": SCRIPT, "job": COMMON | {"hold": True, "name": "ü"}}, allow_unicode=True)
    assert_becomes_a_job(client, jobs, document.encode(), kind)


def assert_becomes_a_job(client: Client, jobs: Jobs, body: bytes, kind: str | None) -> None:
    """Submit a document as it is, and look whether it became the job."""
    headers = {"Content-Type": kind} if kind else {}
    answer = client.request("POST", f"{API}/job/submit", body=body, headers=headers)
    assert answer.status == 200, answer.document
    jobs.known.append(str(answer.document["job_id"]))
    assert jobs.got(client, answer.document["job_id"])[0]["name"] == "ü"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_body_in_chunks(client: Client, jobs: Jobs, size: int) -> None:
    body = json.dumps({"script": SCRIPT, "job": COMMON | {"hold": True, "name": "chunks"}}).encode()
    connection = client.connection()
    headers = {"X-SLURM-USER-TOKEN": client.token} if client.token else {}
    pieces = (body[start : start + size] for start in range(0, len(body), size))
    connection.request("POST", f"{API}/job/submit", pieces, headers, encode_chunked=True)
    answer = connection.answer()
    connection.close()
    assert answer.status == 200, answer.document
    jobs.known.append(str(answer.document["job_id"]))
    assert jobs.got(client, answer.document["job_id"])[0]["name"] == "chunks"


def head(client: Client, request: str, *lines: str) -> bytes:
    """A request as it goes over the wire."""
    token = [f"X-SLURM-USER-TOKEN: {client.token}"] if client.token else []
    return "\r\n".join([f"{request} HTTP/1.1", "Host: x", *token, *lines, "", ""]).encode()


class Kept(io.BufferedReader):
    """What comes from a connection; the end of one answer does not close it."""

    def makefile(self, _mode: str) -> io.BufferedReader:
        """As of a socket."""
        return self

    def close(self) -> None:
        """Stay open."""


def answers(link: socket.socket, methods: list[str]) -> list[tuple[int, bytes]]:
    """Read that many answers from one connection."""
    found, file = [], Kept(link.makefile("rb", buffering=0))
    for method in methods:
        response = http.client.HTTPResponse(file, method=method)  # type: ignore[arg-type]
        response.begin()
        found.append((response.status, response.read()))
    return found


def test_pipelining(client: Client, jobs: Jobs) -> None:
    body = json.dumps({"script": SCRIPT, "job": COMMON | {"hold": True}}).encode()
    post = (
        head(client, f"POST {API}/job/submit", "Content-Type: application/json", f"Content-Length: {len(body)}") + body
    )
    urls = ["ping", "nodes", "licenses", "jobs", "partitions"]
    with client.raw() as link:
        for url in urls:
            link.sendall(head(client, f"GET {API}/{url}"))
        link.sendall(head(client, f"HEAD {API}/ping") + post + head(client, f"GET {API}/reservations"))
        found = answers(link, ["GET"] * len(urls) + ["HEAD", "POST", "GET"])
    assert [status for status, _ in found] == [200] * len(found)
    keys = [list(json.loads(body))[3] if body else "" for _, body in found]
    assert keys == ["pings", "nodes", "licenses", "jobs", "partitions", "", "result", "reservations"]
    jobs.known.append(str(json.loads(found[-2][1])["job_id"]))


def test_one_connection_for_many_requests(client: Client) -> None:
    with client.raw() as link:
        for _ in range(20):
            link.sendall(head(client, f"GET {API}/licenses"))
            ((status, body),) = answers(link, ["GET"])
            assert (status, "licenses" in json.loads(body)) == (200, True)


def test_an_error_does_not_spoil_the_connection(client: Client) -> None:
    with client.raw() as link:
        link.sendall(head(client, f"GET {UNKNOWN}") + head(client, f"GET {API}/ping"))
        assert [status for status, _ in answers(link, ["GET", "GET"])] == [404, 200]


@pytest.mark.parametrize("url", ["jobs", "nodes", "partitions", "reservations"])
def test_update_time(root: Client, url: str) -> None:
    now = int(time.time())
    assert root.get(f"{API}/{url}?update_time=0").status == 200
    assert root.get(f"{API}/{url}?update_time=1").document[url]
    answer = root.get(f"{API}/{url}?update_time={now + 3600}")
    assert (answer.status, answer.document) == (304, None)
    for text in ("yesterday", "-1", "1.5", "", "1e3", str(1 << 64)):
        answer = root.get(f"{API}/{url}?update_time={text}")
        assert (answer.status, answer.document["errors"][0]["error_number"]) == (422, 9000)


@pytest.mark.parametrize("url", ["partition/debug", "reservation/course"])
def test_update_time_of_one(root: Client, url: str) -> None:
    assert root.get(f"{API}/{url}?update_time=1").status == 200
    assert root.get(f"{API}/{url}?update_time={int(time.time()) + 3600}").status == 304


def test_update_time_sees_a_change(root: Client, jobs: Jobs) -> None:
    job = jobs.submit(root, hold=True)
    (submitted,) = (one["submit_time"] for one in jobs.got(root, job))
    assert root.get(f"{API}/jobs?update_time={submitted - 1}").status == 200


@pytest.mark.parametrize(
    ("variables", "kind", "start", "end"),
    [
        ({"SLURMRESTD_JSON": "compact"}, "application/json", '{"meta":{"plugin":{"type":', "]}"),
        ({"SLURMRESTD_JSON": "pretty"}, "application/json", '{\n  "meta": {\n    "plugin": {\n', "\n  ]\n}"),
        ({}, "application/json", '{\n  "meta": {\n    "plugin": {\n', "\n  ]\n}"),
        ({}, "text/yaml", "%YAML 1.1\n--- !!map\n!!str meta: !!map\n  !!str plugin: !!map\n", "\n...\n"),
        ({"SLURMRESTD_YAML": "compact"}, "text/yaml", "%YAML 1.1\n--- !!map {!!str meta: !!map {", "}\n...\n"),
        ({"SLURMRESTD_YAML": "no_tag"}, "text/yaml", "%YAML 1.1\n---\nmeta:\n  plugin:\n    type: ", "\n...\n"),
        ({"SLURMRESTD_YAML": "compact,no_tag"}, "text/yaml", "%YAML 1.1\n--- {meta: {plugin: {type: ", "}\n...\n"),
    ],
)
def test_styles(daemon: Factory, variables: dict[str, str], kind: str, start: str, end: str) -> None:
    with daemon(env=variables) as server:
        connection = server.client.connection()
        for url in ("licenses", "nodes", "ping"):
            connection.request("GET", f"{API}/{url}", headers={"Accept": kind})
            response = connection.getresponse()
            text = response.read().decode()
            assert (response.status, text[: len(start)]) == (200, start)
            document = orjson.loads(text) if kind == "application/json" else load_yaml(text)
            assert list(document) == ["meta", "errors", "warnings", KEYS.get(url, url)]
            if url == "licenses":
                assert text.endswith(end)
        connection.close()

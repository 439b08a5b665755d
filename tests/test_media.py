"""Which format a client gets and may send, and that streams are byte for byte what the whole document would be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import yaml

from slurmrest import media
from slurmrest.errors import Refusal

HEAD = {"meta": {"a": 1}, "errors": [], "warnings": [{"description": "x\ny", "source": "#/"}]}

RECORD = {
    "text": "żółć\n", "empty": "", "looks": "true", "number": 18446744073709551615, "float": 1.0, "null": None,
    "bool": False, "list": [], "object": {}, "nested": {"0": {"cores": {"1": "allocated"}}}, "lists": [["a"], []],
}  # fmt: skip


class Listing:
    """Records that come two at a time, as orjson writes them in an array."""

    def __init__(self, records: list[Any]) -> None:
        self.records = records

    def documents(self) -> Iterator[Any]:
        """Give the documents."""
        return iter(self.records)

    def encoded(self, *, pretty: bool) -> Iterator[bytes]:
        """Give their JSON."""
        option = orjson.OPT_INDENT_2 if pretty else None
        start, end = (b'{\n  "a": [\n    ', b"\n  ]\n}") if pretty else (b'{"a":[', b"]}")
        for index in range(0, len(self.records), 2):
            whole = orjson.dumps({"a": self.records[index : index + 2]}, option=option)
            separator = (b",\n    " if pretty else b",") if index else b""
            yield separator + whole.removeprefix(start).removesuffix(end)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/*", "text/yaml"),
        ("APPLICATION/JSON", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("application/jsonrequest", "application/jsonrequest"),
        ("application/x-yaml", "application/x-yaml"),
        ("application/yaml", "application/yaml"),
        ("application/json;q=0.1, text/yaml;q=0.5", "text/yaml"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("application/x-yaml,application/json", "application/x-yaml"),
        ("application/json,application/x-yaml", "application/json"),
        ("*/*,text/yaml", "text/yaml"),
    ],
)
def test_accept(accept: str | None, expected: str) -> None:
    assert media.negotiate(accept).content_type == expected


@pytest.mark.parametrize("accept", ["text/html", "", "application/json;q=0", "garbage", "application/json;q=abc"])
def test_accept_that_nothing_satisfies_is_415(accept: str) -> None:
    with pytest.raises(Refusal) as caught:
        media.negotiate(accept)
    assert caught.value.status == 415
    assert "application/json" in caught.value.text


@pytest.mark.parametrize("style", ["compact", "pretty", "no_tag", "compact,no_tag"])
@pytest.mark.parametrize("content_type", ["application/json", "application/yaml"])
@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_a_stream_is_the_whole_document(content_type: str, style: str, count: int) -> None:
    codec = media.codec(content_type, {"SLURMRESTD_JSON": style, "SLURMRESTD_YAML": style})
    records = [{**RECORD, "index": index} for index in range(count)]
    whole = codec.encode({**HEAD, "jobs": records})
    assert b"".join(codec.stream(HEAD, "jobs", Listing(records))) == whole
    load = yaml.CSafeLoader if "yaml" in content_type else None
    document: Any = yaml.load(whole, Loader=load) if load else media.decode_json(whole)  # noqa: S506
    assert document == {**HEAD, "jobs": records}


def test_styles() -> None:
    def encoded(content_type: str, **environ: str) -> bytes:
        return media.codec(content_type, environ).encode({"a": {"b": 1}})

    assert encoded("application/json", SLURMRESTD_JSON="compact") == b'{"a":{"b":1}}'
    assert encoded("application/json") == b'{\n  "a": {\n    "b": 1\n  }\n}'
    assert encoded("text/yaml") == b"%YAML 1.1\n--- !!map\n!!str a: !!map\n  !!str b: !!int 1\n...\n"
    assert encoded("text/yaml", SLURMRESTD_YAML="no_tag") == b"%YAML 1.1\n---\na:\n  b: 1\n...\n"
    assert encoded("text/yaml", SLURMRESTD_YAML="compact,no_tag") == b"%YAML 1.1\n--- {a: {b: 1}}\n...\n"


@pytest.mark.parametrize(
    ("content_type", "body", "document"),
    [
        (None, b'{"a": 1}', {"a": 1}),
        ("application/json; charset=utf-8", b'{"a": 1}', {"a": 1}),
        ("Application/JSON", b"[]", []),
        ("application/x-yaml", b"a: 1\nb: [yes, 1.5, null, x]\n", {"a": 1, "b": [True, 1.5, None, "x"]}),
        ("text/yaml", b"1: 2001-01-01\n", {"1": "2001-01-01"}),
    ],
)
def test_bodies(content_type: str | None, body: bytes, document: Any) -> None:
    assert media.decode(content_type, body) == document


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b'{"job":', 400),
        ("application/json", b"hello", 400),
        ("application/json", b"{} trailing", 400),
        ("application/json", b'{"a": NaN}', 400),
        ("application/json", b"\xff", 400),
        ("application/json", b"[" * 100_000, 400),
        ("application/yaml", b"a: [", 400),
        ("application/yaml", b"a: 0x1" + b"0" * 16, 400),
        ("application/yaml", b"[" * 1_000_000, 400),
        ("application/yaml", b"- " * 1_000_000, 400),
        ("application/yaml", b"a: &x [1]\nb: *x\n", 400),
        ("application/yaml", b"a: !!binary aGk=\n", 400),
        ("application/yaml", b"a: !!python/object/apply:os.system [true]\n", 400),
        ("application/yaml", b"a: !!int x\n", 400),
        ("application/yaml", b"a: .nan\n", 400),
        ("application/yaml", b"[" * 5_000, 400),
        ("application/x-www-form-urlencoded", b"a=1", 415),
        ("text/plain", b"a", 415),
    ],
)
def test_bodies_that_are_refused(content_type: str, body: bytes, status: int) -> None:
    with pytest.raises(Refusal) as caught:
        media.decode(content_type, body)
    assert caught.value.status == status
    assert "\n" not in caught.value.text

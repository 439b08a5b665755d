"""The settings: command line, environment, precedence, and the help that is made of them."""

from __future__ import annotations

import grp
import pwd
from typing import Any

import pytest

from slurmrest.daemon.addresses import TcpAddress, UnixAddress, parse_address
from slurmrest.daemon.config import LEVELS, SETTINGS, UsageError, help_text, read
from slurmrest.daemon.settings import SECURITY

DEFAULTS: dict[str, Any] = {
    "addresses": (),
    "auth": "rest_auth/local,rest_auth/jwt",
    "conf": None,
    "group": None,
    "openapi": "openapi/v0.0.39,openapi/dbv0.0.39",
    "user": None,
    "debug_flags": "",
    "jwt": None,
    "security": frozenset(),
    "check": None,
    "data_parser": "v0.0.39",
    "threads": 20,
    "max_connections": 124,
    "level": LEVELS.index("info"),
    "json": "",
    "yaml": "",
    "generate": None,
    "version": None,
    "help": None,
}

GIVEN: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ("", {}, {}),
    ("-f /etc/other", {}, {"conf": "/etc/other"}),
    ("-f/etc/other", {"SLURM_CONF": "/etc/mine"}, {"conf": "/etc/other"}),
    ("", {"SLURM_CONF": "/etc/mine"}, {"conf": "/etc/mine"}),
    ("", {"SLURM_CONF": ""}, {}),
    ("-d v0.0.39+23.02.8", {}, {"data_parser": "v0.0.39+23.02.8"}),
    ("-d data_parser/v0.0.39,", {"SLURMRESTD_DATA_PARSER_PLUGINS": "list"}, {"data_parser": "v0.0.39"}),
    ("", {"SLURMRESTD_DATA_PARSER_PLUGINS": "v0.0.39, list"}, {"data_parser": "list"}),
    ("--generate-openapi-spec", {}, {"generate": True}),
    ("-t 2", {}, {"threads": 2}),
    ("-t1024", {}, {"threads": 1024}),
    ("-t 3 -t 4", {}, {"threads": 4}),
    ("--max-connections 1", {}, {"max_connections": 1}),
    ("--max-connections=99999", {}, {"max_connections": 99999}),
    ("--max-con 7", {"SLURMRESTD_MAX_CONNECTIONS": "8"}, {"max_connections": 7}),
    ("", {"SLURMRESTD_MAX_CONNECTIONS": "8"}, {"max_connections": 8}),
    ("-v", {}, {"level": LEVELS.index("verbose")}),
    ("-vv -v", {}, {"level": LEVELS.index("debug2")}),
    ("-vvvvvv", {}, {"level": LEVELS.index("debug5")}),
    ("-vvvvvvvvv", {}, {"level": LEVELS.index("debug5")}),
    ("-v", {"SLURMRESTD_DEBUG": "9"}, {"level": LEVELS.index("verbose")}),
    ("", {"SLURMRESTD_DEBUG": "0"}, {"level": LEVELS.index("quiet")}),
    ("", {"SLURMRESTD_DEBUG": "9"}, {"level": LEVELS.index("debug5")}),
    ("", {"SLURMRESTD_DEBUG": "Debug3"}, {"level": LEVELS.index("debug3")}),
    (
        "",
        {"SLURMRESTD_JSON": "compact", "SLURMRESTD_YAML": "pretty,no_tag"},
        {"json": "compact", "yaml": "pretty,no_tag"},
    ),
    ("-V", {}, {"version": True}),
    ("--check", {}, {"check": True}),
    ("-a rest_auth/jwt", {"SLURMRESTD_AUTH_TYPES": "local"}, {"auth": "rest_auth/jwt"}),
    ("-a jwt,,jwt", {}, {"auth": "rest_auth/jwt"}),
    ("", {"SLURMRESTD_AUTH_TYPES": "rest_auth/local"}, {"auth": "rest_auth/local"}),
    ("-a local,list", {}, {"auth": "list"}),
    ("-s v0.0.39", {"SLURMRESTD_OPENAPI_PLUGINS": "slurmdbd"}, {"openapi": "openapi/v0.0.39"}),
    ("-s dbv0.0.39,v0.0.39", {}, {"openapi": "openapi/dbv0.0.39,openapi/v0.0.39"}),
    ("-s openapi/dbv0.0.39", {}, {"openapi": "openapi/dbv0.0.39"}),
    ("-s slurmctld,openapi/v0.0.39", {}, {"openapi": "openapi/v0.0.39"}),
    ("-s openapi/slurmdbd", {}, {"openapi": "openapi/dbv0.0.39"}),
    ("", {"SLURMRESTD_OPENAPI_PLUGINS": "list"}, {"openapi": "list"}),
    ("-u daemon -g sys", {}, {"user": pwd.getpwnam("daemon").pw_uid, "group": grp.getgrnam("sys").gr_gid}),
    ("-u 12345 -g0", {}, {"user": 12345, "group": 0}),
    ("", {"SLURM_JWT": "daemon", "SLURM_DEBUG_FLAGS": "Protocol"}, {"jwt": True, "debug_flags": "Protocol"}),
    ("", {"SLURM_JWT": ""}, {"jwt": True}),
    (
        "",
        {"SLURMRESTD_SECURITY": "become_user,Disable_Unshare_Files,,disable_unshare_sysv,disable_user_check"},
        {"security": frozenset(SECURITY)},
    ),
    ("-h", {}, {"help": True}),
    ("--help", {}, {"help": True}),
    ("localhost:6820", {}, {"addresses": (TcpAddress("localhost", 6820),)}),
    (
        "unix:/a -t 3 -- :1",
        {"SLURMRESTD_LISTEN": "[::1]:2,unix:/b"},
        {
            "addresses": (TcpAddress("::1", 2), UnixAddress("/b"), UnixAddress("/a"), TcpAddress("", 1)),
            "threads": 3,
        },
    ),
]


@pytest.mark.parametrize(("line", "environment", "expected"), GIVEN)
def test_settings_are_read(line: str, environment: dict[str, str], expected: dict[str, Any]) -> None:
    assert read(line.split(), environment).values == {**DEFAULTS, **expected}


BAD: list[tuple[str, dict[str, str], str]] = [
    ("-x", {}, "-x"),
    ("-a basic", {}, '-a: "basic"'),
    ("-a ,", {}, "-a"),
    ("", {"SLURMRESTD_AUTH_TYPES": "rest_auth/munge"}, 'SLURMRESTD_AUTH_TYPES: "munge"'),
    ("-s v0.0.38", {}, '-s: "v0.0.38"'),
    ("-s openapi/", {}, '-s: ""'),
    ("", {"SLURMRESTD_OPENAPI_PLUGINS": "v0.0.39,nope"}, 'SLURMRESTD_OPENAPI_PLUGINS: "nope"'),
    ("-u no-such-user", {}, '-u: "no-such-user"'),
    ("-u 4294967295", {}, '-u: "4294967295"'),
    ("-u -1", {}, '-u: "-1"'),
    ("-g no-such-group", {}, '-g: "no-such-group"'),
    ("-g \u0663", {}, "-g"),
    ("", {"SLURMRESTD_SECURITY": "disable_user_check,nope"}, 'SLURMRESTD_SECURITY: "nope"'),
    ("--check=yes", {}, "--check"),
    ("-d v0.0.38", {}, '-d: "v0.0.38"'),
    ("-d v0.0.39,v0.0.39+23.02.8", {}, "one dialect of each"),
    ("-d ,", {}, "-d"),
    ("", {"SLURMRESTD_DATA_PARSER_PLUGINS": "v0.0.39+1"}, 'SLURMRESTD_DATA_PARSER_PLUGINS: "v0.0.39+1"'),
    ("--nonsense", {}, "--nonsense"),
    ("-t", {}, "-t"),
    ("-t 1", {}, '-t: "1"'),
    ("-t 0", {}, '-t: "0"'),
    ("-t -4", {}, '-t: "-4"'),
    ("-t 1025", {}, '-t: "1025"'),
    ("-t abc", {}, '-t: "abc"'),
    ("-t 2.5", {}, '-t: "2.5"'),
    ("-t \u0664", {}, "-t"),
    ("--max-connections 0", {}, '--max-connections: "0"'),
    ("--max-connections abc", {}, '--max-connections: "abc"'),
    ("", {"SLURMRESTD_MAX_CONNECTIONS": "0"}, 'SLURMRESTD_MAX_CONNECTIONS: "0"'),
    ("", {"SLURMRESTD_DEBUG": "10"}, "SLURMRESTD_DEBUG"),
    ("", {"SLURMRESTD_DEBUG": "loud"}, "SLURMRESTD_DEBUG"),
    ("", {"SLURMRESTD_JSON": "tight"}, "SLURMRESTD_JSON"),
    ("", {"SLURMRESTD_YAML": "compact,loose"}, "loose"),
    ("foo", {}, '"foo"'),
    ("", {"SLURMRESTD_LISTEN": "unix:/a,foo"}, "SLURMRESTD_LISTEN"),
    ("-f ", {"SLURM_CONF": "/a"}, "-f"),
]


@pytest.mark.parametrize(("line", "environment", "named"), BAD)
def test_what_cannot_be_used_is_one_line_that_names_it(line: str, environment: dict[str, str], named: str) -> None:
    with pytest.raises(UsageError) as failure:
        read(line.split(), environment)
    assert named in str(failure.value)
    assert "\n" not in str(failure.value)


ADDRESSES: dict[str, TcpAddress | UnixAddress] = {
    "localhost:6820": TcpAddress("localhost", 6820),
    "127.0.0.1:1": TcpAddress("127.0.0.1", 1),
    ":65535": TcpAddress("", 65535),
    "[::1]:80": TcpAddress("::1", 80),
    "[]:80": TcpAddress("", 80),
    "unix:/run/a.sock": UnixAddress("/run/a.sock"),
    "unix:/run/a:1": UnixAddress("/run/a:1"),
}


@pytest.mark.parametrize("text", ADDRESSES)
def test_addresses_are_understood(text: str) -> None:
    assert parse_address(text) == ADDRESSES[text]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "foo",
        "foo:",
        "foo:bar",
        "::1:80",
        "[::1]",
        "[::1:80",
        "a:0",
        "a:65536",
        "a:-1",
        "a:1/b",
        "unix:",
        "tcp:/a",
        "unix:/" + "a" * 107,
    ],
)
def test_other_addresses_are_not(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|1 to 65535|at most"):
        parse_address(text)


def test_a_relative_socket_path_is_fixed_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse_address("unix:a.sock") == UnixAddress(f"{tmp_path}/a.sock")


def test_addresses_are_written_as_they_are_read() -> None:
    assert {str(parse_address(text)) for text in ADDRESSES} == {*ADDRESSES} - {"[]:80"} | {":80"}


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.name)
def test_the_help_has_every_option_and_variable(row: Any) -> None:
    words = help_text().replace(",", " ").split()
    for word in (*row.aliases, row.option if row.option != "..." else "unix:/path", row.variable):
        assert not word or word in words


def test_every_setting_says_where_it_comes_from() -> None:
    assert all(row.option or row.variable for row in SETTINGS)
    assert all(row.text.endswith(".") for row in SETTINGS if row.option)
    assert {*DEFAULTS} == {row.name for row in SETTINGS}

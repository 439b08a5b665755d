"""The settings of slurmrestd, one row each: command line, environment, defaults and help text come from SETTINGS.

The command line comes before the environment, the environment before the default. Addresses of both add up.
"""

from __future__ import annotations

import getopt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .addresses import parse_address, parse_addresses

THREADS_MIN, THREADS_MAX = 2, 1024
LEVELS = ("quiet", "fatal", "error", "info", "verbose", "debug", "debug2", "debug3", "debug4", "debug5")
"""Log levels by number, as slurm.conf names them."""
INFO = LEVELS.index("info")


class UsageError(Exception):
    """A command line or an environment that cannot be used: one line for the user."""


def number(what: str, least: int, most: int | None = None) -> Callable[[str], int]:
    """Make a validator for whole numbers from *least* to *most*."""
    expected = f"a number from {least} to {most}" if most is not None else f"a number of at least {least}"

    def validate(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or not least <= int(text) <= (most or int(text)):
            raise ValueError(f'"{text}" is not {what}: expected {expected}')
        return int(text)

    return validate


def one_of(*words: str) -> Callable[[str], str]:
    """Make a validator for a list of *words*, comma-delimited, whatever their case."""

    def validate(text: str) -> str:
        for word in filter(None, text.split(",")):
            if word.strip().lower() not in words:
                raise ValueError(f'"{word}" is unknown: expected {" or ".join(words)}')
        return text

    return validate


def level(text: str) -> int:
    """Validate a log level given as a number or by its name."""
    if text.lower() in LEVELS:
        return LEVELS.index(text.lower())
    if text.isascii() and text.isdigit() and int(text) < len(LEVELS):
        return int(text)
    raise ValueError(f'"{text}" is not a log level: expected 0 to {len(LEVELS) - 1}, or {" ".join(LEVELS)}')


def more_verbose(times: int) -> int:
    """Give the log level for so many -v; beyond the sixth they change nothing."""
    return min(INFO + times, len(LEVELS) - 1)


def file_name(text: str) -> str:
    """Validate the name of a file, which need not exist."""
    if not text:
        raise ValueError("expected the name of a file")
    return text


@dataclass(frozen=True)
class Setting:
    """One row.

    name: of the attribute in Config. option: on the command line, "" for none, "..." for what has no option.
    variable: in the environment, "" for none. validate: text -> value, raises ValueError.
    metavar: what the value is called in the help. text: help. count: times given -> value, for a switch.
    many: for several values; makes them of the variable's text.
    """

    name: str
    option: str
    variable: str
    validate: Callable[[str], Any]
    default: Any
    metavar: str
    text: str
    count: Callable[[int], Any] | None = None
    many: Callable[[str], tuple[Any, ...]] | None = None
    aliases: tuple[str, ...] = field(default=())


POSITIONAL = "..."

# fmt: off
SETTINGS = (
    Setting("addresses", POSITIONAL, "SLURMRESTD_LISTEN", parse_address, (), "[host]:port | unix:/path",
            "Where to listen, as often as wanted. Without a host: on every interface.", many=parse_addresses),
    Setting("conf", "-f", "SLURM_CONF", file_name, None, "file",
            "Read this slurm.conf."),
    Setting("threads", "-t", "", number("a thread count", THREADS_MIN, THREADS_MAX), 20, "count",
            "Threads that answer requests, in all processes together."),
    Setting("max_connections", "--max-connections", "SLURMRESTD_MAX_CONNECTIONS",
            number("a connection count", 1), 124, "count",
            "Connections that are processed at a time, in all processes together. More of them wait."),
    Setting("level", "-v", "SLURMRESTD_DEBUG", level, INFO, "",
            "Say more. Up to six times, each time more.", count=more_verbose),
    Setting("json", "", "SLURMRESTD_JSON", one_of("compact", "pretty"), "", "compact|pretty",
            "How JSON is written."),
    Setting("yaml", "", "SLURMRESTD_YAML", one_of("compact", "pretty", "no_tag"), "", "compact|pretty|no_tag",
            "How YAML is written."),
    Setting("version", "-V", "", str, None, "",
            "Print the version of Slurm that is used, and exit.", count=bool),
    Setting("help", "-h", "", str, None, "",
            "Print this text, and exit.", count=bool, aliases=("--help",)),
)
# fmt: on


@dataclass(frozen=True)
class Config:
    """The settings by name, as validated."""

    values: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


def read(arguments: Sequence[str], environment: Mapping[str, str]) -> Config:
    """Take up a command line and an environment. Raises: UsageError."""
    given, positional = _options(arguments)
    return Config({row.name: _value(row, given, positional, environment) for row in SETTINGS})


def _value(
    row: Setting, given: Mapping[str, list[str]], positional: Sequence[str], environment: Mapping[str, str]
) -> Any:
    variable = environment.get(row.variable, "") if row.variable else ""
    if row.many is not None:
        fixed = _valid(row.variable, row.many, variable) if variable else ()
        return (*fixed, *(_valid("address", row.validate, text) for text in positional))
    texts = given.get(row.name)
    if texts is not None:
        if row.count is not None:
            return row.count(len(texts))
        return _valid(row.option, row.validate, texts[-1])
    return _valid(row.variable, row.validate, variable) if variable else row.default


def _valid(where: str, validate: Callable[[str], Any], text: str) -> Any:
    try:
        return validate(text)
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from None


def _options(arguments: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Read the command line: what each setting was given, and what belongs to no option."""
    by_option = {option: row for row in SETTINGS for option in _options_of(row)}
    short = "".join(
        option[1] + (":" if _takes_value(row) else "") for option, row in by_option.items() if _short(option)
    )
    long = [option[2:] + ("=" if _takes_value(row) else "") for option, row in by_option.items() if not _short(option)]
    try:
        found, positional = getopt.gnu_getopt(list(arguments), short, long)
    except getopt.GetoptError as error:
        raise UsageError(f"{error.msg}; see slurmrestd --help") from None
    given: dict[str, list[str]] = {}
    for option, text in found:
        given.setdefault(by_option[option].name, []).append(text)
    return given, positional


def _options_of(row: Setting) -> tuple[str, ...]:
    return tuple(option for option in (row.option, *row.aliases) if option and option != POSITIONAL)


def _takes_value(row: Setting) -> bool:
    return row.count is None


def _short(option: str) -> bool:
    return not option.startswith("--")


def help_text() -> str:
    """Describe the command line and the environment, from SETTINGS."""
    lines = ["Usage: slurmrestd [OPTIONS] [host]:port|unix:/path ...", "", "Options:"]
    lines += _entries((_synopsis(row), row.text) for row in SETTINGS if row.option)
    lines += ["", "Environment, where no option says otherwise:"]
    lines += _entries((row.variable, _like_option(row)) for row in SETTINGS if row.variable)
    return "\n".join(lines) + "\n"


def _synopsis(row: Setting) -> str:
    options = ", ".join(_options_of(row))
    metavar = row.metavar if row.option == POSITIONAL else f"<{row.metavar}>" if row.metavar else ""
    return f"{options} {metavar}".strip()


def _like_option(row: Setting) -> str:
    if row.option == POSITIONAL:
        return "More addresses, comma-delimited."
    if row.name == "level":
        return f"Log level: 0 to {len(LEVELS) - 1}, or {' '.join(LEVELS)}. See {row.option}"
    return f"See {row.option}" if row.option else f"{row.text} {row.metavar}"


def _entries(pairs: Any) -> list[str]:
    return [line for name, text in pairs for line in (f"  {name}", f"        {text}")]

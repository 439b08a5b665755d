"""The settings as they were given: what the command line and the environment say about each row of SETTINGS.

The command line comes before the environment, the environment before the default. Addresses of both add up.
"""

from __future__ import annotations

import getopt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .settings import INFO, LEVELS, POSITIONAL, SETTINGS, Setting

__all__ = ["INFO", "LEVELS", "SETTINGS", "Config", "UsageError", "help_text", "options_of", "read"]


class UsageError(Exception):
    """A command line or an environment that cannot be used: one line for the user."""


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
    if row.empty and row.variable in environment:
        return True
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
    by_option = {option: row for row in SETTINGS for option in options_of(row)}
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


def options_of(row: Setting) -> tuple[str, ...]:
    """Give the ways to write an option, none for what has no option."""
    return tuple(option for option in (row.option, *row.aliases) if option and option != POSITIONAL)


def _takes_value(row: Setting) -> bool:
    return row.count is None


def _short(option: str) -> bool:
    return not option.startswith("--")


def help_text() -> str:
    """Describe the command line and the environment, from SETTINGS."""
    lines = ["Usage: slurmrestd [OPTIONS] [[host]:port|unix:/path ...]", "", "Options:"]
    lines += _entries((_synopsis(row), row.text) for row in SETTINGS if row.option)
    lines += ["", "Environment, where no option says otherwise:"]
    lines += _entries((_assignment(row), _like_option(row)) for row in SETTINGS if row.variable)
    return "\n".join(lines) + "\n"


def _synopsis(row: Setting) -> str:
    options = ", ".join(options_of(row))
    metavar = row.metavar if row.option == POSITIONAL else f"<{row.metavar}>" if row.metavar else ""
    return f"{options} {metavar}".strip()


def _assignment(row: Setting) -> str:
    return row.variable if row.option else f"{row.variable} <{row.metavar}>"


def _like_option(row: Setting) -> str:
    if row.option == POSITIONAL:
        return "More addresses, comma-delimited."
    if row.name == "level":
        return f"Log level: 0 to {len(LEVELS) - 1}, or {' '.join(LEVELS)}. See {row.option}"
    return f"See {row.option}" if row.option else row.text


def _entries(pairs: Any) -> list[str]:
    return [line for name, text in pairs for line in (f"  {name}", f"        {text}")]

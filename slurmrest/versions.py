"""The API versions and dialects that can be chosen, by the names that the command line has for them."""

from __future__ import annotations

from functools import cache

from .data_parser.fields import V0_0_39, Version

PREFIX = "data_parser/"
"""What Slurm puts before these names where it lists plugins."""

DIALECTS: dict[str, Version] = {
    "v0.0.39": V0_0_39,
    "v0.0.39+23.02.8": (39, 8),
}
"""Name -> version. `+` and a release of Slurm name the dialect that it spoke, where it is not the usual one."""

DEFAULT = "v0.0.39"

VARIABLE = "SLURMRESTD_DATA_PARSER_PLUGINS"
"""Where the app is told which; the same variable is the command line's."""

LIST = "list"
"""Asks for the names instead."""


def plugins(text: str) -> str:
    """Validate a comma-delimited list of names, at most one dialect of each API version.

    Returns: the list without blanks and prefixes, or LIST. Raises: ValueError.
    """
    names = [name.strip().removeprefix(PREFIX) for name in text.split(",") if name.strip()]
    if LIST in names:
        return LIST
    if unknown := [name for name in names if name not in DIALECTS]:
        raise ValueError(f'"{unknown[0]}" is unknown: expected {LIST} or {", ".join(DIALECTS)}')
    numbers = [DIALECTS[name][0] for name in dict.fromkeys(names)]
    if not names or len(set(numbers)) < len(numbers):
        raise ValueError(f'"{text}" does not name one dialect of each API version')
    return ",".join(dict.fromkeys(names))


def chosen(text: str | None, number: int = V0_0_39[0]) -> Version:
    """Give the version of API v0.0.*number* that a list of names chooses. Raises: ValueError."""
    names = plugins(text or DEFAULT).split(",")
    return next(version for name, version in DIALECTS.items() if name in names and version[0] == number)


@cache
def name_of(version: Version) -> str:
    """Give the name of a version: "v0.0.39+23.02.8"."""
    return next(name for name, known in DIALECTS.items() if known == version)


def listing() -> str:
    """Name all of them, a line each, as Slurm lists plugins."""
    return "".join(f"slurmrestd: {line}\n" for line in ("data_parser plugins:", *(PREFIX + name for name in DIALECTS)))

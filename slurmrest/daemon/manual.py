"""The manual page: what the settings say of themselves, filled into a page in man format.

    python -m slurmrest.daemon.manual < docs/slurmrestd.8.in > docs/slurmrestd.8

What is no setting is written in docs/slurmrestd.8.in.
"""

from __future__ import annotations

import sys

from .config import options_of
from .limits import KIB, MIB, Limits
from .settings import LEVELS, POSITIONAL, SECURITY, SETTINGS, Setting
from .sockets import BACKLOG


def fill(page: str) -> str:
    """Put the descriptions of options, variables and limits in place of their marks."""
    return page.replace("@OPTIONS@", options()).replace("@ENVIRONMENT@", variables()).replace("@LIMITS@", limits())


def options() -> str:
    """Describe every option, as man wants it."""
    return "\n".join(_entry(_heading(row), _texts(row)) for row in SETTINGS if row.option)


def variables() -> str:
    """Describe every variable, as man wants it."""
    return "\n".join(_variable(row) for row in SETTINGS if row.variable)


def limits() -> str:
    """Describe what clients are held to, as man wants it."""
    entries = {
        "Request line and headers": f"{Limits.head // KIB} KiB together, and {Limits.fields} header fields",
        "Body": f"{Limits.body // MIB} MiB",
        "Connections that wait to be taken": f"{BACKLOG} a socket, or net.core.somaxconn where that is less",
        "Silence before the first request": f"{Limits.silent:.0f} s",
        "Time for the headers of a request": f"{Limits.reading_head:.0f} s",
        "Time without a byte of a body or an answer": f"{Limits.stalled:.0f} s",
        "Silence between two requests": f"{Limits.keep_alive:.0f} s",
    }
    return "\n".join(_entry(what, [f"{limit}."]) for what, limit in entries.items())


def escape(text: str) -> str:
    """Make text that man shows as it is."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + escaped if escaped.startswith((".", "'")) else escaped


def _heading(row: Setting) -> str:
    value = f"\\fI{escape(row.metavar)}\\fR"
    if row.option == POSITIONAL:
        return value
    names = ", ".join(f"\\fB{escape(option)}\\fR" for option in options_of(row))
    return f"{names} {value}" if row.metavar else names


def _variable(row: Setting) -> str:
    value = f"=\\fI{escape(row.metavar)}\\fR" if row.metavar and not row.option else ""
    values = _values(row)
    return "\n".join((_entry(f"\\fB{row.variable}\\fR{'' if values else value}", _meaning(row)), *values))


def _meaning(row: Setting) -> list[str]:
    if row.option == POSITIONAL:
        return ["More addresses, comma-delimited."]
    if row.name == "level":
        names = ", ".join(f"{number} {name}" for number, name in enumerate(LEVELS))
        return [f"How much is said, by number or name: {names}.", f"It is not looked at where {row.option} is given."]
    return [f"As {row.option}."] if row.option else _texts(row)


def _values(row: Setting) -> list[str]:
    """Describe the values of a variable that has some with a meaning each."""
    if row.name != "security":
        return []
    entries = (_entry(f".B {escape(value)}", [text]) for value, text in SECURITY.items())
    return [".RS", *entries, ".RE"]


def _texts(row: Setting) -> list[str]:
    return [row.text, *filter(None, row.more.split("\n"))]


def _entry(heading: str, texts: list[str]) -> str:
    """Make a tagged paragraph, each text a paragraph in it."""
    return "\n".join((".TP", heading, "\n.IP\n".join(escape(text) for text in texts)))


if __name__ == "__main__":
    sys.stdout.write(fill(sys.stdin.read()))

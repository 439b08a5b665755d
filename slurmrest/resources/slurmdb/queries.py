"""Query parameters of /slurmdb: which there are, and what their values mean. What is not understood is 422."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import falcon

from ...data_parser.convert import split_csv, to_bool
from ...data_parser.parse import ConversionError, Problem
from ...errors import Problems

Value = TypeVar("Value")

INVALID = "ESLURM_REST_INVALID_QUERY"

CLUSTER = re.compile(r"[A-Za-z0-9_.-]{1,40}")
"""What ClusterName can be; slurmdbd keeps 40 characters of it."""


def parameters(req: falcon.Request, *known: str, strict: bool = True) -> dict[str, list[str]]:
    """Give every query parameter by its name in lower case, with all of its values. `?a` alone is `a=true`.

    strict: as the C daemon refuses them at some URLs and ignores them at others, and then there is a warning.
    Raises: Problems 422 for a parameter that is not among *known*, and for a value with a NUL.
    """
    bare = {part for part in req.query_string.split("&") if "=" not in part}
    found: dict[str, list[str]] = {}
    for name, value in req.params.items():
        key = name.lower()
        if key not in known:
            if strict:
                raise invalid(f"Unknown query parameter: {name}", "query")
            req.context.exchange.warn(f'Unknown query parameter "{name}" was ignored', "query")
            continue
        values = value if isinstance(value, list) else [value]
        if any("\0" in one for one in values):
            raise invalid(f'"{key}" has a NUL character, which C text cannot hold', key)
        found.setdefault(key, []).extend("true" if name in bare else one for one in values)
    return found


def invalid(text: str, key: str, name: str | None = None) -> Problems:
    """Make the 422 for a query parameter. name: of the Slurm error, where it is a special one."""
    return Problems([Problem(text, key, name or INVALID)], status=422)


def converted(key: str, text: Any, convert: Callable[[Any], Value]) -> Value:
    """Give *text* converted. Raises: Problems 422 that names the parameter."""
    try:
        return convert(text)
    except ConversionError as error:
        special = error.name if error.name.startswith("ESLURM_REST_") else None
        raise invalid(f'Unable to parse "{key}": {error.text}', key, special) from error


def cluster_name(text: str) -> str:
    """Give *text* back if a cluster can be called so: slurmdbd makes names of tables from it, whatever it is.

    Raises: ConversionError.
    """
    if not CLUSTER.fullmatch(text):
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f'"{text[:50]}" is no name of a cluster')
    return text


def boolean(found: dict[str, list[str]], key: str) -> bool:
    """Give a parameter that is yes or no, the last of them; False where absent. Raises: Problems 422."""
    return key in found and converted(key, found[key][-1], to_bool)


def texts(found: dict[str, list[str]], key: str) -> list[str]:
    """Give a comma separated parameter as its parts; those of several add up. [] where absent."""
    return [part.strip() for value in found.get(key, ()) for part in split_csv(value) if part.strip()]

"""Arguments and environments: `char **` members with a count beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from libslurm import memory

from ..convert import to_bytes, to_text
from ..parse import FAILED, ConversionError, kind_of

if TYPE_CHECKING:
    from ..convert import JSON
    from ..names import Names
    from ..parse import Context, Target


def dump(names: Names, address: int, count: int) -> list[str]:
    """List the strings."""
    return memory.strings(address, count)


def parse_argv(document: JSON, target: Target) -> None:
    """Set argv and argc. Raises: ConversionError."""
    _set(document, target, "argv", "argc")


def parse_environment(document: JSON, target: Target) -> None:
    """Set environment and env_size. Raises: ConversionError."""
    _set(document, target, "environment", "env_size")


def parse_spank_environment(document: JSON, target: Target) -> None:
    """Set spank_job_env and spank_job_env_size. Raises: ConversionError."""
    _set(document, target, "spank_job_env", "spank_job_env_size")


def _set(document: JSON, target: Target, member: str, count: str) -> None:
    if document is None:
        return
    texts = _texts(document, target.context)
    if texts is not None:
        target.set(member, target.context.arena.strings(texts))
        target.set(count, len(texts))


def _texts(document: JSON, context: Context) -> list[str] | None:
    """Convert an array or an object of scalars; None where one could not be, which the context then says."""
    if isinstance(document, list):
        return _converted([(index, "", value) for index, value in enumerate(document)], context)
    if isinstance(document, dict):
        return _converted([(key, f"{key}=", value) for key, value in document.items()], context)
    raise ConversionError("ESLURM_DATA_EXPECTED_LIST", f"expected a list of strings but got {kind_of(document)}")


def _converted(items: list[tuple[str | int, str, JSON]], context: Context) -> list[str] | None:
    texts = []
    for step, prefix, value in items:
        with context.at(step):
            texts.append(context.try_(_text, prefix, value))
    return None if FAILED in texts else texts


def _text(prefix: str, value: JSON) -> str:
    return to_bytes(prefix + to_text(value)).decode()

"""Lists of flags: a number shown as the names of what is set in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple

from .convert import JSON
from .fields import Row, Version
from .parse import Context, ConversionError, kind_of
from .types import Type

if TYPE_CHECKING:
    from .names import Names

ALL = "INFINITE64"

MOST_SHOWN = 4096
"""Combinations of one type's flags whose lists are kept."""


@dataclass(frozen=True)
class Flag(Row):
    """One name, in the API versions it belongs to. constant: the C constant, or several where releases disagree.

    mask: constant of the bits compared, or several to be taken together, of which a release may lack some.
    equal: the masked bits must equal the constant (one of several states); otherwise its bits must all be set.
    """

    name: str
    constant: str | tuple[str, ...]
    mask: str | tuple[str, ...] = ALL
    equal: bool = False


class Match(NamedTuple):
    """A flag with the numbers of one release: set where value & mask == bits."""

    name: str
    mask: int
    bits: int
    equal: bool


class Flags(Type):
    """A member whose bits have names. Which numbers they have is the layout's to say."""

    zero: JSON = []

    def __init__(self, name: str, flags: tuple[Flag, ...]) -> None:
        self.name, self.flags = name, flags
        items = {"type": "string", "enum": [flag.name for flag in flags]}
        self.schema = {"type": "array", "items": items}

    def within(self, version: Version) -> Flags:
        """Give the type with the flags of an API version."""
        return type(self)(self.name, tuple(flag for flag in self.flags if flag.within(version)))

    def with_constants(self, constants: Mapping[str, int]) -> BoundFlags:
        """Give the type with the numbers of one release; a flag that the release lacks is never shown."""
        return BoundFlags(self, [match for flag in self.flags if (match := _match(flag, constants))])

    def dump(self, value: int, names: Names) -> JSON:
        raise NotImplementedError("flags are dumped by the numbers of a release: with_constants")


def _match(flag: Flag, constants: Mapping[str, int]) -> Match | None:
    found = _known(flag.constant, constants)
    masks = _known(flag.mask, constants)
    if not found or not masks:
        return None
    mask = reduce(or_, masks)
    bits = found[0] & mask
    return Match(flag.name, mask if flag.equal else bits, bits, flag.equal)


def _known(spellings: str | tuple[str, ...], constants: Mapping[str, int]) -> list[int]:
    spellings = (spellings,) if isinstance(spellings, str) else spellings
    return [constants[spelling] for spelling in spellings if spelling in constants]


class BoundFlags(Type):
    """Flags with the numbers of one release."""

    zero: JSON = []

    def __init__(self, flags: Flags, matches: list[Match]) -> None:
        self.name, self.flags, self.matches = flags.name, flags, matches
        self.schema = flags.schema
        self._shown: dict[int, tuple[str, ...]] = {}

    def dump(self, value: int, names: Names) -> JSON:
        return [match.name for match in self.matches if value & match.mask == match.bits]

    def emit(self, value: str) -> str:
        return f"[*show_{self.name}({value})]"

    def bindings(self) -> dict[str, Any]:
        return {f"show_{self.name}": self._show}

    def _show(self, value: int) -> tuple[str, ...]:
        # A cluster has few combinations, so that nearly every record finds its own here.
        shown = self._shown.get(value)
        if shown is None:
            shown = tuple(self.dump(value, None))  # type: ignore[arg-type]
            if len(self._shown) < MOST_SHOWN:
                self._shown[value] = shown
        return shown

    def parse(self, document: JSON, context: Context) -> int:
        """Convert a list of names, or one name, in any case, to the number with all of them set."""
        if isinstance(document, str):
            return self._number(document)
        if not isinstance(document, list):
            raise ConversionError("ESLURM_DATA_FLAGS_INVALID_TYPE", f"Expected a List but found a {kind_of(document)}")
        number = 0
        before = len(context.errors)
        for index, name in enumerate(document):
            with context.at(index):
                one = context.try_(self._number, name)
                number |= one if isinstance(one, int) else 0
        if len(context.errors) > before:
            raise ConversionError("ESLURM_DATA_FLAGS_INVALID", "Parsing flags failed")
        return number

    def _number(self, name: JSON) -> int:
        if not isinstance(name, str):
            raise ConversionError("ESLURM_DATA_FLAGS_INVALID", f"Expected a flag but found a {kind_of(name)}")
        for match in self.matches:
            if match.name.lower() == name.lower():
                return match.bits
        elsewhere = any(flag.name.lower() == name.lower() for flag in self.flags.flags)
        why = ", the Slurm release in use does not have it" if elsewhere else ""
        raise ConversionError("ESLURM_DATA_FLAGS_INVALID", f'Unknown flag "{name}"{why}')

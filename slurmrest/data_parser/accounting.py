"""Types of slurmdbd's records that are for one member or two: limits, factors, plugins, wckeys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .convert import JSON, no_val_number, to_integer, to_text
from .flags import BoundFlags, Flags
from .parse import Context, ConversionError, kind_of
from .types import INFINITE, NO_VAL, Integer, NoValFloat, Type

if TYPE_CHECKING:
    from .names import Names


class Limit(Integer):
    """A limit of 32 bits, dumped as it is; -1 on parse takes it off, as in Slurm's commands."""

    def __init__(self) -> None:
        super().__init__("UINT32", 0, INFINITE, "int64", NO_VAL)

    def convert(self, document: JSON, context: Context) -> int:
        number = document if isinstance(document, (int, float, str)) else None
        if number is not None and not isinstance(document, bool) and to_integer(number) == -1:
            return INFINITE
        return super().convert(document, context)


class Factor(NoValFloat):
    """A double that may be unset or infinite, and can be parsed; -1 takes it off, as in Slurm's commands."""

    def convert(self, document: JSON, context: Context) -> float:
        found: Any = document
        if isinstance(document, dict):
            found = no_val_number(document) if document else None
        if found is None:
            return float(NO_VAL)
        number = to_double(found)
        return float(INFINITE) if number in (-1, float("inf")) else number


class PlainFactor(Factor):
    """A double, dumped as it is; parsed as Factor."""

    zero = 0.0

    def __init__(self) -> None:
        super().__init__("FLOAT64")
        self.schema = {"type": "number", "format": "double"}
        self.zero = 0.0

    def dump(self, value: float, names: Names) -> JSON:
        return value

    def emit(self, value: str) -> str:
        return value

    def bindings(self) -> dict[str, Any]:
        return {}


def to_double(document: JSON) -> float:
    """Convert a number, or text that is one, to a double that is not negative, or -1. Raises: ConversionError."""
    if isinstance(document, bool) or not isinstance(document, (int, float, str)):
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f"Expected floating point but got {kind_of(document)}")
    try:
        number = float(document)
    except (ValueError, OverflowError):
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f'Expected floating point but got "{document}"') from None
    if not (number >= 0 or number == -1):
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f"{document} is no factor: 0 and more, or -1 for none")
    return number


class LongDouble(Type):
    """A long double, INFINITE and NO_VAL shown as null. Read only."""

    kinds = ("f128",)
    zero: JSON = None

    def __init__(self) -> None:
        self.name = "FLOAT128"
        self.schema = {"type": "number", "format": "double", "nullable": True}

    def dump(self, value: float, names: Names) -> JSON:
        return None if value in (INFINITE, NO_VAL) else value

    def emit(self, value: str) -> str:
        return f"None if {value} in ({INFINITE}, {NO_VAL}) else {value}"


class OneOf(Flags):
    """Flags that exclude each other, in a list as all flags are: {name: number} is what they are."""

    def with_constants(self, constants: Mapping[str, int]) -> BoundFlags:
        return BoundOneOf(self, super().with_constants(constants).matches)


class BoundOneOf(BoundFlags):
    """OneOf with the numbers of one release."""

    def parse(self, document: JSON, context: Context) -> int:
        if isinstance(document, list) and len(document) != 1:
            raise ConversionError("ESLURM_DATA_FLAGS_INVALID", f"Expected one of them but got {len(document)}")
        return super().parse(document, context)


class SelectPlugin(Type):
    """The number of a select plugin, shown as its name, "" for none."""

    zero = ""
    NAMES = {
        101: "cons_res",
        102: "linear",
        106: "serial",
        107: "cray_aries+linear",
        108: "cray_aries+cons_res",
        109: "cons_tres",
        110: "cray_aries+cons_tres",
    }

    def __init__(self) -> None:
        self.name = "SELECT_PLUGIN_ID"
        self.schema = {"type": "string"}

    def dump(self, value: int, names: Names) -> JSON:
        return self.NAMES.get(value, "")

    def emit(self, value: str) -> str:
        return f"select_plugins.get({value}, '')"

    def bindings(self) -> dict[str, Any]:
        return {"select_plugins": self.NAMES}

    def convert(self, document: JSON, context: Context) -> int:
        wanted = to_text(document).lower()
        if not wanted:
            return 0
        for number, name in self.NAMES.items():
            if name == wanted:
                return number
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f'Unknown select plugin "{wanted}"')


class WckeyTag(Type):
    """A job's wckey, whose name begins with * where it is the user's default."""

    kinds = ("str",)

    def __init__(self) -> None:
        self.name = "WCKEY_TAG"
        flags = {"type": "array", "items": {"type": "string", "enum": ["ASSIGNED_DEFAULT"]}}
        self.schema = {
            "type": "object",
            "properties": {
                "wckey": {"type": "string", "description": "Wckey"},
                "flags": {**flags, "description": "How it was chosen"},
            },
        }
        self.zero: JSON = {"wckey": "", "flags": []}

    def dump(self, value: str, names: Names) -> JSON:
        return {"wckey": value.removeprefix("*"), "flags": ["ASSIGNED_DEFAULT"] if value.startswith("*") else []}

    def emit(self, value: str) -> str:
        return f"show_wckey({value})"

    def bindings(self) -> dict[str, Any]:
        return {"show_wckey": lambda value: self.dump(value, None)}  # type: ignore[arg-type]


LIMIT = Limit()
FACTOR = Factor()
PLAIN_FACTOR = PlainFactor()
FLOAT128 = LongDouble()
SELECT_PLUGIN_ID = SelectPlugin()
WCKEY_TAG = WckeyTag()

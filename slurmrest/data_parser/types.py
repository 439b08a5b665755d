"""The types a row can have: how each is dumped, compiled, parsed and described in OpenAPI.

Of every type: `dump` is the readable reference, `emit` the source of an expression that gives the same, `parse` the way
back, `schema` the OpenAPI schema, `zero` the document of a member that the loaded release does not have.

The *value* of a member: int for numbers and pointers (0 for NULL), float, bool, str for `char *` ("" for NULL),
bytes for arrays, the address for a struct embedded by value.
Types with rules of their own, for one member or two, are in special.py.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .convert import JSON, in_range, no_val_number, split_csv, to_bool, to_bytes, to_integer, to_texts
from .parse import Context, ConversionError, warn_mismatch

if TYPE_CHECKING:
    from .fields import Table
    from .names import Names
    from .parse import Target

Schema = dict[str, Any]

NO_VAL16, INFINITE16 = 0xFFFE, 0xFFFF
NO_VAL, INFINITE = 0xFFFFFFFE, 0xFFFFFFFF
NO_VAL64, INFINITE64 = 0xFFFFFFFFFFFFFFFE, 0xFFFFFFFFFFFFFFFF

INTEGERS = ("u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64")

NOT_SET: JSON = {"set": False, "infinite": False, "number": 0}
IS_INFINITE: JSON = {"set": False, "infinite": True, "number": 0}


class Type:
    """Base of all types. kinds: the kinds of C member it can read."""

    name: str
    kinds: tuple[str, ...] = INTEGERS
    schema: Schema
    zero: JSON
    checked = True
    """Whether parse warns of a value whose OpenAPI type is another."""
    unsigned = False
    """Whether a signed member, such as a time_t, is read as if it were unsigned."""
    plain_below = 0
    """Values from 0 up to here differ in the document by their digits alone, which stand in it once."""
    same_as: Type | Table | None = None
    """What the type's component in OpenAPI is another name for."""

    def __repr__(self) -> str:
        return self.name

    def dump(self, value: Any, names: Names) -> JSON:
        """Make the document of a member's *value*."""
        raise NotImplementedError

    def emit(self, value: str) -> str:
        """Give the source of an expression equal to `dump`; *value* is the source of the value, a plain name."""
        raise NotImplementedError

    def parse(self, document: JSON, context: Context) -> Any:
        """Convert *document* to what the member is set to. Raises: ConversionError."""
        if self.checked:
            warn_mismatch(self.schema, document, context)
        return self.convert(document, context)

    def parse_member(self, document: JSON, target: Target) -> Any:
        """As parse, for types that have to know what record the member is in."""
        return self.parse(document, target.context)

    def convert(self, document: JSON, context: Context) -> Any:
        """As parse, after the check of the type."""
        raise ConversionError("ESLURM_REST_FAIL_PARSING", f"{self.name} can be read but not written")

    def bindings(self) -> dict[str, Any]:
        """Names that the source from `emit` uses, besides `names` and the builtins."""
        return {}


class String(Type):
    """`char *`, NULL dumped as ""."""

    kinds = ("str",)
    zero = ""

    def __init__(self, name: str = "STRING") -> None:
        self.name = name
        self.schema = {"type": "string"}

    def dump(self, value: str, names: Names) -> JSON:
        return value

    def emit(self, value: str) -> str:
        return value

    def convert(self, document: JSON, context: Context) -> bytes:
        return to_bytes(document)


class Integer(Type):
    """A plain number, NO_VAL and INFINITE dumped as they are. unset: what -1 means on parse."""

    zero = 0

    def __init__(self, name: str, low: int, high: int, format_: str, unset: int | None = None) -> None:
        self.name, self.low, self.high, self.unset = name, low, high, unset
        self.unsigned = low == 0
        self.plain_below = high + 1
        self.schema = {"type": "integer", "format": format_}

    def dump(self, value: int, names: Names) -> JSON:
        return value

    def emit(self, value: str) -> str:
        return value

    def convert(self, document: JSON, context: Context) -> int:
        # A number that another dialect shows as {set, infinite, number} is taken in that form too.
        found = no_val_number(document) if isinstance(document, dict) and self.unset is not None else document
        if found == math.inf and found is not document:
            return self.high
        number = -1 if found is None else to_integer(found)
        if number == -1 and self.unset is not None:
            return self.unset
        return in_range(number, self.low, self.high)


class NullableInteger(Integer):
    """64 bits without a sign, NO_VAL64 and INFINITE64 dumped as null."""

    def __init__(self, name: str = "UINT64") -> None:
        super().__init__(name, 0, INFINITE64, "int64", NO_VAL64)
        self.plain_below = NO_VAL64
        self.schema["nullable"] = True

    def dump(self, value: int, names: Names) -> JSON:
        return value if value < NO_VAL64 else None

    def emit(self, value: str) -> str:
        return f"{value} if {value} < {NO_VAL64} else None"


class NoValInteger(Type):
    """A number that may be unset or infinite: {set, infinite, number}. -1 on parse means infinite, as in Slurm."""

    unsigned = True

    def __init__(self, name: str, bits: int) -> None:
        self.name = name
        self.no_val, self.infinite = (1 << bits) - 2, (1 << bits) - 1
        self.plain_below = self.no_val
        self.schema = no_val_schema({"type": "integer", "format": "int64"})
        self.zero = NOT_SET

    def dump(self, value: int, names: Names) -> JSON:
        if value == self.no_val:
            return dict(NOT_SET)
        if value == self.infinite:
            return dict(IS_INFINITE)
        return {"set": True, "infinite": False, "number": value}

    def emit(self, value: str) -> str:
        return (
            f'{{"set": True, "infinite": False, "number": {value}}} if {value} < {self.no_val} '
            f'else {{"set": False, "infinite": {value} == {self.infinite}, "number": 0}}'
        )

    def convert(self, document: JSON, context: Context) -> int:
        if isinstance(document, int) and not isinstance(document, bool):
            number: int = document
        elif document == {}:
            return self.no_val
        else:
            found = no_val_number(document)
            if found in (None, math.inf):
                return self.infinite if found else self.no_val
            number = to_integer(found)
        return self.infinite if number == -1 else in_range(number, 0, self.infinite)


class Float(Type):
    """A double, NO_VAL and INFINITE dumped as they are."""

    kinds = ("f64",)
    zero = 0.0

    def __init__(self, name: str = "FLOAT64") -> None:
        self.name = name
        self.schema = {"type": "number", "format": "double"}

    def dump(self, value: float, names: Names) -> JSON:
        return value

    def emit(self, value: str) -> str:
        return value


class NoValFloat(Type):
    """A double that may be unset or infinite, by the 32-bit marks or by the 64-bit ones."""

    kinds = ("f64",)

    def __init__(self, name: str = "FLOAT64_NO_VAL") -> None:
        self.name = name
        self.schema = no_val_schema({"type": "number", "format": "double"})
        self.zero = {"set": False, "infinite": False, "number": 0.0}

    def dump(self, value: float, names: Names) -> JSON:
        if value in (NO_VAL, float(NO_VAL64)):
            return {"set": False, "infinite": False, "number": 0.0}
        if value == INFINITE or math.isinf(value):
            return {"set": False, "infinite": True, "number": 0.0}
        return {"set": True, "infinite": False, "number": value}

    def emit(self, value: str) -> str:
        return f"no_val_float({value})"

    def bindings(self) -> dict[str, Any]:
        return {"no_val_float": lambda value: self.dump(value, None)}  # type: ignore[arg-type]


class Bool(Type):
    """A number that is 0 or not. no_val: a value that dumps as `no_val_is`."""

    kinds = (*INTEGERS, "bool")
    zero = False

    def __init__(self, name: str, no_val: int | None = None, *, no_val_is: bool = True) -> None:
        self.name, self.no_val, self.no_val_is = name, no_val, no_val_is
        self.schema = {"type": "boolean"}

    def dump(self, value: int, names: Names) -> JSON:
        if value == self.no_val:
            return self.no_val_is
        return bool(value)

    def emit(self, value: str) -> str:
        return f"{value} != 0" if self.no_val_is else f"0 != {value} != {self.no_val}"

    def convert(self, document: JSON, context: Context) -> int:
        if document == -1 and self.no_val is not None and not isinstance(document, bool):
            return self.no_val
        return int(to_bool(document))


class CsvList(Type):
    """Comma separated text, shown as an array of strings."""

    kinds = ("str",)
    zero: JSON = []

    def __init__(self, name: str = "CSV_LIST") -> None:
        self.name = name
        self.schema = {"type": "array", "items": {"type": "string"}}

    def dump(self, value: str, names: Names) -> JSON:
        return split_csv(value)

    def emit(self, value: str) -> str:
        return f"split_csv({value})"

    def bindings(self) -> dict[str, Any]:
        return {"split_csv": split_csv}

    def convert(self, document: JSON, context: Context) -> bytes:
        return ",".join(to_texts(document)).encode()


class HostlistString(CsvList):
    """A host expression such as n[1-3], shown as an array of names, ranges expanded."""

    def dump(self, value: str, names: Names) -> JSON:
        return names.expand_hostlist(value)

    def emit(self, value: str) -> str:
        return f"names.expand_hostlist({value})"

    def convert(self, document: JSON, context: Context) -> bytes:
        return context.names.ranged_hostlist(to_texts(document)).encode()


class Named(Type):
    """A number that stands for a name, found by a method of Names."""

    zero = ""

    def __init__(self, name: str, method: str, *, kinds: tuple[str, ...] = INTEGERS) -> None:
        self.name, self.method, self.kinds = name, method, kinds
        self.schema = {"type": "string"}

    def dump(self, value: int, names: Names) -> JSON:
        return getattr(names, self.method)(value)

    def emit(self, value: str) -> str:
        return f"names.{self.method}({value})"


class Document(Type):
    """The type of a Computed row whose function makes the whole value: only the schema and the zero are here."""

    def __init__(
        self, name: str, schema: Schema, zero: JSON, *, checked: bool = True, same_as: Type | None = None
    ) -> None:
        self.name, self.schema, self.zero, self.checked, self.same_as = name, schema, zero, checked, same_as


def no_val_schema(number: Schema) -> Schema:
    """Give the schema of a {set, infinite, number} object, a component of its own."""
    properties = {
        "set": {"type": "boolean", "description": "Whether there is a number"},
        "infinite": {"type": "boolean", "description": "Whether it is without limit"},
        "number": {**number, "description": "The number, where there is one with a limit"},
    }
    return {"type": "object", "properties": properties}


STRING = String()
UINT16 = Integer("UINT16", 0, INFINITE16, "int32", NO_VAL16)
UINT32 = Integer("UINT32", 0, INFINITE, "int64", NO_VAL)
UINT64 = NullableInteger()
INT32 = Integer("INT32", -(1 << 31), (1 << 31) - 1, "int32")
INT64 = Integer("INT64", -(1 << 63), (1 << 63) - 1, "int64")
UINT16_NO_VAL = NoValInteger("UINT16_NO_VAL", 16)
UINT32_NO_VAL = NoValInteger("UINT32_NO_VAL", 32)
UINT64_NO_VAL = NoValInteger("UINT64_NO_VAL", 64)
FLOAT64 = Float()
FLOAT64_NO_VAL = NoValFloat()
BOOL = Bool("BOOL")
BOOL16 = Bool("BOOL16")
BOOL16_NO_VAL = Bool("BOOL16_NO_VAL", NO_VAL16, no_val_is=False)
CSV_LIST = CsvList()
HOSTLIST_STRING = HostlistString("HOSTLIST_STRING")
GROUP_NAME = Named("GROUP_ID", "group")
JOB_REASON = Named("JOB_REASON", "job_reason")
JOB_STATE = Named("JOB_STATE", "job_state")
STEP_ID = Named("STEP_ID", "step_id")
ERROR = Named("ERROR", "error_text")

"""Documents to records: what a client may send, with every warning and every error and where it was.

A parse never stops at the first error: the client gets all of them. After an error the record is not used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .bind import Bound
    from .names import Names


class ConversionError(Exception):
    """A value that cannot be what its field wants. name: Slurm's error name; text: for the client."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name
        self.text = text


@dataclass(frozen=True)
class Problem:
    """An error or a warning. name: Slurm's error name, None for a warning. source: `#/job/flags[0]/`."""

    text: str
    source: str
    name: str | None = None


class Arena(Protocol):
    """Where the C memory of a record comes from: libslurm.memory.Arena."""

    def string(self, text: str | bytes) -> int: ...
    def strings(self, texts: list[str]) -> int: ...
    def record(self, record_class: Any) -> Any: ...
    def keep(self, thing: Any) -> Any: ...


@dataclass
class Context:
    """One parse of one request: the path where it is, and what it found so far."""

    names: Names
    arena: Arena
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    _path: list[str | int] = field(default_factory=list)

    @property
    def source(self) -> str:
        """The JSON path as Slurm writes it: `#/job/flags[0]/`."""
        path = "".join(f"[{step}]" if isinstance(step, int) else f"/{step}" for step in self._path)
        return f"#{path}/"

    def at(self, *steps: str | int) -> Place:
        """Enter a key (str) or an index (int) of the document, for the length of a with."""
        return Place(self._path, steps)

    def error(self, name: str, text: str) -> None:
        """Record an error where the parse is. name: Slurm's error name."""
        self.errors.append(Problem(text, self.source, name))

    def warn(self, text: str) -> None:
        """Record a warning where the parse is."""
        self.warnings.append(Problem(text, self.source))

    def try_(self, convert: Callable[..., Any], *arguments: Any) -> Any:
        """Call *convert*; a ConversionError becomes an error here and FAILED the result."""
        try:
            return convert(*arguments)
        except ConversionError as error:
            self.error(error.name, error.text)
            return FAILED

    def each(self, convert: Callable[..., Any], documents: list[Any]) -> list[Any]:
        """Convert every element of an array; those that could not be are errors at their index, and left out."""
        found = []
        for index, document in enumerate(documents):
            with self.at(index):
                found.append(self.try_(convert, document))
        return [value for value in found if value is not FAILED]


class Place:
    """A place further down in the document. path: to where the parse is, lengthened by *steps* inside of the with."""

    __slots__ = ("_path", "_steps")

    def __init__(self, path: list[str | int], steps: tuple[str | int, ...]) -> None:
        self._path, self._steps = path, steps

    def __enter__(self) -> None:
        self._path += self._steps

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del self._path[-len(self._steps) :]


FAILED = object()
"""What a conversion that failed gives instead of a value."""


@dataclass
class Target:
    """The record being filled in, for the functions of Computed rows."""

    record: Any
    bound: Bound
    context: Context

    def get(self, member: str) -> Any:
        """Give what a member is set to."""
        return attrgetter(member)(self.record)

    def set(self, member: str, value: bytes | float) -> None:
        """Set a member, "step_id.job_id" for one of an embedded struct; warn where the release lacks it."""
        if member not in self.bound.members:
            self.context.warn(f"ignored: this release of Slurm has no {member} in {self.bound.table.struct}")
            return
        record = self.record
        if "." in member:
            structs, _, member = member.rpartition(".")
            record = attrgetter(structs)(record)
        setattr(record, member, value)


KINDS: dict[type, tuple[str, str]] = {
    dict: ("object", "dictionary"),
    list: ("array", "list"),
    str: ("string", "string"),
    bool: ("boolean", "boolean"),
    int: ("integer", "int 64bits"),
    float: ("number", "floating point"),
    type(None): ("null", "null"),
}
"""Python type of a parsed document -> its name in OpenAPI and in Slurm."""


def kind_of(value: Any) -> str:
    """Slurm's word for the kind of a document value: "dictionary", "int 64bits"."""
    return KINDS[type(value)][1]


SLURM_KINDS = dict(KINDS.values())


def warn_mismatch(schema: dict[str, Any], value: Any, context: Context) -> None:
    """Warn when a value is not of the OpenAPI type its field has. null is always a way to say nothing."""
    expected = schema.get("type", "object")
    got, slurm = KINDS[type(value)]
    if got in (expected, "null"):
        return
    format_ = f" format={schema['format']}" if "format" in schema else ""
    context.warn(
        f"Expected OpenAPI type={expected}{format_} (Slurm type={SLURM_KINDS[expected]}) "
        f"but got OpenAPI type={got} (Slurm type={slurm})"
    )


def parse_record(document: Any, record: Any, bound: Bound, context: Context) -> bool:
    """Fill in *record*, a C struct, from *document*, in the order of the table.

    Members that the document does not name stay as they are. A key nobody knows is a warning that names it.
    Returns: whether this added no error to the context.
    """
    before = len(context.errors)
    if not isinstance(document, dict):
        context.error("ESLURM_DATA_EXPECTED_DICT", f"Expected dictionary but got {kind_of(document)}")
        return False
    _warn_unknown(document, bound.key_tree, context)
    target = Target(record, bound, context)
    for index in bound.inputs_for(document):
        _parse_row(*bound.input_keys[index], document, target)
    return len(context.errors) == before


def _parse_row(row: Any, keys: tuple[str, ...], document: dict[str, Any], target: Target) -> None:
    value = _lookup(document, keys)
    # null says nothing, as if the key were not there.
    if value is not None:
        with target.context.at(*keys):
            target.context.try_(_parse_value, row, value, target)
    elif getattr(row, "required", False):
        with target.context.at(*keys):
            target.context.error("ESLURM_DATA_PATH_NOT_FOUND", "Missing required field")


def _parse_value(row: Any, value: Any, target: Target) -> None:
    function = getattr(row, "parse", None)
    if function is not None:
        if hasattr(row, "type") and row.type.checked:
            warn_mismatch(row.type.schema, value, target.context)
        function(value, target)
    elif not hasattr(row, "member"):
        target.context.warn("ignored: this field can be read but not written")
    else:
        target.set(row.member, row.type.parse_member(value, target))


def _lookup(document: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _warn_unknown(document: dict[str, Any], known: dict[str, Any], context: Context) -> None:
    for key, value in document.items():
        if key not in known:
            with context.at(key):
                context.warn(f'Unknown key "{key}" was ignored')
        elif known[key] and isinstance(value, dict):
            with context.at(key):
                _warn_unknown(value, known[key], context)

"""Quality of service (QOS): records have ids where a document shows names. Names knows both, from slurmdbd's table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .convert import JSON, to_number, to_text
from .lists import TextList, elements_of, make_text_list
from .parse import Context, ConversionError
from .types import INFINITE, NO_VAL, Type

if TYPE_CHECKING:
    from .names import Names

NO_QOS = (0, NO_VAL, INFINITE)
"""Ids that stand for none."""


class QosId(Type):
    """The id of a QOS, shown as its name, "" for none; parsed from a name, an id, or "" for none."""

    zero = ""

    def __init__(self) -> None:
        self.name = "QOS_ID"
        self.schema = {"type": "string"}

    def dump(self, value: int, names: Names) -> JSON:
        return show_qos(value, names)

    def emit(self, value: str) -> str:
        return f"show_qos({value}, names)"

    def bindings(self) -> dict[str, Any]:
        return {"show_qos": show_qos}

    def convert(self, document: JSON, context: Context) -> int:
        return INFINITE if document == "" else qos_number(document, context.names)


def show_qos(number: int, names: Names) -> str:
    """Give the name of a QOS; "" for none, and the number as text where slurmdbd knows none."""
    if number in NO_QOS:
        return ""
    return names.qos(number) or str(number)


def qos_number(document: JSON, names: Names) -> int:
    """Give the id of a QOS meant by its name, its id, or by {name, id}. Raises: ConversionError."""
    if isinstance(document, dict):
        document = document.get("name") or document.get("id")
    text = to_text(document).strip()
    number = names.qos_id(text)
    if number is None and is_number(text) and names.qos(to_number(text)):
        number = to_number(text)
    if number is None:
        raise ConversionError("ESLURM_INVALID_QOS", f'Unknown QOS "{text}"')
    return number


class QosIds(TextList):
    """A list of QOS ids as texts, shown as their names; parsed from names or ids.

    nothing: the text of the one element by which slurmdbd means an empty list; an empty list it would not see.
    """

    def __init__(self, name: str, nothing: str) -> None:
        super().__init__(name)
        self.nothing = nothing

    def dump(self, value: int, names: Names) -> JSON:
        return show_qos_ids(value, names)

    def emit(self, value: str) -> str:
        return f"show_qos_ids({value}, names)"

    def bindings(self) -> dict[str, Any]:
        return {"show_qos_ids": show_qos_ids}

    def convert(self, document: JSON, context: Context) -> int:
        numbers = context.each(lambda one: qos_number(one, context.names), elements_of(document))
        return make_text_list(map(str, numbers) if document else [self.nothing], context)


def show_qos_ids(address: int, names: Names) -> list[str]:
    """Give the names of the QOS in a list_t of ids; an id that says no QOS stays what it is."""
    return [_qos_of(text, names) for text in names.texts(address) if text]


def _qos_of(text: str, names: Names) -> str:
    return show_qos(int(text), names) or text if is_number(text) else text


def is_number(text: str) -> bool:
    """Tell whether text is an id."""
    return text.isascii() and text.isdigit()


QOS_ID = QosId()
QOS_STRING_ID_LIST = QosIds("QOS_STRING_ID_LIST", nothing="")

"""What a client means by a value of a document: text, numbers, booleans, whatever kind of JSON it chose for them."""

from __future__ import annotations

import math
from typing import Any

from .parse import ConversionError, kind_of

JSON = Any
"""A document or a part of one."""


def split_csv(text: str) -> list[str]:
    """Split at commas and drop empty parts."""
    return [part for part in text.split(",") if part]


def to_text(document: JSON) -> str:
    """Convert a scalar to the text a client means by it. Raises: ConversionError."""
    if isinstance(document, str):
        text = document
    elif isinstance(document, bool):
        text = "true" if document else "false"
    elif document is None:
        text = ""
    elif isinstance(document, (int, float)):
        text = str(document)
    else:
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f"string expected but got {kind_of(document)}")
    _check_c_text(text)
    return text


def _check_c_text(text: str) -> None:
    """Refuse what a C string cannot hold. Raises: ConversionError."""
    if "\0" in text:
        raise ConversionError("ESLURM_DATA_CONV_FAILED", "string has a NUL character, which C text cannot hold")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f"string is not valid Unicode: {error.reason}") from error


def to_bytes(document: JSON) -> bytes:
    """Convert a scalar to UTF-8 text. Raises: ConversionError."""
    return to_text(document).encode()


def to_texts(document: JSON) -> list[str]:
    """Convert an array of scalars, or comma separated text, to a list of texts. Raises: ConversionError."""
    if isinstance(document, list):
        return [to_bytes(item).decode() for item in document]
    if isinstance(document, dict):
        raise ConversionError("ESLURM_DATA_CONV_FAILED", "Expected list or string but got dictionary")
    return split_csv(to_bytes(document).decode())


def to_integer(document: JSON) -> int:
    """Convert a number, or text that is one, to an integer; fractions are rounded. Raises: ConversionError."""
    if isinstance(document, int) and not isinstance(document, bool):
        return document
    if isinstance(document, float) and math.isfinite(document):
        return math.floor(document + 0.5)
    if isinstance(document, str):
        try:
            return int(document.strip(), 10) if document.isascii() and "_" not in document else int("")
        except ValueError:
            raise ConversionError("ESLURM_DATA_CONV_FAILED", f'Expected integer but got string "{document}"') from None
    raise ConversionError("ESLURM_DATA_CONV_FAILED", f"Expected integer but got {kind_of(document)}")


MOST_DIGITS = 20
"""Digits of the largest number that any member can hold; Python takes only so many thousands of them."""


def to_number(digits: str) -> int:
    """Convert decimal digits. Raises: ConversionError for more than any member could hold."""
    if len(digits) > MOST_DIGITS:
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f"A number of {len(digits)} digits is too large")
    return int(digits)


BOOL_TEXTS = {
    **dict.fromkeys(("y", "yes", "t", "true", "on", "1"), True),
    **dict.fromkeys(("n", "no", "f", "false", "off", "0", ""), False),
}


def to_bool(document: JSON) -> bool:
    """Convert a boolean, a number or one of Slurm's words for yes and no. Raises: ConversionError."""
    if isinstance(document, (bool, int, float)):
        return bool(document)
    if isinstance(document, str) and document.lower() in BOOL_TEXTS:
        return BOOL_TEXTS[document.lower()]
    found = f'"{document}"' if isinstance(document, str) else kind_of(document)
    raise ConversionError("ESLURM_DATA_CONV_FAILED", f"Expected boolean but got {found}")


def in_range(number: int, low: int, high: int) -> int:
    """Give *number* back if it lies in low..high. Raises: ConversionError."""
    if not low <= number <= high:
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f"{number} is outside of {low} to {high}")
    return number


def no_val_number(document: JSON) -> Any:
    """Read a {set, infinite, number} object: None when unset, math.inf when infinite. Raises: ConversionError."""
    if not isinstance(document, dict):
        raise ConversionError("ESLURM_DATA_EXPECTED_DICT", f"Expected dictionary but got {kind_of(document)}")
    unknown = [key for key in document if key not in ("set", "infinite", "number")]
    if unknown:
        raise ConversionError("ESLURM_DATA_CONV_FAILED", f'Unknown key "{unknown[0]}" beside set, infinite, number')
    if to_bool(document.get("infinite") or False):
        return math.inf
    number = document.get("number")
    # A client that sends {"number": 5} alone means 5; only an explicit "set": false takes it back.
    if not to_bool(document.get("set", number is not None) or False):
        return None
    if number is None:
        raise ConversionError(
            "ESLURM_DATA_CONV_FAILED", 'Expected "number" field when "set"=True but field not present'
        )
    return number

"""The cells of a table: read as numbers, strings or times, and written so that they read back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.course.datasets.arrays import Array

__all__ = ["TYPES", "dtype_of", "quoted", "read", "type_of", "written"]

_NUMBERS = (
    *("float32", "float64", "int8", "int16", "int32", "int64"),
    *("uint8", "uint16", "uint32", "uint64"),
)
_UNITS = {"month": "M", "day": "D", "hour": "h", "minute": "m", "second": "s"}
_LENGTHS = {"M": 7, "D": 10, "h": 16, "m": 16, "s": 19}  # of a written time
TYPES = (*_NUMBERS, "bool", "string", *_UNITS)
"""What `type` may be in the arrays of a table."""

_INTEGER = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_TIME = re.compile(r"\d{4}-\d\d(-\d\d([ T]\d\d(:\d\d(:\d\d)?)?)?)?")
_FLAGS = {"0": False, "1": True, "false": False, "true": True}
_NEEDS_QUOTES = re.compile(r'[",\r\n]')


def dtype_of(kind: str) -> np.dtype[Any]:
    """Return the type of the array that a column of a type of `TYPES` becomes."""
    if kind == "string":
        return np.dtype(str)
    return np.dtype(f"datetime64[{_UNITS[kind]}]" if kind in _UNITS else kind)


def type_of(array: Array) -> str:
    """Return the type of `TYPES` for an array; raises ValueError where there is none."""
    if array.dtype.kind == "U":
        return "string"
    if array.dtype.kind == "M":
        unit, count = np.datetime_data(array.dtype)
        named = {short: name for name, short in _UNITS.items()}
        if count == 1 and unit in named:
            return named[unit]
    if array.dtype.name in (*_NUMBERS, "bool"):
        return array.dtype.name
    raise ValueError(f"the type {array.dtype} has no form in a table")


def read(text: str, kind: str) -> Any:
    """Return the value of a cell that is not empty; raises ValueError, which says what it is not.

    Whole numbers are never changed; other numbers become the nearest of a float type.
    """
    return _READERS.get(kind, _read_number)(text, kind)


def written(value: Any, kind: str) -> str:
    """Return the text of a cell: the shortest decimal that reads back, empty for NaN and NaT."""
    if kind == "string":
        return str(value)
    if kind in _UNITS:
        return _written_time(value, _UNITS[kind])
    if kind.startswith("float"):
        return "" if np.isnan(value) else _shortest(value)
    return str(int(value))


def quoted(text: str) -> str:
    """Return a cell as it stands between two commas."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if _NEEDS_QUOTES.search(text) else text


def _read_number(text: str, kind: str) -> Any:
    number, dtype = text.strip(), np.dtype(kind)
    if dtype.kind in "iu":
        return _read_whole(number, dtype)
    if not _DECIMAL.fullmatch(number):
        raise ValueError("is no number")
    with np.errstate(over="ignore"):
        value = dtype.type(float(number))
    if not np.isfinite(value):
        raise ValueError(f"is beyond the largest {kind}")
    if _INTEGER.fullmatch(number) and int(number) != int(value):
        raise ValueError(f"is a whole number with more digits than {kind} holds")
    return value


def _read_whole(number: str, dtype: np.dtype[Any]) -> Any:
    if not _INTEGER.fullmatch(number):
        raise ValueError("is no whole number")
    limits = np.iinfo(dtype)
    if not limits.min <= int(number) <= limits.max:
        raise ValueError(f"lies outside of {dtype}, {limits.min} to {limits.max}")
    return dtype.type(int(number))


def _read_string(text: str, kind: str) -> str:
    del kind
    if "\0" in text:
        raise ValueError("holds a NUL character")
    return text


def _read_flag(text: str, kind: str) -> bool:
    del kind
    if text.strip().lower() not in _FLAGS:
        raise ValueError("is none of 0, 1, false, true")
    return _FLAGS[text.strip().lower()]


def _read_time(text: str, kind: str) -> Any:
    unit, stripped = _UNITS[kind], text.strip()
    example = "2011-12-31 23:59:59"[: _LENGTHS[unit]]
    if not _TIME.fullmatch(stripped):
        raise ValueError(f"is no time like {example}")
    try:
        exact = np.datetime64(stripped.replace(" ", "T"))
    except ValueError:
        raise ValueError(f"is no time like {example}") from None
    value = exact.astype(f"datetime64[{unit}]")
    if value != exact:
        raise ValueError(f"is not the beginning of a {kind}")
    return value


_READERS: Mapping[str, Callable[[str, str], Any]] = {
    "string": _read_string,
    "bool": _read_flag,
    **dict.fromkeys(_UNITS, _read_time),
}


def _written_time(value: Any, unit: str) -> str:
    if np.isnat(value):
        return ""
    finer = np.datetime64(value, "m") if unit == "h" else value
    return str(np.datetime_as_string(finer)).replace("T", " ")


def _shortest(value: Any) -> str:
    """Return the shortest decimal that reads back as the same float; of a whole number all digits.

    From 1e16 on, and below 0.0001, it has an exponent.
    """
    size = abs(float(value))
    if 0 < size < 1e16 and size == int(size):
        return str(int(value))
    if size == 0 or 1e-4 <= size < 1e16:
        text = np.format_float_positional(value, unique=True, trim="-")
    else:
        text = np.format_float_scientific(value, unique=True, trim="-")
    # A decimal is read as float64 first: where that rounds to a neighbour, all digits are written.
    return text if type(value)(float(text)) == value else repr(float(value))

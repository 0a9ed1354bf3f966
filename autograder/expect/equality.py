"""Expectations of equality: a returned value beside the value that it must equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.expect.returned import kind_of
from autograder.wire import Value

__all__ = ["Tolerance", "difference", "shown"]

_FEW = 12  # numbers that a message shows whole
_LONG = 200  # characters of a text that a message shows


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a number may lie from the expected number: at most atol + rtol * |expected|.

    An exercise states the tolerance of a function once, in its oracle.

        DISTANCE = Oracle("distance", distance, expect.Tolerance(rtol=1e-4))
    """

    rtol: float = 1e-6
    atol: float = 1e-9

    def near(self, value: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> Any:
        """Return for each number whether it is near enough; nan equals nan.

        Both are compared in float64, where one of them is a float, and exactly otherwise.
        """
        if "f" not in (value.dtype.kind, expected.dtype.kind):
            return value == expected
        wide, goal = value.astype(np.float64), expected.astype(np.float64)
        return np.isclose(wide, goal, rtol=self.rtol, atol=self.atol, equal_nan=True)


def difference(value: Value, expected: Value, tolerance: Tolerance | None = None) -> str:
    """Return in words how `value` differs from `expected`; empty where they are equal.

    A number equals an array without axes, and a list of numbers an array of one axis: `value` must
    have the shape and the numbers of `expected`, whatever holds them. A tuple equals a list. Text,
    the keys of a dict and None must be equal.

        assert not (told := expect.difference(value, np.eye(3))), told
    """
    return _difference(value, expected, tolerance or Tolerance(), "")


def _difference(value: Value, expected: Value, tolerance: Tolerance, where: str) -> str:
    if value is None and expected is not None:
        return f"{where}None came back. Is the `return` missing?"
    if _is_numeric(expected):
        return _of_arrays(value, np.asarray(expected), tolerance, where)
    if isinstance(expected, np.ndarray):  # of text
        return _difference(_listed(value), expected.tolist(), tolerance, where)
    if isinstance(expected, dict):
        return _of_dicts(value, expected, tolerance, where)
    if isinstance(expected, list | tuple):
        return _of_lists(_listed(value), expected, tolerance, where)
    if type(value) is not type(expected) or value != expected:
        return f"{where}expected {shown(expected)}, yours is {_named(value)}"
    return ""


def _is_numeric(value: Value) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biuf"
    return isinstance(value, bool | int | float | np.number | np.bool_)


def _listed(value: Value) -> Value:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _of_arrays(
    value: Value, expected: np.ndarray[Any, Any], tolerance: Tolerance, where: str
) -> str:
    array = _as_array(value)
    if array is None:
        what = "a number" if expected.ndim == 0 else f"an array of shape {expected.shape}"
        return f"{where}expected {what}, yours is {kind_of(value)}"
    if array.shape != expected.shape:
        return f"{where}expected the shape {expected.shape}, yours has {array.shape}"
    near = tolerance.near(array, expected)
    if np.all(near):
        return ""
    if expected.size <= _FEW:
        return f"{where}expected\n{shown(expected)}\nyours\n{shown(array)}"
    at = tuple(int(n) for n in np.argwhere(~near)[0])
    wrong = int(expected.size - np.count_nonzero(near))
    return (
        f"{where}{wrong} of {expected.size} numbers differ; at {list(at)} expected "
        f"{shown(expected[at])}, yours is {shown(array[at])}"
    )


def _as_array(value: Value) -> np.ndarray[Any, Any] | None:
    """Return numbers as an array; None for anything else, such as rows of different lengths."""
    if not _is_numeric(value) and not isinstance(value, list | tuple):
        return None
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    return array if array.dtype.kind in "biuf" else None


def _of_lists(value: Value, expected: Any, tolerance: Tolerance, where: str) -> str:
    if not isinstance(value, list | tuple):
        return f"{where}expected {kind_of(expected)}, yours is {kind_of(value)}"
    if len(value) != len(expected):
        return f"{where}expected {len(expected)} values, yours are {len(value)}"
    for number, (own, goal) in enumerate(zip(value, expected, strict=True)):
        told = _difference(own, goal, tolerance, f"{where}in value {number + 1}: ")
        if told:
            return told
    return ""


def _of_dicts(value: Value, expected: Any, tolerance: Tolerance, where: str) -> str:
    if not isinstance(value, dict):
        return f"{where}expected a dict, yours is {kind_of(value)}"
    if missing := [key for key in expected if key not in value]:
        return f"{where}the key {missing[0]!r} is missing"
    if strange := [key for key in value if key not in expected]:
        return f"{where}there is a key {shown(strange[0])} that is not expected"
    for key, goal in expected.items():
        told = _difference(value[key], goal, tolerance, f"{where}at {key!r}: ")
        if told:
            return told
    return ""


def _named(value: Value) -> str:
    plain = value is None or isinstance(value, bool | int | float | str | bytes)
    return shown(value) if plain else kind_of(value)


def shown(value: Value) -> str:
    """Return a value as a message shows it: whole if it is small, or else its kind and shape.

    An array of more than 12 numbers is large.

        assert value > 0, f"A positive number is expected, not {expect.shown(value)}."
    """
    if isinstance(value, np.ndarray) and value.ndim:
        if value.size <= _FEW:
            return np.array2string(value, precision=6, separator=", ", suppress_small=False)
        return kind_of(value)
    if isinstance(value, float | np.floating):
        return f"{float(value):.7g}"
    if isinstance(value, np.ndarray | np.generic):
        return shown(value.item())
    if isinstance(value, list | tuple | dict | set) and len(value) > _FEW:
        return f"{kind_of(value)} of {len(value)}"
    text = repr(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"

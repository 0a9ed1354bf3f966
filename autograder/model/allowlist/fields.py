"""Readers of received values: a number in a range, a word of a list, a small tuple.

A reader (`Field`) returns the value, or raises RefusedModel for a value that it does not take.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.errors import RefusedModel
from autograder.text import quoted
from autograder.wire import Value

MAX_COUNT = 2**31
MAX_CONSTANT = 1 << 22
PLAIN_DTYPES = frozenset(
    {"float16", "bfloat16", "float32", "float64", "bool"}
    | {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
)


Field = Callable[[Value], Any]


def integer(low: int, high: int = MAX_COUNT) -> Field:
    """Return a reader of whole numbers from `low` to `high`, both included."""

    def read(value: Value) -> int:
        if type(value) is not int or not low <= value <= high:
            raise RefusedModel(
                f"a whole number from {low} to {high} is expected, not {show(value)}"
            )
        return value

    return read


def number(low: float = -math.inf, high: float = math.inf) -> Field:
    """Return a reader of finite numbers from `low` to `high`, both included."""

    def read(value: Value) -> float | int:
        if type(value) not in (int, float) or not math.isfinite(value):
            raise RefusedModel(f"a finite number is expected, not {show(value)}")
        if not low <= value <= high:
            raise RefusedModel(f"a number from {low:g} to {high:g} is expected, not {show(value)}")
        return value  # type: ignore[no-any-return]

    return read


def boolean(value: Value) -> bool:
    """Read True or False."""
    if type(value) is not bool:
        raise RefusedModel(f"True or False is expected, not {show(value)}")
    return value


def only(*allowed: Value) -> Field:
    """Return a reader of exactly these values (of exactly these types)."""

    def read(value: Value) -> Any:
        for word in allowed:
            if type(value) is type(word) and value == word:
                return word
        raise RefusedModel(f"{show(value)} is not one of {', '.join(map(repr, allowed))}")

    return read


def optional(field: Field) -> Field:
    """Return a reader that also takes None."""
    return lambda value: None if value is None else field(value)


def either(*fields: Field) -> Field:
    """Return a reader that takes what any of `fields` takes."""

    def read(value: Value) -> Any:
        for field in fields[:-1]:
            try:
                return field(value)
            except RefusedModel:
                continue
        return fields[-1](value)

    return read


def several(field: Field, least: int = 0, most: int = 8) -> Field:
    """Return a reader of lists of `least` to `most` items, read as a tuple."""

    def read(value: Value) -> tuple[Any, ...]:
        if type(value) is not list or not least <= len(value) <= most:
            raise RefusedModel(f"a list of {least} to {most} items is expected, not {show(value)}")
        return tuple(field(element) for element in value)

    return read


def array(most: int = MAX_CONSTANT) -> Field:
    """Return a reader of numeric arrays of at most `most` elements, copied."""

    def read(value: Value) -> np.ndarray[Any, Any]:
        if type(value) is not np.ndarray or value.dtype.kind not in "fiub":
            raise RefusedModel(f"an array of numbers is expected, not {show(value)}")
        if value.size > most:
            raise RefusedModel(f"an array of {value.size} numbers; at most {most} are read")
        return value.copy()

    return read


def text(most: int) -> Field:
    """Return a reader of texts, cut at `most` characters; for display only."""

    def read(value: Value) -> str:
        if type(value) is not str:
            raise RefusedModel(f"a text is expected, not {show(value)}")
        return value[:most]

    return read


def per_axis(field: Field, rank: int) -> Field:
    """Return a reader of a value for all axes, or of a list of values for `rank` axes."""
    return either(field, several(field, rank, rank))


def record(value: Value, where: str, required: frozenset[str], extra: frozenset[str]) -> Any:
    """Return `value` when it is a dict with all `required` keys and no unknown keys."""
    if type(value) is not dict:
        raise RefusedModel(f"{where} is no dict but {show(value)}")
    missing, unknown = required - set(value), set(value) - required - extra
    if missing:
        raise RefusedModel(f"{where} lacks {show(min(missing))}")
    if unknown:
        raise RefusedModel(f"{where} has the unknown key {show(min(unknown))}")
    return value


def read_fields(value: Value, where: str, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Read a dict whose keys are all in `fields`; absent keys stay absent."""
    record(value, where, frozenset(), frozenset(fields))
    read = {}
    for name, setting in value.items():
        try:
            read[name] = fields[name](setting)
        except RefusedModel as error:
            raise RefusedModel(f"{where}: {name}: {error}") from None
    return read


def show(value: Value) -> str:
    """Return a short text about a received value, for a message."""
    if type(value) is str:
        return quoted(value, 60)
    if value is None or type(value) in (bool, int, float):
        return repr(value)[:60]
    if type(value) is np.ndarray:
        return f"an array of shape {value.shape} and type {value.dtype}"
    return f"a {type(value).__name__}"

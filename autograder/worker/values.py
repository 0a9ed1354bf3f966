"""Turns what a student's function returned into a value that can cross."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from autograder.wire import Opaque, Value

_DEEP = 24
_MOST_ITEMS = 100_000
_MOST_BYTES = 200 << 20


def as_bytes(content: bytes) -> Value:
    """Return text or bytes of any length in the form in which they may cross: a uint8 array."""
    return np.frombuffer(content, dtype=np.uint8)


def to_value(thing: Any, depth: int = 0) -> Value:
    """Return a plain value for `thing`; what has none becomes Opaque with its type's name.

    Tensors, variables, scalars of NumPy, Series and DataFrames become arrays or numbers, a History
    the dict of its lists. Never raises for an odd object.
    """
    if thing is None or type(thing) in (bool, int, float, str):
        return thing
    if depth > _DEEP:
        return Opaque("something nested very deeply")
    if isinstance(thing, keras.callbacks.History):
        return to_value(thing.history, depth + 1)
    if type(thing) in (list, tuple, set, frozenset):
        return _items(thing, depth)
    if type(thing) is dict or hasattr(thing, "items"):
        return _mapping(thing, depth)
    return _array(thing)


def _items(thing: Any, depth: int) -> Value:
    if len(thing) > _MOST_ITEMS:
        return Opaque(f"a {type(thing).__name__} of {len(thing)} items")
    return [to_value(item, depth + 1) for item in thing]


def _mapping(thing: Any, depth: int) -> Value:
    if type(thing) is not dict:
        return _array(thing)
    if len(thing) > _MOST_ITEMS:
        return Opaque(f"a dict of {len(thing)} items")
    return {str(key): to_value(item, depth + 1) for key, item in thing.items()}


def _array(thing: Any) -> Value:
    name = type(thing).__name__
    if not (isinstance(thing, np.generic) or hasattr(thing, "__array__")):
        return Opaque(name)
    try:
        array = np.asarray(thing)
    except Exception:  # any object may claim to be an array and fail at it
        return Opaque(name)
    if type(array) is not np.ndarray or array.dtype.kind not in "biuf":
        return array.item() if array.ndim == 0 and array.dtype.kind == "U" else Opaque(name)
    if array.nbytes > _MOST_BYTES:
        return Opaque(f"an array of {array.nbytes >> 20} MiB")
    return array.item() if isinstance(thing, np.generic) else array

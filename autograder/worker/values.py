"""Turns what a student's function returned into a value that can cross."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Hashable, ItemsView, Iterable, KeysView, ValuesView
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np

from autograder.wire import Handle, Opaque, Value
from autograder.wire.values import MAX_INT
from autograder.worker.keras_types import is_history, is_model

__all__ = ["as_bytes", "to_value"]

Keep = Callable[[object], Handle]

_DEEP = 24
# What one value may hold in all: the reader on the other side refuses a larger frame.
_MOST_ITEMS = 100_000
_MOST_CHARACTERS = 2_000_000
_MOST_ARRAYS = 50_000
_MOST_BYTES = 200 << 20


class _TooLarge(Exception):
    """A value holds more than may cross; the text says of what."""


def as_bytes(content: bytes) -> Value:
    """Return text or bytes of any length in the form in which they may cross: a uint8 array."""
    return np.frombuffer(content, dtype=np.uint8)


def to_value(thing: Any, keep: Keep) -> Value:
    """Return a value for `thing` that may cross.

    Scalars, text, bytes, paths, lists, tuples, sets and dicts stay what they are, whatever their
    subclass. Tensors, variables, Series and DataFrames become arrays, scalars of NumPy become
    numbers, a History the dict of its lists. Any other object, a model, a generator or a function
    stays here: `keep` stores the object and returns its handle. A value that is too large or too
    deep becomes Opaque.
    """
    writer = _Writer(keep)
    try:
        return writer.write(thing, 0)
    except _TooLarge as error:
        return Opaque(f"{type(thing).__name__} with {error}")


@dataclass(slots=True)
class _Writer:
    """Writes one value, and counts what the value holds."""

    keep: Keep
    items: int = 0
    characters: int = 0
    arrays: int = 0
    array_bytes: int = 0

    def write(self, thing: Any, depth: int) -> Value:
        self._count(items=1)
        if depth > _DEEP:
            raise _TooLarge(f"more than {_DEEP} levels")
        if thing is None or type(thing) in (bool, int, float):
            return thing
        if isinstance(thing, str | bytes | PurePath):
            return self._text(thing)
        if is_model(thing):
            return self.keep(thing)
        if is_history(thing):
            return self.write(thing.history, depth + 1)
        return self._collection(thing, depth)

    def _text(self, thing: str | bytes | PurePath) -> Value:
        if isinstance(thing, PurePath):
            return thing
        plain = str(thing) if isinstance(thing, str) else bytes(thing)
        self._count(characters=len(plain))
        return plain

    def _collection(self, thing: Any, depth: int) -> Value:
        if isinstance(thing, tuple):
            return tuple(self._items(thing, depth))
        if isinstance(thing, list | deque | range | KeysView | ValuesView | ItemsView):
            return self._items(thing, depth)
        if isinstance(thing, set | frozenset) and all(map(_is_key, thing)):
            return set(self._items(thing, depth))
        if isinstance(thing, dict):
            return self._dict(thing, depth)
        return self._array(thing, depth)

    def _items(self, thing: Iterable[Any], depth: int) -> list[Value]:
        # A range may have more items than memory has room for.
        return [self.write(item, depth + 1) for item in itertools.islice(thing, _MOST_ITEMS + 1)]

    def _dict(self, thing: dict[Any, Any], depth: int) -> Value:
        if not all(map(_is_key, thing)):
            return self.keep(thing)
        return {
            self.write(key, depth + 1): self.write(item, depth + 1) for key, item in thing.items()
        }

    def _array(self, thing: Any, depth: int) -> Value:
        if not (isinstance(thing, np.generic) or hasattr(thing, "__array__")):
            return self.keep(thing)
        try:
            array = np.asarray(thing)
        except Exception:  # any object may claim to be an array and fail at it
            return self.keep(thing)
        if type(array) is not np.ndarray:
            return self.keep(thing)
        if array.dtype.kind == "O" or array.dtype.kind == "S":
            return self._objects(array, depth)
        if array.dtype.name == "bfloat16":
            array = array.astype(np.float32)  # every bfloat16 is a float32
        if array.dtype.kind not in "biufU":
            return self.keep(thing)
        self._count(arrays=1, size=array.nbytes)
        return array.item() if isinstance(thing, np.generic) else array

    def _objects(self, array: np.ndarray[Any, Any], depth: int) -> Value:
        """Return an array of text where all is text (TensorFlow's as bytes), or else lists."""
        texts = [_decoded(entry) for entry in array.ravel().tolist()]
        if all(isinstance(text, str) for text in texts):
            self._count(arrays=1, size=4 * len(texts) * max(map(len, texts), default=0))
            return texts[0] if array.ndim == 0 else np.array(texts, dtype=str).reshape(array.shape)
        return self.write(array.tolist(), depth + 1)

    def _count(self, items: int = 0, characters: int = 0, arrays: int = 0, size: int = 0) -> None:
        self.items += items
        self.characters += characters
        self.arrays += arrays
        self.array_bytes += size
        if self.items > _MOST_ITEMS:
            raise _TooLarge(f"more than {_MOST_ITEMS:,} items")
        if self.characters > _MOST_CHARACTERS:
            raise _TooLarge(f"more than {_MOST_CHARACTERS:,} characters")
        if self.arrays > _MOST_ARRAYS:
            raise _TooLarge(f"more than {_MOST_ARRAYS:,} arrays")
        if self.array_bytes > _MOST_BYTES:
            raise _TooLarge(f"arrays of more than {_MOST_BYTES >> 20} MiB")


def _is_key(thing: Hashable) -> bool:
    """Tell whether a key of a dict, or an element of a set, may cross as what it is."""
    if isinstance(thing, tuple):
        return all(map(_is_key, thing))
    if isinstance(thing, np.generic):
        return thing.dtype.kind in "biufU"
    if isinstance(thing, int):
        return abs(thing) < MAX_INT
    return thing is None or isinstance(thing, float | str | bytes)


def _decoded(entry: Any) -> Any:
    """Return the text in bytes, and any other entry, or bytes that are no text, as they are."""
    try:
        return entry.decode("utf-8") if isinstance(entry, bytes) else entry
    except UnicodeDecodeError:
        return entry

"""Decodes a frame from any sender: its bytes become a value, or they are refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from autograder.errors import BadFrame
from autograder.wire.values import (
    DTYPES,
    HANDLES,
    LENGTH,
    MAX_DEPTH,
    MAX_INT,
    MAX_ITEMS,
    MAX_RANK,
    TAG,
    Handle,
    Opaque,
    Value,
    may_cross,
)

__all__ = ["Caps", "decode"]

_HEADER, _TAGGED = frozenset({"arrays", "body"}), frozenset({TAG, "v"})
_PIECE = 1 << 20  # bytes: no more is taken before they have come
_LONGEST_NUMBER = 400  # digits of a float, and some
_IN_QUOTES = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_LAST_CHARACTER = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)  # halves of characters, which no file can hold


@dataclass(frozen=True, slots=True)
class Caps:
    """The largest frame that a reader accepts: sizes in bytes, counts, and characters of a text.

    `text` counts for text within the JSON; text beside the JSON is limited as arrays are. `groups`
    are the lists and objects within the JSON, `items` what stands in them: an empty list takes 30
    times the memory of its two bytes.
    """

    json_bytes: int = 4 << 20
    array_bytes: int = 256 << 20
    total_bytes: int = 256 << 20
    arrays: int = 1 << 15
    text: int = 1 << 16
    groups: int = 100_000
    items: int = 300_000


def decode(read: Callable[[int], bytes | bytearray], caps: Caps | None = None) -> Value:
    """Read a frame through `read(n)`, which returns exactly n bytes or raises.

    Raises BadFrame for bytes that are no frame within `caps`. Memory is taken for what has come,
    and not for what is declared: `read` is asked for at most a MiB at a time.
    """
    caps = caps or Caps()
    (length,) = LENGTH.unpack(read(LENGTH.size))
    if length > caps.json_bytes:
        raise BadFrame(f"{length} bytes of JSON, at most {caps.json_bytes} are read")
    header = _parse_json(_whole(read, length), caps)
    if type(header) is not dict or set(header) != _HEADER:
        raise BadFrame("a header without exactly 'arrays' and 'body'")
    shapes = _shapes(header["arrays"], caps)
    arrays = [_read_array(_whole(read, size), dtype, shape) for dtype, shape, size in shapes]
    return _Decoder(arrays, caps).decode(header["body"])


def _whole(read: Callable[[int], bytes | bytearray], size: int) -> bytes | bytearray:
    """Return `size` bytes, read piece by piece."""
    if size <= _PIECE:
        return read(size)
    data = bytearray()
    while len(data) < size:
        data += read(min(size - len(data), _PIECE))
    return data


def _read_array(data: bytes | bytearray, dtype: str, shape: tuple[int, ...]) -> Any:
    if dtype in DTYPES:
        return np.frombuffer(data, dtype=dtype).reshape(shape)
    codes = np.frombuffer(data, dtype="<u4")
    if len(codes) and codes.max() > _LAST_CHARACTER:
        raise BadFrame("an array of text with a number that is no character")
    halves = (codes >= _SURROGATES[0]) & (codes <= _SURROGATES[1])
    codes = np.where(halves, ord("?"), codes).astype("<u4")
    return codes.view(dtype).reshape(shape) if len(codes) else np.empty(shape, dtype)


def _check_counts(text: bytes | bytearray, caps: Caps) -> None:
    """Raise BadFrame for JSON of too many parts, before any of them takes memory."""
    for marks, most in ((b"[{", caps.groups), (b",", caps.items)):
        many = sum(text.count(mark) for mark in marks)
        if many > most:  # commas and brackets within texts are no parts
            many -= sum(m[0].count(mark) for m in _IN_QUOTES.finditer(text) for mark in marks)
        if many > most:
            raise BadFrame(f"JSON of {many} parts, at most {most} are read")


def _parse_json(text: bytes | bytearray, caps: Caps) -> Any:
    def refuse(token: str) -> Any:
        raise BadFrame(f"the number {token[:20]}")

    def integer(token: str) -> int:
        return int(token) if len(token) < 25 else refuse(token)

    def real(token: str) -> float:
        return float(token) if len(token) < _LONGEST_NUMBER else refuse(token)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        decoded = dict(pairs)
        if len(decoded) != len(pairs):
            raise BadFrame("a key given twice")
        if decoded.keys() not in (_HEADER, _TAGGED):
            raise BadFrame("an object without a tag")
        return decoded

    _check_counts(text, caps)
    try:
        return json.loads(
            text.decode("utf-8"),
            parse_constant=refuse,
            parse_float=real,
            parse_int=integer,
            object_pairs_hook=unique,
        )
    except BadFrame:
        raise
    except (ValueError, RecursionError) as error:
        raise BadFrame(f"no JSON: {error}") from None


def _shapes(value: Any, caps: Caps) -> list[tuple[str, tuple[int, ...], int]]:
    if type(value) is not list or len(value) > caps.arrays:
        raise BadFrame(f"'arrays' is not a list of at most {caps.arrays}")
    shapes = [_shape(entry, caps) for entry in value]
    total = sum(size for _, _, size in shapes)
    if total > caps.total_bytes:
        raise BadFrame(f"{total} bytes of arrays, at most {caps.total_bytes} are read")
    return shapes


def _shape(entry: Any, caps: Caps) -> tuple[str, tuple[int, ...], int]:
    if type(entry) is not list or len(entry) != 2 or type(entry[0]) is not str:
        raise BadFrame("an array without a dtype and a shape")
    if not may_cross(entry[0]):
        raise BadFrame("an array of something but numbers and text")
    dims = entry[1]
    if type(dims) is not list or len(dims) > MAX_RANK:
        raise BadFrame("an array without a shape")
    if any(type(n) is not int or n < 0 or n > MAX_INT for n in dims):
        raise BadFrame("an array with a size that is no count")
    if (
        math.prod(max(n, 1) for n in dims) > MAX_ITEMS
    ):  # NumPy multiplies all sizes, also beside a zero
        raise BadFrame("an array with impossible sizes")
    size = math.prod(dims) * np.dtype(entry[0]).itemsize
    if size > caps.array_bytes:
        raise BadFrame(f"an array of {size} bytes, at most {caps.array_bytes} are read")
    return entry[0], tuple(dims), size


@dataclass(slots=True)
class _Decoder:
    arrays: list[np.ndarray[Any, Any]]
    caps: Caps

    def decode(self, body: Any, depth: int = 0) -> Value:
        if depth > MAX_DEPTH:
            raise BadFrame(f"a value nested more than {MAX_DEPTH} deep")
        if type(body) is str:
            if len(body) > self.caps.text:
                raise BadFrame(f"a text of {len(body)} characters")
            # A lone surrogate could not be written to a file.
            return body.encode("utf-8", "replace").decode("utf-8")
        if type(body) is list:
            return [self.decode(element, depth + 1) for element in body]
        if type(body) is dict:
            return self._tagged(body, depth)
        if type(body) is float and not math.isfinite(body):
            raise BadFrame("a number too large for a float")  # 1e999 passes the JSON parser
        if body is None or type(body) in (bool, int, float):
            return body
        raise BadFrame("an unknown kind of value")

    def _tagged(self, body: dict[str, Any], depth: int) -> Value:
        if body.keys() != _TAGGED:
            raise BadFrame("an object without a tag")
        kind, value = body[TAG], body["v"]
        if type(value) is list:
            return self._collection(kind, value, depth)
        is_raw = kind in ("array", "bytes", "text")
        if is_raw and type(value) is int and 0 <= value < len(self.arrays):
            return self._from_array(kind, self.arrays[value])
        if kind == "float" and value in ("nan", "inf", "-inf"):
            return float(value)
        if type(value) is str and kind in ("opaque", "path") and len(value) <= self.caps.text:
            return Opaque(value[:200]) if kind == "opaque" else self._path(value)
        raise BadFrame("an unknown tag")

    def _collection(self, kind: Any, value: list[Any], depth: int) -> Value:
        if kind == "tuple":
            return tuple(self.decode(element, depth + 1) for element in value)
        if kind == "set":
            return self._set(value, depth)
        if kind == "dict":
            return self._dict(value, depth)
        if kind == "handle":
            return _handle(value)
        raise BadFrame("an unknown tag")

    def _from_array(self, kind: str, array: np.ndarray[Any, Any]) -> Value:
        if kind == "array":
            return array
        if array.dtype != np.uint8 or array.ndim != 1:
            raise BadFrame("bytes or text that are no bytes")
        data = array.tobytes()
        return data if kind == "bytes" else data.decode("utf-8", "replace")

    def _path(self, value: str) -> PurePosixPath:
        text = self.decode(value)
        if "\0" in text:
            raise BadFrame("a path with a zero in it")
        return PurePosixPath(text)

    def _set(self, elements: list[Any], depth: int) -> set[Hashable]:
        decoded = [_hashable(self.decode(element, depth + 1)) for element in elements]
        if len(set(decoded)) != len(decoded):
            raise BadFrame("an element given twice")
        return set(decoded)

    def _dict(self, pairs: list[Any], depth: int) -> dict[Hashable, Value]:
        decoded: dict[Hashable, Value] = {}
        for pair in pairs:
            if type(pair) is not list or len(pair) != 2:
                raise BadFrame("a dict that is no list of pairs")
            key = _hashable(self.decode(pair[0], depth + 1))
            if key in decoded:
                raise BadFrame("a key given twice")
            decoded[key] = self.decode(pair[1], depth + 1)
        return decoded


def _hashable(value: Value) -> Hashable:
    """Return a key of a dict or an element of a set; raises BadFrame for what cannot be either."""
    kinds = (bool, int, float, str, bytes, tuple, PurePosixPath)
    if value is not None and type(value) not in kinds:
        raise BadFrame(f"a {type(value).__name__} as a key")
    if type(value) is tuple:
        for element in value:
            _hashable(element)
    key: Hashable = value
    return key


def _handle(value: list[Any]) -> Handle:
    if len(value) != 3 or value[0] not in HANDLES:
        raise BadFrame("a handle of an unknown kind")
    kind, number, type_name = value
    if type(number) is not int or not 0 <= number < MAX_INT or type(type_name) is not str:
        raise BadFrame("a handle that is no number")
    return Handle(kind, number, type_name[:200].encode("utf-8", "replace").decode("utf-8"))

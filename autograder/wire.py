"""Values and frames: the only data that cross between student's worker, evaluator and scorer.

A frame is `u32 length | JSON | raw array bytes`. The JSON holds a value and, for each array in it,
dtype and shape; every size is checked against a cap before memory is taken for it. There is no
pickle, no .npy header and no object: bytes from any sender become a value or raise BadFrame.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.errors import BadFrame

MAX_DEPTH = 64
MAX_RANK = 8
MAX_INT = 2**63
MAX_ITEMS = 2**40
_LENGTH = struct.Struct("!I")
_DTYPES = frozenset(
    {"<f2", "<f4", "<f8", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8", "|b1"}
)
_TAG = "!"


@dataclass(frozen=True, slots=True)
class Opaque:
    """Stands for an object that cannot cross: only the name of its type crosses."""

    type_name: str


Value = Any  # None | bool | int | float | str | list[Value] | dict[str, Value] | ndarray | Opaque


@dataclass(frozen=True, slots=True)
class Caps:
    """The largest frame that a reader accepts: sizes in bytes, counts, and characters of a text."""

    json_bytes: int = 4 << 20
    array_bytes: int = 256 << 20
    total_bytes: int = 256 << 20
    arrays: int = 1024
    text: int = 1 << 16


@dataclass(slots=True)
class _Encoder:
    arrays: list[np.ndarray[Any, Any]] = field(default_factory=list)

    def encode(self, value: Value, depth: int = 0) -> Any:
        if depth > MAX_DEPTH:
            raise BadFrame(f"a value nested more than {MAX_DEPTH} deep")
        if value is None or type(value) in (bool, str):
            return value
        if type(value) is int:
            return value if abs(value) < MAX_INT else {_TAG: "opaque", "v": "int"}
        if type(value) is float:
            return value if math.isfinite(value) else {_TAG: "float", "v": repr(value)}
        if type(value) in (list, tuple):
            return [self.encode(element, depth + 1) for element in value]
        if type(value) is dict:
            return {
                _TAG: "dict",
                "v": [[str(k), self.encode(v, depth + 1)] for k, v in value.items()],
            }
        if type(value) is np.ndarray:
            return self._array(value)
        if type(value) is Opaque:
            return {_TAG: "opaque", "v": value.type_name[:200]}
        raise BadFrame(f"a {type(value).__name__} cannot cross")

    def _array(self, value: np.ndarray[Any, Any]) -> Any:
        array = value.astype(value.dtype.newbyteorder("<"), copy=False)
        if array.dtype.str not in _DTYPES or array.ndim > MAX_RANK:
            return {_TAG: "opaque", "v": f"array of {value.dtype} with {value.ndim} axes"}
        self.arrays.append(np.ascontiguousarray(array).reshape(array.shape))
        return {_TAG: "array", "v": len(self.arrays) - 1}


def encode(value: Value) -> list[bytes | memoryview]:
    """Return the buffers of a frame; raises BadFrame for a value that may not cross.

    Large integers and arrays of other types than numbers become Opaque.
    """
    encoder = _Encoder()
    body = encoder.encode(value)
    header = {"arrays": [[a.dtype.str, list(a.shape)] for a in encoder.arrays], "body": body}
    text = json.dumps(header, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")
    buffers: list[bytes | memoryview] = [_LENGTH.pack(len(text)), text]
    buffers += [a.reshape(-1).view(np.uint8).data for a in encoder.arrays if a.nbytes]
    return buffers


def decode(read: Callable[[int], bytes | bytearray], caps: Caps | None = None) -> Value:
    """Read a frame through `read(n)`, which returns exactly n bytes or raises.

    Raises BadFrame for bytes that are no frame within `caps`; memory is taken after that check.
    """
    caps = caps or Caps()
    (length,) = _LENGTH.unpack(read(_LENGTH.size))
    if length > caps.json_bytes:
        raise BadFrame(f"{length} bytes of JSON, at most {caps.json_bytes} are read")
    header = _parse_json(bytes(read(length)))
    if type(header) is not dict or set(header) != {"arrays", "body"}:
        raise BadFrame("a header without exactly 'arrays' and 'body'")
    shapes = _shapes(header["arrays"], caps)
    arrays = [
        np.frombuffer(read(size), dtype=dtype).reshape(shape) for dtype, shape, size in shapes
    ]
    return _Decoder(arrays, caps).decode(header["body"])


def _parse_json(text: bytes) -> Any:
    def refuse(token: str) -> Any:
        raise BadFrame(f"the number {token[:20]}")

    def integer(token: str) -> int:
        return int(token) if len(token) < 25 else refuse(token)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        decoded = dict(pairs)
        if len(decoded) != len(pairs):
            raise BadFrame("a key given twice")
        return decoded

    try:
        return json.loads(
            text.decode("utf-8"), parse_constant=refuse, parse_int=integer, object_pairs_hook=unique
        )
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
    if entry[0] not in _DTYPES:
        raise BadFrame("an array of something but numbers")
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
        if set(body) != {_TAG, "v"}:
            raise BadFrame("an object without a tag")
        kind, value = body[_TAG], body["v"]
        if kind == "dict" and type(value) is list:
            return self._dict(value, depth)
        if kind == "array" and type(value) is int and 0 <= value < len(self.arrays):
            return self.arrays[value]
        if kind == "float" and value in ("nan", "inf", "-inf"):
            return float(value)
        if kind == "opaque" and type(value) is str:
            return Opaque(value[:200])
        raise BadFrame("an unknown tag")

    def _dict(self, pairs: list[Any], depth: int) -> dict[str, Value]:
        decoded: dict[str, Value] = {}
        for pair in pairs:
            if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not str:
                raise BadFrame("a dict that is no list of pairs")
            if pair[0] in decoded:
                raise BadFrame("a key given twice")
            decoded[pair[0]] = self.decode(pair[1], depth + 1)
        return decoded

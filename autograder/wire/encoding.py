"""Encodes a value as the buffers of a frame."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import numpy as np

from autograder.errors import BadFrame
from autograder.wire.values import (
    LENGTH,
    LONGEST_IN_JSON,
    MAX_DEPTH,
    MAX_INT,
    MAX_RANK,
    TAG,
    Handle,
    Opaque,
    Value,
    may_cross,
)

__all__ = ["encode"]


@dataclass(slots=True)
class _Encoder:
    arrays: list[np.ndarray[Any, Any]] = field(default_factory=list)

    def encode(self, value: Value, depth: int = 0) -> Any:
        if depth > MAX_DEPTH:
            raise BadFrame(f"a value nested more than {MAX_DEPTH} deep")
        if value is None or type(value) is bool:
            return value
        if type(value) is str:
            return value if len(value) <= LONGEST_IN_JSON else self._raw("text", value)
        if type(value) is int:
            return value if abs(value) < MAX_INT else {TAG: "opaque", "v": "int"}
        if type(value) is float:
            return value if math.isfinite(value) else {TAG: "float", "v": repr(value)}
        if type(value) is list:
            return self._items(value, depth)
        if type(value) is tuple:
            return {TAG: "tuple", "v": self._items(value, depth)}
        if type(value) in (set, frozenset):
            # The order of a set differs from process to process; the bytes of a frame do not.
            return {TAG: "set", "v": sorted(self._items(value, depth), key=repr)}
        if type(value) is dict:
            pairs = [
                [self.encode(k, depth + 1), self.encode(v, depth + 1)] for k, v in value.items()
            ]
            return {TAG: "dict", "v": pairs}
        if type(value) is np.ndarray:
            return self._array(value)
        return self._special(value)

    def _items(self, value: Any, depth: int) -> list[Any]:
        return [self.encode(element, depth + 1) for element in value]

    def _special(self, value: Value) -> Any:
        if type(value) is bytes:
            return self._raw("bytes", value)
        if isinstance(value, PurePath):
            return {TAG: "path", "v": value.as_posix()}
        if type(value) is Opaque:
            return {TAG: "opaque", "v": value.type_name[:200]}
        if type(value) is Handle:
            return {TAG: "handle", "v": [value.kind, value.number, value.type_name[:200]]}
        raise BadFrame(f"a {type(value).__name__} cannot cross")

    def _raw(self, kind: str, value: bytes | str) -> Any:
        """Send text or bytes beside the JSON, where their size costs nothing but their bytes."""
        data = value if isinstance(value, bytes) else value.encode("utf-8", "replace")
        self.arrays.append(np.frombuffer(data, np.uint8))
        return {TAG: kind, "v": len(self.arrays) - 1}

    def _array(self, value: np.ndarray[Any, Any]) -> Any:
        array = value.astype(value.dtype.newbyteorder("<"), copy=False)
        if array.dtype.str == "<U0":
            array = array.astype("<U1")
        if not may_cross(array.dtype.str) or array.ndim > MAX_RANK:
            return {TAG: "opaque", "v": f"array of {value.dtype} with {value.ndim} axes"}
        self.arrays.append(np.ascontiguousarray(array).reshape(array.shape))
        return {TAG: "array", "v": len(self.arrays) - 1}


def encode(value: Value) -> list[bytes | memoryview]:
    """Return the buffers of a frame; raises BadFrame for a value that may not cross.

    Large integers and arrays of other types than numbers and text become Opaque.
    """
    encoder = _Encoder()
    body = encoder.encode(value)
    header = {"arrays": [[a.dtype.str, list(a.shape)] for a in encoder.arrays], "body": body}
    text = json.dumps(header, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")
    buffers: list[bytes | memoryview] = [LENGTH.pack(len(text)), text]
    buffers += [a.reshape(-1).view(np.uint8).data for a in encoder.arrays if a.nbytes]
    return buffers

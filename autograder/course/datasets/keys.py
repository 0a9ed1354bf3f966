"""The key of a course, and the numbers that it draws: without the key nobody can predict them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from autograder.course.datasets.arrays import Array
from autograder.errors import DataError

__all__ = ["DEMO_KEY", "draw", "encoded", "key_fingerprint", "read_key"]

DEMO_KEY = b"keras-autograder public demonstration key"
_SHORTEST_KEY = 16  # bytes


def key_fingerprint(key: bytes) -> str:
    """Return a name for `key` that gives nothing of it away: "public-demo" or eight hex digits."""
    if key == DEMO_KEY:
        return "public-demo"
    return hmac.new(key, b"fingerprint", hashlib.sha256).hexdigest()[:8]


def read_key(path: Path | None) -> bytes:
    """Return the key in a file, or the public demonstration key where no file is named.

    Raises DataError for a file that is missing, and for a key shorter than 16 bytes.
    """
    if path is None:
        return DEMO_KEY
    if not path.is_file():
        raise DataError(f"no such file: {path}")
    key = path.read_bytes().strip()
    if len(key) < _SHORTEST_KEY:
        raise DataError(
            f"{path} holds {len(key)} bytes; a key needs at least {_SHORTEST_KEY}, for instance "
            f"from: python -c 'import secrets; print(secrets.token_hex())'"
        )
    return key


def draw(key: bytes, name: str, purpose: str, value: bytes) -> float:
    """Return a number in [0, 1) from all arguments: without `key` it is unpredictable."""
    message = f"{name}\0{purpose}\0".encode() + value
    return int.from_bytes(hmac.digest(key, message, "sha256")[:6], "big") / 2**48


def encoded(arrays: Sequence[Array]) -> list[bytes]:
    """Return each row of these arrays (n, ...) as bytes: equal rows give equal bytes.

    The bytes of a row depend on no other row: strings are written without the spaces up to the
    longest of the array. Of 0.0 and -0.0, which are equal, the bytes are the same.
    """
    columns = [list(_rows(array)) for array in arrays]
    if len(columns) == 1:
        return columns[0]
    return [b"".join(map(_framed, row)) for row in zip(*columns, strict=True)]


def _rows(array: Array) -> Iterable[bytes]:
    if array.dtype.kind == "U":
        for row in array:
            strings = [row] if array.ndim == 1 else row.ravel().tolist()
            parts = [str(text).encode("utf-8", "surrogatepass") for text in strings]
            yield parts[0] if array.ndim == 1 else b"".join(map(_framed, parts))
        return
    if array.dtype.kind in "fc":
        array = np.where(np.isnan(array), np.nan, array + 0).astype(array.dtype)
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    yield from (row.tobytes() for row in little)


def _framed(part: bytes) -> bytes:
    return len(part).to_bytes(8, "little") + part

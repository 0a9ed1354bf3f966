"""Named arrays of a data set: which types they may have, and what is refused as missing."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.errors import DataError

__all__ = ["Array", "Arrays", "checked", "fitted", "from_objects", "taken", "unchanged"]

Array = NDArray[Any]
Arrays = Mapping[str, Array]

_KINDS = "biufcUM"
_WIDEST = {"f": 8, "c": 16}  # bytes of a number; wider ones differ from processor to processor
_STRINGS = "give strings as a NumPy array of strings: np.array(list_of_strings)"


def checked(arrays: Arrays, where: object, missing: str = "") -> dict[str, Array]:
    """Return arrays (n, ...) of one n, in the byte order of this machine.

    `where` names their source in errors. With `missing` "keep" NaN and NaT stay, with "drop" the
    rows that hold them are left out. Raises DataError for arrays that cannot be rows of a data
    set, for values that are infinite, and without `missing` for NaN and NaT.
    """
    if not arrays:
        raise DataError(f"{where} holds no array")
    native = {name: _native(array, name, where) for name, array in arrays.items()}
    lengths = {name: len(array) for name, array in native.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise DataError(
            f"{where}: all arrays need the same number of rows; there: {told}. Arrays that belong "
            'to no row, such as the names of classes, stand in dataset.toml: whole = ["NAME"]'
        )
    for name, array in native.items():
        _check_finite(array, name, where, missing)
    if missing != "drop":
        return native
    whole = np.logical_and.reduce([~_row_any(_is_missing(array)) for array in native.values()])
    return {name: array[whole] for name, array in native.items()}


def from_objects(value: object, name: str, where: object) -> Array:
    """Return what an author's function gave as an array; a list of str becomes strings.

    Raises DataError for an array of other objects of Python's.
    """
    try:
        array: Array = np.asarray(value)
    except ValueError as error:  # rows of several lengths
        raise DataError(f"{where}: the array {name} is no array: {error}") from None
    if array.dtype.kind == "O" and all(isinstance(item, str) for item in array.ravel()):
        texts = np.array(array.tolist(), dtype=str).reshape(array.shape)
        if texts.ravel().tolist() == array.ravel().tolist():
            return texts
        raise DataError(f"{where}: a string of the array {name} ends in a NUL character")
    return array


def fitted(array: Array) -> Array:
    """Return an array; strings are stored no wider than the longest of them.

    The width of a part must not tell how long the longest string of the whole data set is.
    """
    if array.dtype.kind != "U":
        return array
    widest = max((len(text) for text in array.ravel().tolist()), default=1)
    return array.astype(f"<U{max(widest, 1)}")


def taken(arrays: Arrays, rows: Array | slice) -> dict[str, Array]:
    """Return the same rows of each array, copied."""
    return {name: fitted(array[rows].copy()) for name, array in arrays.items()}


def unchanged(array: Array, kind: str, name: str, where: object) -> Array:
    """Return an array as another type of number that holds each of its values.

    Raises DataError for a type that changes a value, or that is none.
    """
    try:
        dtype = np.dtype(kind)
    except TypeError:
        raise DataError(f"{where}: arrays.{name}.type is {kind!r}, no type of NumPy's") from None
    if array.dtype.kind not in "biuf" or dtype.kind not in "biuf":
        raise DataError(f"{where}: arrays.{name}.type: {array.dtype} cannot become {kind}")
    lost = np.isnan(array) if array.dtype.kind == "f" else np.zeros(array.shape, bool)
    values = np.unique(array[~lost])
    with np.errstate(invalid="ignore", over="ignore"):
        cast = values.astype(dtype)
    # Numbers of Python's compare exactly, whatever their types.
    changed = [v for v, c in zip(values.tolist(), cast.tolist(), strict=True) if v != c]
    if lost.any() and dtype.kind != "f":
        changed.append(np.nan)
    if changed:
        raise DataError(
            f"{where}: arrays.{name}.type = {kind!r} would change the value {changed[0]}"
        )
    return array.astype(dtype)


def _native(array: Array, name: str, where: object) -> Array:
    if array.ndim == 0:
        raise DataError(f"{where}: the array {name} is a single value, expected (rows, ...)")
    kind = array.dtype.kind
    if kind not in _KINDS or array.dtype.itemsize > _WIDEST.get(kind, sys.maxsize):
        raise DataError(
            f"{where}: the array {name} is of the type {array.dtype}, which is none for numbers, "
            f"strings or times that every machine reads alike; {_STRINGS}"
        )
    if array.dtype.kind == "M" and np.datetime_data(array.dtype)[0] == "generic":
        raise DataError(f"{where}: the times in {name} have no unit, such as datetime64[D]")
    return array.astype(array.dtype.newbyteorder("="))


def _check_finite(array: Array, name: str, where: object, missing: str) -> None:
    if array.dtype.kind in "fc" and np.isinf(array).any():
        row = int(np.flatnonzero(_row_any(np.isinf(array)))[0])
        raise DataError(f"{where}: the array {name} is infinite in row {row}")
    lost = _row_any(_is_missing(array))
    if not missing and lost.any():
        raise DataError(
            f"{where}: the array {name} has a missing value in row {int(np.flatnonzero(lost)[0])} "
            f'(rows count from 0), and {int(lost.sum())} in all; missing = "drop" leaves such rows '
            'out, missing = "keep" keeps them'
        )


def _is_missing(array: Array) -> Array:
    if array.dtype.kind in "fc":
        return np.isnan(array)
    return np.isnat(array) if array.dtype.kind == "M" else np.zeros(array.shape, bool)


def _row_any(flags: Array) -> Array:
    return np.asarray(flags.any(axis=tuple(range(1, flags.ndim))))

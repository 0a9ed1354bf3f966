"""Series: steps in the order of time, put on a grid, cut into blocks, and read in windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from autograder.course.datasets.arrays import Array, Arrays
from autograder.errors import DataError

__all__ = ["blocks", "on_grid", "picked", "windows", "windows_of"]

_Series = TypeVar("_Series", Array, str)


def windows(series: Array, length: int) -> tuple[Array, Array]:
    """Return each stretch of `length` steps, (n, length, values), and the step after, (n, values).

    series: (steps,) or (steps, values), NaN for a missing value; no window holds or skips a missing
    step. Both have the type of the series, in the order of time.
    """
    table = series if series.ndim > 1 else series[:, np.newaxis]
    width = table.shape[1]
    if len(table) <= length:
        return np.empty((0, length, width), series.dtype), np.empty((0, width), series.dtype)
    runs = np.lib.stride_tricks.sliding_window_view(table, length + 1, axis=0)
    runs = np.moveaxis(runs, -1, 1)  # (n, length + 1, values)
    whole = np.isfinite(runs).all(axis=(1, 2)) if series.dtype.kind == "f" else slice(None)
    runs = np.ascontiguousarray(runs[whole])
    return runs[:, :length], runs[:, length]


def windows_of(pieces: Sequence[Array], length: int) -> tuple[Array, Array]:
    """Return the `windows` of all pieces of a series; no window spans two pieces."""
    pairs = [windows(piece, length) for piece in pieces]
    return np.concatenate([x for x, _ in pairs]), np.concatenate([y for _, y in pairs])


def blocks(series: _Series, length: int) -> list[_Series]:
    """Return a series in blocks of `length` steps; the last block may be shorter."""
    return [series[at : at + length] for at in range(0, len(series), length)]


def picked(count: int, share: float, draw: Callable[[int], float]) -> list[int]:
    """Return the numbers, ascending, of a share (rounded down) of `count` blocks: the lowest draws.

    `draw` gives a number in [0, 1) for the number of a block.
    """
    ranked = sorted(range(count), key=lambda number: (draw(number), number))
    return sorted(ranked[: int(share * count)])


def on_grid(arrays: Arrays, time: str, *, gaps: bool, where: object) -> dict[str, Array]:
    """Return the arrays with a row for every step of the array `time`, from its first to its last.

    With `gaps` a missing step becomes a row of NaN. Raises DataError for times that do not ascend,
    for a missing step without `gaps`, and for a gap in an array that has no NaN.
    """
    if time not in arrays or arrays[time].dtype.kind != "M" or arrays[time].ndim != 1:
        raise DataError(f"{where}: time.array is {time!r}, expected an array (n,) of times")
    times = arrays[time]
    steps = (times - times[0]).astype(np.int64)
    falls = np.flatnonzero(np.diff(steps) <= 0)
    if len(falls):
        raise DataError(
            f"{where}: the times must ascend, but {times[falls[0] + 1]} follows {times[falls[0]]}"
        )
    if len(steps) == steps[-1] + 1:
        return dict(arrays)
    if not gaps:
        first = int(np.flatnonzero(np.diff(steps) > 1)[0])
        raise DataError(
            f"{where}: no row for {times[first] + 1}, the step after {times[first]}; "
            "gaps = true under [time] allows steps to be missing"
        )
    return {name: _spread(array, steps, name, where) for name, array in arrays.items()}


def _spread(array: Array, steps: Array, name: str, where: object) -> Array:
    length = int(steps[-1]) + 1
    if array.dtype.kind == "M" and np.array_equal((array - array[0]).astype(np.int64), steps):
        grid: Array = array[0] + np.arange(length)
        return grid
    if array.dtype.kind != "f":
        raise DataError(
            f"{where}: steps are missing, and the array {name} of the type {array.dtype} has no "
            "value for a gap: give it a float type"
        )
    full: Array = np.full((length, *array.shape[1:]), np.nan, dtype=array.dtype)
    full[steps] = array
    return full

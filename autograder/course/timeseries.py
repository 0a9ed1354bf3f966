"""Hourly counts with gaps: reading and writing them, and the windows that cross no gap."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

DAY = 24  # hours that a window shows
HEADER = "time"  # the first column of a released series, and what it is recognised by
_HOUR = timedelta(hours=1)
_FORMAT = "%Y-%m-%d %H:%M"


def windows(series: Array, length: int = DAY) -> tuple[Array, Array]:
    """Return each stretch of `length` hours, (n, length, 1), and the hour after it, (n, 1).

    series: (hours,), NaN where an hour is missing; no window holds or skips one. Both float32,
    in the order of time.
    """
    if len(series) <= length:
        return np.empty((0, length, 1), np.float32), np.empty((0, 1), np.float32)
    runs = np.lib.stride_tricks.sliding_window_view(series, length + 1)
    runs = runs[np.isfinite(runs).all(axis=1)].astype(np.float32)
    return runs[:, :length, np.newaxis], runs[:, length:]


def blocks(series: Array, length: int) -> list[Array]:
    """Return the series in blocks of `length` hours; the last may be shorter."""
    return [series[at : at + length] for at in range(0, len(series), length)]


def picked(blocks_: list[Array], share: float, draw: Callable[[int], float]) -> list[Array]:
    """Return that share of the blocks (rounded down) whose number draws lowest, in their order."""
    ranked = sorted(range(len(blocks_)), key=lambda number: (draw(number), number))
    return [blocks_[number] for number in sorted(ranked[: int(share * len(blocks_))])]


def windows_of(blocks_: list[Array]) -> tuple[Array, Array]:
    """Return the windows of all blocks; none crosses from one into the next."""
    pairs = [windows(block) for block in blocks_]
    return np.concatenate([x for x, _ in pairs]), np.concatenate([y for _, y in pairs])


def from_hours(hours: Array, counts: Array) -> Array:
    """Return the counts (last hour + 1,) in a row, NaN for each hour that `hours` lacks."""
    series = np.full(int(hours.max()) + 1, np.nan)
    series[hours] = counts
    return series


def to_csv(series: Array, start: datetime, target: str) -> bytes:
    """Return a table with a row for every hour; a missing count is an empty field."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([HEADER, target])
    for number, count in enumerate(series):
        time = (start + number * _HOUR).strftime(_FORMAT)
        writer.writerow([time, "" if np.isnan(count) else f"{count:.9g}"])
    return text.getvalue().encode()


def from_rows(rows: list[list[str]]) -> Array:
    """Return the counts of the rows that `to_csv` wrote, without the header."""
    return np.array([float(count or "nan") for _, count in rows])

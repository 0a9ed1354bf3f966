"""Series of hourly counts: reads and writes them, and cuts windows that hold no missing hour."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "DAY",
    "HEADER",
    "blocks",
    "from_hours",
    "from_rows",
    "picked",
    "to_csv",
    "windows",
    "windows_of",
]

Array = NDArray[Any]

DAY = 24  # hours that a window shows
HEADER = "time"  # the first column of a released series; no other released table has it
_HOUR = timedelta(hours=1)
_FORMAT = "%Y-%m-%d %H:%M"


def windows(series: Array, length: int = DAY) -> tuple[Array, Array]:
    """Return each stretch of `length` hours, (n, length, 1), and the hour after it, (n, 1).

    series: (hours,), NaN for a missing hour; no window holds or skips a missing hour. The hours of
    the windows and the hours after them are float32, in the order of time.
    """
    if len(series) <= length:
        return np.empty((0, length, 1), np.float32), np.empty((0, 1), np.float32)
    runs = np.lib.stride_tricks.sliding_window_view(series, length + 1)
    runs = runs[np.isfinite(runs).all(axis=1)].astype(np.float32)
    return runs[:, :length, np.newaxis], runs[:, length:]


def blocks(series: Array, length: int) -> list[Array]:
    """Return a series (hours,) in blocks of `length` hours; the last block may be shorter."""
    return [series[at : at + length] for at in range(0, len(series), length)]


def picked(blocks_: list[Array], share: float, draw: Callable[[int], float]) -> list[Array]:
    """Return a share of the blocks (rounded down): those with the lowest draws, in their order.

    `draw` gives a number in [0, 1) for the number of a block.
    """
    ranked = sorted(range(len(blocks_)), key=lambda number: (draw(number), number))
    return [blocks_[number] for number in sorted(ranked[: int(share * len(blocks_))])]


def windows_of(blocks_: list[Array]) -> tuple[Array, Array]:
    """Return the `windows` of all blocks: (n, DAY, 1) and (n, 1); no window spans two blocks."""
    pairs = [windows(block) for block in blocks_]
    return np.concatenate([x for x, _ in pairs]), np.concatenate([y for _, y in pairs])


def from_hours(hours: Array, counts: Array) -> Array:
    """Return a series (last hour + 1,) with the counts at their hours, NaN at every other hour.

    hours: (n,) whole numbers from 0, counts: (n,).
    """
    series = np.full(int(hours.max()) + 1, np.nan)
    series[hours] = counts
    return series


def to_csv(series: Array, start: datetime, target: str) -> bytes:
    """Return a CSV table, time and count, with a row for every hour; a missing count is empty.

    series: (hours,), the first of them at `start`; `target` is the header of the counts.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([HEADER, target])
    for number, count in enumerate(series):
        time = (start + number * _HOUR).strftime(_FORMAT)
        writer.writerow([time, "" if np.isnan(count) else f"{count:.9g}"])
    return text.getvalue().encode()


def from_rows(rows: list[list[str]]) -> Array:
    """Return the series (hours,) of a table from `to_csv`; `rows` come without its header."""
    return np.array([float(count or "nan") for _, count in rows])

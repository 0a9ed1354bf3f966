"""Splits a data set by the course's key: by rows, by groups, or by time.

Whether a row is held out depends on the key and the row's inputs alone: rows with equal inputs lie
on the same side, and another key holds other rows out. Of groups the key picks a share. The key
decides the order of the rows as well: a file may be sorted, and a student's `validation_split`
takes the last rows. A series keeps the order of time: its first part is for training, and of the
blocks after it the key picks those that are held out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from autograder.course.datasets import timeseries
from autograder.course.datasets.arrays import Array, Arrays, fitted, taken
from autograder.course.datasets.keys import draw, encoded
from autograder.course.datasets.rows import Rows, Split
from autograder.course.documents.dataset_toml import (
    ArchiveEntry,
    OwnEntry,
    TableEntry,
    TextEntry,
    Time,
)
from autograder.errors import DataError, SettingsError

__all__ = ["BLOCK", "TEXT", "Cut", "as_block", "by_rows", "by_time", "text_array", "text_by_time"]

BLOCK = "block"
TEXT = "text"
RowsEntry = TableEntry | ArchiveEntry | OwnEntry


@dataclass(frozen=True, slots=True)
class Cut:
    """A data set that was split; `released` are the arrays that students' file holds."""

    split: Split
    released: Rows

    def with_whole(self, arrays: Arrays) -> Cut:
        """Return the same with these arrays, which belong to no row, on both sides."""
        return Cut(
            Split(self.split.train.with_whole(arrays), self.split.test.with_whole(arrays)),
            self.released.with_whole(arrays),
        )


def by_rows(name: str, entry: RowsEntry, arrays: Arrays, key: bytes) -> Cut:
    """Split rows by their inputs, or by their group; raises DataError and SettingsError."""
    inputs = _inputs(name, entry, arrays)
    held = (
        _held_groups(name, entry, arrays, key) if entry.group else _held(name, entry, inputs, key)
    )
    order = np.argsort([draw(key, name, "order", row) for row in inputs], kind="stable")
    train = order[~held[order]][: entry.train_rows]
    rows = Rows(name, taken(arrays, train))
    return Cut(_both_sides(rows, Rows(name, taken(arrays, order[held[order]])), entry), rows)


def by_time(name: str, entry: RowsEntry, time: Time, arrays: Arrays, key: bytes) -> Cut:
    """Split the steps of a series by the order of time; raises DataError and SettingsError.

    Without a window, a further array `block` tells which held-out block each row belongs to.
    """
    where = f"data set {name!r}"
    if time.array:
        arrays = timeseries.on_grid(arrays, time.array, gaps=time.gaps, where=where)
    if BLOCK in arrays:
        raise DataError(f"{where}: {BLOCK!r} is the array that a split by time adds; rename yours")
    count = len(next(iter(arrays.values())))
    cut = int(time.train * count)
    numbers = timeseries.blocks(np.arange(cut + time.gap, count), time.block)
    held = [numbers[at] for at in _picked(name, entry.held_out, len(numbers), key)]
    early = Rows(name, taken(arrays, slice(cut)))
    if time.window:
        series = arrays[_series(name, time, arrays)]
        train = timeseries.windows(fitted(series[:cut]), time.window)
        test = timeseries.windows_of([series[block] for block in held], time.window)
        sides = [Rows(name, {"x": x, "y": y}) for x, y in (train, test)]
        return Cut(_both_sides(sides[0], sides[1], entry), early)
    late = taken(arrays, np.concatenate(held))
    late[BLOCK] = np.repeat(np.arange(len(held), dtype=np.int64), [len(block) for block in held])
    return Cut(_both_sides(Rows(name, as_block(early)), Rows(name, late), entry), early)


def as_block(arrays: Arrays) -> dict[str, Array]:
    """Return the training steps of a series with the array `block`: all are of block 0."""
    steps = len(next(iter(arrays.values())))
    return {**arrays, BLOCK: np.zeros(steps, np.int64)}


def text_by_time(name: str, entry: TextEntry, text: str, key: bytes) -> Cut:
    """Split a text by its characters: the array `text` holds a string for each piece.

    The training part is a single string (1,), the held-out blocks are strings (blocks,).
    """
    time = entry.time
    cut = int(time.train * len(text))
    if not cut:
        raise DataError(f"data set {name!r}: time.train = {time.train:g} leaves no character")
    later = timeseries.blocks(text[cut + time.gap :], time.block)
    held = [later[number] for number in _picked(name, entry.held_out, len(later), key)]
    train = Rows(name, {TEXT: text_array(text[:cut])})
    return Cut(Split(train, Rows(name, {TEXT: np.array(held)})), train)


def text_array(text: str) -> Array:
    """Return a text as an array (1,)."""
    return np.array([text])


def _inputs(name: str, entry: RowsEntry, arrays: Arrays) -> list[bytes]:
    """Return the bytes of each row that decide its side and its place."""
    _check_known(name, entry, arrays)
    if entry.inputs:
        return encoded([arrays[array] for array in entry.inputs])
    if "x" in arrays:
        return encoded([arrays["x"]])
    if entry.group:
        return encoded(list(arrays.values()))
    raise SettingsError(
        f"data set {name!r}: name the arrays that are inputs, such as inputs = "
        f'["{next(iter(arrays))}"]: rows with equal inputs lie on one side of the split'
    )


def _check_known(name: str, entry: RowsEntry, arrays: Mapping[str, Array]) -> None:
    named = {"inputs": entry.inputs, "group": (entry.group,) if entry.group else ()}
    for key, wanted in named.items():
        if unknown := [array for array in wanted if array not in arrays]:
            raise SettingsError(
                f"data set {name!r}: {key} names {unknown[0]!r}; its arrays: {', '.join(arrays)}"
            )


def _held(name: str, entry: RowsEntry, inputs: list[bytes], key: bytes) -> Array:
    return np.array([draw(key, name, "held out", row) < entry.held_out for row in inputs], bool)


def _held_groups(name: str, entry: RowsEntry, arrays: Arrays, key: bytes) -> Array:
    """Return which rows are held out: a share (rounded, at least one) of the groups.

    Raises DataError for a single group, and for equal inputs in groups on both sides.
    """
    groups = encoded([arrays[entry.group]])
    ranked = sorted(set(groups), key=lambda group: (draw(key, name, "held out", group), group))
    if len(ranked) < 2:
        raise DataError(f"data set {name!r}: {entry.group} names {len(ranked)} group, not several")
    count = min(max(round(entry.held_out * len(ranked)), 1), len(ranked) - 1)
    out = set(ranked[:count])
    held = np.array([group in out for group in groups], bool)
    if entry.inputs:
        rows = encoded([arrays[array] for array in entry.inputs])
        sides: dict[bytes, bytes] = {}
        for row, group in zip(rows, groups, strict=True):
            if sides.setdefault(row, group) != group:
                raise DataError(
                    f"data set {name!r}: two rows with equal {', '.join(entry.inputs)} belong to "
                    f"two groups of {entry.group}: a split could put them on two sides"
                )
    return held


def _picked(name: str, share: float, count: int, key: bytes) -> list[int]:
    def drawn(number: int) -> float:
        return draw(key, name, "held out", np.array([number], "<i8").tobytes())

    numbers = timeseries.picked(count, share, drawn)
    if not numbers:
        raise DataError(
            f"data set {name!r}: held_out = {share:g} of {count} later blocks holds none out: "
            "take a smaller block or a larger share"
        )
    return numbers


def _series(name: str, time: Time, arrays: Arrays) -> str:
    others = [array for array in arrays if array != time.array]
    if len(others) != 1 or arrays[others[0]].ndim > 2 or arrays[others[0]].dtype.kind not in "iuf":
        raise DataError(
            f"data set {name!r}: time.window needs a single array of numbers, (steps,) or "
            f"(steps, values), beside the times; there: {', '.join(others) or 'none'}"
        )
    return others[0]


def _both_sides(train: Rows, test: Rows, entry: RowsEntry) -> Split:
    for side, rows in (("training", train), ("held-out", test)):
        if rows.count == 0:
            raise DataError(
                f"data set {train.data_set!r}: the split leaves no {side} row "
                f"(held_out = {entry.held_out:g}): take another share, or more rows"
            )
    return Split(train, test)

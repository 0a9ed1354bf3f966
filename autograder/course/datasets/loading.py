"""Loads data sets by name: split by a course's key for checks, and written for students."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autograder.course.datasets import reading, releasing, splitting
from autograder.course.datasets.rows import Split
from autograder.course.datasets.splitting import Cut
from autograder.course.documents import dataset_toml
from autograder.course.documents.dataset_toml import TextEntry
from autograder.errors import DataError

__all__ = ["load", "training_files"]


def load(datasets_root: Path, name: str, key: bytes) -> Split:
    """Return the data set `name`, split by `key`.

    cars: x (n, 7) float32, y (n,) float32 euros. digits: x (n, 28, 28, 1) uint8, y (n,) int64.
    bikes: x (n, 24, 1) float32 counts of 24 hours in a row, y (n, 1) float32 of the hour after.
    Raises DataError for an unknown name and for files that are not as dataset.toml describes them,
    SettingsError for a fault in dataset.toml.
    """
    return _cut(datasets_root, name, key).split


def training_files(datasets_root: Path, names: Iterable[str], key: bytes) -> dict[str, bytes]:
    """Return the files that students get of several data sets, and the data.json of them all.

    They hold the training rows only. Their bytes depend on these rows alone: they are equal on
    every platform and with every version of zlib. Raises DataError where two of them would be
    released under one name, and what `load` raises.
    """
    files: dict[str, bytes] = {}
    descriptions = {}
    for name in names:
        entry = dataset_toml.entry(datasets_root, name)
        rows = _cut(datasets_root, name, key).released
        if entry.released in files:
            raise DataError(f"two data sets of one exercise are released as {entry.released!r}")
        descriptions[name] = releasing.describe(entry, rows)
        files[entry.released] = releasing.content(descriptions[name], rows)
    if descriptions:
        files[releasing.DESCRIPTION] = releasing.described(descriptions)
    return files


def _cut(datasets_root: Path, name: str, key: bytes) -> Cut:
    entry, folder = dataset_toml.entry(datasets_root, name), datasets_root / name
    if isinstance(entry, TextEntry):
        return splitting.text_by_time(name, entry, reading.text(folder, entry), key)
    read = reading.arrays(folder, entry)
    if entry.time is not None:
        return splitting.by_time(name, entry, entry.time, read.rows, key).with_whole(read.whole)
    return splitting.by_rows(name, entry, read.rows, key).with_whole(read.whole)

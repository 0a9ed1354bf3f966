"""The data sets of a course, as datasets.toml describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from autograder.course import documents
from autograder.course.exercise import Root, find_root
from autograder.errors import DataError, SettingsError

__all__ = [
    "FILE",
    "CsvEntry",
    "Entry",
    "Hours",
    "NpzEntry",
    "SeriesEntry",
    "checked_root",
    "read",
]

FILE = "datasets.toml"
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What the entry of every data set has.

    `file` lies beside datasets.toml. `held_out` is the expected share of rows that only a grader
    has. `released` is the name of the file that students get.
    """

    kind: str
    file: str
    target: str
    held_out: Share
    released: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvEntry(_Entry):
    """A table with a header: the columns `features` are the inputs, `target` is the target.

    Rows in which a column of `drop` has the value given there are left out. At most `train_rows`
    rows are for training.
    """

    features: tuple[str, ...]
    drop: Mapping[str, float] = field(default_factory=dict)
    train_rows: Count | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NpzEntry(_Entry):
    """Images (n, height, width) in the array `inputs` of a NumPy archive, labels (n,) in `target`.

    At most `train_rows` images are for training.
    """

    inputs: str
    train_rows: Count | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """How a series lies in time: its first hour, the columns that count days (from 1) and hours.

    `train` is the share of the hours, from the first on, that is for training; the later hours are
    cut into blocks of `block` hours.
    """

    start: datetime
    day: str
    hour: str
    train: Share
    block: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesEntry(_Entry):
    """A table of hourly counts in the column `target`."""

    hours: Hours


Entry = CsvEntry | NpzEntry | SeriesEntry
_KINDS: Mapping[str, type[Entry]] = {"csv": CsvEntry, "npz": NpzEntry, "series": SeriesEntry}


def read(datasets_root: Path) -> dict[str, Entry]:
    """Return the entries of the datasets.toml in a folder by the names of their data sets.

    Raises DataError where there is none, and SettingsError for an entry that does not fit.
    """
    path = datasets_root / FILE
    if not path.is_file():
        raise DataError(f"no {FILE} in {datasets_root}: give the folder that holds it")
    return {name: _entry(path, name, table) for name, table in documents.read_toml(path).items()}


def _entry(path: Path, name: str, table: object) -> Entry:
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: {name} is {table!r}, expected the table of a data set")
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        expected = " or ".join(_KINDS)
        raise SettingsError(f"{path}: data set {name!r}: kind is {kind!r}, expected {expected}")
    return documents.convert(table, _KINDS[kind], path, name)


def checked_root(start: Path) -> Root:
    """Return the nearest course at or above `start`, after its datasets.toml was read.

    Raises UnknownExercise where there is no course, and SettingsError for a datasets.toml with a
    fault: before anything is graded with it.
    """
    root = find_root(start)
    if (root.datasets / FILE).is_file():
        read(root.datasets)
    return root

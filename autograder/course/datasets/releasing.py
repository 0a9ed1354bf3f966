"""What students get of a data set: a file of the training rows, and how `data.json` describes it.

The bytes depend on the training rows alone: they are equal on every machine and with every version
of zlib. `data.json` lets a student's own checks read the file back into the same arrays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from autograder.course import documents
from autograder.course.datasets import archives, cells, tables, timeseries
from autograder.course.datasets.arrays import Array
from autograder.course.datasets.rows import Rows
from autograder.course.datasets.splitting import TEXT, as_block, text_array
from autograder.course.documents.dataset_toml import Columns, Entry, Member, TableEntry, TextEntry
from autograder.errors import DataError

__all__ = ["DESCRIPTION", "Description", "content", "describe", "described", "read_back"]

DESCRIPTION = "data.json"


@dataclass(frozen=True, slots=True)
class Description:
    """How to read a released file: each array from the columns of a table, or from an archive.

    The rows of a `series` are steps in the order of time. A `window` above 0 makes x and y of the
    array that is no time. The arrays `whole` belong to no row.
    """

    file: str
    columns: Mapping[str, Columns] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=dict)
    series: bool = False
    window: int = 0
    whole: tuple[str, ...] = ()


def describe(entry: Entry, rows: Rows) -> Description:
    """Return the description of the file that holds these rows.

    Raises DataError for an array that has no form in a table.
    """
    time = entry.time
    if isinstance(entry, TextEntry):
        return Description(entry.released)
    series, window = (True, time.window) if time else (False, 0)
    if not entry.released.endswith(".csv"):
        members = {name: _released_name(entry, name) for name in rows}
        _check_distinct(entry, list(members.values()))
        whole = () if isinstance(entry, TableEntry) else entry.whole
        return Description(entry.released, {}, members, series, window, whole)
    columns = {name: _columns(entry, name, array) for name, array in rows.items()}
    _check_distinct(entry, [name for array in columns.values() for name in array.names])
    return Description(entry.released, columns, series=series, window=window)


def content(description: Description, rows: Rows) -> bytes:
    """Return the bytes of the file that students get."""
    if description.members:
        return archives.write({description.members[name]: rows[name] for name in rows})
    if description.columns:
        return tables.write(rows.arrays, description.columns)
    return str(rows[TEXT][0]).encode()


def described(descriptions: Mapping[str, Description]) -> bytes:
    """Return the bytes of data.json for these data sets, by name."""
    plain = {name: _plain(asdict(description)) for name, description in descriptions.items()}
    return f"{json.dumps(plain, indent=1, ensure_ascii=False)}\n".encode()


def read_back(folder: Path, name: str) -> Rows:
    """Return the training rows of a data set, as a check gets them, from the files in `folder`.

    Raises DataError for a data set of which the folder has no file.
    """
    path = folder / DESCRIPTION
    table = documents.read_json(path) if path.is_file() else {}
    if not isinstance(table, dict) or name not in table:
        raise DataError(f"there is no data set {name!r} in {path}")
    description = documents.convert(table[name], Description, path, name)
    return _finished(name, description, _arrays(folder / description.file, description))


def _arrays(path: Path, description: Description) -> Mapping[str, Array]:
    if description.columns:
        return tables.read(path, description.columns, missing="keep")
    if description.members:
        members = {name: Member(member=member) for name, member in description.members.items()}
        return archives.read(path, members)
    if not path.is_file():
        raise DataError(f"{path.name} is missing: expected it in {path.parent}")
    return {TEXT: text_array(path.read_bytes().decode("utf-8"))}


def _finished(name: str, description: Description, arrays: Mapping[str, Array]) -> Rows:
    whole = {array: arrays[array] for array in description.whole}
    rows = {array: value for array, value in arrays.items() if array not in whole}
    if description.window:
        series = next(array for array in rows.values() if array.dtype.kind != "M")
        x, y = timeseries.windows(series, description.window)
        rows = {"x": x, "y": y}
    elif description.series:
        rows = as_block(rows)
    return Rows(name, rows).with_whole(whole)


def _released_name(entry: Entry, name: str) -> str:
    declared = {} if isinstance(entry, TableEntry | TextEntry) else entry.arrays
    return (declared[name].released if name in declared else "") or name


def _columns(entry: Entry, name: str, array: Array) -> Columns:
    """Return the columns that an array becomes in a released table, under their names there."""
    if isinstance(entry, TableEntry):
        return entry.arrays[name]
    if array.ndim > 1:
        raise DataError(
            f"{entry.released}: the array {name} has {array.ndim} axes, a column has one; release "
            "the data set as an .npz, or return an array for each column"
        )
    try:
        kind = cells.type_of(array)
    except ValueError as error:
        raise DataError(
            f"{entry.released}: the array {name}: {error}; release it as .npz"
        ) from None
    if kind == "string" and any("\0" in text for text in array.tolist()):
        raise DataError(f"{entry.released}: the array {name} holds a NUL character")
    return Columns(type=kind, column=_released_name(entry, name))


def _check_distinct(entry: Entry, names: list[str]) -> None:
    if twice := [name for name in names if names.count(name) > 1]:
        raise DataError(f"{entry.released}: two arrays are released as {twice[0]!r}")


def _plain(value: Mapping[str, object]) -> dict[str, object]:
    """Return a description without what it does not say."""
    return {
        key: _plain(entry) if isinstance(entry, dict) else entry
        for key, entry in value.items()
        if entry not in ("", 0, False, (), {})
    }

"""Tables with a header, in CSV: read into arrays, each fault told with line and column; written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder.course.datasets import cells
from autograder.course.datasets.arrays import Array, Arrays
from autograder.course.documents.dataset_toml import Columns
from autograder.errors import DataError

__all__ = ["read", "write"]

_EMPTY = '""'  # the only cell of a row: an empty line would be no row


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of a table, and the number of the line on which it ends."""

    number: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Table:
    """A table: its columns by name, and its rows."""

    path: Path
    columns: Mapping[str, int]
    lines: Sequence[_Line]

    def fault(self, line: _Line, column: str, words: str) -> DataError:
        """Return the error that says what is wrong with a cell."""
        text = line.cells[self.columns[column]]
        return DataError(f"{self.path}, line {line.number}, column {column!r}: {text!r} {words}")


def read(
    path: Path,
    arrays: Mapping[str, Columns],
    drop: Mapping[str, float | str] | None = None,
    separator: str = ",",
    missing: str = "",
) -> dict[str, Array]:
    """Return the arrays (n,) or (n, columns) of a table, without the rows to drop.

    `missing` says what an empty cell is: with "keep" it is NaN, a missing time or an empty string,
    with "drop" its row is left out. Raises DataError, which names line and column of a fault.
    """
    table = _table(path, separator)
    drop = drop or {}
    _check_declared(table, arrays, drop)
    lines = [line for line in table.lines if not any(_is_dropped(table, line, drop))]
    used = [name for columns in arrays.values() for name in columns.names]
    if missing == "drop":
        lines = [line for line in lines if not any(_is_empty(table, line, used))]
    kept = _Table(table.path, table.columns, lines)
    return {name: _array(kept, columns, missing == "keep") for name, columns in arrays.items()}


def write(arrays: Arrays, columns: Mapping[str, Columns]) -> bytes:
    """Return arrays as a table whose header names the columns; `read` gives the arrays back.

    Equal arrays give equal bytes on every machine.
    """
    names = [name for array in columns.values() for name in array.names]
    kinds = [array.type for array in columns.values() for _ in array.names]
    parts = [arrays[name].reshape(len(arrays[name]), -1) for name in columns]
    text = io.StringIO()
    text.write(",".join(map(cells.quoted, names)) + "\n")
    for rows in zip(*parts, strict=True):
        values = [value for row in rows for value in row]
        line = ",".join(
            cells.quoted(cells.written(value, kind))
            for value, kind in zip(values, kinds, strict=True)
        )
        text.write((line or _EMPTY) + "\n")
    return text.getvalue().encode()


def _table(path: Path, separator: str) -> _Table:
    if not path.is_file():
        raise DataError(f"{path.name} is missing: expected it in {path.parent}")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, delimiter=separator, strict=True)
            lines = [_Line(reader.line_num, row) for row in reader if row]
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not in UTF-8: {error.reason} at byte {error.start}") from None
    except (csv.Error, TypeError) as error:  # TypeError: of a separator that is no character
        raise DataError(f"{path} is no table: {error}") from None
    if not lines:
        raise DataError(f"{path} is empty, expected a header and rows")
    header = lines[0].cells
    if twice := sorted({name for name in header if list(header).count(name) > 1}):
        raise DataError(f"{path} has more than one column {', '.join(twice)}")
    for line in lines[1:]:
        if len(line.cells) != len(header):
            raise DataError(
                f"{path}, line {line.number}: {len(line.cells)} cells, but the header names "
                f"{len(header)} columns"
            )
    return _Table(path, {name: at for at, name in enumerate(header)}, lines[1:])


def _check_declared(
    table: _Table, arrays: Mapping[str, Columns], drop: Mapping[str, float | str]
) -> None:
    wanted = {name for columns in arrays.values() for name in columns.names} | drop.keys()
    if missing := sorted(wanted - table.columns.keys()):
        known = ", ".join(table.columns)
        raise DataError(f"{table.path} has no column {', '.join(missing)}; it has: {known}")
    for name, columns in arrays.items():
        if columns.type not in cells.TYPES:
            known = ", ".join(cells.TYPES)
            raise DataError(f"{table.path}: arrays.{name}.type is {columns.type!r}; known: {known}")


def _is_dropped(table: _Table, line: _Line, drop: Mapping[str, float | str]) -> Iterator[bool]:
    for column, value in drop.items():
        text = line.cells[table.columns[column]]
        if isinstance(value, str):
            yield text == value
        elif text.strip():
            try:
                yield bool(cells.read(text, "float64") == value)
            except ValueError as error:
                raise table.fault(line, column, str(error)) from None


def _is_empty(table: _Table, line: _Line, columns: Sequence[str]) -> Iterator[bool]:
    for column in columns:
        yield not line.cells[table.columns[column]].strip()


def _array(table: _Table, columns: Columns, keeps_missing: bool) -> Array:
    dtype = cells.dtype_of(columns.type)
    values = [
        [_value(table, line, column, columns.type, keeps_missing) for column in columns.names]
        for line in table.lines
    ]
    array: Array = np.array(values, dtype=dtype).reshape(len(values), len(columns.names))
    return array if columns.columns else array[:, 0]


def _value(table: _Table, line: _Line, column: str, kind: str, keeps_missing: bool) -> object:
    text = line.cells[table.columns[column]]
    if text.strip():
        try:
            return cells.read(text, kind)
        except ValueError as error:
            raise table.fault(line, column, str(error)) from None
    if not keeps_missing:
        raise table.fault(
            line,
            column,
            'is a missing value; missing = "drop" leaves such rows out, "keep" keeps them',
        )
    if kind == "string":
        return text
    dtype = cells.dtype_of(kind)
    if dtype.kind not in "fM":
        raise table.fault(line, column, f"is a missing value, and {kind} has none: take float64")
    return np.datetime64("NaT") if dtype.kind == "M" else np.nan

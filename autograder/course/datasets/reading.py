"""Reads the folder of a data set into named arrays, by its read.py or by what dataset.toml says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.course.datasets import archives, own_reader, tables
from autograder.course.datasets.arrays import Array, checked
from autograder.course.documents.dataset_toml import (
    READER,
    ArchiveEntry,
    OwnEntry,
    TableEntry,
    TextEntry,
)
from autograder.errors import DataError

__all__ = ["Read", "arrays", "text"]


@dataclass(frozen=True, slots=True)
class Read:
    """The arrays of a data set: those with a row as first axis, and those that are not split."""

    rows: dict[str, Array]
    whole: dict[str, Array]


def arrays(folder: Path, entry: TableEntry | ArchiveEntry | OwnEntry) -> Read:
    """Return the arrays of a data set by their names; raises DataError."""
    if isinstance(entry, TableEntry):
        where = folder / entry.file
        table = tables.read(where, entry.arrays, entry.drop, entry.separator, entry.missing)
        return Read(checked(table, where, entry.missing), {})
    if isinstance(entry, OwnEntry):
        where, read = folder / READER, own_reader.read(folder)
    else:
        where = folder / entry.file
        read = archives.read(where, entry.arrays)
    if unknown := sorted({*entry.arrays, *entry.whole} - read.keys()):
        raise DataError(f"{where} has no array {unknown[0]!r}; it has: {', '.join(read)}")
    rows = {name: array for name, array in read.items() if name not in entry.whole}
    whole = {name: checked({name: read[name]}, where)[name] for name in entry.whole}
    return Read(checked(rows, where, entry.missing), whole)


def text(folder: Path, entry: TextEntry) -> str:
    """Return the text of a data set, its ends of lines as they are; raises DataError."""
    path = folder / entry.file
    if not path.is_file():
        raise DataError(f"{entry.file} is missing: expected it in {folder}")
    try:
        read = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not in UTF-8: {error.reason} at byte {error.start}") from None
    if "\0" in read:
        raise DataError(f"{path} holds a NUL character at {read.index(chr(0))}: it is no text")
    return read

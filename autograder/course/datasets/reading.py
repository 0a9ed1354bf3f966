"""Reads the folder of a data set into named arrays, by its read.py or by what dataset.toml says."""

from __future__ import annotations

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

__all__ = ["arrays", "text"]


def arrays(folder: Path, entry: TableEntry | ArchiveEntry | OwnEntry) -> dict[str, Array]:
    """Return the arrays (n, ...) of a data set by their names; raises DataError."""
    if isinstance(entry, OwnEntry):
        where = folder / READER
        read = own_reader.read(folder)
        if unknown := sorted(entry.arrays.keys() - read.keys()):
            raise DataError(f"{where} returns no array {unknown[0]}; it returns: {', '.join(read)}")
        return checked(read, where, entry.missing)
    where = folder / entry.file
    if isinstance(entry, ArchiveEntry):
        return checked(archives.read(where, entry.arrays), where, entry.missing)
    read = tables.read(where, entry.arrays, entry.drop, entry.separator, entry.missing)
    return checked(read, where, entry.missing)


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

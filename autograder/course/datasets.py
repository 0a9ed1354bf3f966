"""Reads data sets by name, and splits them by a course's key into training and held-out rows.

Whether a row is held out depends on the key and the row's inputs alone: rows with equal inputs lie
on the same side, and another key holds other rows out. The key decides the order of the rows as
well: a file may be sorted, and a student's `validation_split` takes the last rows. A series keeps
the order of time: its first part is for training, and of the weeks after it the key picks those
that are held out.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.course import catalogue, timeseries
from autograder.course.catalogue import CsvEntry, Entry, NpzEntry, SeriesEntry
from autograder.errors import DataError

__all__ = [
    "DEMO_KEY",
    "Split",
    "key_fingerprint",
    "load",
    "load_training",
    "names",
    "read_key",
    "training_file",
]

Array = NDArray[Any]

DEMO_KEY = b"keras-autograder public demonstration key"
_SHORTEST_KEY = 16  # bytes
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip entry can carry
_MEMBERS = ("images", "labels")


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """The rows of one data set: x (n, ...) inputs and y (n,) targets, for training and held out."""

    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array


def key_fingerprint(key: bytes) -> str:
    """Return a name for `key` that gives nothing of it away: "public-demo" or eight hex digits."""
    if key == DEMO_KEY:
        return "public-demo"
    return hmac.new(key, b"fingerprint", hashlib.sha256).hexdigest()[:8]


def read_key(path: Path | None) -> bytes:
    """Return the key in a file, or the public demonstration key where no file is named.

    Raises DataError for a file that is missing, and for a key shorter than 16 bytes.
    """
    if path is None:
        return DEMO_KEY
    if not path.is_file():
        raise DataError(f"no such file: {path}")
    key = path.read_bytes().strip()
    if len(key) < _SHORTEST_KEY:
        raise DataError(
            f"{path} holds {len(key)} bytes; a key needs at least {_SHORTEST_KEY}, for instance "
            f"from: python -c 'import secrets; print(secrets.token_hex())'"
        )
    return key


def names(datasets_root: Path) -> tuple[str, ...]:
    """Return the names of the data sets in datasets.toml, sorted; raises what `load` raises."""
    return tuple(sorted(catalogue.read(datasets_root)))


def load(datasets_root: Path, name: str, key: bytes) -> Split:
    """Return the data set `name`, split by `key`.

    cars: x (n, 7) float32, y (n,) float32 euros. digits: x (n, 28, 28, 1) uint8, y (n,) int64.
    bikes: x (n, 24, 1) float32 counts of 24 hours in a row, y (n, 1) float32 of the hour after.
    Raises DataError for an unknown name and for a file that is not as datasets.toml describes it,
    SettingsError for a fault in datasets.toml.
    """
    entry = _entry(datasets_root, name)
    path = datasets_root / entry.file
    if isinstance(entry, SeriesEntry):
        return _split_series(path, name, entry, key)
    x, y = _read_csv(path, entry) if isinstance(entry, CsvEntry) else _read_npz(path, entry)
    held = np.array([_digest(key, name, "held out", row) < entry.held_out for row in x])
    order = np.argsort([_digest(key, name, "order", row) for row in x], kind="stable")
    train = order[~held[order]][: entry.train_rows]
    test = order[held[order]]
    return Split(x[train], y[train], x[test], y[test])


def training_file(datasets_root: Path, name: str, key: bytes) -> tuple[str, bytes]:
    """Return the name and the bytes of the file that students get: it holds the training rows only.

    The bytes depend on the data and the key alone: they are equal on every platform and with every
    version of zlib. Raises what `load` raises.
    """
    entry = _entry(datasets_root, name)
    if isinstance(entry, SeriesEntry):
        early, _ = _early_and_late(datasets_root / entry.file, entry)
        return entry.released, timeseries.to_csv(early, entry.hours.start, entry.target)
    split = load(datasets_root, name, key)
    if isinstance(entry, CsvEntry):
        columns = (*entry.features, entry.target)
        return entry.released, _csv_bytes(columns, split.x_train, split.y_train)
    return entry.released, _npz_bytes(split.x_train, split.y_train)


def load_training(path: Path) -> tuple[Array, Array]:
    """Return x_train and y_train, as `load` returns them, from a file of `training_file`."""
    if path.suffix == ".csv":
        header, *rows = _rows(path)
        if header[0] == timeseries.HEADER:
            return timeseries.windows(timeseries.from_rows(rows))
        table = np.array(rows, dtype=np.float32)
        return table[:, :-1], table[:, -1]
    with np.load(path, allow_pickle=False) as archive:
        return archive[_MEMBERS[0]], archive[_MEMBERS[1]]


def _digest(key: bytes, name: str, purpose: str, row: Array) -> float:
    """Return a number in [0, 1) from all arguments: without `key` it is unpredictable."""
    little = np.ascontiguousarray(row, dtype=row.dtype.newbyteorder("<"))
    message = f"{name}\0{purpose}\0".encode() + little.tobytes()
    return int.from_bytes(hmac.digest(key, message, "sha256")[:6], "big") / 2**48


def _entry(datasets_root: Path, name: str) -> Entry:
    entries = catalogue.read(datasets_root)
    if name not in entries:
        listed = ", ".join(sorted(entries))
        raise DataError(f"no data set named {name!r}; datasets.toml has: {listed}")
    return entries[name]


def _rows(path: Path) -> list[list[str]]:
    if not path.is_file():
        raise DataError(f"{path.name} is missing: expected it in {path.parent}")
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def _read_csv(path: Path, entry: CsvEntry) -> tuple[Array, Array]:
    """Return inputs (n, columns) and targets (n,), both float32, without the rows to drop."""
    header, *rows = _rows(path)
    _check_columns(path, header, {*entry.features, entry.target, *entry.drop})
    dropped = [(header.index(column), value) for column, value in entry.drop.items()]
    kept = [row for row in rows if all(float(row[at]) != value for at, value in dropped)]
    columns = [header.index(column) for column in (*entry.features, entry.target)]
    table = np.array([[row[at] for at in columns] for row in kept], dtype=np.float32)
    return table[:, :-1], table[:, -1]


def _check_columns(path: Path, header: list[str], wanted: set[str]) -> None:
    if missing := wanted - set(header):
        raise DataError(f"{path.name} has no column {', '.join(sorted(missing))}")


def _read_npz(path: Path, entry: NpzEntry) -> tuple[Array, Array]:
    """Return images (n, height, width, 1) uint8 and labels (n,) int64."""
    if not path.is_file():
        raise DataError(f"{path.name} is missing: expected it in {path.parent}")
    with np.load(path, allow_pickle=False) as archive:
        images, labels = archive[entry.inputs], archive[entry.target]
    return images[..., np.newaxis], labels.astype(np.int64)


def _early_and_late(path: Path, entry: SeriesEntry) -> tuple[Array, Array]:
    """Return the counts (hours,) for training and after them, NaN for a missing hour."""
    hours = entry.hours
    header, *rows = _rows(path)
    columns = (hours.day, hours.hour, entry.target)
    _check_columns(path, header, set(columns))
    at = [header.index(column) for column in columns]
    day, hour, count = np.array([[int(row[i]) for i in at] for row in rows]).T
    counts = timeseries.from_hours((day - 1) * timeseries.DAY + hour, count)
    cut = int(hours.train * len(counts))
    return counts[:cut], counts[cut:]


def _split_series(path: Path, name: str, entry: SeriesEntry, key: bytes) -> Split:
    """Return the windows of the early hours, and those of the later weeks that the key picks."""
    early, late = _early_and_late(path, entry)

    def draw(number: int) -> float:
        return _digest(key, name, "held out", np.array([number]))

    weeks = timeseries.picked(timeseries.blocks(late, entry.hours.block), entry.held_out, draw)
    return Split(*timeseries.windows(early), *timeseries.windows_of(weeks))


def _csv_bytes(columns: tuple[str, ...], x: Array, y: Array) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    # Nine significant digits give every float32 back exactly.
    writer.writerows([f"{v:.9g}" for v in (*row, price)] for row, price in zip(x, y, strict=True))
    return text.getvalue().encode()


def _npz_bytes(images: Array, labels: Array) -> bytes:
    """Return an .npz that is stored, not deflated: zlib's output differs between versions."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for member, array in zip(_MEMBERS, (images, labels), strict=True):
            entry = zipfile.ZipInfo(f"{member}.npy", _EPOCH)
            entry.create_system = 3  # zipfile would write the platform it runs on
            entry.external_attr = 0o644 << 16
            payload = io.BytesIO()
            little = array.astype(array.dtype.newbyteorder("<"))
            np.lib.format.write_array(payload, little, version=(1, 0), allow_pickle=False)
            archive.writestr(entry, payload.getvalue())
    return content.getvalue()

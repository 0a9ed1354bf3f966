"""Named data sets and the keyed split that decides which rows only a grader has.

Whether a row is held out depends on a course's key and the row's inputs alone, so equal inputs
always land on one side and another key gives another held-out set. The order of the rows is keyed
too: a source may come sorted, and a student's `validation_split` takes the last rows as they are.
A series keeps the order of time: its first part is for training, and of the weeks after it the key
picks those that are held out.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import tomllib
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.course import timeseries
from autograder.errors import DataError

Array = NDArray[Any]

DEMO_KEY = b"keras-autograder public demonstration key"
_SHORTEST_KEY = 16  # bytes
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip entry can carry
_MEMBERS = ("images", "labels")
_KINDS = ("csv", "npz", "series")


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """The rows of one data set: x (n, ...) inputs and y (n,) targets, for training and held out."""

    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array


@dataclass(frozen=True, slots=True)
class _Hours:
    """How a series lies in time: its first hour, the columns that count days (from 1) and hours.

    `train` is the share of the hours, from the first on, that is for training; what comes later is
    cut into blocks of `block` hours.
    """

    start: datetime
    day: str
    hour: str
    train: float
    block: int


@dataclass(frozen=True, slots=True)
class _Source:
    """One entry of datasets.toml."""

    name: str
    path: Path
    kind: str
    target: str
    held_out: float
    released: str
    features: tuple[str, ...] = ()
    inputs: str = ""
    drop: tuple[tuple[str, float], ...] = ()
    train_rows: int | None = None
    hours: _Hours | None = None


def fingerprint(key: bytes) -> str:
    """Return a short name for `key` that can be printed: "public-demo" or eight hex digits."""
    if key == DEMO_KEY:
        return "public-demo"
    return hmac.new(key, b"fingerprint", hashlib.sha256).hexdigest()[:8]


def read_key(path: Path | None) -> bytes:
    """Return the key in a file, or the public demonstration key.

    Raises DataError for a file that is missing or holds too little.
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
    """Return the names `load` knows, sorted."""
    return tuple(sorted(_catalogue(datasets_root)))


def load(datasets_root: Path, name: str, key: bytes) -> Split:
    """Return the data set `name`, split by `key`.

    cars: x (n, 7) float32, y (n,) float32 euros. digits: x (n, 28, 28, 1) uint8, y (n,) int64.
    bikes: x (n, 24, 1) float32 counts of 24 hours in a row, y (n, 1) float32 of the hour after.
    Raises DataError for an unknown name or a file that is not as described.
    """
    source = _source(datasets_root, name)
    if source.hours is not None:
        return _split_series(source, source.hours, key)
    x, y = _read_csv(source) if source.kind == "csv" else _read_npz(source)
    held = np.array([_digest(key, name, "held out", row) < source.held_out for row in x])
    order = np.argsort([_digest(key, name, "order", row) for row in x], kind="stable")
    train = order[~held[order]][: source.train_rows]
    test = order[held[order]]
    return Split(x[train], y[train], x[test], y[test])


def training_file(datasets_root: Path, name: str, key: bytes) -> tuple[str, bytes]:
    """Return file name and content of what students get: the training rows and nothing else.

    The bytes depend on data and key only, on every platform and with every zlib.
    """
    source = _source(datasets_root, name)
    if source.hours is not None:
        early, _ = _early_and_late(source, source.hours)
        return source.released, timeseries.to_csv(early, source.hours.start, source.target)
    split = load(datasets_root, name, key)
    if source.kind == "csv":
        columns = (*source.features, source.target)
        return source.released, _csv_bytes(columns, split.x_train, split.y_train)
    return source.released, _npz_bytes(split.x_train, split.y_train)


def load_training(path: Path) -> tuple[Array, Array]:
    """Read back what `training_file` gave: the same x_train and y_train as `load` returns."""
    if path.suffix == ".csv":
        header, *rows = _rows(path)
        if header[0] == timeseries.HEADER:
            return timeseries.windows(timeseries.from_rows(rows))
        table = np.array(rows, dtype=np.float32)
        return table[:, :-1], table[:, -1]
    with np.load(path, allow_pickle=False) as archive:
        return archive[_MEMBERS[0]], archive[_MEMBERS[1]]


def _digest(key: bytes, name: str, purpose: str, row: Array) -> float:
    """Return a number in [0, 1) that nobody without `key` can tell in advance."""
    little = np.ascontiguousarray(row, dtype=row.dtype.newbyteorder("<"))
    message = f"{name}\0{purpose}\0".encode() + little.tobytes()
    return int.from_bytes(hmac.digest(key, message, "sha256")[:6], "big") / 2**48


def _catalogue(datasets_root: Path) -> dict[str, Any]:
    path = datasets_root / "datasets.toml"
    if not path.is_file():
        raise DataError(f"no datasets.toml in {datasets_root}: give the folder that holds it")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _source(datasets_root: Path, name: str) -> _Source:
    catalogue = _catalogue(datasets_root)
    if name not in catalogue:
        known = ", ".join(sorted(catalogue))
        raise DataError(f"no data set named {name!r}; datasets.toml has: {known}")
    entry = catalogue[name]
    if entry["kind"] not in _KINDS:
        expected = " or ".join(_KINDS)
        raise DataError(f"data set {name!r}: kind is {entry['kind']!r}, expected {expected}")
    return _Source(
        name=name,
        path=datasets_root / entry["file"],
        kind=entry["kind"],
        target=entry["target"],
        held_out=float(entry["held_out"]),
        released=entry["released"],
        features=tuple(entry.get("features", ())),
        inputs=entry.get("inputs", ""),
        drop=tuple(entry.get("drop", {}).items()),
        train_rows=entry.get("train_rows"),
        hours=_Hours(**entry["hours"]) if entry["kind"] == "series" else None,
    )


def _rows(path: Path) -> list[list[str]]:
    if not path.is_file():
        raise DataError(f"{path.name} is missing: expected it in {path.parent}")
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def _read_csv(source: _Source) -> tuple[Array, Array]:
    """Return inputs (n, columns) and targets (n,), both float32, without the rows to drop."""
    header, *rows = _rows(source.path)
    wanted = {*source.features, source.target, *(column for column, _ in source.drop)}
    if missing := wanted - set(header):
        raise DataError(f"{source.path.name} has no column {', '.join(sorted(missing))}")
    dropped = [(header.index(column), value) for column, value in source.drop]
    kept = [row for row in rows if all(float(row[at]) != value for at, value in dropped)]
    columns = [header.index(column) for column in (*source.features, source.target)]
    table = np.array([[row[at] for at in columns] for row in kept], dtype=np.float32)
    return table[:, :-1], table[:, -1]


def _read_npz(source: _Source) -> tuple[Array, Array]:
    """Return images (n, height, width, 1) uint8 and labels (n,) int64."""
    if not source.path.is_file():
        raise DataError(f"{source.path.name} is missing: expected it in {source.path.parent}")
    with np.load(source.path, allow_pickle=False) as archive:
        images, labels = archive[source.inputs], archive[source.target]
    return images[..., np.newaxis], labels.astype(np.int64)


def _early_and_late(source: _Source, hours: _Hours) -> tuple[Array, Array]:
    """Return the counts (hours,) for training and those after them, NaN where one is missing."""
    header, *rows = _rows(source.path)
    columns = (hours.day, hours.hour, source.target)
    if missing := set(columns) - set(header):
        raise DataError(f"{source.path.name} has no column {', '.join(sorted(missing))}")
    at = [header.index(column) for column in columns]
    day, hour, count = np.array([[int(row[i]) for i in at] for row in rows]).T
    counts = timeseries.from_hours((day - 1) * timeseries.DAY + hour, count)
    cut = int(hours.train * len(counts))
    return counts[:cut], counts[cut:]


def _split_series(source: _Source, hours: _Hours, key: bytes) -> Split:
    """Return the windows of the early hours, and those of the later weeks that the key picks."""
    early, late = _early_and_late(source, hours)

    def draw(number: int) -> float:
        return _digest(key, source.name, "held out", np.array([number]))

    weeks = timeseries.picked(timeseries.blocks(late, hours.block), source.held_out, draw)
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

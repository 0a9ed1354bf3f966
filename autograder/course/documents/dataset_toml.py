"""The data sets of a course: the folders under datasets/, and the dataset.toml in each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from autograder.course.documents import typed
from autograder.errors import DataError, SettingsError

__all__ = [
    "FILE",
    "READER",
    "ArchiveEntry",
    "Columns",
    "Entry",
    "Member",
    "OwnEntry",
    "Returned",
    "TableEntry",
    "TextEntry",
    "Time",
    "entry",
    "names",
]

FILE = "dataset.toml"
READER = "read.py"
Count = Annotated[int, Meta(ge=1)]
Steps = Annotated[int, Meta(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """An array that is read from a table: of one `column` (n,), of several `columns` (n, k).

    `type` is the type of the numbers, "string", or the step of a time, such as "day".
    """

    type: str
    column: str = ""
    columns: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns."""
        return self.columns or (self.column,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An array that is read from a NumPy archive.

    `member` is its name in the archive and `released` its name in the students' file; both are the
    array's own name where they are not given. `type` is a type that holds every value unchanged.
    `channel` adds a last axis of length 1.
    """

    member: str = ""
    type: str = ""
    channel: bool = False
    released: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """An array that read.py returns; `released` is its name in the students' file."""

    released: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """How a series is cut: rows, hours or characters, in the order of time.

    `train` is the share of the steps, from the first on, that is for training. After `gap` steps
    that nobody gets, the others are cut into blocks of `block` steps, of which the key picks. With
    a `window` the data set becomes windows of that many steps (x) and the step after each (y).
    `array` names the array of times, and `gaps` allows times to be missing.
    """

    train: float
    block: Count
    gap: Steps = 0
    window: Steps = 0
    array: str = ""
    gaps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What dataset.toml says of every data set.

    `held_out` is the expected share of rows, groups or later blocks that only a grader has.
    `released` is the name of the file that students get.
    """

    held_out: float
    released: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows(_Entry):
    """What dataset.toml may say of data in rows.

    Rows with equal values in the arrays `inputs` lie on one side; so do rows with an equal value
    in the array `group`. At most `train_rows` rows are for training. `missing` is "keep" or "drop";
    without it a missing value is an error.
    """

    inputs: tuple[str, ...] = ()
    group: str = ""
    train_rows: Count | None = None
    time: Time | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEntry(_Rows):
    """A table with a header, values separated by `separator`.

    Rows in which a column of `drop` has the value given there are left out.
    """

    file: str
    arrays: Mapping[str, Columns]
    drop: Mapping[str, float | str] = field(default_factory=dict)
    separator: str = ","


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveEntry(_Rows):
    """A NumPy archive; without `arrays` every array in it is read under its own name.

    The arrays `whole` belong to no row, such as the names of classes: they are not split.
    """

    file: str
    arrays: Mapping[str, Member] = field(default_factory=dict)
    whole: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEntry(_Rows):
    """A folder with a read.py, whose function `read(folder)` returns arrays by name.

    The arrays `whole` belong to no row: they are not split.
    """

    arrays: Mapping[str, Returned] = field(default_factory=dict)
    whole: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEntry(_Entry):
    """A text in UTF-8, cut by its characters."""

    file: str
    time: Time


Entry = TableEntry | ArchiveEntry | TextEntry | OwnEntry
_BY_ENDING: Mapping[str, type[Entry]] = {
    ".csv": TableEntry,
    ".npz": ArchiveEntry,
    ".txt": TextEntry,
}


def names(datasets_root: Path) -> tuple[str, ...]:
    """Return the names of the data sets in a folder, sorted: its folders with a dataset.toml."""
    return tuple(sorted(path.parent.name for path in datasets_root.glob(f"*/{FILE}")))


def entry(datasets_root: Path, name: str) -> Entry:
    """Return what the dataset.toml of the data set `name` says.

    Raises DataError where there is no such data set, and SettingsError, which names file, key and
    the known keys, for a setting that does not fit.
    """
    if name not in names(datasets_root):
        there = ", ".join(names(datasets_root)) or "none"
        raise DataError(
            f"no data set named {name!r}: {datasets_root} has no {name}/{FILE}; "
            f"data sets there: {there}"
        )
    path = datasets_root / name / FILE
    table = typed.read_toml(path)
    read = typed.convert(table, _kind(path, table), path)
    for fault in (*_name_faults(read), *_share_faults(read), *_split_faults(read)):
        raise SettingsError(f"{path}: {fault}")
    return read


def _kind(path: Path, table: Mapping[str, object]) -> type[Entry]:
    if path.with_name(READER).is_file():
        return OwnEntry
    file = table.get("file")
    if isinstance(file, str) and Path(file).suffix in _BY_ENDING:
        return _BY_ENDING[Path(file).suffix]
    known = ", ".join(_BY_ENDING)
    raise SettingsError(
        f"{path}: file is {file!r}: name a file that ends in {known}, or write a {READER} beside "
        f"{FILE} that reads what the folder holds"
    )


def _name_faults(entry_: Entry) -> Iterator[str]:
    """Yield what is wrong with the names of arrays and of the released file."""
    endings = (".txt",) if isinstance(entry_, TextEntry) else (".csv", ".npz")
    path = Path(entry_.released)
    if path.suffix not in endings or path.name != entry_.released:
        yield (
            f"released is {entry_.released!r}, expected a plain file name that ends in "
            f"{' or '.join(endings)}"
        )
    if isinstance(entry_, TextEntry):
        return
    if isinstance(entry_, TableEntry) and not entry_.arrays:
        yield "arrays is empty: name the arrays and the columns they are read from"
    for name, array in entry_.arrays.items():
        if not name.isidentifier():
            yield f"arrays.{name}: the name of an array is a name of Python's"
        if isinstance(array, Columns) and bool(array.column) == bool(array.columns):
            yield f"arrays.{name} needs either column, a name, or columns, a list of names"
    if entry_.missing not in ("", "keep", "drop"):
        yield f'missing is {entry_.missing!r}, expected "keep" or "drop"'


def _whole_faults(entry_: ArchiveEntry | OwnEntry) -> Iterator[str]:
    if entry_.whole and entry_.released.endswith(".csv"):
        yield "whole arrays have no place in a table: release the data set as .npz"
    if entry_.time is not None:
        made = {"x", "y"} if entry_.time.window else {"block"}
        if clash := sorted(made.intersection(entry_.whole)):
            yield f"whole names {clash[0]!r}, which is an array that [time] makes: rename yours"


def _share_faults(entry_: Entry) -> Iterator[str]:
    shares = {"held_out": entry_.held_out}
    if entry_.time is not None:
        shares["time.train"] = entry_.time.train
    for key, share in shares.items():
        if not 0 < share < 1:
            yield f"{key} is {share:g}, expected a share between 0 and 1, such as 0.3"


def _split_faults(entry_: Entry) -> Iterator[str]:
    """Yield settings of a split by rows where the data are split by time, and clashing arrays."""
    if isinstance(entry_, TextEntry):
        if entry_.time.window or entry_.time.array or entry_.time.gaps:
            yield "time.window, time.array and time.gaps do not apply to a text"
        return
    given = [key for key in ("inputs", "group", "train_rows") if getattr(entry_, key)]
    if not isinstance(entry_, TableEntry):
        yield from _whole_faults(entry_)
    if entry_.time is not None and given:
        yield f"{', '.join(given)} cannot stand beside [time]: the order of time decides the side"
    if entry_.time is not None and entry_.time.gaps and not entry_.time.array:
        yield "time.gaps needs time.array, the name of the array of times"

"""Reads adjustments.csv: the points and comments that people gave to checks of submissions."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.errors import AdjustmentError
from autograder.report.csv_file import original
from autograder.result import Check, Outcome, Review

__all__ = ["COLUMNS", "NAME", "Adjustment", "Adjustments", "read"]

NAME = "adjustments.csv"
COLUMNS = ("student", "exercise", "check", "points", "comment")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
_SHOWN = 60

Key = tuple[str, str, str]
Worth = Callable[[str], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One row: the new total of a check, None to keep its points, and a comment for the student.

    `line` is the row's first line in the file, from 1.
    """

    line: int
    student: str
    exercise: str
    check: str
    points: float | None
    comment: str

    def applied(self, check: Check) -> Check:
        """Return a check with these points; its own stand in the review."""
        review = Review(self.comment, check.points, check.outcome)
        if self.points is None:
            return replace(check, review=review)
        outcome = Outcome.PARTIAL
        if self.points >= check.max_points:
            outcome = Outcome.PASSED
        elif self.points == 0:
            outcome = Outcome.FAILED
        return replace(check, points=self.points, outcome=outcome, borderline=False, review=review)


@dataclass(frozen=True, slots=True)
class Adjustments:
    """All rows of a file, by student, exercise and check."""

    path: Path = Path(NAME)
    rows: Mapping[Key, Adjustment] = field(default_factory=dict)
    _by_submission: dict[tuple[str, str], dict[str, Adjustment]] = field(
        init=False, repr=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        for row in self.rows.values():
            self._by_submission.setdefault((row.student, row.exercise), {})[row.check] = row

    def of(self, student: str, exercise: str) -> dict[str, Adjustment]:
        """Return the rows of one submission by the ids of their checks."""
        return dict(self._by_submission.get((_name(student), exercise), {}))

    def check(self, handed_in: Mapping[str, set[str]], exercises: set[str], worth: Worth) -> None:
        """Compare every row with the course and the batch, before anything is graded.

        `handed_in` are the students of each exercise that the batch holds, `exercises` the names of
        the course's exercises; `worth` gives an exercise's checks with their points. Rows of an
        exercise that nobody handed in here are compared with the course alone: a course keeps one
        file, whichever batch is graded. Raises AdjustmentError, which names the line.
        """
        students = {name: {_name(s) for s in present} for name, present in handed_in.items()}
        for row in self.rows.values():
            if row.exercise not in exercises:
                raise self._error(row, "exercise", row.exercise, exercises)
            points = worth(row.exercise)
            if row.check not in points:
                raise self._error(row, "check", row.check, set(points))
            if row.points is not None and row.points > points[row.check]:
                raise AdjustmentError(
                    f"{self.path}:{row.line}: {row.points:g} points are more than the "
                    f"{points[row.check]:g} of {row.check}. `points` is the new total of the check"
                )
            present = students.get(row.exercise)
            if present is not None and row.student not in present:
                raise self._error(row, "student", row.student, present)

    def _error(self, row: Adjustment, what: str, name: str, known: set[str]) -> AdjustmentError:
        whose = f" who handed in {row.exercise}" if what == "student" else ""
        whose = f" of {row.exercise}" if what == "check" else whose
        return AdjustmentError(
            f"{self.path}:{row.line}: no {what} {name[:_SHOWN]!r}{whose}; there: {_listed(known)}"
        )


def read(path: Path) -> Adjustments:
    """Read a file of adjustments; raises AdjustmentError, which names the line, and OSError.

    The file is CSV in UTF-8 with the header student, exercise, check, points, comment. A
    spreadsheet that writes a decimal comma separates by semicolons; both are read.
    """
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise AdjustmentError(f"{path}:{line}: is not UTF-8; save it as CSV in UTF-8") from None
    rows: dict[Key, Adjustment] = {}
    for row in _rows(path, text):
        key = (row.student, row.exercise, row.check)
        if key in rows:
            raise AdjustmentError(
                f"{path}:{row.line}: {row.check} of {row.student} in {row.exercise} stands in "
                f"line {rows[key].line} too; keep the row that counts"
            )
        rows[key] = row
    return Adjustments(path, rows)


def _rows(path: Path, text: str) -> Iterator[Adjustment]:
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: tuple[str, ...] = ()
    line = 1
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                pass  # a spreadsheet leaves empty rows below the table
            elif not columns:
                columns = _header(path, line, cells)
            else:
                yield _row(path, line, columns, cells, delimiter)
            line = reader.line_num + 1
    except csv.Error as error:
        raise AdjustmentError(f"{path}:{line}: is no row of CSV ({error})") from None
    if not columns:
        raise AdjustmentError(f"{path}:1: is empty; its first line is {','.join(COLUMNS)}")


def _header(path: Path, line: int, cells: list[str]) -> tuple[str, ...]:
    columns = tuple(cell.strip() for cell in cells)
    while columns and not columns[-1]:
        columns = columns[:-1]
    if sorted(columns) != sorted(COLUMNS):
        raise AdjustmentError(
            f"{path}:{line}: the header is {','.join(columns)[:200]!r}, expected the columns "
            f"{','.join(COLUMNS)}"
        )
    return columns


def _row(
    path: Path, line: int, columns: tuple[str, ...], cells: list[str], delimiter: str
) -> Adjustment:
    more = [cell for cell in cells[len(columns) :] if cell.strip()]
    if len(cells) < len(columns) or more:
        raise AdjustmentError(
            f"{path}:{line}: has {len(cells)} cells, expected {len(columns)}: put a text that "
            f"holds {delimiter!r} into quotes"
        )
    row = {column: original(cell) for column, cell in zip(columns, cells, strict=False)}
    return Adjustment(
        line,
        _name(row["student"]),
        row["exercise"].strip(),
        row["check"].strip(),
        _points(path, line, row["points"].strip(), delimiter),
        row["comment"].strip(),
    )


def _points(path: Path, line: int, cell: str, delimiter: str) -> float | None:
    number = cell.replace(",", ".") if delimiter == ";" else cell
    if not number:
        return None
    if not _NUMBER.fullmatch(number) or len(number) > _SHOWN:
        raise AdjustmentError(
            f"{path}:{line}: points is {cell[:_SHOWN]!r}, expected a number from 0 on, or nothing "
            "to keep the points"
        )
    return float(number)


def _name(student: str) -> str:
    return unicodedata.normalize("NFC", student).strip()


def _listed(names: set[str]) -> str:
    shown = sorted(names)[:20]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return (", ".join(shown) or "none") + more

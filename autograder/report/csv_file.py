"""Writes grades.csv, one row a submission, safe to open in a spreadsheet.

The rule for text: a cell that a spreadsheet might take for a formula (it starts with = + - @,
their full-width forms, a tab or a line break, white space and apostrophes before them not
counted) gets one apostrophe in front. `original` takes exactly that apostrophe away again.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from autograder.result import Result, Status
from autograder.text import atomically

NAME = "grades.csv"
COLUMNS = ("student", "exercise", "score", "max_score", "status", "seconds")
_SIGNS = (
    "=+\\-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}"
    "\N{FULLWIDTH COMMERCIAL AT}\N{MINUS SIGN}"
)
_FORMULA = re.compile(rf"['\s]*[{_SIGNS}\t\r\n]")


def write(folder: Path, results: Iterable[Result]) -> Path:
    """Write folder/grades.csv in the order of `results` and return its path.

    A submission without a grade has empty score cells: it is not a zero.
    """
    path = folder / NAME
    with atomically(path) as stream:
        write_rows(stream, itertools.chain([COLUMNS], map(_row, results)))
    return path


def write_rows(stream: TextIO, rows: Iterable[Iterable[str | float]]) -> None:
    """Write rows as CSV; `neutral` is for the caller, who knows which text is whose."""
    # Quoted text keeps a ';' inside a name from starting a cell where ';' separates.
    writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerows(rows)


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a file that `write` wrote, text cells as they were."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    text = ("student", "exercise")
    return [{k: original(v) if k in text else v for k, v in row.items()} for row in rows]


def neutral(text: str) -> str:
    """Return text that no spreadsheet runs as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def original(cell: str) -> str:
    """Return what `neutral` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _row(result: Result) -> tuple[str | float, ...]:
    has_grade = result.status is Status.GRADED
    return (
        neutral(result.student),
        neutral(result.exercise),
        result.score if has_grade else "",
        result.max_score if has_grade else "",
        str(result.status),
        round(result.seconds, 3),
    )

"""Writes grades.csv, a row for each submission, safe to open in a spreadsheet.

A spreadsheet might take a cell for a formula that starts with = + - @, their full-width forms, a
tab or a line break; white space and apostrophes may stand before these. `neutral` puts an
apostrophe in front of such a cell, and `original` takes exactly that apostrophe away again.
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
OPEN = "open_points"
_SIGNS = (
    "=+\\-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}"
    "\N{FULLWIDTH COMMERCIAL AT}\N{MINUS SIGN}"
)
_FORMULA = re.compile(rf"['\s]*[{_SIGNS}\t\r\n]")


def write(folder: Path, results: Iterable[Result], *, with_open: bool = False) -> Path:
    """Write folder/grades.csv in the order of `results` and return its path.

    The score cells of a submission without a grade are empty, which is no zero. With `with_open` a
    last column has the points for which a person is awaited. Raises OSError.
    """
    path = folder / NAME
    columns = (*COLUMNS, OPEN) if with_open else COLUMNS
    with atomically(path) as stream:
        rows = (_row(result)[: len(columns)] for result in results)
        write_rows(stream, itertools.chain([columns], rows))
    return path


def write_rows(stream: TextIO, rows: Iterable[Iterable[str | float]]) -> None:
    """Write rows as CSV; the caller has made text from students `neutral`."""
    # Quoted text keeps a ';' inside a name from starting a cell where ';' separates.
    writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerows(rows)


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a file that `write` wrote, with text as it was before `neutral`.

    Raises OSError.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    texts = ("student", "exercise")
    return [
        {column: original(cell) if column in texts else cell for column, cell in row.items()}
        for row in rows
    ]


def neutral(text: str) -> str:
    """Return text that no spreadsheet runs as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def original(cell: str) -> str:
    """Return the text from which `neutral` made a cell."""
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
        result.open_points if has_grade else "",
    )

"""Writes questions.html for the instructor: what students handed in for a person to grade."""

from __future__ import annotations

import html
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.report.csv_file import neutral, write_rows
from autograder.result import Check, Outcome, Result
from autograder.text import atomically, points, printable

__all__ = ["NAME", "write"]

NAME = "questions.html"
_HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file:">
<title>Questions that a person grades</title>
<style>
body { font-family: sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
pre { white-space: pre-wrap; border-left: 3px solid #ccc; padding-left: 1rem }
img { max-width: 100% }
</style>
<h1>Questions that a person grades</h1>
<p>Points go into adjustments.csv: student, exercise, check, points, comment.</p>
"""


def write(folder: Path, results: Iterable[Result]) -> Path | None:
    """Write folder/questions.html, in the order of `results`, and return its path.

    The page has a section for each answer that has to be graded by a person; what students wrote
    stands in it as plain text. At its end are the rows of adjustments.csv that are missing. Without
    such an answer there is no page, also none from an earlier run, and None is returned. Raises
    OSError.
    """
    path = folder / NAME
    rows: list[tuple[str, ...]] = []
    sections = (part for result in results for part in _sections(result, rows))
    first = next(sections, None)
    if first is None:
        path.unlink(missing_ok=True)
        return None
    with atomically(path) as stream:
        stream.write(_HEAD + first)
        for section in sections:
            stream.write(section)
        stream.write(f"{_missing(rows)}</html>\n")
    return path


def _sections(result: Result, rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Yield a section for each answer, and append the row of each that is open to `rows`."""
    for check in result.checks:
        if check.answer is not None:
            yield "".join(_section(result, check))
            if check.outcome is Outcome.OPEN:
                rows.append((neutral(result.student), result.exercise, check.id, "", ""))


def _missing(rows: list[tuple[str, ...]]) -> str:
    """Return the rows that wait for points, as CSV to be copied; '' where none waits."""
    if not rows:
        return ""
    stream = io.StringIO()
    write_rows(stream, rows)
    return f"<h2>Rows that wait for points</h2>\n<pre>{html.escape(stream.getvalue())}</pre>\n"


def _section(result: Result, check: Check) -> Iterator[str]:
    answer = check.answer
    if answer is None:
        return
    is_open = check.outcome is Outcome.OPEN
    earned = "open" if is_open else f"{points(check.points)}"
    yield f"<h2>{_plain(result.student)}: {_plain(check.title)}</h2>\n"
    where = (
        f"exercise <code>{_plain(result.exercise)}</code>, check <code>{_plain(check.id)}</code>"
    )
    yield f"<p>{where}, points: {earned} of {points(check.max_points)}</p>\n"
    if answer.note:
        yield f"<p><em>{_plain(answer.note)}</em></p>\n"
    yield f"<pre>{_plain(answer.text) or '(nothing)'}</pre>\n"
    if answer.picture:
        yield f'<p><img src="{_plain(answer.picture)}" alt="the picture handed in"></p>\n'
    if check.review is not None and check.review.comment:
        yield f"<p>Comment: {_plain(check.review.comment)}</p>\n"


def _plain(text: str) -> str:
    return html.escape(printable(text))

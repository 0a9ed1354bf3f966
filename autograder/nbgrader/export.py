"""Writes the gradebook as CSV: nbgrader's own columns, quoted, and no formula in any of them.

Where nbgrader's exporter writes a number that is no grade, this leaves the cell empty: a student
who handed nothing in has not got 0 points, and nor has one whose submission is not graded yet. Who
is to get 0 for that is the instructor's decision. A submission of which some cells still wait for a
human grader has the points it has so far, as in the formgrader, and a warning in the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Grade, Gradebook, Student, SubmittedAssignment
from nbgrader.plugins import ExportPlugin
from traitlets import Bool

from autograder.errors import UnknownName
from autograder.report.csv_file import neutral, write_rows
from autograder.text import atomically

COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)
_Cell = str | float


class CsvExport(ExportPlugin):
    """Use: nbgrader export --exporter=autograder.nbgrader.export.CsvExport --to grades.csv."""

    checks = Bool(
        False, help="Whether to add a column for each graded cell: notebook.grade_id."
    ).tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write grades of the assignments and students that are named, of all where none is.

        Raises UnknownName, and then writes nothing.
        """
        path = Path(self.to or "grades.csv")
        assignments = _named({one.name: one for one in gradebook.assignments}, self.assignment)
        students = _named({one.id: one for one in gradebook.students}, self.student)
        columns = list(COLUMNS)
        if self.checks:
            columns += dict.fromkeys(name for one in assignments for name in _graded_cells(one))
        rows = [row for one in assignments for row in self._rows(gradebook, one, students)]
        header: list[_Cell] = [neutral(name) for name in columns]
        table = [header, *([_safe(row.get(name, "")) for name in columns] for row in rows)]
        with atomically(path) as stream:
            write_rows(stream, table)
        self.log.info("Wrote %d rows to %s", len(rows), path)

    def _rows(
        self, gradebook: Gradebook, assignment: Assignment, students: list[Student]
    ) -> list[dict[str, _Cell]]:
        """Return a row for each student, handed in or not."""
        found = {one.student.id: one for one in gradebook.assignment_submissions(assignment.name)}
        submitted = [found[student.id] for student in students if student.id in found]
        ungraded = sum(not _is_graded(one) for one in submitted)
        waiting = sum(bool(one.needs_manual_grade) and _is_graded(one) for one in submitted)
        for number, told in (
            (ungraded, "not graded yet, their scores left empty"),
            (waiting, "that wait for a grader, their points so far written"),
        ):
            if number:
                self.log.warning("%s: submissions %s: %d", assignment.name, told, number)
        return [_row(assignment, student, found.get(student.id)) for student in students]


def _named(known: dict[str, Any], names: Iterable[object]) -> list[Any]:
    wanted = [str(name) for name in names]  # nbgrader's command line makes numbers of some
    missing = [name for name in wanted if name not in known]
    if missing:
        raise UnknownName(f"the gradebook has no {', '.join(map(repr, missing))}")
    return [one for name, one in known.items() if not wanted or name in wanted]


def _row(
    assignment: Assignment, student: Student, submission: SubmittedAssignment | None
) -> dict[str, _Cell]:
    row: dict[str, _Cell] = {
        "assignment": assignment.name,
        "duedate": str(assignment.duedate or ""),
        "student_id": student.id,
        "last_name": student.last_name or "",
        "first_name": student.first_name or "",
        "email": student.email or "",
        "max_score": float(assignment.max_score),
    }
    if submission is None:
        return row
    row["timestamp"] = str(submission.timestamp or "")
    if _is_graded(submission):
        penalty = submission.late_submission_penalty
        row["raw_score"] = submission.score
        row["late_submission_penalty"] = penalty
        row["score"] = max(0.0, submission.score - penalty)
        row |= {_column(grade): grade.score for grade in _grades(submission) if _has_score(grade)}
    return row


def _is_graded(submission: SubmittedAssignment) -> bool:
    grades = _grades(submission)
    return not grades or any(_has_score(grade) for grade in grades)


def _grades(submission: SubmittedAssignment) -> list[Grade]:
    return [grade for notebook in submission.notebooks for grade in notebook.grades]


def _has_score(grade: Grade) -> bool:
    return grade.auto_score is not None or grade.manual_score is not None


def _graded_cells(assignment: Assignment) -> Iterator[str]:
    for notebook in assignment.notebooks:
        graded = {cell.name for cell in (*notebook.grade_cells, *notebook.task_cells)}
        for cell in notebook.source_cells:
            if cell.name in graded:
                yield f"{notebook.name}.{cell.name}"


def _column(grade: Grade) -> str:
    return f"{grade.notebook.name}.{grade.cell.name}"


def _safe(cell: _Cell) -> _Cell:
    return neutral(cell) if isinstance(cell, str) else cell

"""Writes the gradebook as CSV: nbgrader's own columns, quoted, and no formula in any of them.

Public: nbgrader's command line and courses' configurations name `CsvExport`.

Where nbgrader's exporter writes a number that is no grade, this exporter leaves the cell empty: a
student who handed nothing in does not have 0 points, nor has a student whose submission is not
graded yet. The instructor decides who gets 0. A submission of which some cells still wait for a
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

__all__ = ["COLUMNS", "CsvExport"]

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
    """Exports the gradebook, a row for each student and assignment.

    On nbgrader's command line:

        nbgrader export --exporter=autograder.nbgrader.export.CsvExport --to grades.csv

    or in nbgrader_config.py, with a column for each graded cell:

        c.ExportApp.plugin_class = "autograder.nbgrader.export.CsvExport"
        c.CsvExport.checks = True
    """

    checks = Bool(
        False, help="Whether to add a column for each graded cell: notebook.grade_id."
    ).tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write the grades to the file named by the trait `to`, or grades.csv.

        The traits `assignment` and `student` choose; an empty one stands for all. Raises
        UnknownName for a name that the gradebook does not have, and then writes nothing.
        """
        path = Path(self.to or "grades.csv")
        by_name = {assignment.name: assignment for assignment in gradebook.assignments}
        by_id = {student.id: student for student in gradebook.students}
        assignments = _named(by_name, self.assignment)
        students = _named(by_id, self.student)
        columns = list(COLUMNS)
        if self.checks:
            for assignment in assignments:
                columns += [name for name in _graded_cells(assignment) if name not in columns]
        rows = [
            row for assignment in assignments for row in self._rows(gradebook, assignment, students)
        ]
        header: list[_Cell] = [neutral(name) for name in columns]
        table = [header, *([_safe(row.get(name, "")) for name in columns] for row in rows)]
        with atomically(path) as stream:
            write_rows(stream, table)
        self.log.info("Wrote %d rows to %s", len(rows), path)

    def _rows(
        self, gradebook: Gradebook, assignment: Assignment, students: list[Student]
    ) -> list[dict[str, _Cell]]:
        """Return a row for each student, handed in or not."""
        submissions = {
            submission.student.id: submission
            for submission in gradebook.assignment_submissions(assignment.name)
        }
        submitted = [submissions[s.id] for s in students if s.id in submissions]
        graded = [submission for submission in submitted if _is_graded(submission)]
        ungraded = len(submitted) - len(graded)
        waiting = sum(bool(submission.needs_manual_grade) for submission in graded)
        for number, words in (
            (ungraded, "not graded yet, their scores left empty"),
            (waiting, "that wait for a grader, their points so far written"),
        ):
            if number:
                self.log.warning("%s: submissions %s: %d", assignment.name, words, number)
        return [_row(assignment, student, submissions.get(student.id)) for student in students]


def _named(by_name: dict[str, Any], names: Iterable[object]) -> list[Any]:
    wanted = [str(name) for name in names]  # nbgrader's command line turns 12 into a number
    missing = [name for name in wanted if name not in by_name]
    if missing:
        raise UnknownName(f"the gradebook has no {', '.join(map(repr, missing))}")
    return [row for name, row in by_name.items() if not wanted or name in wanted]


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

"""Grades a packaged exercise by its own checks and shows each result in its grade cell."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader import utils

from autograder.course.exercise import Exercise, settings_of
from autograder.errors import UnreadableFile
from autograder.grading.scorer import Scorer
from autograder.grading.task import Task
from autograder.notebooks.outputs import Output
from autograder.report.outcomes import EARNED, LOST, label
from autograder.result import WITHHELD, Check, Outcome, Result, Status
from autograder.submissions.found_file import Location
from autograder.submissions.scan import Reader

_WIDTH = 90


@dataclass(frozen=True, slots=True)
class GradedNotebook:
    """A packaged exercise's points by grade id.

    None stands for points that are withheld, since an error of the grader never costs points, and
    for points that a person gives.
    """

    points: Mapping[str, float | None]

    def of(self, grade_id: str, most: float) -> float | None:
        """Return a cell's points, from 0 to `most`; an unknown cell or nan earns 0."""
        points = self.points.get(grade_id, 0.0)
        if points is None:
            return None
        return min(max(points, 0.0), most) if math.isfinite(points) else 0.0


def grade(
    nb: NotebookNode,
    student: str,
    exercise: str,
    folder: Path,
    scorer: Scorer,
    log: logging.Logger,
) -> GradedNotebook:
    """Grade the answers in `nb`, which lies in `folder`; put outputs into all its code cells."""
    answers = [cell for cell in nb.cells if cell.cell_type == "code" and not utils.is_grade(cell)]
    content = _content(answers)
    digest = hashlib.sha256(content).hexdigest()
    task = Task(
        exercise=exercise,
        content=content,
        suffix=".ipynb",
        model=_model(scorer.course.place.exercise(exercise), folder),
        student=student,
        source="notebook",
        sha256=digest,
        record=True,
    )
    graded = scorer.graded(task)
    result = graded.result
    for number, cell in enumerate(answers):
        cell.outputs = list(graded.shown[number]) if number < len(graded.shown) else []
        cell.execution_count = number + 1
    _show(nb, result)
    if result.status is Status.GRADER_ERROR:
        log.error("%s: withheld, the grader itself failed:\n%s", student, result.evidence)
    return GradedNotebook(_points(nb, result))


def _model(exercise: Exercise, folder: Path) -> bytes:
    """Return the trained model beside the notebook, where the exercise accepts one."""
    name = settings_of(exercise).model
    try:
        return Reader().read(Location(folder / name)) if name else b""
    except UnreadableFile:  # not handed in, or no plain file: the checks say that there is none
        return b""


def _content(cells: list[NotebookNode]) -> bytes:
    """Return the student's code cells as a notebook file, without outputs."""
    plain = [
        {
            "cell_type": "code",
            "source": cell.source,
            "metadata": {"tags": list(cell.metadata.get("tags", []))},
            "outputs": [],
        }
        for cell in cells
    ]
    value = {"cells": plain, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(value, sort_keys=True).encode()


def _points(nb: NotebookNode, result: Result) -> dict[str, float | None]:
    checks = {check.id: check for check in result.checks}
    ours = result.status is Status.GRADER_ERROR
    points: dict[str, float | None] = {}
    for cell in nb.cells:
        if utils.is_grade(cell) and utils.is_solution(cell):
            points[cell.metadata.nbgrader.grade_id] = None  # a question that a person grades
        elif utils.is_grade(cell):
            check = checks.get(cell.metadata.nbgrader.grade_id)
            withheld = check is None and ours
            if check is not None:
                withheld = check.outcome is Outcome.GRADER_ERROR
            earned = 0.0 if check is None else _scaled(check, cell)
            points[cell.metadata.nbgrader.grade_id] = None if withheld else earned
    return points


def _scaled(check: Check, cell: NotebookNode) -> float:
    """Return a check's points on the scale of its cell, which the instructor may have changed."""
    most = float(cell.metadata.nbgrader.points)
    return check.points / check.max_points * most if check.max_points else 0.0


def _show(nb: NotebookNode, result: Result) -> None:
    checks = {check.id: check for check in result.checks}
    notes = list(result.notes)
    for cell in nb.cells:
        if not utils.is_grade(cell) or cell.cell_type != "code":
            continue
        check = checks.get(cell.metadata.nbgrader.grade_id)
        cell.outputs = (
            _missing(result) if check is None else _result_outputs(check, _scaled(check, cell))
        )
        cell.execution_count = None
        if notes:  # once, above the first result
            text = "".join(f"{_wrapped(f'Note: {note}')}\n" for note in notes)
            cell.outputs.insert(0, new_output("stream", name="stdout", text=text))
            notes = []


def _missing(result: Result) -> list[Output]:
    """Return an output that says why a cell has no result."""
    if result.status is Status.GRADER_ERROR:
        return [_error("Withheld", WITHHELD)]
    words = result.message or "The course has no such check any more: ask your instructor."
    return [_error("NotGraded", words)]


def _result_outputs(check: Check, points: float) -> list[Output]:
    """Return a check's outcome so that nbgrader's own scoring would come to the same points.

    nbgrader reads outputs: an error is 0 points, a number so many points, neither all points.
    """
    mark = EARNED if check.outcome is Outcome.PASSED else LOST
    unit = "point" if check.max_points == 1 else "points"
    head = f"{mark.sign} {check.title}\n{check.points:g} of {check.max_points:g} {unit}"
    if check.outcome is Outcome.GRADER_ERROR:
        return [_error("Withheld", f"{check.title}. {WITHHELD}")]
    if check.outcome is Outcome.PASSED:
        return [new_output("stream", name="stdout", text=f"{head}\n")]
    words = f"{head} ({label(check.outcome)})\n{_wrapped(check.message)}"
    if points > 0:
        number = new_output("execute_result", {"text/plain": f"{points:g}"}, execution_count=None)
        return [new_output("stream", name="stdout", text=f"{words}\n"), number]
    return [_error(label(check.outcome).capitalize(), check.message, words)]


def _wrapped(text: str) -> str:
    """Return text in lines that fit a page; a table's lines are short and stay as they are."""
    return "\n".join(
        textwrap.fill(line, _WIDTH) if len(line) > _WIDTH else line for line in text.split("\n")
    )


def _error(name: str, text: str, whole: str = "") -> Output:
    return new_output("error", ename=name, evalue=text, traceback=[whole or f"{name}: {text}"])

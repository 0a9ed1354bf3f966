"""Adds to a result what people contribute: the questions that they grade, and their points."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path

from autograder.course.exercise import Exercise, Root, settings_of
from autograder.course.manual import Manual, Written, answers, blank, cells_of
from autograder.errors import MissingPath, UnreadableFile, UnreadableNotebook
from autograder.grading import adjustments
from autograder.grading.adjustments import Adjustments
from autograder.notebooks import reader
from autograder.result import Answer, Check, Outcome, Result, Status, Visibility
from autograder.runner.collection import checks_of
from autograder.submissions.submission import Collected, Rejected, Submission

__all__ = ["Questions", "Reviews", "reviews_of", "write_pictures"]

MAX_TEXT = 20_000  # characters of an answer that are kept


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of an exercise that a person grades.

    `cells` has the text of each question's cell as students got it, `released` the texts of all
    cells that they got.
    """

    manual: tuple[Manual, ...]
    cells: Mapping[str, str]
    released: frozenset[str]

    @classmethod
    def of(cls, exercise: Exercise) -> Questions | None:
        """Return an exercise's questions, None where it has none; raises SettingsError."""
        manual = settings_of(exercise).manual
        if not manual:
            return None
        solution = reader.read(exercise.solution.read_bytes(), exercise.solution.suffix)
        cells = cells_of(manual, solution, exercise.solution)
        released = (blank(cell.source) for cell in solution.cells if cell.kind == "markdown")
        return cls(manual, cells, frozenset(released))

    def checks(self, submission: Submission) -> tuple[Check, ...]:
        """Return an open check for each question, with what the student handed in for it."""
        try:
            notebook = reader.read(submission.read(), submission.suffix)
            written = answers(notebook, self.cells, self.released)
            fault = ""
        except (UnreadableFile, UnreadableNotebook) as error:
            written, fault = {}, str(error)
        nothing = Written("")
        return tuple(
            _open(question, written.get(question.id, nothing), fault, submission)
            for question in self.manual
        )


@dataclass(frozen=True, slots=True)
class Reviews:
    """What people contribute to a batch: `questions` by exercise, and the adjustments."""

    questions: Mapping[str, Questions] = field(default_factory=dict)
    adjustments: Adjustments = field(default_factory=Adjustments)

    def complete(self, result: Result, submission: Submission) -> Result:
        """Return a result with its open questions, and with the points that people gave.

        A result without a grade stays as it is.
        """
        if result.status is not Status.GRADED:
            return result
        checks = result.checks
        if result.exercise in self.questions:
            checks = (*checks, *self.questions[result.exercise].checks(submission))
        rows = self.adjustments.of(submission.student, submission.exercise)
        checks = tuple(rows[c.id].applied(c) if c.id in rows else c for c in checks)
        return replace(result, checks=checks)


def _open(question: Manual, written: Written, fault: str, submission: Submission) -> Check:
    notes = [fault] if fault else []
    if written.is_elsewhere:
        notes.append("The cell of this question is as it was; this is all text that was added.")
    if len(written.text) > MAX_TEXT:
        notes.append(f"The first {MAX_TEXT:,} of {len(written.text):,} characters.")
    handed_in = (p for p in submission.pictures if p.wanted == question.upload)
    picture = next(handed_in, None)
    if picture is not None and picture.fault:
        notes.append(picture.fault)
    path = picture.path if picture is not None else ""
    return Check(
        id=question.id,
        title=question.title,
        visibility=Visibility.HIDDEN,
        outcome=Outcome.OPEN,
        points=0.0,
        max_points=question.points,
        answer=Answer(written.text[:MAX_TEXT], path, " ".join(notes)),
    )


def reviews_of(place: Root, collected: Collected, path: Path | None) -> Reviews:
    """Return what people contribute to a batch; `path` is the file of adjustments.

    Without `path` it is adjustments.csv in the course, where that is. Raises SettingsError,
    AdjustmentError, BrokenChecks and MissingPath.
    """
    names = {submission.exercise for submission in collected.submissions}
    found = {name: Questions.of(place.exercise(name)) for name in sorted(names)}
    questions = {name: some for name, some in found.items() if some is not None}
    own = place.path / adjustments.NAME
    if path is None and not own.is_file():
        return Reviews(questions)
    if path is not None and not path.is_file():
        raise MissingPath(f"There is no file {path} to read. Check the spelling.")
    rows = adjustments.read(path or own)
    handed_in: defaultdict[str, set[str]] = defaultdict(set)
    entries: tuple[Submission | Rejected, ...] = (*collected.submissions, *collected.rejected)
    for entry in entries:
        if entry.exercise and entry.student:
            handed_in[entry.exercise].add(entry.student)
    rows.check(handed_in, set(place.names()), cache(partial(_worth, place)))
    return Reviews(questions, rows)


def _worth(place: Root, name: str) -> dict[str, float]:
    """Return the points of an exercise's checks and questions by id; raises BrokenChecks."""
    exercise = place.exercise(name)
    listed = {check.id: check.points for check in checks_of(exercise)}
    return listed | {question.id: question.points for question in settings_of(exercise).manual}


def write_pictures(out: Path, collected: Collected) -> None:
    """Write the pictures that were handed in below `out`, under names made from their bytes.

    A file that changed since it was collected is left out. Raises OSError.
    """
    for submission in collected.submissions:
        for picture in submission.pictures:
            path = out / picture.path
            if not picture.path or path.exists():
                continue
            try:
                content = submission.read_picture(picture)
            except UnreadableFile:
                continue  # the page says that a picture was handed in, and its link leads nowhere
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

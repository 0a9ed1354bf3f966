"""Proves exercises: what must earn everything, what must earn nothing, what must fail where."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring import data_sets, release
from autograder.calibration.problems import problems, stale
from autograder.course import calibration_file, known_answer
from autograder.course.course import Course
from autograder.course.exercise import Exercise, settings_of
from autograder.errors import UnlabelledWrongAnswer
from autograder.grading.task import Task
from autograder.result import Outcome, Result, Status, Visibility

_NO_STUB = (
    "{}, not not_attempted: the check is decided without what students write. Let it call a "
    "function with a solution marker first, and let no except take that function's error."
)
FAILS = re.compile(r"\s*#\s*fails:\s*(.+?)\s*")
"""The first line of a wrong answer, which names the checks that the answer must fail."""


class Kind(enum.StrEnum):
    """What an answer is there to prove."""

    REFERENCE = "reference"
    STUB = "stub"
    WRONG = "wrong"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Case:
    """One known answer and the checks it must lose points at."""

    of: Exercise
    kind: Kind
    path: Path
    fails: frozenset[str] = frozenset()

    @property
    def exercise(self) -> str:
        """The name of the exercise."""
        return self.of.name

    @property
    def name(self) -> str:
        """What the matrix calls it."""
        plain = (Kind.REFERENCE, Kind.STUB)
        return str(self.kind) if self.kind in plain else f"{self.kind}/{self.path.stem}"

    def task(self) -> Task:
        """Return it as a submission to grade; raises AnswerError."""
        return Task.for_answer(self.of, self.path, student=self.name)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it must be; `check` is empty where no single check is off."""

    exercise: str
    case: str
    check: str
    text: str

    def __str__(self) -> str:
        where = " ".join(part for part in (self.exercise, self.case, self.check) if part)
        return f"{where}: {self.text}"


def cases(exercise: Exercise) -> Iterator[Case]:
    """Yield every known answer of an exercise; the most expensive kinds of proof first.

    Raises UnlabelledWrongAnswer.
    """
    yield Case(exercise, Kind.REFERENCE, exercise.solution)
    for path in exercise.right:
        yield Case(exercise, Kind.RIGHT, path)
    for path in exercise.wrong:
        yield Case(exercise, Kind.WRONG, path, _named_checks(path))
    yield Case(exercise, Kind.STUB, exercise.notebook)


def read_answers(exercise: Exercise) -> None:
    """Read every known answer, so that nobody waits for gradings to hear of a fault in one.

    Raises AnswerError for an answer that cannot be graded.
    """
    for path in (*exercise.right, *exercise.wrong):
        known_answer.content(exercise, path)


def _named_checks(path: Path) -> frozenset[str]:
    first = path.read_text("utf-8").partition("\n")[0]
    match = FAILS.fullmatch(first)
    names = frozenset(re.split(r"[\s,]+", match[1])) if match else frozenset()
    if not names:
        raise UnlabelledWrongAnswer(f"{path}: line 1 must read '# fails: test_a, test_b'")
    return names


def problems_of(case: Case, result: Result) -> Iterator[Problem]:
    """Yield what is not as this case demands."""
    if result.status is not Status.GRADED:
        evidence = result.evidence or result.message
        broken = [c.evidence for c in result.checks if c.outcome is Outcome.GRADER_ERROR]
        yield Problem(case.exercise, case.name, "", "\n".join([result.status, evidence, *broken]))
        return
    if case.kind is Kind.WRONG:
        strangers = case.fails - {check.id for check in result.checks}
        for name in sorted(strangers):
            yield Problem(case.exercise, case.name, name, "there is no such check")
    for check in result.checks:
        lost = check.points < check.max_points
        if case.kind is Kind.STUB:
            if check.outcome is not Outcome.NOT_ATTEMPTED or check.points:
                yield Problem(case.exercise, case.name, check.id, _NO_STUB.format(check.outcome))
        elif lost != (check.id in case.fails):
            told = f"{check.outcome} ({check.points:g} of {check.max_points:g})"
            if not lost:
                told += ", but line 1 of the answer says that it loses points here"
            ended = f"{check.message}\n{check.evidence}"
            advice = known_answer.advice_on_imports(case.of, case.path, ended)
            text = " ".join(part for part in (f"{told}: {check.message}", advice) if part)
            yield Problem(case.exercise, case.name, check.id, text)


def unused_checks(
    exercise: str, results: Sequence[tuple[Case, Result]], left_out: Sequence[Case] = ()
) -> Iterator[Problem]:
    """Yield every hidden check that no wrong answer fails: it may hold for anything.

    An answer that was left out counts as failing the checks that its first line names.
    """
    hidden: set[str] = set()
    failed = {name for case in left_out for name in case.fails}
    for case, result in results:
        for check in result.checks:
            if check.visibility is Visibility.HIDDEN:
                hidden.add(check.id)
            if case.kind is Kind.WRONG and check.points < check.max_points:
                failed.add(check.id)
    for name in sorted(hidden - failed):
        yield Problem(exercise, "", name, "no wrong answer fails this hidden check")


def files(course: Course, exercise: Exercise, data: Mapping[str, bytes]) -> Iterator[Problem]:
    """Yield what is stale, stray, secret or missing among the released files and the data.

    `data` are the files of data and models that students get with the exercise.
    """
    name = exercise.name
    for text in release.stale(exercise, data):
        yield Problem(name, "exercises/", "", f"{text}; run: autograder release {name}")
    for data_set in data_sets.of_exercise(exercise, course.place):
        for text in data_sets.faults(course.place, data_set):
            yield Problem(name, f"datasets/{data_set}/", "", text)
    for text in release.check_no_leak(exercise):
        yield Problem(name, "exercises/", "", text)
    yield from (
        Problem(name, "calibration.json", "", text) for text in _calibration(course, exercise)
    )
    index = course.root / "exercises" / "README.md"
    if not index.is_file() or f"{name}/" not in index.read_text("utf-8"):
        yield Problem(name, "exercises/README.md", "", f"has no line that links to {name}/")
    if len(exercise.wrong) < 1 or len(exercise.right) < 1:
        yield Problem(name, "", "", "needs at least one file under wrong/ and one under right/")


def _calibration(course: Course, exercise: Exercise) -> Iterator[str]:
    """Yield why the thresholds are not to be trusted; nothing where the exercise has none."""
    if not settings_of(exercise).thresholds:
        return
    advice = f"run: autograder calibrate {exercise.name}"
    if not exercise.calibration.exists():
        yield f"is missing; {advice}"
        return
    calibration = calibration_file.read(exercise.calibration)
    for text in (*stale(calibration, exercise, course.place), *problems(calibration)):
        yield f"{text}; {advice}"

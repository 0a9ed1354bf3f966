"""Fixtures for exercises with a `build_model` and a `train`: one mistake costs once.

A conftest.py takes them in with `pytest_plugins = ["autograder.checks.follow_through"]` and
provides `build`, a function that calls `build_model` of a student or of the reference, and
`give_lesson`, a function that has a model trained and measures it. hidden.py provides `judge`, a
function of a lesson, which returns a Trial.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import pytest

from autograder.checks.points import attempt
from autograder.checks.retry import remeasured, retried
from autograder.checks.thresholds import Measured
from autograder.checks.training import Lesson, better
from autograder.expect import same_architecture
from autograder.proxies.student import Model, Student, StudentError
from autograder.result import Outcome

Fresh = Callable[[], Model]
Build = Callable[[Student], Model]
Give = Callable[[Student, Model], Lesson]
Either = Callable[[Callable[[Model], Measured]], Measured]


@dataclass(frozen=True, slots=True)
class Trial:
    """A trained model and what it is worth from 0 to 1."""

    lesson: Lesson
    fraction: float
    hint: str
    measured: Measured


Judge = Callable[[Lesson], Trial]


@pytest.fixture(scope="session")
def built(student: Student, build: Build) -> Model:
    """The model as the student's `build_model` returned it."""
    return build(student)


@pytest.fixture(scope="session")
def fresh_model(student: Student, build: Build, built: Model) -> Fresh:
    """A function that calls the student's `build_model` once more."""
    return lambda: same_architecture(build(student), built)


@pytest.fixture(scope="session")
def fresh_spare(spare: Student | None, build: Build) -> Fresh | None:
    """A function that builds the instructor's model; None in a student's own check."""
    return None if spare is None else lambda: build(spare)


@pytest.fixture(scope="session")
def own_lesson(student: Student, fresh_model: Fresh, give_lesson: Give) -> Lesson:
    """The student's `train` with the student's model."""
    return give_lesson(student, fresh_model())


@pytest.fixture(scope="session")
def spare_lesson(student: Student, fresh_spare: Fresh, give_lesson: Give) -> Lesson:
    """The student's `train` with the instructor's model: counts when `build_model` is at fault."""
    return give_lesson(student, fresh_spare())


@pytest.fixture(scope="session")
def lesson(request: pytest.FixtureRequest) -> Lesson:
    """The student's `train` with their own model, or, if that did not work, with the spare one."""
    own: Lesson | None = attempt(request, "own_lesson")
    if own is not None and own.worked:
        return own
    spare = request.getfixturevalue("fresh_spare") is not None
    taught: Lesson = request.getfixturevalue("spare_lesson" if spare else "own_lesson")
    return taught


@pytest.fixture(scope="session")
def on_either_model(request: pytest.FixtureRequest, student: Student, lesson: Lesson) -> Either:
    """A function of `once`, which trains an untrained model and measures what `train` is worth.

    `once` gets the student's model, and the instructor's where that one did not do: a model at
    fault must not cost the points of `train`. Where neither did, the student's own counts.
    """
    own = attempt(request, "own_lesson") is lesson

    def measure(once: Callable[[Model], Measured]) -> Measured:
        found: list[Measured] = []
        for usable, name in ((own, "fresh_model"), (True, "fresh_spare")):
            fresh: Fresh | None = request.getfixturevalue(name) if usable else None
            if fresh is not None and not any(one.met for one in found):
                found.append(remeasured([student], partial(_once, once, fresh)))
        met = [one for one in found if one.met]
        return (met or found)[0]

    return measure


def _once(once: Callable[[Model], Measured], fresh: Fresh) -> Measured:
    return once(fresh())


@pytest.fixture(scope="session")
def own_trial(
    student: Student, own_lesson: Lesson, fresh_model: Fresh, give_lesson: Give, judge: Judge
) -> Trial:
    """The student's model, trained by the student."""
    return _best(student, student, own_lesson, fresh_model, give_lesson, judge)


@pytest.fixture(scope="session")
def spare_trial(
    student: Student,
    reference: Student,
    spare_lesson: Lesson,
    fresh_spare: Fresh,
    give_lesson: Give,
    judge: Judge,
) -> Trial:
    """The instructor's model, trained by the student."""
    return _best(student, reference, spare_lesson, fresh_spare, give_lesson, judge)


@pytest.fixture(scope="session")
def tutored_trial(
    student: Student, reference: Student, fresh_model: Fresh, give_lesson: Give, judge: Judge
) -> Trial:
    """The student's model, trained by the instructor."""
    model = fresh_model()
    try:
        taught = give_lesson(reference, model)
    except StudentError as error:
        if error.outcome is Outcome.REFUSED_MODEL:
            raise
        hint = "Your model could not be trained, not even by the instructor's `train`."
        raise StudentError(Outcome.FAILED, hint, error.message) from error
    return _best(reference, student, taught, fresh_model, give_lesson, judge)


@pytest.fixture(scope="session")
def model_trial(request: pytest.FixtureRequest) -> Trial:
    """`build_model` at its best: trained by the student or by the instructor."""
    best: Trial = better(request, "own_trial", "tutored_trial", lambda trial: trial.fraction)
    return best


@pytest.fixture(scope="session")
def train_trial(request: pytest.FixtureRequest) -> Trial:
    """`train` at its best: with the student's or with the instructor's model."""

    def score(trial: Trial) -> float:
        return trial.fraction if trial.lesson.worked else 0.0

    best: Trial = better(request, "own_trial", "spare_trial", score)
    return best


def _best(
    teacher: Student, builder: Student, first: Lesson, fresh: Fresh, give: Give, judge: Judge
) -> Trial:
    """Return the judged first lesson; a near miss is taught again under further seeds."""
    lessons = [first]

    def once() -> Trial:
        return judge(lessons.pop() if lessons else give(teacher, fresh()))

    def mark(trial: Trial, measured: Measured) -> Trial:
        return replace(trial, measured=measured)

    return retried((teacher, builder), once, lambda trial: trial.measured, mark)

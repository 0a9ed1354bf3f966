"""Fixtures for exercises with a `build_model` and a `train`: one mistake costs once.

A conftest.py takes them in with `pytest_plugins = ["autograder.checks.follow_through"]` and
provides `build`, a function that calls `build_model` of a student or of the reference, and
`run_training`, a function that has a model trained and measures it as a TrainingRun. hidden.py
provides `score_training`, a function of a TrainingRun, which returns a ScoredTraining.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import pytest

from autograder.checks.marking import attempt
from autograder.checks.retry import remeasured, retried
from autograder.checks.thresholds import Measured
from autograder.checks.training import TrainingRun, better
from autograder.errors import StudentError
from autograder.expect import same_architecture
from autograder.expect.kept import LayersChanged
from autograder.proxies.student import Model, Student
from autograder.result import Outcome

NewModel = Callable[[], Model]
Build = Callable[[Student], Model]
RunTraining = Callable[[Student, Model], TrainingRun]
Either = Callable[[Callable[[Model], Measured]], Measured]


@dataclass(frozen=True, slots=True)
class ScoredTraining:
    """A trained model and its share of the points, from 0 to 1.

    `hint` is what the student reads unless the share is 1; `measured` decided the share.
    """

    training_run: TrainingRun
    fraction: float
    hint: str
    measured: Measured


ScoreTraining = Callable[[TrainingRun], ScoredTraining]


@pytest.fixture(scope="session")
def student_model(student: Student, build: Build) -> Model:
    """The model as the student's `build_model` returned it."""
    return build(student)


@pytest.fixture(scope="session")
def new_student_model(student: Student, build: Build, student_model: Model) -> NewModel:
    """A function that calls the student's `build_model` once more."""
    return lambda: same_architecture(build(student), student_model)


@pytest.fixture(scope="session")
def new_reference_model(optional_reference: Student | None, build: Build) -> NewModel | None:
    """A function that builds the instructor's model; None in a student's own check."""
    return None if optional_reference is None else lambda: build(optional_reference)


@pytest.fixture(scope="session")
def student_model_student_train(
    student: Student, new_student_model: NewModel, run_training: RunTraining
) -> TrainingRun:
    """The student's `train` with the student's model."""
    return run_training(student, new_student_model())


@pytest.fixture(scope="session")
def reference_model_student_train(
    student: Student, new_reference_model: NewModel, run_training: RunTraining
) -> TrainingRun:
    """The student's `train` with the instructor's model: counts when `build_model` is at fault."""
    return run_training(student, new_reference_model())


@pytest.fixture(scope="session")
def training_run(request: pytest.FixtureRequest) -> TrainingRun:
    """The student's `train` with the student's model, or else with the instructor's model."""
    own: TrainingRun | None = _own_training(request)
    if own is not None and own.worked:
        return own
    optional_reference = request.getfixturevalue("new_reference_model") is not None
    training_run: TrainingRun = request.getfixturevalue(
        "reference_model_student_train" if optional_reference else "student_model_student_train"
    )
    return training_run


def _own_training(request: pytest.FixtureRequest) -> TrainingRun | None:
    """Return the student's `train` with the student's model, None where it has no value.

    Raises LayersChanged where `train` changed the layers: no other model would make up for that.
    """
    try:
        found: TrainingRun = request.getfixturevalue("student_model_student_train")
    except LayersChanged:
        raise
    except (StudentError, AssertionError):
        return None
    return found


@pytest.fixture(scope="session")
def on_either_model(
    request: pytest.FixtureRequest, student: Student, training_run: TrainingRun
) -> Either:
    """A function of `once`, which trains an untrained model and measures the student's `train`.

    `once` gets the student's model, and the instructor's model where the measurement with the
    student's misses its threshold: a model at fault must not cost the points of `train`. Where both
    miss, the measurement with the student's model counts.
    """
    own = attempt(request, "student_model_student_train") is training_run

    def measure(once: Callable[[Model], Measured]) -> Measured:
        found: list[Measured] = []
        for usable, name in ((own, "new_student_model"), (True, "new_reference_model")):
            new_model: NewModel | None = request.getfixturevalue(name) if usable else None
            if new_model is not None and not any(one.met for one in found):
                found.append(remeasured([student], partial(_once, once, new_model)))
        met = [one for one in found if one.met]
        return (met or found)[0]

    return measure


def _once(once: Callable[[Model], Measured], new_model: NewModel) -> Measured:
    return once(new_model())


@pytest.fixture(scope="session")
def scored_student_model_student_train(
    student: Student,
    student_model_student_train: TrainingRun,
    new_student_model: NewModel,
    run_training: RunTraining,
    score_training: ScoreTraining,
) -> ScoredTraining:
    """The student's model, trained by the student."""
    return _best(
        student,
        student,
        student_model_student_train,
        new_student_model,
        run_training,
        score_training,
    )


@pytest.fixture(scope="session")
def scored_reference_model_student_train(
    student: Student,
    reference: Student,
    reference_model_student_train: TrainingRun,
    new_reference_model: NewModel,
    run_training: RunTraining,
    score_training: ScoreTraining,
) -> ScoredTraining:
    """The instructor's model, trained by the student."""
    return _best(
        student,
        reference,
        reference_model_student_train,
        new_reference_model,
        run_training,
        score_training,
    )


@pytest.fixture(scope="session")
def scored_student_model_reference_train(
    student: Student,
    reference: Student,
    new_student_model: NewModel,
    run_training: RunTraining,
    score_training: ScoreTraining,
) -> ScoredTraining:
    """The student's model, trained by the instructor."""
    model = new_student_model()
    try:
        training_run = run_training(reference, model)
    except StudentError as error:
        if error.outcome is Outcome.REFUSED_MODEL:
            raise
        hint = "Your model could not be trained, not even by the instructor's `train`."
        raise StudentError(Outcome.FAILED, hint, error.message) from error
    return _best(reference, student, training_run, new_student_model, run_training, score_training)


@pytest.fixture(scope="session")
def scored_model(request: pytest.FixtureRequest) -> ScoredTraining:
    """`build_model` at its best: trained by the student or by the instructor."""
    best: ScoredTraining = better(
        request,
        "scored_student_model_student_train",
        "scored_student_model_reference_train",
        lambda scored: scored.fraction,
    )
    return best


@pytest.fixture(scope="session")
def scored_train(request: pytest.FixtureRequest) -> ScoredTraining:
    """`train` at its best: with the student's or with the instructor's model."""
    _own_training(request)  # where the layers changed, that is what a student reads

    def score(scored: ScoredTraining) -> float:
        return scored.fraction if scored.training_run.worked else 0.0

    best: ScoredTraining = better(
        request, "scored_student_model_student_train", "scored_reference_model_student_train", score
    )
    return best


def _best(
    trainer: Student,
    builder: Student,
    first: TrainingRun,
    new_model: NewModel,
    run_training: RunTraining,
    score_training: ScoreTraining,
) -> ScoredTraining:
    """Return the scored first training; a near miss is trained again under further seeds."""
    training_runs = [first]

    def once() -> ScoredTraining:
        return score_training(
            training_runs.pop() if training_runs else run_training(trainer, new_model())
        )

    def mark(scored: ScoredTraining, measured: Measured) -> ScoredTraining:
        return replace(scored, measured=measured)

    return retried((trainer, builder), once, lambda scored: scored.measured, mark)

"""When a live model is described, and that a check cannot tell when that was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import keras
import numpy as np
import pytest

from autograder.checks.thresholds import Thresholds
from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.errors import StudentError
from autograder.expect import keras_model
from autograder.proxies.in_process import LocalEvaluator, LocalStudent
from autograder.proxies.protocols import CallRequest
from autograder.proxies.responses import Answered, Called, Described, Failure
from autograder.proxies.student import Model, Student
from autograder.result import Outcome
from autograder.runner.plugin import Fixtures, Shared, run_checks
from autograder.worker.cells import CellReport
from autograder.worker.seeds import Entropy
from autograder.worker.shell import Shell
from autograder.worker.student import StudentWorker

SLOW = StudentError(Outcome.TIMED_OUT, "`build_model` took too long and was stopped")
X = np.ones((4, 2), dtype="float32")


@dataclass(slots=True)
class CountingBackend:
    """A backend of this process that counts descriptions; `broken` handles end the worker."""

    inner: LocalStudent
    described: list[int] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)
    generation: int = 0
    reports: tuple[CellReport, ...] = ()
    notes: list[str] = field(default_factory=list)

    def functions(self) -> frozenset[str]:
        return self.inner.functions()

    def call(self, request: CallRequest) -> Called | Failure:
        return self.inner.call(request)

    def open(self, file: str) -> Called | Failure | None:
        return self.inner.open(file)

    def describe(
        self, function: str, handle: int, input_shape: tuple[int | None, ...] | None
    ) -> Described | Failure:
        self.described.append(handle)
        if handle in self.broken:
            self.generation += 1
            raise SLOW
        return self.inner.describe(function, handle, input_shape)

    def answer(
        self, function: str, handle: int, inputs: Sequence[np.ndarray[Any, Any]]
    ) -> Answered | Failure:
        return self.inner.answer(function, handle, inputs)


LIVE: list[keras.Model] = []  # what a student's code may keep from call to call


def build_model() -> keras.Model:
    LIVE.append(keras.Sequential([keras.layers.Dense(1, kernel_initializer="zeros")]))
    return LIVE[-1]


def train(*models: keras.Model) -> None:
    for model in models:
        model.trainable_weights[0].assign_add(np.ones((2, 1)))


def disturb() -> None:
    for model in LIVE:
        model.trainable_weights[0].assign(np.full((2, 1), 99.0))


def spoil(model: keras.Model) -> None:
    model.trainable_weights[0].assign(np.full((2, 1), np.nan))


def scale(values: Any) -> Any:
    return values / values.max()


def tell(model: Any, other: Any = None) -> None:
    if other is None:
        raise ValueError(f"kernel {model.get_weights()[0].tolist()}")
    raise KeyError(model.get_weights()[0].tolist())


FUNCTIONS: tuple[Callable[..., Any], ...] = (build_model, train, disturb, spoil, scale, tell)


@pytest.fixture
def backend(tmp_path: Path) -> CountingBackend:
    LIVE.clear()
    shell = SimpleNamespace(
        namespace={one.__name__: one for one in FUNCTIONS}, answers={}, run=lambda *_, **__: []
    )
    inner = LocalStudent(StudentWorker(cast(Shell, shell), Entropy()), tmp_path)
    inner.load([], 0)
    return CountingBackend(inner)


@pytest.fixture
def student(backend: CountingBackend) -> Student:
    return Student(backend, LocalEvaluator(), seed=0)


def built(student: Student) -> Model:
    return keras_model(student.build_model(), input_shape=(2,))


def kernel(model: Model) -> list[float]:
    return [float(value) for value in model.weights[0].ravel()]


def test_a_grading_of_the_toy_course_describes_each_model_once(
    backend: CountingBackend, student: Student, toy_course: Path
) -> None:
    backend.inner.worker.shell.namespace["build_model"] = lambda _: keras.Sequential(
        [keras.layers.Dense(1)]
    )
    checks = toy_course / "solutions" / "line"
    data = Course(toy_course, DEMO_KEY).split
    found = run_checks(
        [checks / "visible.py", checks / "hidden.py"],
        Shared(data, Thresholds(())),
        Fixtures(student),
    )
    assert [check.outcome for check in found] == [Outcome.PASSED] * 4
    assert backend.described == [0]


def test_a_trained_model_is_described_once_and_when_something_is_asked(
    backend: CountingBackend, student: Student
) -> None:
    model = built(student)
    student.train(model)
    assert backend.described == [0]
    assert kernel(model) == [1, 1]
    assert model.predict(X).tolist() == [[2]] * 4
    assert model.count_params() == 3
    assert backend.described == [0, 0]


def test_of_two_trained_models_only_the_one_that_is_asked_is_described(
    backend: CountingBackend, student: Student
) -> None:
    model, other = built(student), built(student)
    student.train(model, other)
    assert kernel(other) == [1, 1]
    assert backend.described == [0, 1, 1]


def test_a_model_that_nobody_asks_is_not_described_again(
    backend: CountingBackend, student: Student
) -> None:
    model = built(student)
    student.train(model)
    del model
    student.disturb()
    assert backend.described == [0]


def test_a_model_shows_what_its_own_call_left_whatever_runs_later(student: Student) -> None:
    model, other = built(student), built(student)
    student.train(model, other)
    student.disturb()
    assert (kernel(model), kernel(other)) == ([1, 1], [1, 1])


def test_a_model_that_moves_to_another_worker_takes_its_training_along(
    backend: CountingBackend, student: Student, tmp_path: Path
) -> None:
    inner = LocalStudent(StudentWorker(backend.inner.worker.shell, Entropy()), tmp_path)
    inner.load([], 0)
    reference = Student(CountingBackend(inner), student.evaluator, seed=0)
    model = built(student)
    student.train(model)
    reference.train(model)
    student.disturb()
    assert kernel(model) == [2, 2]


def test_the_instructors_model_ends_the_telling_of_texts(
    backend: CountingBackend, student: Student, tmp_path: Path
) -> None:
    inner = LocalStudent(StudentWorker(backend.inner.worker.shell, Entropy()), tmp_path)
    inner.load([], 0)
    own, ours = built(student), built(Student(CountingBackend(inner), student.evaluator, seed=0))
    with pytest.raises(StudentError, match=r"ValueError: .kernel"):
        student.tell(own)
    with pytest.raises(StudentError) as told:
        student.tell(ours, own)
    assert "[[" not in told.value.message
    assert "[[" in told.value.evidence
    with pytest.raises(StudentError, match="KeyError: a dict does not have"):
        student.tell(own, own)


def test_a_handed_in_model_is_described_once_for_its_input_shape(
    backend: CountingBackend, student: Student, tmp_path: Path
) -> None:
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(tmp_path / "line.keras")
    model = keras_model(student.pretrained("line.keras"), input_shape=(2,))
    assert model.output_shape == (None, 1)
    assert backend.described == [0]
    student.scale(X)
    assert backend.described == [0]


def test_a_model_that_training_spoilt_is_refused_at_the_first_question(student: Student) -> None:
    model = built(student)
    student.spoil(model)
    for question in (lambda: model.graph, lambda: model.predict(X), lambda: model.weights):
        with pytest.raises(StudentError, match="NaN") as refused:
            question()
        assert refused.value.outcome is Outcome.REFUSED_MODEL


def test_a_worker_that_ends_while_a_model_is_read_takes_all_unread_models_with_it(
    backend: CountingBackend, student: Student
) -> None:
    model, other = built(student), built(student)
    student.train(model, other)
    backend.broken.add(0)
    student.scale(X)  # has its own value, though the models were lost before it ran
    for lost in (model, other, model):
        with pytest.raises(StudentError) as raised:
            lost.predict(X)
        assert raised.value is SLOW
    assert backend.described == [0, 1, 0]


def test_a_worker_that_ends_while_a_model_is_built_is_the_outcome_of_building_it(
    backend: CountingBackend, student: Student
) -> None:
    backend.broken.add(0)
    with pytest.raises(StudentError) as raised:
        built(student)
    assert raised.value is SLOW


def test_the_gradient_of_a_loss_wants_floats_and_a_label_for_each_row(student: Student) -> None:
    model = built(student)
    student.train(model)  # a single output: its probability of the label 0 is the sum, clipped
    labels = np.zeros(len(X), dtype="int32")
    assert model.loss_gradient(X, labels).shape == X.shape
    for x, wrong, told in (
        (X.astype("int32"), labels, "floats, not 8 of int32"),
        (X[:0], labels[:0], "1 to 1,048,576 floats"),
        (np.zeros((1 << 20, 2), "float32"), np.zeros(1 << 20, "int32"), "not 2,097,152 of"),
        (X, labels[:-1], r"4 integers, one for each row of x, not an array of int32"),
        (X, labels.astype("float32"), "not an array of float32"),
        (X, labels[:, np.newaxis], r"of the shape \(4, 1\)"),
    ):
        with pytest.raises(ValueError, match=told):
            model.loss_gradient(x, wrong)


def test_a_model_without_the_loss_is_told_to_its_student(student: Student) -> None:
    model = built(student)
    with pytest.raises(StudentError, match="cross-entropy") as told:
        model.loss_gradient(np.ones((4, 3), "float32"), np.zeros(4, "int32"))
    assert told.value.evidence

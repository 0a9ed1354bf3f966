"""What counts as having taught a model, and which of two tries counts."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from autograder.checks.thresholds import Threshold, Thresholds
from autograder.checks.training import TrainingRun, better, measure_training, ratio_of_errors
from autograder.errors import StudentError
from autograder.model.facts import Facts, Layer, Node, WeightFact
from autograder.proxies.student import Model, Student
from autograder.result import Outcome

FELL = Threshold("training_error", 0.9, "lower")


class Line:
    """A model of one weight: the part of the proxy that `measure_training` uses."""

    def __init__(self, frozen: bool = False) -> None:
        self.weight, self.frozen, self.units = np.zeros((1, 1)), frozen, 1

    @property
    def graph(self) -> Facts:
        weights = (WeightFact("kernel", (1, self.units), not self.frozen),)
        config = {"units": self.units}
        layers = (
            Layer(0, "input", "InputLayer", {"shape": (1,)}, None, (), 0),
            Layer(1, "line", "Dense", config, "linear", weights, self.units),
        )
        shapes = ((None, 1),), ((None, self.units),)
        nodes = Node(0, 0, "InputLayer", (), shapes[0]), Node(1, 1, "Dense", (0,), shapes[1])
        return Facts(layers, nodes, (0,), (1,), *shapes, self.units, self.units, 0)

    @property
    def trainable_weights(self) -> list[Any]:
        return [] if self.frozen else [self.weight.copy(), np.ones(3)]

    def error(self, target: float) -> float:
        return float(abs(self.weight[0, 0] - target))


class Teacher:
    """A submission whose `train` sets that weight."""

    def __init__(self, value: float, freeze: bool = False, units: int = 1) -> None:
        self.value, self.freeze, self.units = value, freeze, units

    def train(self, model: Line, _x: Any, _y: Any) -> dict[str, list[float]]:
        model.weight[0, 0], model.frozen, model.units = self.value, self.freeze, self.units
        return {"loss": [0.0]}


def training_run(trainer: Teacher) -> TrainingRun:
    model = Line()
    known = Thresholds([FELL])
    student, proxy = cast(Student, trainer), cast(Model, model)
    return measure_training(student, proxy, None, None, lambda _: model.error(1.0), known)


def test_a_training_that_works() -> None:
    found = training_run(Teacher(0.9))
    assert found.worked
    assert found.changed_weights == ((1, 1),)
    assert found.after == pytest.approx(0.1)
    assert found.error_ratio.value == pytest.approx(0.1)
    assert found.diagnosis == ""


@pytest.mark.parametrize(
    ("value", "diagnosis"),
    [(0.0, "not a copy"), (0.05, "hardly fell"), (-1.0, "hardly fell"), (np.nan, "nan or inf")],
)
def test_a_training_that_does_not(value: float, diagnosis: str) -> None:
    found = training_run(Teacher(value))
    assert not found.worked
    assert diagnosis in found.diagnosis


def test_weights_that_are_frozen_at_the_end_are_no_error() -> None:
    assert training_run(Teacher(0.9, freeze=True)).changed_weights == ()


def test_a_training_that_changes_the_layers_is_told() -> None:
    with pytest.raises(AssertionError, match="`train` changed the layers of the model"):
        training_run(Teacher(0.9, units=600))


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [(4.0, 1.0, 0.25), (np.nan, 3.0, 0.0), (np.inf, 3.0, 0.0), (0.0, 0.0, 1.0)],
)
def test_the_share_of_an_error_that_is_left(before: float, after: float, left: float) -> None:
    assert ratio_of_errors(before, after) == left


def test_what_stays_no_number_has_not_fallen() -> None:
    assert np.isnan(ratio_of_errors(np.nan, np.nan))


@pytest.fixture
def full() -> float:
    return 1.0


@pytest.fixture
def half() -> float:
    return 0.5


@pytest.fixture
def none() -> float:
    return 0.0


@pytest.fixture
def crashed() -> float:
    raise StudentError(Outcome.CRASHED, "crashed")


@pytest.fixture
def untouched() -> float:
    raise StudentError(Outcome.NOT_ATTEMPTED, "untouched")


@pytest.fixture
def ours() -> float:
    raise ZeroDivisionError("the grader's own mistake")


@pytest.mark.parametrize(
    ("first", "second", "value"),
    [
        ("full", "ours", 1.0),  # the second is not even tried
        ("half", "full", 1.0),
        ("half", "none", 0.5),
        ("half", "crashed", 0.5),
        ("crashed", "half", 0.5),
    ],
)
def test_the_better_try_counts(
    request: pytest.FixtureRequest, first: str, second: str, value: float
) -> None:
    assert better(request, first, second, float) == value


def test_without_any_value_the_second_error_is_told(request: pytest.FixtureRequest) -> None:
    with pytest.raises(StudentError, match="untouched"):
        better(request, "crashed", "untouched", float)


def test_the_graders_own_errors_are_not_hidden(request: pytest.FixtureRequest) -> None:
    with pytest.raises(ZeroDivisionError):
        better(request, "half", "ours", float)

"""Stand-ins for a student's functions and models: they run an exercise's own checks in a moment.

A stand-in answers as a trained network of a certain fault would: it forgets, it diverges, it learns
other targets than the given ones. The checks, the thresholds and the fixtures are the real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.checks import thresholds
from autograder.course.exercise import Root
from autograder.model.facts import Facts
from autograder.proxies.student import Model
from autograder.result import Check
from autograder.runner.plugin import Fixtures, Shared, run_checks, run_collected

ROOT = Path(__file__).parents[2]
Array = np.ndarray[Any, Any]
Run = Callable[..., list[Check]]


@dataclass(frozen=True)
class Rows:
    """A data set as `data` returns one."""

    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array


@dataclass(frozen=True)
class World:
    """An exercise's data, and the shapes of its model: `classes` is 0 where it returns a number."""

    rows: Rows
    input_shape: tuple[int, ...]
    classes: int = 0

    @property
    def outputs(self) -> int:
        """How many numbers the model returns for a row."""
        return self.classes or 1


def _rows(count: int, shape: tuple[int, ...], y: Callable[[Array], Array]) -> Rows:
    number = np.arange(count * int(np.prod(shape)), dtype="float64")
    x = (1 + np.round(50 * (1 + np.sin(number * 0.7 + number**1.3)))).reshape(count, *shape)
    held = np.arange(count) % 4 == 0
    targets = y(x)
    return Rows(x[~held], targets[~held], x[held], targets[held])


def _prices(x: Array) -> Array:
    return (2000 + 100 * x.sum(axis=1) + 50 * x[:, 0] ** 2).astype("float32")


def _digits(x: Array) -> Array:
    return (x.reshape(len(x), -1).sum(axis=1) % 10).astype("int64")


def _counts(x: Array) -> Array:
    return np.round(x[:, -1] + 3 * x[:, 0] + 1).astype("float32")


def _world(name: str) -> World:
    if name == "bikes":
        return World(_rows(240, (24, 1), _counts), (24, 1))
    if name == "digits":
        return World(_rows(240, (28, 28, 1), _digits), (28, 28, 1), classes=10)
    return World(_rows(240, (7,), _prices), (7,))


def facts(world: World, fault: str) -> Facts:
    """Return the structure of a small dense network that has the fault."""
    inputs = (*world.input_shape, 2) if fault == "wrong shapes" else world.input_shape
    outputs = world.outputs + (fault == "wrong shapes")
    units, trainable = (10**6 if fault == "too big" else 8), fault != "all frozen"
    activation = "linear" if fault == "straight" else "relu"

    def dense(name: str, function: str, shape: tuple[int, int]) -> dict[str, Any]:
        weights = [["kernel", list(shape), trainable]]
        config = {"units": shape[1], "activation": function}
        size = shape[0] * shape[1]
        return {
            "name": name,
            "class": "Dense",
            "config": config,
            "activation": function,
            "weights": weights,
            "params": size,
            "wrapped": [],
        }

    width = int(np.prod(inputs))
    layers = [
        {
            "name": "in",
            "class": "InputLayer",
            "config": {},
            "activation": None,
            "weights": [],
            "params": 0,
            "wrapped": [],
        },
        dense("one", activation, (width, units)),
        dense("two", "linear", (units, outputs)),
    ]
    params = sum(int(layer["params"]) for layer in layers)
    ends = [[None, *inputs], [None, units], [None] if fault == "flat" else [None, outputs]]
    return Facts.from_value(
        {
            "layers": layers,
            "inputs": [0],
            "outputs": [2],
            "constants": 0,
            "nodes": [
                [0, "InputLayer", [], ends[:1]],
                [1, "Dense", [0], ends[1:2]],
                [2, "Dense", [1], ends[2:]],
            ],
            "input_shapes": ends[:1],
            "output_shapes": ends[2:],
            "params": params,
            "trainable_params": params if trainable else 0,
        }
    )


class StandInModel(Model):
    """A model that answers from memory: what `train` has put there, or else the truth."""

    def __init__(self, world: World, fault: str) -> None:
        self.world, self.fault = world, fault
        self.facts = facts(world, fault)
        self.memory: dict[bytes, float] = {}
        self.unseen = {row.tobytes() for row in world.rows.x_test}
        self.answer = "nothing yet"
        self.moved = 0.0

    @property
    def graph(self) -> Facts:
        return self.facts

    @property
    def trainable_weights(self) -> list[Array]:
        weights = [w for layer in self.facts.layers for w in layer.weights if w.trainable]
        return [np.full((1,) * len(weight.shape), self.moved) for weight in weights]

    def refresh(self, input_shape: tuple[int | None, ...] | None = None) -> Model:
        del input_shape
        return self

    def predict(self, *inputs: Array, shake: int | None = None) -> Array:
        del shake
        (x,) = inputs
        return self._scores(np.array([self._says(row, turn) for turn, row in enumerate(x)]))

    def learn(self, x: Array, y: Array, answer: str) -> None:
        """Take the rows by heart, and answer from now on as `answer` says."""
        self.moved, self.answer = self.moved + 1, answer
        rows = self.world.rows
        self.memory = _by_row(rows.x_test, rows.y_test) | _by_row(x, y)

    def _says(self, row: Array, turn: int) -> float:
        if self.answer == "nothing yet":
            return float(turn % 2)
        if self.answer == "diverged":
            return float("nan")
        if self.answer == "the same":
            return next(iter(self.memory.values()))
        right = self.memory.get(row.tobytes(), float(row.sum()))  # a row of no data set: any number
        unseen = row.tobytes() in self.unseen
        if self.answer == "lost on unseen" and unseen:
            return (right + 1) % 10 if self.world.classes else float("nan")
        if self.answer == "poor on unseen" and unseen:
            poor = (right + turn % 2) % 10 if self.world.classes else 1.5 * right + 9
            return float(poor)
        return right

    def _scores(self, answers: Array) -> Array:
        if not self.world.classes:
            return answers if self.fault == "flat" else answers.reshape(-1, 1)
        if np.isnan(answers).any():
            return np.full((len(answers), self.world.classes), np.nan)
        return np.eye(self.world.classes)[answers.astype(int)]


def _by_row(x: Array, y: Array) -> dict[bytes, float]:
    return {row.tobytes(): float(np.ravel(target)[0]) for row, target in zip(x, y, strict=True)}


@dataclass
class StandIn:
    """The functions of a submission with one fault; `fault` is empty for a right answer."""

    world: World
    fault: str = ""
    called: list[str] = field(default_factory=list)

    @contextmanager
    def seeded(self, _seed: int) -> Iterator[None]:
        yield

    def build_model(self, *_arguments: Any) -> Any:
        self.called.append("build_model")
        return None if self.fault == "no return" else StandInModel(self.world, self.fault)

    def make_windows(self, _series: Any, _window: int) -> None:
        """Return nothing, as a function without a `return` does."""

    def train(self, model: StandInModel, x: Array, y: Array) -> None:
        self.called.append("train")
        if self.fault == "unmoved" or model.fault == "all frozen":
            return
        if self.fault == "nothing learned":
            model.moved += 1
            return
        rows = self.world.rows
        if self.fault == "own targets":
            x, y = rows.x_train, rows.y_train
        answers = {"diverged", "the same", "lost on unseen", "poor on unseen"}
        faults = answers.intersection((self.fault, model.fault))
        model.learn(x, y, next(iter(faults), "right"))


@pytest.fixture
def run_stand_in() -> Run:
    """A function of an exercise's folder and a fault: the checks as they end.

    They run as in a student's own check where they are not `graded`, and with the shared fixtures
    made beforehand where the process is `warm`.
    """

    def run(
        folder: Path, data: str, fault: str, *, graded: bool = True, warm: bool = False
    ) -> list[Check]:
        place = _world(data)
        exercise = Root(folder.parents[1]).exercise(folder.name)
        shared = Shared(lambda _name: place.rows, thresholds.of(exercise))
        reference = (lambda: StandIn(place)) if graded else None
        given = Fixtures(StandIn(place, fault), reference)  # type: ignore[arg-type]
        files = [exercise.visible, exercise.hidden] if graded else [exercise.visible]
        if warm:
            return run_collected(files, shared, lambda: given)
        return run_checks(files, shared, given)

    return run

"""The fixtures of an exercise with a `build_model` and a `train`, made from its declaration.

A conftest.py takes them in with `pytest_plugins = ["autograder.checks.trained_model.fixtures"]`;
those of `autograder.checks.follow_through` come with them. A fixture in conftest.py replaces the
fixture of its name here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autograder.checks.follow_through import (
    Build,
    Either,
    RunTraining,
    ScoredTraining,
    ScoreTraining,
)
from autograder.checks.sharing import shared
from autograder.checks.thresholds import Measured, Thresholds
from autograder.checks.trained_model.declaration import TrainedModel, Unseen
from autograder.checks.trained_model.rows import Array, Rows
from autograder.checks.trained_model.title import title_of
from autograder.checks.training import TrainingRun, measure_training, taught
from autograder.errors import DeclarationError
from autograder.expect import keras_model
from autograder.proxies.student import Model, Student

pytest_plugins = ["autograder.checks.follow_through"]

_LEAST = 1e-6  # of the largest answer: what differs by less is the same answer


def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> None:
    """Give a usual check its title in the exercise's own nouns, before it becomes an item."""
    title = title_of(obj)
    if title is not None:
        try:
            obj.__doc__ = _declaration(collector.config).words.fill(title)
        except DeclarationError as error:
            raise collector.CollectError(f"{name}: {error}") from None


def _declaration(config: pytest.Config) -> TrainedModel:
    """Return the TrainedModel of conftest.py; raises DeclarationError unless there is just one."""
    plugins = [plugin for _, plugin in config.pluginmanager.list_name_plugin()]
    modules = [plugin for plugin in plugins if isinstance(plugin, ModuleType)]
    declared = {id(thing): thing for module in modules for thing in _declared(module)}
    if len(declared) != 1:
        raise DeclarationError(
            f"conftest.py declares {len(declared)} exercises, and the usual checks need one: "
            "exercise = TrainedModel(...)"
        )
    return next(iter(declared.values()))


def _declared(module: ModuleType) -> Iterator[TrainedModel]:
    yield from (thing for thing in vars(module).values() if isinstance(thing, TrainedModel))


@shared
def declared(pytestconfig: pytest.Config, thresholds: Thresholds) -> TrainedModel:
    """The exercise as conftest.py declares it."""
    found = _declaration(pytestconfig)
    for name in (found.unseen_name, found.relabelled_name):
        if thresholds[name].better != found.metric.better:
            raise DeclarationError(
                f'exercise.toml says better = "{thresholds[name].better}" of the threshold {name}, '
                f"but a {type(found.metric).__name__} is better {found.metric.better}"
            )
    return found


@shared
def rows(data: Callable[[str], Any], declared: TrainedModel) -> Rows:
    """The data set of the exercise: x_train, y_train, and when grading x_test, y_test.

    A `constant` or a `relabelled` that does not fit them is told now, before any submission.
    """
    found = Rows(data(declared.data), declared.targets)
    declared.same_for_all(found.y_train, 1)
    declared.relabel(found)
    return found


@shared
def build(declared: TrainedModel, rows: Rows) -> Build:
    """A function that calls `build_model`: yours, or, when grading, the instructor's."""
    return lambda owner: keras_model(
        owner.build_model(*declared.arguments(rows)), input_shape=declared.input_shape
    )


@pytest.fixture(scope="session")
def run_training(declared: TrainedModel, rows: Rows, thresholds: Thresholds) -> RunTraining:
    """A function that has a model trained, by you or by the instructor, and measures it."""
    x, y = rows.x_train, rows.y_train
    watched = declared.watched(len(x))

    def error(model: Model) -> float:
        return declared.metric.error(y[watched], declared.predictions(model, x[watched]))

    def run(trainer: Student, model: Model) -> TrainingRun:
        return measure_training(trainer, model, x, y, error, thresholds)

    return run


@pytest.fixture(scope="session")
def follows(
    student: Student,
    on_either_model: Either,
    declared: TrainedModel,
    rows: Rows,
    thresholds: Thresholds,
) -> Measured:
    """How well `train` learns other targets for the same rows."""
    metric, name, other = declared.metric, declared.relabelled_name, declared.relabel(rows)
    constant = metric.error(other.new, declared.same_for_all(other.new, len(other.new)))
    for what, predicted in declared.trivial_on_relabelled(other).items():
        error = metric.error(other.new, predicted)
        thresholds.baseline(name, what, metric.value(error, constant))

    def once(model: Model) -> Measured:
        taught(student, model, other.x, other.new)
        error = metric.error(other.new, declared.predictions(model, other.x))
        return thresholds.measure(name, metric.value(error, constant))

    return on_either_model(once)


@shared
def unseen() -> Unseen:
    """The rivals on unseen rows, and the hints for them: hidden.py may have its own."""
    return Unseen()


@dataclass(frozen=True, slots=True)
class _Yardstick:
    """What answers on unseen rows are compared with.

    `unit` is the unit of the error, `zero` the value of the metric that earns nothing.
    """

    unit: float
    zero: float


@pytest.fixture(scope="session")
def yardstick(
    declared: TrainedModel, rows: Rows, unseen: Unseen, thresholds: Thresholds
) -> _Yardstick:
    """What answers on unseen rows are compared with.

    It is not shared: what is shared is made for visible.py as well, which has another `unseen`.
    """
    metric, y = declared.metric, rows.y_test
    unit = metric.error(y, unseen.unit_answer(rows)) if unseen.unit_answer else 1.0
    answers = {declared.words.constant: declared.same_for_all(rows.y_train, len(y))}
    answers |= {name: answer(rows) for name, answer in unseen.baselines.items()}
    values = {name: metric.value(metric.error(y, p), unit) for name, p in answers.items()}
    for name, value in values.items():
        thresholds.baseline(declared.unseen_name, name, value)
    trivial = [value for name, value in values.items() if name != unseen.rival]
    return _Yardstick(unit, min(trivial) if metric.better == "lower" else max(trivial))


@pytest.fixture(scope="session")
def score_training(
    declared: TrainedModel,
    rows: Rows,
    unseen: Unseen,
    yardstick: _Yardstick,
    thresholds: Thresholds,
) -> ScoreTraining:
    """A function that tries a trained model on unseen rows."""
    metric = declared.metric
    some = rows.x_train[declared.watched(len(rows.x_train))]

    def score(training_run: TrainingRun) -> ScoredTraining:
        predicted = declared.predictions(training_run.model, rows.x_test)
        error = metric.error(rows.y_test, predicted)
        value = metric.value(error, yardstick.unit)
        measured = thresholds.measure(declared.unseen_name, value)
        share = measured.share(zero=yardstick.zero) if training_run.changed_weights else 0.0
        hint = "" if share >= 1 else _hint(declared, unseen, training_run, measured, some)
        return ScoredTraining(training_run, share, hint, measured)

    return score


def _hint(
    declared: TrainedModel,
    unseen: Unseen,
    training_run: TrainingRun,
    measured: Measured,
    some: Array,
) -> str:
    """Return why a trained model misses the threshold; `some` are training rows."""
    words, metric = declared.words, declared.metric
    if not training_run.changed_weights or not np.isfinite(training_run.after):
        return training_run.diagnosis
    if not np.isfinite(measured.value):
        return words.fill(unseen.not_finite)
    if (unseen.is_same or _is_same)(declared.predictions(training_run.model, some)):
        return words.fill(unseen.same)
    text = unseen.told or metric.sentence(unseen.rival)
    return words.fill(text, **metric.told(measured, unseen.rival))


def _is_same(predicted: Array) -> bool:
    """Tell whether predictions (n, outputs) name the same class, or are the same number."""
    if predicted.ndim == 2 and predicted.shape[1] > 1:
        return len(np.unique(predicted.argmax(axis=1))) == 1
    return bool(np.ptp(predicted) <= _LEAST * np.abs(predicted).max())

"""Measures a call of `train` from outside: what it changed, and how far the error fell.

`train` needs a model, and a model needs to be trained. So each function is also tried with the
instructor's counterpart: a mistake in one function does not cost the points of the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from autograder.checks.marking import attempt
from autograder.checks.thresholds import Measured, Thresholds
from autograder.expect import kept_layers
from autograder.proxies.student import Model, Student

TRAINING_ERROR = "training_error"  # the threshold on the error after `train` over that before


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """A model after `train`, and our own measure of its error on the training rows around it.

    `changed_weights` holds the shapes of the trainable weights that `train` changed, `after` the
    error after `train`, `error_ratio` the error after `train` over the error before.
    """

    model: Model
    changed_weights: tuple[tuple[int, ...], ...]
    after: float
    error_ratio: Measured

    @property
    def worked(self) -> bool:
        """Whether weights changed and the error fell as far as it must; False for NaN."""
        return bool(self.changed_weights) and bool(np.isfinite(self.after)) and self.error_ratio.met

    @property
    def diagnosis(self) -> str:
        """What is wrong with this training, as the student reads it; empty when it worked."""
        if not self.changed_weights:
            return (
                "After `train` the weights of the model are what they were before. `train` must "
                "fit the very model it is given, not a copy or a new one; and no weight moves "
                "while layers are frozen, the learning rate is 0 or the loss has no gradient."
            )
        if not np.isfinite(self.after):
            return "After `train` the model predicts nan or inf: the loss has diverged."
        if not self.worked:
            return (
                "`train` moved the weights, but the error on the training rows hardly fell. "
                "Does the loss compare the predictions with the targets as they are given?"
            )
        return ""


def taught(trainer: Student, model: Model, x: Any, y: Any) -> Model:
    """Call `trainer.train(model, x, y)` and return the model, which has the layers that it had.

    What checks found in the model before then holds for the model that is judged. Raises
    LayersChanged with a message for the student where `train` changed the layers, and StudentError
    for what else `train` does.
    """
    before = model.graph
    trainer.train(model, x, y)
    return kept_layers(model, before)


def measure_training(
    trainer: Student,
    model: Model,
    x: Any,
    y: Any,
    error: Callable[[Model], float],
    thresholds: Thresholds,
) -> TrainingRun:
    """Call `trainer.train(model, x, y)`, as `taught` does, and measure what it changed.

    x: (n, ...) inputs, y: (n, ...) targets. `error` returns a model's error. The exercise declares
    the threshold TRAINING_ERROR, on the error after the call over the error before. Raises
    UnknownThreshold, and what `taught` raises.
    """
    old, before = model.trainable_weights, error(model)
    taught(trainer, model, x, y)
    after = error(model)
    error_ratio = thresholds.measure(TRAINING_ERROR, ratio_of_errors(before, after))
    return TrainingRun(model, changed_weights(old, model.trainable_weights), after, error_ratio)


def ratio_of_errors(before: float, after: float) -> float:
    """Return the error after a training over the error before it, 1 where the error before is 0.

    Where the error before is not finite: 0 for a finite error after, NaN for another.
    """
    if not np.isfinite(before):
        return 0.0 if np.isfinite(after) else float("nan")
    return after / before if before else 1.0


def better(
    request: pytest.FixtureRequest, first: str, second: str, score: Callable[[Any], float]
) -> Any:
    """Return the value of the fixture, `first` or `second`, with the higher score; 1 is the most.

    `second` is tried only when `first` scores less than 1 or has no value. When neither fixture has
    a value, the error of `second` is raised.
    """
    one = attempt(request, first)
    if one is not None and score(one) >= 1:
        return one
    if one is None:
        return request.getfixturevalue(second)
    other = attempt(request, second)
    return other if other is not None and score(other) > score(one) else one


def changed_weights(old: list[Any], new: list[Any]) -> tuple[tuple[int, ...], ...]:
    """Return the shapes of the weights in `new` that differ from those in `old`.

    Where the numbers of weights differ, all weights of `new` count as changed.
    """
    if len(old) != len(new):  # layers were frozen or freed on the way: other weights
        return tuple(array.shape for array in new)
    return tuple(b.shape for a, b in zip(old, new, strict=True) if not np.array_equal(a, b))

"""One call of `train`, measured from outside: what changed in the model and what that brought.

`train` needs a model and a model needs to be trained, so each is also tried with the instructor's
counterpart: a mistake in one function does not cost the other's points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from autograder.checks import attempt
from autograder.student import Model, Student

_FELL = 0.9


@dataclass(frozen=True, slots=True)
class Lesson:
    """A model after `train`, and our own measure of its error on the training rows around it.

    `moved` holds the shapes of the trainable weights that are not what they were before.
    """

    model: Model
    moved: tuple[tuple[int, ...], ...]
    before: float
    after: float

    @property
    def worked(self) -> bool:
        """Whether weights moved and the error fell by a tenth or more; never for NaN."""
        fell = bool(np.isfinite(self.after)) and not self.after >= _FELL * self.before
        return bool(self.moved) and fell

    @property
    def complaint(self) -> str:
        """What is wrong with this lesson, for the student; empty when it worked."""
        if not self.moved:
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


def teach(
    teacher: Student, model: Model, x: Any, y: Any, error: Callable[[Model], float]
) -> Lesson:
    """Call `teacher.train(model, x, y)` and measure; `error` takes a model and returns a number."""
    old, before = model.trainable_weights, error(model)
    teacher.train(model, x, y)
    return Lesson(model, _moved(old, model.trainable_weights), before, error(model))


def better(
    request: pytest.FixtureRequest, first: str, second: str, score: Callable[[Any], float]
) -> Any:
    """Return the value of the fixture with the higher score, 1 being all that can be had.

    `second` is tried only when `first` scores less than 1 or has no value. When neither has one,
    the error of `second` is raised.
    """
    one = attempt(request, first)
    if one is not None and score(one) >= 1:
        return one
    if one is None:
        return request.getfixturevalue(second)
    other = attempt(request, second)
    return other if other is not None and score(other) > score(one) else one


def _moved(old: list[Any], new: list[Any]) -> tuple[tuple[int, ...], ...]:
    if len(old) != len(new):  # frozen or freed on the way: not the weights that were there before
        return tuple(array.shape for array in new)
    return tuple(b.shape for a, b in zip(old, new, strict=True) if not np.array_equal(a, b))

"""The rows of an exercise's data set: which are looked at, and how their targets are exchanged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.errors import DeclarationError

__all__ = [
    "Array",
    "Pick",
    "Relabelled",
    "Rows",
    "evenly",
    "every",
    "first",
    "reflected",
    "renamed",
]

Array = np.ndarray[Any, Any]
Pick = Callable[[int], Any]
"""A function of the number of rows that returns an index: a slice, or an array of positions."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The data set of an exercise, with the targets that the exercise makes of its last column.

    `split` is what `data(name)` returns, `targets` a function of its targets (n, ...). Only a
    grader has the held-out rows x_test and y_test; a student's own check raises NoHeldOutRows.
    """

    split: Any
    targets: Callable[[Array], Array]

    @property
    def x_train(self) -> Array:
        """The inputs of the training rows, (n, ...)."""
        inputs: Array = self.split.x_train
        return inputs

    @property
    def y_train(self) -> Array:
        """The targets of the training rows, (n, ...)."""
        return self.targets(self.split.y_train)

    @property
    def x_test(self) -> Array:
        """The inputs of the held-out rows, (n, ...)."""
        inputs: Array = self.split.x_test
        return inputs

    @property
    def y_test(self) -> Array:
        """The targets of the held-out rows, (n, ...)."""
        return self.targets(self.split.y_test)


@dataclass(frozen=True, slots=True)
class Relabelled:
    """Training rows with other targets: inputs `x`, the `usual` targets and the `new` targets.

    All three have the same number of rows.
    """

    x: Array
    usual: Array
    new: Array


def every(count: int) -> slice:
    """Pick all rows."""
    return slice(count)


def first(some: int) -> Pick:
    """Return what picks the first `some` rows, or all rows where there are fewer."""
    return lambda count: slice(min(some, count))


def evenly(some: int) -> Pick:
    """Return what picks `some` rows at even distances: from all seasons of a series.

    Of fewer rows some are picked twice.
    """
    return lambda count: np.linspace(0, count - 1, some).astype(int)


def reflected(y: Array) -> Array:
    """Return targets (n, ...) in which large and small have changed places.

    They are reflected between the extremes, not about the mean: no price turns negative.
    """
    other: Array = y.min() + y.max() - y
    return other


def renamed(classes: int, by: int = 1) -> Callable[[Array], Array]:
    """Return what gives every label from 0 to `classes` - 1 the name of the label `by` further on.

    Raises DeclarationError where every label would keep its name.
    """
    if by % classes == 0:
        raise DeclarationError(f"renamed({classes}, by={by}) leaves every label its name")
    return lambda labels: (labels + by) % classes

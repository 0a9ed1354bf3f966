"""The usual checks of a model that nobody has trained: its shapes, its size, a nonlinearity.

    test_shapes = shapes(points=1)

Such a line in visible.py or hidden.py is a check: its name is the id, and the file decides who can
run it. `title` replaces the usual title and may hold nouns of Words in braces.
"""

from __future__ import annotations

from autograder import expect
from autograder.checks.trained_model.declaration import TrainedModel
from autograder.checks.trained_model.title import Check, usual
from autograder.proxies.student import Model

__all__ = ["budget", "nonlinearity", "shapes"]


def shapes(*, points: float, title: str = "The model takes {takes} and returns {returns}") -> Check:
    """Return the check of the model's input and output shape."""

    def check(student_model: Model, declared: TrainedModel) -> None:
        expect.input_shape(student_model, (None, *declared.input_shape))
        expect.output_shape(student_model, (None, *declared.output_shape))

    return usual(check, points, title)


def nonlinearity(
    *,
    points: float,
    title: str = "There is a nonlinear activation between the layers with weights",
) -> Check:
    """Return the check of a nonlinearity between two layers with weights."""

    def check(student_model: Model) -> None:
        expect.nonlinear(student_model)

    return usual(check, points, title)


def budget(at_most: int, *, points: float, trainable_over: int = 0, title: str = "") -> Check:
    """Return the check of the number of parameters.

    All parameters are at most `at_most`; those that training may move are more than
    `trainable_over`.
    """

    def check(student_model: Model) -> None:
        expect.budget(student_model, at_most=at_most, trainable_over=trainable_over)

    return usual(check, points, title or f"The model has at most {at_most:,} parameters")

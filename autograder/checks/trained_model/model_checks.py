"""The usual checks of a model that nobody has trained: its shapes, its size, a nonlinearity.

    test_shapes = shapes(points=1)

Such a line in visible.py or hidden.py is a check: its name is the id, and the file decides who can
run it. `title` replaces the usual title and may hold nouns of Words in braces.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograder import expect
from autograder.checks.trained_model.answers import Shape
from autograder.checks.trained_model.declaration import TrainedModel
from autograder.checks.trained_model.title import Check, usual
from autograder.expect.table import layers, message
from autograder.proxies.student import Model

__all__ = ["budget", "nonlinearity", "shapes"]


def shapes(*, points: float, title: str = "The model takes {takes} and returns {returns}") -> Check:
    """Return the check of the model's input shape, and of its output shape or shapes."""

    def check(student_model: Model, declared: TrainedModel) -> None:
        expect.input_shape(student_model, (None, *declared.input_shape))
        _output(student_model, [(None, *shape) for shape in declared.output_shapes])

    return usual(check, points, title)


def _output(model: Model, allowed: Sequence[Shape]) -> None:
    if len(allowed) == 1:
        expect.output_shape(model, allowed[0])
    elif model.output_shape not in allowed:
        shapes = " or ".join(map(str, allowed))
        text = f"The model's output should have the shape {shapes}, yours has {model.output_shape}."
        raise AssertionError(message(text, layers(model.graph)))


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

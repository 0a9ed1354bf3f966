"""The form of a model's answers: the shapes that are allowed, and answers brought to one shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checks.trained_model.rows import Array
from autograder.errors import DeclarationError

__all__ = ["Shape", "allowed_shapes", "constant_answer", "in_first_shape", "is_shape"]

Shape = tuple[int | None, ...]
"""A shape without the batch axis; None stands for any length."""


def is_shape(value: object) -> bool:
    """Tell whether a value is a shape without the batch axis."""
    return isinstance(value, tuple) and all(
        part is None or (isinstance(part, int) and part > 0) for part in value
    )


def allowed_shapes(value: Any) -> tuple[Shape, ...]:
    """Return the shapes that `output_shape` of a declaration allows, the first one first.

    `value` is a shape, or a tuple of shapes that differ in axes of length 1 alone. Raises
    DeclarationError for anything else.
    """
    if is_shape(value):
        return (value,)
    if not isinstance(value, tuple) or not all(map(is_shape, value)):
        raise DeclarationError(
            "TrainedModel: output_shape is a tuple without the batch axis, such as (7,), or a "
            f"tuple of such tuples, such as ((1,), ()), not {value!r}"
        )
    if len({_long(shape) for shape in value}) > 1:
        raise DeclarationError(
            f"TrainedModel: output_shape allows the shapes {', '.join(map(str, value))}, which "
            "differ in more than axes of length 1: the metric would be asked for answers of "
            "several kinds. Allow shapes such as ((1,), ()), which hold the same numbers"
        )
    return value


def in_first_shape(predicted: Array, shapes: tuple[Shape, ...]) -> Array:
    """Return predictions (n, ...) of any allowed shape in the first one.

    Predictions of another shape come back as they are.
    """
    given = predicted.shape[1:]
    found = next((shape for shape in shapes if _fits(given, shape)), None)
    if found is None:
        return predicted
    lengths = iter([length for length, part in zip(given, found, strict=True) if part != 1])
    first = [1 if part == 1 else next(lengths) for part in shapes[0]]
    return predicted.reshape(len(predicted), *first)


def constant_answer(answer: Any, count: int, shapes: tuple[Shape, ...]) -> Array:
    """Return predictions (count, ...) in the first allowed shape, the same answer for each row.

    `answer` has one of the allowed shapes; for a model that returns one number it is a number.
    Raises DeclarationError for an answer of another shape, such as the number of a class where the
    model returns a probability for each class.
    """
    one = np.asarray(answer)
    is_number = one.size == 1 and not _long(shapes[0])
    if not is_number and not any(_fits(one.shape, shape) for shape in shapes):
        raise DeclarationError(_misfit(one, shapes[0]))
    if is_number:
        return np.full((count, *[1] * len(shapes[0])), one.reshape(()))
    return in_first_shape(np.tile(one, (count, *[1] * one.ndim)), shapes)


def _long(shape: Shape) -> Shape:
    """Return a shape without its axes of length 1."""
    return tuple(part for part in shape if part != 1)


def _fits(given: tuple[int, ...], shape: Shape) -> bool:
    return len(given) == len(shape) and all(
        part in (None, length) for length, part in zip(given, shape, strict=True)
    )


def _misfit(one: Array, shape: Shape) -> str:
    told = f"the number {one}" if one.ndim == 0 else f"an array of the shape {one.shape}"
    text = (
        f"TrainedModel: constant returns {told}, and a model of this exercise answers each row "
        f"in the shape {shape}: return the answer in that form"
    )
    if one.size != 1 or None in shape:
        return text
    number = one.reshape(()).item()
    if len(shape) == 1 and type(number) is int and 0 <= number < (shape[0] or 0):
        return (
            f"{text}. For the class {number} alone that is np.eye({shape[0]})[{number}]; the "
            f"shares of the classes are np.bincount(labels, minlength={shape[0]}) / len(labels)"
        )
    return f"{text}, such as np.full({shape}, {number})"

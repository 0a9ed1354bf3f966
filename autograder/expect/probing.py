"""Measurements of a model's behaviour, from its predictions for chosen inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.model.facts import Layer
from autograder.proxies.student import Model

Array = np.ndarray[Any, Any]

ROUNDING = 1e-2  # sums in half precision are off by 2e-3, sums of sigmoids or scores by far more


def probabilities(rows: Array) -> None:
    """Expect each row to hold probabilities: finite, not negative, with a sum within 0.01 of 1.

    `rows` has the shape (n, ..., classes). Raises AssertionError with a message that tells which of
    the three does not hold.

        expect.probabilities(model.predict(images))
    """
    values = np.asarray(rows, dtype="float64")
    if not np.isfinite(values).all():
        raise AssertionError("Some of the predicted numbers are nan or inf.")
    if values.min() < 0:
        raise AssertionError(
            f"Some of the predicted numbers are negative (the smallest is {values.min():.2f}). "
            "Are these scores before softmax?"
        )
    sums = values.sum(axis=-1)
    if np.abs(sums - 1).max() > ROUNDING:
        raise AssertionError(
            f"Each row should sum to 1, yours sum to between {sums.min():.2f} and "
            f"{sums.max():.2f}. Which activation makes scores into probabilities?"
        )


def bend(model: Model, x: Array) -> float:
    """Return how far predictions halfway between two rows are from the rows' mean prediction.

    `x` (n, ...) with n >= 2; row i is paired with row i + n // 2. The unit is the spread: the mean
    absolute difference between the predictions for the two rows. A linear model and a constant give
    0, predictions of nan give nan. Raises ValueError for a single row.

        assert expect.bend(built, rows) > 0.01, "Your model is a straight line."
    """
    a, b = _halves(_floats(x))
    one, other = _predict(model, a), _predict(model, b)
    middle = _predict(model, (a + b) / 2)
    return _in_units(_distance(middle, (one + other) / 2), _distance(one, other))


def straightened(predicted: Array, x: Array) -> Array:
    """Return the straight line that is nearest to predictions, as predictions for the same rows.

    `predicted` (n, ...) are predictions for the rows `x` (n, ...), all finite; the result has their
    shape. It is the least squares fit of a linear function of x. What a model's nonlinearity is
    worth shows in how much worse the line answers than the model.

        line = expect.straightened(predicted, rows)
        assert error(y, predicted) < 0.98 * error(y, line), "A straight line does as well."
    """
    count = len(predicted)
    columns = _floats(x).reshape(count, -1).astype("float64")
    columns = columns - columns.mean(axis=0)
    spread = columns.std(axis=0)
    a = np.column_stack([columns / np.where(spread > 0, spread, 1.0), np.ones(count)])
    b = np.asarray(predicted, dtype="float64").reshape(count, -1)
    line: Array = a @ np.linalg.lstsq(a, b, rcond=None)[0]
    return line.reshape(predicted.shape)


def translation_sensitivity(model: Model, images: Array, pixels: int = 1) -> float:
    """Return how much predictions change when images are shifted by `pixels`; zeros move in.

    `images` (n, height, width, channels) with n >= 2. The result is the mean absolute change over
    shifts up, down, left and right, in units of the mean absolute difference between the
    predictions for two different images: 0 for a model that ignores positions, about 1 where a
    shift changes predictions as much as another image does. Raises ValueError for a single image.
    A similar measure: Azulay and Weiss, "Why do deep convolutional networks generalize so poorly to
    small image transformations?", JMLR 20, 2019.

        assert expect.translation_sensitivity(trained, images, pixels=2) < 0.5
    """
    still = _predict(model, images)
    moves = [(0, pixels), (0, -pixels), (pixels, 0), (-pixels, 0)]
    changes = [_distance(_predict(model, _shifted(images, *move)), still) for move in moves]
    return _in_units(float(np.mean(changes)), _distance(*_halves(still)))


def liveliness(model: Model, layer: Layer, x: Array) -> float:
    """Return how much predictions for `x` change when the weights of `layer` become noise.

    `x` (n, ...) with n >= 2. The result is the mean absolute change, in units of the spread: the
    mean absolute difference between the predictions for row i and row i + n // 2. A layer without
    an effect on the output gives 0. Raises ValueError for a single row.

        node = expect.matching(built, expect.lstm())[0]
        assert expect.liveliness(built, built.layers[node.layer], windows) > 0.01
    """
    still = _predict(model, x)
    shaken = np.asarray(model.predict(x, shake=layer.index), dtype="float64")
    return _in_units(_distance(shaken, still), _distance(*_halves(still)))


def _predict(model: Model, x: Array) -> Array:
    return np.asarray(model.predict(x), dtype="float64")


def _floats(x: Array) -> Array:
    return x if x.dtype.kind == "f" else x.astype("float32")


def _halves(x: Array) -> tuple[Array, Array]:
    half = len(x) // 2
    if half == 0:
        raise ValueError("two rows or more are needed to tell how far predictions differ")
    return x[:half], x[half : 2 * half]


def _distance(one: Array, other: Array) -> float:
    return float(np.mean(np.abs(one - other)))


def _in_units(value: float, unit: float) -> float:
    """Return value / unit; 0 where both are 0, inf where only the unit is 0."""
    if unit == 0:
        return float("inf") if value > 0 else value
    return value / unit


def _shifted(images: Array, down: int, right: int) -> Array:
    moved = np.zeros_like(images)
    rows, columns = images.shape[1:3]
    to_rows, from_rows = _overlap(down, rows)
    to_columns, from_columns = _overlap(right, columns)
    moved[:, to_rows, to_columns] = images[:, from_rows, from_columns]
    return moved


def _overlap(by: int, length: int) -> tuple[slice, slice]:
    """Return the slices of an axis to which and from which pixels move."""
    if by >= 0:
        return slice(by, length), slice(0, max(0, length - by))
    return slice(0, max(0, length + by)), slice(-by, length)

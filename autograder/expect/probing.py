"""What a model does with inputs, measured from outside by asking it for predictions."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.model.facts import Layer
from autograder.proxies.student import Model

Array = np.ndarray[Any, Any]

ROUNDING = 1e-2  # half precision is off by 2e-3; sigmoids and raw scores by far more


def probabilities(rows: Array) -> None:
    """Expect each row to be a point of the probability simplex.

    `rows` has the shape (n, ..., classes): finite, none negative, each row's sum within 0.01
    of 1. Raises AssertionError with a message that names what does not hold.
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
    """Return how far predictions are from linear halfway between two rows of `x`.

    `x` (n, ...) with n >= 2; row i is paired with row i + n // 2. The unit is the spread: the mean
    absolute difference of the two rows' predictions. 0 for any straight line and for a constant;
    nan where predictions are.
    """
    a, b = _halves(_floats(x))
    one, other = _predict(model, a), _predict(model, b)
    middle = _predict(model, (a + b) / 2)
    return _in_units(_distance(middle, (one + other) / 2), _distance(one, other))


def translation_sensitivity(model: Model, images: Array, pixels: int = 1) -> float:
    """Return how much predictions move when images are shifted by `pixels`, zeros moving in.

    `images` (n, height, width, channels) with n >= 2. The mean over up, down, left and right of
    the absolute change, in units of the mean absolute difference between the predictions for two
    different images: 0 for what does not see where things are, about 1 where a shift changes as
    much as another image does. Azulay and Weiss, "Why do deep convolutional networks generalize so
    poorly to small image transformations?", JMLR 20, 2019, measure the like.
    """
    still = _predict(model, images)
    moves = [(0, pixels), (0, -pixels), (pixels, 0), (-pixels, 0)]
    changes = [_distance(_predict(model, _shifted(images, *move)), still) for move in moves]
    return _in_units(float(np.mean(changes)), _distance(*_halves(still)))


def liveliness(model: Model, layer: Layer, x: Array) -> float:
    """Return how much predictions for `x` (n, ...) move when a layer's weights become noise.

    The mean absolute change in units of the spread, the mean absolute difference between the
    predictions for row i and row i + n // 2. 0 for a layer whose result never arrives.
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
    """Return value / unit; 0 where nothing moves at all, inf where only `value` is not 0."""
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
    """Return where pixels arrive, and where they come from, along one axis."""
    if by >= 0:
        return slice(by, length), slice(0, max(0, length - by))
    return slice(0, max(0, length + by)), slice(-by, length)

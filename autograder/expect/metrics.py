"""Metrics of predictions, and the comparison of a metric with trivial baselines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

Array = np.ndarray[Any, Any]


def mean_absolute_error(y: Array, predicted: Array) -> float:
    """Return the mean of |predicted - y|, in units of y; nan where a prediction is nan.

    `y` (n,) or (n, 1); `predicted` (n, 1) or (n,). Raises AssertionError for another shape of
    `predicted`.

        error = expect.mean_absolute_error(prices, model.predict(cars))
    """
    return float(np.mean(np.abs(_column(predicted, len(y)) - _target(y))))


def rmse_log1p(y: Array, predicted: Array) -> float:
    """Return the root mean squared difference of log(1 + count); nan where a prediction is nan.

    `y` (n,) or (n, 1) holds counts from 0; `predicted` (n, 1) or (n,), where negative predictions
    count as 0. The result has no unit: 0.1 is an error of about ten per cent. Raises AssertionError
    for another shape of `predicted`.

        error = expect.rmse_log1p(rentals, model.predict(windows))
    """
    counts = np.maximum(_column(predicted, len(y)), 0.0)
    return float(np.sqrt(np.mean((np.log1p(counts) - np.log1p(_target(y))) ** 2)))


def accuracy(labels: Array, scores: Array) -> float:
    """Return the share of rows whose largest score is the score of their label, from 0 to 1.

    `labels` (n,) holds whole numbers from 0, `scores` is (n, classes). A row with nan or inf is
    wrong. Raises AssertionError for another shape of `scores`.

        share = expect.accuracy(labels, model.predict(images))
    """
    if scores.ndim != 2 or len(scores) != len(labels):
        raise AssertionError(
            f"For {len(labels)} examples the predictions should be {len(labels)} rows with one "
            f"number for each class; their shape is {scores.shape}."
        )
    # argmax returns an index for a row with nan, too, which has no largest entry.
    right = (scores.argmax(axis=1) == labels) & np.isfinite(scores).all(axis=1)
    return float(right.mean())


def beats(
    value: float,
    baselines: Mapping[str, float],
    better: Literal["lower", "higher"] = "lower",
    what: str = "error",
) -> None:
    """Expect `value` to be better than every baseline, all of one metric.

    `baselines` maps names, such as "the value of an hour ago", to values; `what` names the metric
    in the message. Raises AssertionError with a message that holds the value and each baseline; nan
    is never better.

        expect.beats(error, {"ridge regression": 0.41, "the mean": 0.93})
    """
    if all(value < one if better == "lower" else value > one for one in baselines.values()):
        return
    listed = ", ".join(f"{name} {one:.3g}" for name, one in baselines.items())
    raise AssertionError(
        f"Your model's {what} is {value:.3g}; it should be {better} than that of simpler answers: "
        f"{listed}."
    )


def _target(y: Array) -> Array:
    return np.asarray(y, dtype="float64").reshape(len(y))


def _column(predicted: Array, count: int) -> Array:
    """Return predictions as (count,): (count,) minus (count, 1) would broadcast to a square."""
    if predicted.shape not in ((count, 1), (count,)):
        raise AssertionError(
            f"For {count} examples the predictions should have the shape ({count}, 1), one number "
            f"each; theirs is {predicted.shape}."
        )
    return np.asarray(predicted, dtype="float64").reshape(count)

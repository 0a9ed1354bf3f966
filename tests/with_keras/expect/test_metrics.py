"""Metrics against scikit-learn, shapes that would broadcast, and baselines by name."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from autograder import expect

COUNTS = st.lists(st.tuples(st.integers(0, 900), st.floats(0, 900)), min_size=1, max_size=30)


@given(COUNTS)
def test_as_scikit_learn_computes_them(pairs: list[tuple[int, float]]) -> None:
    y, predicted = np.array(pairs, dtype="float64").T
    assert expect.mean_absolute_error(y, predicted[:, None]) == pytest.approx(
        metrics.mean_absolute_error(y, predicted)
    )
    assert expect.rmse_log1p(y[:, None], predicted) == pytest.approx(
        metrics.root_mean_squared_log_error(y, predicted)
    )


def test_accuracy_is_the_share_of_largest_scores() -> None:
    scores = np.array([[0.1, 0.9], [0.7, 0.3], [np.nan, 2.0], [0.4, 0.6]])
    assert expect.accuracy(np.array([1, 1, 1, 1]), scores) == 0.5


def test_counts_below_nothing_are_nothing() -> None:
    assert expect.rmse_log1p(np.array([0, 0]), np.array([[-5.0], [0.0]])) == 0


@pytest.mark.parametrize("metric", [expect.mean_absolute_error, expect.rmse_log1p])
def test_what_is_not_finite_stays_so_and_a_square_is_refused(metric: object) -> None:
    y = np.array([1.0, 2.0])
    assert callable(metric)
    assert math.isnan(metric(y, np.array([[np.nan], [1.0]])))
    with pytest.raises(AssertionError, match=r"\(2, 1\), one number each; theirs is \(2, 2\)"):
        metric(y, np.ones((2, 2)))
    with pytest.raises(AssertionError, match=r"theirs is \(3, 1\)"):
        metric(y, np.ones((3, 1)))


def test_accuracy_needs_a_row_each() -> None:
    with pytest.raises(AssertionError, match=r"their shape is \(2,\)"):
        expect.accuracy(np.array([0, 1]), np.array([0, 1]))
    with pytest.raises(AssertionError, match="For 2 examples"):
        expect.accuracy(np.array([0, 1]), np.ones((3, 2)))


def test_beating_baselines() -> None:
    baselines = {"the hour before": 0.631, "ridge regression": 0.407}
    expect.beats(0.35, baselines)
    expect.beats(0.9, {"the most frequent digit": 0.11}, better="higher")


@pytest.mark.parametrize("value", [0.5, 0.407, float("nan")])
def test_not_beating_one_of_them(value: float) -> None:
    baselines = {"the hour before": 0.631, "ridge regression": 0.407}
    with pytest.raises(AssertionError) as caught:
        expect.beats(value, baselines, what="RMSE of log(1 + count)")
    assert str(caught.value) == (
        f"Your model's RMSE of log(1 + count) is {value:.3g}; it should be lower than that of "
        "simpler answers: the hour before 0.631, ridge regression 0.407."
    )


def test_not_higher() -> None:
    with pytest.raises(AssertionError, match=r"should be higher .* guessing 0\.5"):
        expect.beats(0.4, {"guessing": 0.5}, better="higher", what="accuracy")

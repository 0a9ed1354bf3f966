"""Checks of car_price that only a grader has: unseen cars, other prices, the instructor."""

import math

import numpy as np
import pytest

from autograder.checks import award, points, ramp
from autograder.pairing import Trial

# Thresholds, and what was measured: ten honest styles (reference and right/), keys and seeds.
#   unseen cars, in units of linear regression's error: 80 honest runs 0.917 +- 0.030, at most 1.0;
#     lines fitted to absolute error 0.94 to 1.03, unscaled features 1.68 to 2.38, one epoch of
#     batches of 128 1.20 to 2.32, one price for all 2.28 to 2.76. It tells good from bad training,
#     not a network from a line: that is what test_nonlinearity and test_bends are for.
#   relabelled cars, error in units of the best constant's: 20 honest runs 0.27 to 0.36; a `train`
#     that keeps to the old prices 6.
#   bend: six honest runs 0.08 to 0.28, lines below 0.0000001.
ENOUGH = 1.05  # error on unseen cars for full points, in units of linear regression's
FOLLOWS = 0.6  # error on relabelled training cars, in units of the best constant's
BENT = 1e-3  # bend of the trained model, in units of the spread of its prices
SAME_PRICE = 1.0  # euros between the prices of different cars


@pytest.fixture(scope="session")
def line_error(cars):
    """Mean absolute error in euros of least squares on the seven raw columns, on unseen cars."""

    def rows(x):
        return np.column_stack([x.astype("float64"), np.ones(len(x))])

    weights, *_ = np.linalg.lstsq(rows(cars.x_train), cars.y_train.astype("float64"), rcond=None)
    return float(np.mean(np.abs(rows(cars.x_test) @ weights - cars.y_test)))


@pytest.fixture(scope="session")
def constant_error(cars):
    """Mean absolute error in euros of the training cars' median price, on unseen cars."""
    return float(np.mean(np.abs(np.median(cars.y_train) - cars.y_test)))


@pytest.fixture(scope="session")
def judge(cars, mean_error, line_error, constant_error):
    """A function that tries a trained model on unseen cars."""

    def judged(lesson, fresh):
        ratio = mean_error(lesson.model, cars.x_test, cars.y_test) / line_error
        fraction = ramp(ratio, zero=constant_error / line_error, full=ENOUGH)
        fraction = fraction if lesson.moved and np.isfinite(fraction) else 0.0
        return Trial(lesson, fresh, fraction, _hint(lesson, ratio, cars.x_train))

    return judged


def _hint(lesson, ratio, x):
    if not lesson.moved or not np.isfinite(lesson.after):
        return lesson.complaint
    if not np.isfinite(ratio):
        return "For some of the cars it has never seen, the trained model predicts nan or inf."
    if np.ptp(lesson.model.predict(x)) < SAME_PRICE:
        return "After training the model gives every car the same price, whatever its features."
    band = math.ceil(20 * min(ratio, 50.0)) / 20  # coarse, and never below what is asked for
    return (
        f"On cars it has never seen, the mean error is up to {band:g} times that of linear "
        f"regression; at most {ENOUGH:g} times earns all points."
    )


@points(1)
def test_bends(model_trial, cars):
    """The trained model uses its nonlinearity: the price is no straight line in the features"""
    half = len(cars.x_train) // 2
    a, b = cars.x_train[:half], cars.x_train[half : 2 * half]
    ends = model_trial.lesson.model.predict(a), model_trial.lesson.model.predict(b)
    middle = model_trial.lesson.model.predict((a + b) / 2)
    bend = np.mean(np.abs(middle - (ends[0] + ends[1]) / 2))
    assert bend > BENT * np.mean(np.abs(ends[0] - ends[1])), (
        "Halfway between two cars your trained model always predicts the price halfway between: "
        "it is a straight line. Is the nonlinear layer cut off or switched off?"
    )


@pytest.fixture(scope="session")
def follows(student, train_trial, cars, mean_error):
    """Whether `train` learns other prices, reflected so that cheap cars become dear."""
    # Between the extremes, not about the mean: no price turns negative.
    prices = cars.y_train.min() + cars.y_train.max() - cars.y_train
    model = train_trial.fresh()
    student.train(model, cars.x_train, prices)
    constant = float(np.mean(np.abs(np.median(prices) - prices)))
    return mean_error(model, cars.x_train, prices) < FOLLOWS * constant


@points(2)
def test_new_prices(follows):
    """`train` learns the prices it is given, also when cheap cars become dear"""
    assert follows, (
        "Given other prices for the same cars, `train` should learn those; the model did not "
        "follow them. Does `train` use the arrays it is given, or others from the notebook, or "
        "does it stop too early?"
    )


@points(2)
def test_model_error(model_trial):
    """Trained well, your model prices unseen cars about as well as linear regression or better"""
    award(model_trial.fraction, model_trial.hint)


@points(2)
def test_train_error(train_trial, follows):
    """`train` leads a good model to good prices for unseen cars"""
    assert train_trial.lesson.worked, train_trial.lesson.complaint
    assert follows, (
        "Good prices count here only if they were learned in `train` from the arrays it is given."
    )
    award(train_trial.fraction, train_trial.hint)

"""Checks of car_price that only a grader has: unseen cars, other prices, the instructor."""

import math

import numpy as np
import pytest

from autograder import expect
from autograder.checks import ScoredTraining, award, points

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
def score_training(cars, mean_error, line_error, constant_error, thresholds):
    """A function that tries a trained model on unseen cars."""
    trivial = constant_error / line_error
    thresholds.baseline("unseen_error", "one price for all", trivial)

    def scored(training_run):
        ratio = mean_error(training_run.model, cars.x_test, cars.y_test) / line_error
        measured = thresholds.measure("unseen_error", ratio)
        fraction = measured.share(zero=trivial) if training_run.changed_weights else 0.0
        return ScoredTraining(
            training_run, fraction, _hint(training_run, measured, cars.x_train), measured
        )

    return scored


def _hint(training_run, measured, x):
    if not training_run.changed_weights or not np.isfinite(training_run.after):
        return training_run.diagnosis
    if not np.isfinite(measured.value):
        return "For some of the cars it has never seen, the trained model predicts nan or inf."
    if np.ptp(training_run.model.predict(x)) < SAME_PRICE:
        return "After training the model gives every car the same price, whatever its features."
    band = math.ceil(20 * min(measured.value, 50.0)) / 20  # coarse, never below what is asked for
    return (
        f"On cars it has never seen, the mean error is up to {band:g} times that of linear "
        f"regression; at most {measured.limit:g} times earns all points."
    )


@points(1)
def test_bends(scored_model, cars, thresholds, record):
    """The trained model uses its nonlinearity: the price is no straight line in the features"""
    bent = thresholds.measure("bend", expect.bend(scored_model.training_run.model, cars.x_train))
    record(bent)
    assert bent.met, (
        "Halfway between two cars your trained model always predicts the price halfway between: "
        "it is a straight line. Is the nonlinear layer cut off or switched off?"
    )


@points(2)
def test_model_error(scored_model, record):
    """Trained well, your model prices unseen cars about as well as linear regression or better"""
    record(scored_model.measured)
    award(scored_model.fraction, scored_model.hint)


@points(2)
def test_train_error(scored_train, follows, record):
    """`train` leads a good model to good prices for unseen cars"""
    record(scored_train.measured)
    assert scored_train.training_run.worked, scored_train.training_run.diagnosis
    assert follows.met, (
        "Good prices count here only if they were learned in `train` from the arrays it is given."
    )
    award(scored_train.fraction, scored_train.hint)

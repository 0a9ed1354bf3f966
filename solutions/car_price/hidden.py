"""Checks of car_price that only a grader has: unseen cars, other prices, the instructor."""

import numpy as np

from autograder import expect
from autograder.checks import points, shared
from autograder.checks.trained_model import Unseen, model_on_unseen, train_on_unseen

SAME_PRICE = 1.0  # euros between the prices of different cars
GOOD = 0.75  # of the points for unseen cars: what misses more has paid for it there


def _line(cars):
    """Return the prices of unseen cars by least squares on the seven raw columns."""

    def rows(x):
        return np.column_stack([x.astype("float64"), np.ones(len(x))])

    weights, *_ = np.linalg.lstsq(rows(cars.x_train), cars.y_train.astype("float64"), rcond=None)
    return rows(cars.x_test) @ weights


@shared
def unseen():
    """What answers for unseen cars are compared with."""
    return Unseen(
        rival="linear regression",
        rival_answer=_line,
        same="After training the model gives every car the same price, whatever its features.",
        is_same=lambda prices: np.ptp(prices) < SAME_PRICE,
    )


@points(1)
def test_bends(scored_model, rows, thresholds, record):
    """The trained model uses its nonlinearity: the price is no straight line in the features"""
    model = scored_model.training_run.model
    bent = thresholds.measure("bend", expect.bend(model, rows.x_train))
    record(bent)
    assert bent.met, (
        "Halfway between two cars your trained model always predicts the price halfway between: "
        "it is a straight line. Is the nonlinear layer cut off or switched off?"
    )
    prices = model.predict(rows.x_train)
    line = expect.straightened(prices, rows.x_train)
    errors = [expect.mean_absolute_error(rows.y_train, found) for found in (prices, line)]
    gained = thresholds.measure("gained_by_bending", 1 - errors[0] / errors[1])
    if scored_model.fraction > GOOD:
        record(gained)
        assert gained.met, (
            "A straight line through the prices that your trained model gives the training cars is "
            "as near to the real prices as these are: the nonlinear layer is there, but the model "
            "is no better for it. Does it have enough to say, and does `train` reach it?"
        )


test_model_error = model_on_unseen(
    points=2,
    title="Trained well, your model prices unseen cars about as well as linear regression or better",
)

test_train_error = train_on_unseen(
    points=2,
    hint=(
        "Good {answers} count here only if they were learned in `train` from the arrays it is given."
    ),
)

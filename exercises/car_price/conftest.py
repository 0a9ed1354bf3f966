"""What the checks of car_price share: the training cars, your model, and one call of `train`."""

from functools import partial

import numpy as np
import pytest

from autograder import expect
from autograder.checks import measure_training, shared

pytest_plugins = ["autograder.checks.follow_through"]


@shared
def cars(data):
    """x (n, 7) as they come, y (n,) in euros."""
    return data("cars")


@shared
def build(cars):
    """A function that calls `build_model`: yours, or, when grading, the instructor's."""
    return lambda owner: expect.keras_model(owner.build_model(cars.x_train), input_shape=(7,))


@shared
def mean_error():
    """A function of model, x and y: the mean absolute error in euros."""
    return lambda model, x, y: expect.mean_absolute_error(y, model.predict(x))


@pytest.fixture(scope="session")
def run_training(cars, mean_error, thresholds):
    """A function that has a model trained, by you or by the instructor, and measures it."""

    def run_training(trainer, model):
        x, y = cars.x_train, cars.y_train
        return measure_training(trainer, model, x, y, partial(mean_error, x=x, y=y), thresholds)

    return run_training


@pytest.fixture(scope="session")
def follows(student, on_either_model, cars, mean_error, thresholds):
    """How well `train` learns other prices, reflected so that cheap cars become dear."""
    # Between the extremes, not about the mean: no price turns negative.
    prices = cars.y_train.min() + cars.y_train.max() - cars.y_train
    constant = float(np.mean(np.abs(np.median(prices) - prices)))

    thresholds.baseline("relabelled_error", "the best constant", 1.0)

    def once(model):
        student.train(model, cars.x_train, prices)
        error = mean_error(model, cars.x_train, prices)
        return thresholds.measure("relabelled_error", error / constant)

    return on_either_model(once)

"""What the checks of car_price share: the training cars, your model, and one call of `train`."""

from functools import partial

import numpy as np
import pytest

from autograder.expect import keras_model
from autograder.lesson import teach

pytest_plugins = ["autograder.pairing"]


@pytest.fixture(scope="session")
def cars(data):
    """x (n, 7) as they come, y (n,) in euros."""
    return data("cars")


@pytest.fixture(scope="session")
def build(cars):
    """A function that calls `build_model`: yours, or, when grading, the instructor's."""
    return lambda owner: keras_model(owner.build_model(cars.x_train), input_shape=(7,))


@pytest.fixture(scope="session")
def mean_error():
    """A function of model, x and y: the mean absolute error in euros."""

    def measure(model, x, y):
        prices = model.predict(x)
        assert prices.shape == (len(x), 1), (
            f"For {len(x)} cars the predictions should have the shape ({len(x)}, 1), "
            f"one price each; theirs is {prices.shape}."
        )
        return float(np.mean(np.abs(prices[:, 0].astype("float64") - y)))

    return measure


@pytest.fixture(scope="session")
def give_lesson(cars, mean_error):
    """A function that has a model trained, by you or by the instructor, and measures it."""

    def give(teacher, model):
        x, y = cars.x_train, cars.y_train
        return teach(teacher, model, x, y, partial(mean_error, x=x, y=y))

    return give

"""What the checks of line share."""

import pytest

from autograder.expect import keras_model


@pytest.fixture(scope="session")
def cars(data):
    """The cars."""
    return data("cars")


@pytest.fixture(scope="session")
def model(student, cars):
    """The student's model."""
    return keras_model(student.build_model(cars.x_train), input_shape=(7,))

"""What the checks of digits_cnn share: the training images, your model, and one call of `train`."""

from functools import partial

import numpy as np
import pytest

from autograder.expect import keras_model
from autograder.lesson import teach

pytest_plugins = ["autograder.pairing"]

SHAPE, CLASSES = (28, 28, 1), 10
SOME = 1000  # training images are enough to see an error fall


@pytest.fixture(scope="session")
def digits(data):
    """x (n, 28, 28, 1) uint8 from 0 to 255, y (n,) the digits 0 to 9."""
    return data("digits")


@pytest.fixture(scope="session")
def build():
    """A function that calls `build_model`: yours, or, when grading, the instructor's."""
    return lambda owner: keras_model(owner.build_model(SHAPE, CLASSES), input_shape=SHAPE)


@pytest.fixture(scope="session")
def share_wrong():
    """A function of model, images and labels: the share of images taken for another digit."""

    def measure(model, images, labels):
        scores = model.predict(images)
        assert scores.shape == (len(images), CLASSES), (
            f"For {len(images)} images the predictions should have the shape "
            f"({len(images)}, {CLASSES}), one row each; theirs is {scores.shape}."
        )
        # A row with nan has no largest entry, whatever argmax says: it is wrong.
        right = (scores.argmax(axis=1) == labels) & np.isfinite(scores).all(axis=1)
        return float(1 - right.mean())

    return measure


@pytest.fixture(scope="session")
def give_lesson(digits, share_wrong):
    """A function that has a model trained, by you or by the instructor, and measures it."""

    def give(teacher, model):
        images, labels = digits.x_train, digits.y_train
        error = partial(share_wrong, images=images[:SOME], labels=labels[:SOME])
        return teach(teacher, model, images, labels, error)

    return give

"""What the checks of digits_cnn share: the training images, your model, and one call of `train`."""

from functools import partial

import numpy as np
import pytest

from autograder import expect
from autograder.checks import measure_training, shared

pytest_plugins = ["autograder.checks.follow_through"]

SHAPE, CLASSES = (28, 28, 1), 10
RELABELLED = 1500  # relabelled images: enough to tell, and quick
SOME = 1000  # training images are enough to see an error fall


@shared
def digits(data):
    """x (n, 28, 28, 1) uint8 from 0 to 255, y (n,) the digits 0 to 9."""
    return data("digits")


@shared
def build():
    """A function that calls `build_model`: yours, or, when grading, the instructor's."""
    return lambda owner: expect.keras_model(owner.build_model(SHAPE, CLASSES), input_shape=SHAPE)


@shared
def share_wrong():
    """A function of model, images and labels: the share of images taken for another digit."""
    return lambda model, images, labels: 1 - expect.accuracy(labels, model.predict(images))


@pytest.fixture(scope="session")
def run_training(digits, share_wrong, thresholds):
    """A function that has a model trained, by you or by the instructor, and measures it."""

    def run_training(trainer, model):
        images, labels = digits.x_train, digits.y_train
        error = partial(share_wrong, images=images[:SOME], labels=labels[:SOME])
        return measure_training(trainer, model, images, labels, error, thresholds)

    return run_training


@pytest.fixture(scope="session")
def follows(student, on_either_model, digits, share_wrong, thresholds):
    """How well `train` learns other labels: every digit gets another name."""
    images, labels = digits.x_train[:RELABELLED], (digits.y_train[:RELABELLED] + 3) % 10

    guess = float(np.bincount(labels).max() / len(labels))
    thresholds.baseline("relabelled_accuracy", "the most frequent label", guess)

    def once(model):
        student.train(model, images, labels)
        right = 1 - share_wrong(model, images, labels)
        return thresholds.measure("relabelled_accuracy", right)

    return on_either_model(once)

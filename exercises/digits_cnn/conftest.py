"""What the checks of digits_cnn share: the training images, your model, and one call of `train`."""

from functools import partial

import numpy as np
import pytest

from autograder.checks import attempt
from autograder.expect import keras_model, same_architecture
from autograder.lesson import teach

SHAPE, CLASSES = (28, 28, 1), 10
SOME = 1000  # training images are enough to see an error fall


@pytest.fixture(scope="session")
def digits(data):
    """x (n, 28, 28, 1) uint8 from 0 to 255, y (n,) the digits 0 to 9."""
    return data("digits")


@pytest.fixture(scope="session")
def built(student):
    """The model as `build_model` returned it."""
    return keras_model(student.build_model(SHAPE, CLASSES), input_shape=SHAPE)


@pytest.fixture(scope="session")
def fresh_model(student, built):
    """A function that calls `build_model` once more."""

    def build():
        model = keras_model(student.build_model(SHAPE, CLASSES), input_shape=SHAPE)
        return same_architecture(model, built)

    return build


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


@pytest.fixture(scope="session")
def own_lesson(student, fresh_model, give_lesson):
    """Your `train` with your model."""
    return give_lesson(student, fresh_model())


@pytest.fixture(scope="session")
def fresh_spare(request):
    """A function that builds the instructor's model; None in your own check, which has none."""
    try:
        reference = request.getfixturevalue("reference")
    except pytest.fail.Exception:
        return None
    return lambda: keras_model(reference.build_model(SHAPE, CLASSES), input_shape=SHAPE)


@pytest.fixture(scope="session")
def spare_lesson(student, fresh_spare, give_lesson):
    """Your `train` with the instructor's model: what counts when `build_model` is at fault."""
    return give_lesson(student, fresh_spare())


@pytest.fixture(scope="session")
def lesson(request):
    """Your `train` with your model, or, if that did not work, with the instructor's."""
    own = attempt(request, "own_lesson")
    if own is not None and own.worked:
        return own
    if request.getfixturevalue("fresh_spare") is None:
        return request.getfixturevalue("own_lesson")
    return request.getfixturevalue("spare_lesson")

"""What the checks of digits_cnn share: what is asked for, and what `train` has to learn once more."""

import numpy as np

from autograder import expect
from autograder.checks.trained_model import ShareRight, TrainedModel, Words, first, renamed

pytest_plugins = ["autograder.checks.trained_model.fixtures"]

SHAPE, CLASSES = (28, 28, 1), 10


def most_frequent(labels):
    """Return the answer that is right most often: 1 for the most frequent of ten labels."""
    return np.eye(CLASSES)[np.bincount(labels).argmax()]


exercise = TrainedModel(
    data="digits",  # x (n, 28, 28, 1) uint8 from 0 to 255, y (n,) the digits 0 to 9
    arguments=lambda _: (SHAPE, CLASSES),
    input_shape=SHAPE,
    output_shape=(CLASSES,),
    metric=ShareRight(expect.accuracy),
    constant=most_frequent,
    relabelled=renamed(CLASSES, by=3),
    relabelled_rows=first(1500),  # enough to tell, and quick
    watched=first(1000),  # enough to see an error fall
    words=Words(
        rows="images",
        targets="labels",
        takes="28 x 28 images",
        returns="ten numbers for each",
        relabelled="every digit has another name",
        constant="the most frequent digit",
        relabelled_constant="the most frequent label",
    ),
)

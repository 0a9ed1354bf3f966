"""Checks of digits_cnn that you can run yourself; they need the training images only."""

from autograder import expect
from autograder.checks import points
from autograder.checks.trained_model import (
    budget,
    new_targets,
    nonlinearity,
    shapes,
    train_teaches,
)

test_output_shape = shapes(points=1)


@points(1)
def test_probabilities(student_model, rows):
    """The ten numbers are probabilities: none is negative, and each row sums to one"""
    expect.probabilities(student_model.predict(rows.x_train[:100]))


@points(1)
def test_convolution(student_model):
    """Convolutions look at the image, and pooling or a stride makes it smaller"""
    expect.on_path(student_model, expect.convolution(), expect.shrinking())


test_nonlinearity = nonlinearity(points=1)

test_budget = budget(
    300_000, points=1, title="The model has at most 300,000 parameters, and some to train"
)

test_train_teaches = train_teaches(points=1)

test_new_labels = new_targets(
    points=1,
    hint=(
        "Given the same images with other labels, `train` should learn those; the model did not "
        "follow them. Does `train` use the arrays it is given, or others from the notebook, or "
        "does it stop too early?"
    ),
)

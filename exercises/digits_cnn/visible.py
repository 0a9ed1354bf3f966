"""Checks of digits_cnn that you can run yourself; they need the training images only."""

import numpy as np

from autograder.checks import points
from autograder.structure import convolves, has_hidden_nonlinearity, shrinks

BUDGET = 300_000
ROUNDING = 1e-2  # half precision is off by 2e-3; sigmoids and raw scores by far more


@points(1)
def test_output_shape(built):
    """The model takes 28 x 28 images and returns ten numbers for each"""
    assert built.input_shape == (None, 28, 28, 1), (
        f"The model's input should have the shape (None, 28, 28, 1), yours has {built.input_shape}."
    )
    assert built.output_shape == (None, 10), (
        f"The model's output should have the shape (None, 10), yours has {built.output_shape}."
    )


@points(1)
def test_probabilities(built, digits):
    """The ten numbers are probabilities: none is negative, and each row sums to one"""
    rows = built.predict(digits.x_train[:100])
    assert np.isfinite(rows).all(), "Some of the predicted numbers are nan or inf."
    assert rows.min() >= 0, (
        f"Some of the predicted numbers are negative (the smallest is {rows.min():.2f}). "
        "Are these scores before softmax?"
    )
    sums = rows.reshape(len(rows), -1).sum(axis=1)
    assert np.abs(sums - 1).max() <= ROUNDING, (
        f"Each row should sum to 1, yours sum to between {sums.min():.2f} and {sums.max():.2f}. "
        "Which activation makes ten scores into probabilities?"
    )


@points(1)
def test_convolution(built):
    """Convolutions look at the image, and pooling or a stride makes it smaller"""
    assert convolves(built.graph), (
        "On the way from the image to the output there should be a 2D convolution with a window "
        "larger than 1 x 1 that slides over the image."
    )
    assert shrinks(built.graph), (
        "On the way through the convolutions, pooling or a stride should leave at most half of "
        "the image's pixels. A pool_size of 1 or a stride of 1 leaves all of them."
    )


@points(1)
def test_nonlinearity(built):
    """There is a nonlinear activation between the layers with weights"""
    assert has_hidden_nonlinearity(built.graph), (
        "Between two layers with weights there should be a nonlinear activation such as relu. "
        "Pooling alone does not count, and softmax comes after the last one."
    )


@points(1)
def test_budget(built):
    """The model has at most 300,000 parameters, and some to train"""
    count = built.count_params()
    assert built.trainable_weights, "Your model has no weights that training could move."
    assert count <= BUDGET, f"At most {BUDGET:,} parameters are allowed, your model has {count:,}."


@points(1)
def test_train_teaches(lesson):
    """`train` moves the weights of the model it is given, and the training error falls"""
    assert lesson.worked, lesson.complaint

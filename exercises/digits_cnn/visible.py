"""Checks of digits_cnn that you can run yourself; they need the training images only."""

from autograder import expect
from autograder.checks import points

BUDGET = 300_000


@points(1)
def test_output_shape(student_model):
    """The model takes 28 x 28 images and returns ten numbers for each"""
    expect.input_shape(student_model, (None, 28, 28, 1))
    expect.output_shape(student_model, (None, 10))


@points(1)
def test_probabilities(student_model, digits):
    """The ten numbers are probabilities: none is negative, and each row sums to one"""
    expect.probabilities(student_model.predict(digits.x_train[:100]))


@points(1)
def test_convolution(student_model):
    """Convolutions look at the image, and pooling or a stride makes it smaller"""
    expect.on_path(student_model, expect.convolution(), expect.shrinking())


@points(1)
def test_nonlinearity(student_model):
    """There is a nonlinear activation between the layers with weights"""
    expect.nonlinear(student_model)


@points(1)
def test_budget(student_model):
    """The model has at most 300,000 parameters, and some to train"""
    expect.budget(student_model, at_most=BUDGET)


@points(1)
def test_train_teaches(training_run, follows, record):
    """`train` moves the weights of the model it is given, and the training error falls"""
    record(training_run.error_ratio)
    assert training_run.worked, training_run.diagnosis
    assert follows.met, "An error that fell counts only if `train` learned from what it was given."


@points(1)
def test_new_labels(follows, record):
    """`train` learns the labels it is given, also when every digit has another name"""
    record(follows)
    assert follows.met, (
        "Given the same images with other labels, `train` should learn those; the model did not "
        "follow them. Does `train` use the arrays it is given, or others from the notebook, or "
        "does it stop too early?"
    )

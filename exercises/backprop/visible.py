"""Checks of backprop that you can run yourself: the example that the notebook works out on paper."""

import numpy as np

from autograder.checks import points
from autograder.expect import Tolerance, difference

NEAR = Tolerance(rtol=1e-4, atol=1e-4)

X = np.array([[1.0], [2.0]])
Y = np.array([[1.0, 4.0], [0.0, -1.0]])
P = np.array([[3.0, 0.0], [2.0, 1.0]])
PARAMS = {
    "w1": np.array([[1.0, -1.0, 1.0]]),
    "b1": np.array([0.0, 2.0, -3.0]),
    "w2": np.array([[1.0, 0.0], [2.0, -1.0], [1.0, 1.0]]),
    "b2": np.array([0.0, 1.0]),
}
GRADIENTS = {
    "w1": np.array([[3.0, 4.0, 0.0]]),
    "b1": np.array([2.0, 4.0, 0.0]),
    "w2": np.array([[3.0, 0.0], [1.0, -2.0], [0.0, 0.0]]),
    "b2": np.array([2.0, -1.0]),
}
ONES = {key: np.ones_like(array) for key, array in PARAMS.items()}
ROLLED = {
    "w1": np.array([[1.6, -0.5, 1.9]]),
    "b1": np.array([0.7, 2.5, -2.1]),
    "w2": np.array([[1.6, 0.9], [2.8, 0.1], [1.9, 1.9]]),
    "b2": np.array([0.7, 2.0]),
}
VELOCITY = {
    "w1": np.array([[0.6, 0.5, 0.9]]),
    "b1": np.array([0.7, 0.5, 0.9]),
    "w2": np.array([[0.6, 0.9], [0.8, 1.1], [0.9, 0.9]]),
    "b2": np.array([0.7, 1.0]),
}
TRAINED = {
    "w1": np.array([[0.7, -1.4, 1.0]]),
    "b1": np.array([-0.2, 1.6, -3.0]),
    "w2": np.array([[0.7, 0.0], [1.9, -0.8], [1.0, 1.0]]),
    "b2": np.array([-0.2, 1.1]),
}


def expect(student, name, arguments, expected, hint=""):
    """Compare what your function returns for these arguments with what the notebook says."""
    value, changed = student.call_watched(name, *arguments)
    assert not changed, f"`{name}` changed its arguments in place. Work on copies of the arrays."
    told = difference(value, expected, NEAR)
    assert not told, f"`{name}`, for the example of the notebook: {told}.\n{hint}".strip()


@points(1)
def test_mean_squared_error(student):
    """`mean_squared_error` of the example is 7"""
    expect(student, "mean_squared_error", (Y, P), 7.0)


@points(1)
def test_cross_entropy(student):
    """`cross_entropy` of the example is 0.6931"""
    labels = np.array([2, 0, 1])
    probabilities = np.array([[0.25, 0.25, 0.5], [1.0, 0.0, 0.0], [0.5, 0.25, 0.25]])
    expect(student, "cross_entropy", (labels, probabilities), np.log(2.0))


@points(1)
def test_gradients(student):
    """`gradients` of the example are those worked out on paper"""
    hint = (
        "The notebook has the numbers of every step on the way: dp, dw2, db2, da, slope, dz, dw1, db1. "
        "Which is the first that differs? A gradient has the shape of its weight. `db2` and `db1` are "
        "sums over the rows, no means."
    )
    expect(student, "gradients", (X, Y, PARAMS), GRADIENTS, hint)


@points(1)
def test_sgd_step(student):
    """`sgd_step` of the example moves the weights by their new velocity"""
    hint = "Value 1 is the new params, value 2 the new velocity."
    arguments = (PARAMS, GRADIENTS, ONES, 0.1, 0.9)
    expect(student, "sgd_step", arguments, (ROLLED, VELOCITY), hint)


@points(1)
def test_train(student):
    """`train` of the example: an epoch with a single batch is a single step"""
    hint = (
        "`train` is right only if `gradients` and `sgd_step` are: do they pass their checks? Value 1 is "
        "the trained params, value 2 the list of losses."
    )
    expect(student, "train", (PARAMS, X, Y, 1, 2, 0.1, 0.9, 7), (TRAINED, [3.601025]), hint)

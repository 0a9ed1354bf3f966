"""Checks of neuron that you can run yourself: the numbers that the statement works out on paper."""

from functools import partial

import numpy as np
import pytest

from autograder import expect
from autograder.checks import Oracle, award_each, expect_or_own, points

LN = np.log([1, 2, 3, 5])  # ln 1 = 0, ln 2, ln 3, ln 5

# The layer and the network of the drawings.
X = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 2.0]])
W = np.array([[1.0, 0.0], [2.0, -1.0], [0.0, 1.0]])
B = np.array([1.0, -1.0])
SUMS = np.array([[6.0, 0.0], [-1.0, 2.0]])
W2 = np.array([[LN[2] / 6], [-LN[2] / 2]])
B2 = np.array([0.0])
LAYERS = [{"w": W, "b": B, "activation": "relu"}, {"w": W2, "b": B2, "activation": "sigmoid"}]
ANSWERS = np.array([[0.75], [0.25]])

Z = np.array([-LN[2], 0.0, LN[2]])
VALUES = {"relu": [0, 0, LN[2]], "sigmoid": [0.25, 0.5, 0.75], "tanh": [-0.8, 0, 0.8]}
SLOPES = {"relu": [0, 0, 1], "sigmoid": [0.1875, 0.25, 0.1875], "tanh": [0.36, 1, 0.36]}

ENDS = np.array([-1000.0, 0.0, 1000.0])
AT_ENDS = {"relu": [0, 0, 1000], "sigmoid": [0, 0.5, 1], "tanh": [-1, 0, 1], "softmax": [0, 0, 1]}
SLOPES_AT_ENDS = {"relu": [0, 0, 1], "sigmoid": [0, 0.25, 0], "tanh": [0, 1, 0]}


@pytest.fixture
def right_parts(student, near, passing):
    """Return a function: which of these functions of the student's are right on paper."""

    def names(*wanted):
        oracles = {
            name: (Oracle(name, lambda z, n=name: np.array(VALUES[n]), near), (Z,))
            for name in VALUES
        }
        oracles["weighted_sum"] = Oracle("weighted_sum", lambda x, w, b: SUMS, near), (X, W, B)
        parts = {name: oracles[name] for name in wanted}
        return passing(
            {
                name: partial(oracle.expect, student, [case])
                for name, (oracle, case) in parts.items()
            }
        )

    return names


@points(1)
def test_weighted_sum(student, near):
    """`weighted_sum` adds up inputs times weights, and then the bias of each neuron"""
    hint = "The bias is added once, to the sum of the products: one bias for each neuron."
    Oracle("weighted_sum", lambda x, w, b: SUMS, near).expect(student, [(X, W, B)], hint)


@points(1)
def test_activations(student, near):
    """`relu`, `sigmoid` and `tanh` give the numbers worked out on paper"""

    def part(name):
        right = np.array(VALUES[name])
        return lambda: Oracle(name, lambda z: right, near).expect(student, [(Z,)])

    award_each(*map(part, VALUES))


@points(1)
def test_softmax(student, near):
    """`softmax` turns each row into probabilities that sum to 1"""
    rows = np.array([[LN[0], LN[1], LN[3]], [7.0, 7.0, 7.0]])
    right = np.array([[0.125, 0.25, 0.625], [1 / 3, 1 / 3, 1 / 3]])
    Oracle("softmax", lambda z: right, near).expect(
        student,
        [(rows,)],
        "Each row sums to 1: add up along the last axis. `keepdims=True` keeps the axis.",
    )


@points(1)
def test_slope(student, near, right_parts):
    """`slope` gives the slopes worked out on paper"""

    def of_own(name, z):
        """Measure how fast the student's own activation function grows, if most are right."""
        if len(right_parts(*VALUES)) < 2:
            return None
        step = 1e-4
        return (student.call(name, z + step) - student.call(name, z - step)) / (2 * step)

    oracle = Oracle("slope", lambda name, z: np.array(SLOPES[name]), near)
    hint = "`z` is the weighted sum: first `s = sigmoid(z)` or `t = tanh(z)`. The slope of relu is 0 at 0 and below."
    cases = [[(oracle, (name, Z))] for name in SLOPES]
    award_each(*(partial(expect_or_own, student, case, of_own, hint) for case in cases))


@pytest.mark.usefixtures("without_warnings")
@points(1)
def test_ends(student, near, passing):
    """Activations and slopes are right at -1000, 0 and 1000, without a warning"""

    both = (ENDS, ENDS.astype("float32"))
    hint = (
        "A warning of NumPy counts as an error here. See `Large numbers` in part 2 of the notebook."
    )

    def activation(name):
        oracle = Oracle(name, lambda z: np.array(AT_ENDS[name]), near)
        return partial(oracle.expect, student, [(z,) for z in both], hint)

    def slopes():
        """The slope of an activation that does not reach so far itself is left out."""
        names = passing({name: activation(name) for name in SLOPES_AT_ENDS}) or SLOPES_AT_ENDS
        oracle = Oracle("slope", lambda name, z: np.array(SLOPES_AT_ENDS[name]), near)
        oracle.expect(student, [(name, z) for name in names for z in both], hint)

    award_each(*map(activation, AT_ENDS), slopes)


@points(1)
def test_forward(student, near, right_parts):
    """`forward` computes the network worked out on paper"""

    def of_own(x, layers):
        """Compute this network step by step with the student's functions, if most are right."""
        if len(right_parts("weighted_sum", "relu", "sigmoid")) < 2:
            return None
        hidden = student.relu(student.weighted_sum(x, W, B))
        return student.sigmoid(student.weighted_sum(hidden, W2, B2))

    oracle = Oracle("forward", lambda x, layers: ANSWERS, near)
    hint = "Each layer has an activation of its own, the last one too, and it is applied once."
    expect_or_own(student, [(oracle, (X, LAYERS))], of_own, hint)


@points(1)
def test_as_keras(student, near):
    """`as_keras` builds the network worked out on paper, with its weights"""
    model, changed = student.call_watched("as_keras", LAYERS, 3)
    assert not changed, "`as_keras` changed its list of layers. Leave it as it is."
    model = expect.keras_model(model, input_shape=(3,))
    expect.input_shape(model, (None, 3))
    expect.output_shape(model, (None, 1))
    told = expect.difference(model.predict(X), ANSWERS, near)
    assert not told, (
        f"For the rows of the drawing the model predicts other numbers than 0.75 and 0.25: {told}."
    )

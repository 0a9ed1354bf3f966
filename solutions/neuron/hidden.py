"""Checks of neuron that only a grader has: other numbers, shapes and networks, both float types."""

from functools import partial

import numpy as np
import pytest

from autograder import expect
from autograder.checks import Oracle, award_each, expect_or_own, points
from autograder.expect import Tolerance

NEAR = Tolerance(rtol=1e-4, atol=1e-5)  # as the statement promises
TYPES = ("float64", "float32")
SHAPES = ((5,), (1, 3), (2, 3, 5), (4, 2))


def sums(x, w, b):
    x, w, b = (np.asarray(array, "float64") for array in (x, w, b))
    return np.einsum("nd,dm->nm", x, w) + b[np.newaxis]


def positive_part(z):
    return np.where(z > 0, z, 0)


def logistic(z):
    return np.exp(-np.logaddexp(0, -z))


def hyperbolic(z):
    return 2 * logistic(2 * z) - 1


def shares(z):
    return np.exp(z - np.logaddexp.reduce(z, axis=-1, keepdims=True))


ACTIVATIONS = {
    "relu": positive_part,
    "sigmoid": logistic,
    "tanh": hyperbolic,
    "softmax": shares,
    "linear": lambda z: z,
}


def derivative(name, z):
    z = np.asarray(z, "float64")
    if name == "relu":
        return np.where(z > 0, 1.0, 0.0)
    steep = 2 if name == "tanh" else 1  # tanh(z) is 2 sigmoid(2 z) - 1
    return steep**2 * logistic(steep * z) * logistic(-steep * z)


def network(x, layers):
    for layer in layers:
        x = ACTIVATIONS[layer["activation"]](sums(x, layer["w"], layer["b"]))
    return x


def oracle_of(name):
    """Return the oracle of an activation function; it computes in float64."""
    right = ACTIVATIONS[name]
    return Oracle(name, lambda z: right(z.astype("float64")), NEAR)


SUM = Oracle("weighted_sum", sums, NEAR)
SLOPE = Oracle("slope", derivative, NEAR)
FORWARD = Oracle("forward", network, NEAR)


def layer(rng, inputs, neurons, activation, kind="float64"):
    """Draw a layer whose sums are about as large as its inputs."""
    w = rng.normal(size=(inputs, neurons)) * 1.5 / inputs**0.5
    b = rng.normal(size=neurons)
    return {"w": w.astype(kind), "b": b.astype(kind), "activation": activation}


def of_widths(rng, widths, names, kind="float64"):
    """Draw a network: one activation for each step from a width to the next."""
    pairs = zip(widths, widths[1:], names, strict=False)
    return [layer(rng, inputs, neurons, name, kind) for inputs, neurons, name in pairs]


def networks(rng, names=tuple(ACTIVATIONS)):
    """Yield rows and layers: each activation alone, then deeper networks that end in each."""
    for number, name in enumerate(names):
        kind, rows = TYPES[number % 2], (1, 3, 4, 5, 6)[number]
        yield rng.normal(size=(rows, 2)).astype(kind), of_widths(rng, (2, 3), [name], kind)
    for number, last in enumerate(names):
        kind, rows = TYPES[number % 2], (1, 4, 7, 10, 13)[number]
        widths = [*(3, 1, 4, 6, 5)[: 2 + number % 3], 2]
        middle = [names[(number + step) % len(names)] for step in range(1, len(widths) - 1)]
        yield (
            rng.normal(size=(rows, widths[0])).astype(kind),
            of_widths(rng, widths, [*middle, last], kind),
        )


def all_activations(rng):
    """Return rows and layers: every activation, in any order. A second model would cost as much."""
    names = rng.permutation(list(ACTIVATIONS)).tolist()
    layers = of_widths(rng, (3, 5, 4, 6, 5, 2), names, "float32")
    return rng.normal(size=(6, 3)).astype("float32"), layers


def spread(rng):
    """Yield numbers about 0 in all shapes and both types, a few of them far out."""
    for number, shape in enumerate(SHAPES):
        z = rng.normal(scale=3, size=shape)
        z.flat[:2] = -rng.uniform(0.5, 2), rng.uniform(0.5, 2)  # one of each sign at least
        yield z.astype(TYPES[number % 2])


def far(rng):
    """Yield numbers from -1000 to 1000 which both types hold exactly."""
    for number, shape in enumerate(SHAPES):
        z = np.round(rng.uniform(-1000, 1000, size=shape))
        z.flat[:3] = rng.permutation([-1000, 1000, 0])
        yield z.astype(TYPES[number % 2])


@pytest.fixture
def right_parts(student, passing):
    """Return a function: which of these functions of the student's are right for a small case."""
    z = np.array([[-1.0, 0.5, 2.0], [0.25, 3.0, -2.0]])
    case = (z, np.array([[1.0, 2.0], [0.5, -1.0], [2.0, 0.0]]), np.array([1.0, -3.0]))

    def names(*wanted):
        parts = {
            name: (SUM, case) if name == SUM.name else (oracle_of(name), (z,)) for name in wanted
        }
        return passing(
            {
                name: partial(oracle.expect, student, [case])
                for name, (oracle, case) in parts.items()
            }
        )

    return names


@points(2)
def test_any_weighted_sum(student, rng):
    """`weighted_sum` works for any batch and any layer, also of a single row or neuron"""
    cases = []
    for number, (n, d, m) in enumerate([(1, 3, 2), (2, 5, 1), (4, 1, 3), (3, 2, 7), (6, 7, 4)]):
        parts = (rng.normal(size=(n, d)), rng.normal(size=(d, m)), rng.normal(size=m))
        cases.append(tuple(part.astype(TYPES[number % 2]) for part in parts))
        # Whole numbers: a sum of large products is exact in float32, too.
        parts = (rng.integers(-1000, 1000, size=size) for size in ((n, d), (d, m), m))
        cases.append(tuple(part.astype(TYPES[1 - number % 2]) for part in parts))
    SUM.expect(
        student,
        cases,
        "The bias is added once, to the sum of the products: one bias for each neuron.",
    )


@points(2)
def test_any_activation(student, rng):
    """`relu`, `sigmoid` and `tanh` work for numbers of any shape"""
    cases = [(z,) for z in spread(rng)]
    names = ("relu", "sigmoid", "tanh")
    award_each(*(partial(oracle_of(name).expect, student, cases) for name in names))


@points(2)
def test_any_softmax(student, rng):
    """`softmax` works along the last axis of any shape"""
    oracle_of("softmax").expect(
        student,
        [(z,) for z in spread(rng)],
        "What lies along the last axis sums to 1, however many axes there are. `keepdims=True` keeps "
        "the axis.",
    )


@points(2)
def test_any_slope(student, rng, right_parts):
    """`slope` works for numbers of any shape"""

    def of_own(name, z):
        if len(right_parts("relu", "sigmoid", "tanh")) < 2:
            return None
        step, z = 1e-4, z.astype("float64")
        return (student.call(name, z + step) - student.call(name, z - step)) / (2 * step)

    numbers = list(spread(rng))
    hint = "`z` is the weighted sum: first `s = sigmoid(z)` or `t = tanh(z)`. The slope of relu is 0 at 0 and below."

    def part(name):
        return partial(expect_or_own, student, [(SLOPE, (name, z)) for z in numbers], of_own, hint)

    award_each(*map(part, ("relu", "sigmoid", "tanh")))


@pytest.mark.usefixtures("without_warnings")
@points(1)
def test_any_ends(student, rng, passing):
    """Activations and slopes are right for large numbers of any shape, without a warning"""
    numbers = list(far(rng))
    hint = (
        "A warning of NumPy counts as an error here. See `Large numbers` in part 2 of the notebook."
    )

    def activation(name):
        return partial(oracle_of(name).expect, student, [(z,) for z in numbers], hint)

    def slopes():
        """The slope of an activation that does not reach so far itself is left out."""
        every = ("relu", "sigmoid", "tanh")
        names = passing({name: activation(name) for name in every}) or every
        SLOPE.expect(student, [(name, z) for z in numbers for name in names], hint)

    award_each(*map(activation, ("relu", "sigmoid", "tanh", "softmax")), slopes)


@points(2)
def test_any_network(student, rng, passing, right_parts):
    """`forward` computes any network, with any activation in any of its layers"""
    names = ("relu", "sigmoid", "tanh", "softmax")

    def of_own(x, layers):
        if len(right_parts("weighted_sum", *names)) < 3:
            return None
        for part in layers:
            x = student.weighted_sum(x, part["w"], part["b"])
            if part["activation"] != "linear":
                x = student.call(part["activation"], x)
        return x

    def answers(name):
        assert student.call(name, np.array([[-1.0, 0.5, 2.0]])) is not None, f"{name}: None"

    there = passing({name: partial(answers, name) for name in names}) or names
    drawn = networks(rng, (*there, "linear"))
    hint = "Each layer has an activation of its own, the last one too, and it is applied once."
    expect_or_own(student, [(FORWARD, case) for case in drawn], of_own, hint)


@points(2)
def test_any_model(student, rng):
    """`as_keras` builds a network with any activations, which predicts what the network computes"""
    x, layers = all_activations(rng)
    model, changed = student.call_watched("as_keras", layers, 3)
    assert not changed, "`as_keras` changed its list of layers. Leave it as it is."
    model = expect.keras_model(model, input_shape=(3,))
    expect.input_shape(model, (None, 3))
    expect.output_shape(model, (None, 2))
    told = expect.difference(model.predict(x), network(x, layers), NEAR)
    activations = ", ".join(part["activation"] for part in layers)
    assert not told, (
        f"For layers with the activations {activations} the model predicts other numbers than "
        f"the network computes: {told}."
    )

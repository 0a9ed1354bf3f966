"""What the checks of memory_lstm share: sequences, your models, and what may lie between steps."""

from functools import partial

import numpy as np
import pytest

from autograder.checks import error_of, measure_training, shared
from autograder.expect import (
    Step,
    Tolerance,
    difference,
    input_shape,
    keras_model,
    kind_of,
    matching,
    output_shape,
    probabilities,
)

pytest_plugins = ["autograder.checks.follow_through"]

SYMBOLS, LENGTH, ROWS = 4, 60, 1000  # of the sequences that `train` gets
FEW = 400  # sequences are enough to see an error fall

LSTMS = frozenset({"LSTM", "LSTMCell"})
PLAIN = frozenset({"SimpleRNN", "SimpleRNNCell"})
RECURRENT = LSTMS | PLAIN | {"GRU", "GRUCell"}

# What treats each step by itself, as long as a step stays a step.
LAYERS = frozenset(
    "InputLayer Variable Dense Embedding TimeDistributed Activation ReLU LeakyReLU ELU PReLU "
    "Softmax Identity Masking Add Subtract Multiply Average Maximum Minimum Concatenate "
    "BatchNormalization LayerNormalization RMSNormalization UnitNormalization Normalization "
    "Rescaling Dropout AlphaDropout SpatialDropout1D GaussianDropout GaussianNoise ActivityRegularization".split()
)
ACROSS = frozenset(
    "Matmul Dot Inner Outer Einsum Cumsum Cumprod Roll Flip Reshape Transpose Moveaxis Swapaxes Pad "
    "Tile Repeat Take Stack Tril Triu MaxPool AveragePool Resize Split Unstack Hstack Vstack".split()
)


@pytest.fixture(scope="session")
def sequences(student):
    """A function of the arguments of `latch`: your x and y, as arrays."""

    def drawn(*arguments):
        return _arrays(student.latch(*arguments))

    return drawn


def _arrays(pair):
    two = isinstance(pair, list | tuple) and len(pair) == 2
    assert two, f"`latch` should return two arrays, (x, y); it returned {kind_of(pair)}."
    for part, name in zip(pair, "xy", strict=True):
        assert isinstance(part, np.ndarray) and part.dtype.kind in "biuf", (
            f"`latch` should return {name} as an array of numbers; it is {kind_of(part)}."
        )
    return tuple(pair)


@shared
def expect_sequences():
    """A function of x, y and their sizes: expects symbols, flags and targets to fit together."""

    def expect(x, y, n, length, n_symbols):
        assert x.shape == (n, length, n_symbols + 1) and y.shape == (n, length), (
            f"For {n} sequences of {length} steps with {n_symbols} symbols, x should have the shape "
            f"{(n, length, n_symbols + 1)} and y {(n, length)}; yours have {x.shape} and {y.shape}."
        )
        shown, flags = x[:, :, :-1], x[:, :, -1]
        assert np.isin(shown, (0, 1)).all() and (shown.sum(axis=2) == 1).all(), (
            f"The first {n_symbols} numbers of each step should be the symbol, one-hot: a single 1, "
            "else 0."
        )
        assert np.isin(flags, (0, 1)).all(), "The last number of each step, the flag, is 0 or 1."
        assert (flags[:, 0] == 1).all(), "At step 0 the flag is always up."
        symbols, before = shown.argmax(axis=2), np.roll(y, 1, axis=1)
        wrong = np.argwhere(y != np.where(flags == 1, symbols, before))
        assert not len(wrong), _target_hint(symbols, flags, y, *wrong[0])

    return expect


def _target_hint(symbols, flags, y, row, step):
    told = (
        f"A sequence has the symbols {_listed(symbols[row])}, the flags {_listed(flags[row])} and "
        f"your targets {_listed(y[row])}."
    )
    if flags[row, step]:
        return (
            f"{told} At step {step} the flag is up, so the target is the symbol of this very step, "
            f"{symbols[row, step]}; yours is {y[row, step]}."
        )
    return (
        f"{told} At step {step} the flag is down, so the target should be what it was at the step "
        f"before, {y[row, step - 1]}; yours is {y[row, step]}."
    )


def _listed(numbers):
    return " ".join(f"{number:g}" for number in numbers[:20]) + (
        " ..." if len(numbers) > 20 else ""
    )


@pytest.fixture(scope="session")
def built(student):
    """A function of a name and sizes: your `build_rnn` or `build_lstm`, called with them."""
    models = {}

    def build(name, n_symbols, length):
        sizes = name, n_symbols, length
        if sizes not in models:
            value = student.call(*sizes)
            models[sizes] = keras_model(value, input_shape=(length, n_symbols + 1))
        return models[sizes]

    return build


@shared
def build():
    """A function that calls `build_lstm`: yours, or, when grading, the instructor's."""
    return lambda owner: keras_model(
        owner.build_lstm(SYMBOLS, LENGTH), input_shape=(LENGTH, SYMBOLS + 1)
    )


@pytest.fixture(scope="session")
def learned(student, optional_reference, rng_of):
    """What `train` gets: x (1000, 60, 5), and y (1000, 60) in which each symbol has the next name.

    The sequences are of your `latch`, or, when grading, of the instructor's.
    """
    seed = int(rng_of("sequences to learn from").integers(2**31))
    x, y = _arrays((optional_reference or student).latch(ROWS, LENGTH, SYMBOLS, seed))
    return x, (y + 1) % SYMBOLS


@shared
def share_right():
    """A function of a model, x and y: how often the most probable symbol at the last step is right."""

    def share(model, x, y):
        found = model.predict(x)
        assert found.ndim == 3, (
            f"The model should answer at every step, {(len(x), *y.shape[1:], SYMBOLS)}; its answers "
            f"have the shape {found.shape}. Is `return_sequences=True` missing?"
        )
        # An answer of nan is no answer, and would be the symbol 0 for argmax.
        sure = np.isfinite(found[:, -1]).all(axis=1)
        return float((sure & (found[:, -1].argmax(axis=1) == y[:, -1])).mean())

    return share


@pytest.fixture(scope="session")
def run_training(learned, share_right, thresholds):
    """A function that has a model trained, by you or by the instructor, and measures it."""
    x, y = learned

    def error(model):
        return 1 - share_right(model, x[:FEW], y[:FEW])

    return lambda trainer, model: measure_training(trainer, model, x, y, error, thresholds)


@shared
def expect_kind():
    """A function of a model and a kind, "plain" or "LSTM": expects this kind alone to remember."""

    def expect(model, kind):
        classes, words = {
            "plain": (PLAIN, "a plain recurrent layer, `SimpleRNN`"),
            "LSTM": (LSTMS, "an LSTM"),
        }[kind]
        layers = recurrent(model)
        assert layers, f"On the way from the input to the output there should be {words}."
        other = [layer for layer in layers if not _kinds(layer) <= classes]
        assert not other, (
            f"On the way from the input to the output there should be {words} and no other kind of "
            f"recurrent layer; the class of your layer `{other[0].name}` is {other[0].class_name}."
        )
        crossing = [node.op for node in model.graph.nodes if _crosses(model.graph, node)]
        assert not crossing, (
            "Only the recurrent layers should take something from one step to another. In your "
            f"model that could also happen in: {', '.join(crossing)}. All other layers should treat "
            "each step by itself, as Dense does."
        )

    return expect


def recurrent(model):
    """Return the recurrent layers on the way from the input to the output, each one once."""
    nodes = matching(model, Step("a recurrent layer", _is_recurrent))
    return [model.layers[index] for index in sorted({node.layer for node in nodes})]


def _is_recurrent(facts, node):
    return node.layer >= 0 and bool(_kinds(facts.layers[node.layer]))


def _kinds(layer):
    return RECURRENT.intersection((layer.class_name, *layer.wrapped))


def _crosses(facts, node):
    """Tell whether a call may take something from one step to another.

    A call that treats each step by itself keeps the axis of steps in its place.
    """
    if _is_recurrent(facts, node):
        return False
    if node.layer >= 0:
        layer = facts.layers[node.layer]
        if layer.class_name in ("InputLayer", "Variable"):
            return False
        if layer.class_name not in LAYERS or not _is_last(layer.config.get("axis", -1)):
            return True
    elif node.op == "ops.Matmul" and _is_own_dense(facts, node):
        return False
    elif node.op.removeprefix("ops.") in ACROSS:
        return True
    if not node.inputs or _is_constant(facts, node):
        return False
    if len(facts.output_shapes[0]) != 3:  # the steps are gone, which costs points of its own
        return False
    steps = facts.nodes[facts.inputs[0]].output_shapes[0][1]
    shape = node.output_shapes[0]
    return len(shape) not in (2, 3) or shape[1] != steps


def _is_last(axis):
    axes = axis if isinstance(axis, tuple | list) else (axis,)
    return all(one in (-1, 2, None) for one in axes)


def _is_own_dense(facts, node):
    """Tell whether a product is that of each step with a matrix of weights."""
    first, second = (facts.nodes[index] for index in node.inputs)
    return len(first.output_shapes[0]) == 3 and _is_constant(facts, second)


def _is_constant(facts, node):
    """Tell whether a call depends on weights and constants alone, and on no sequence."""
    if node.index in facts.inputs:
        return False
    if node.layer >= 0 and facts.layers[node.layer].class_name == "Variable":
        return True
    if node.op == "ops.Constant":
        return True
    return bool(node.inputs) and all(_is_constant(facts, facts.nodes[n]) for n in node.inputs)


@shared
def units():
    """A function of a model: the units of its recurrent layers, the smallest first."""

    def counted(model):
        weights = [weight for layer in recurrent(model) for weight in layer.weights]
        return sorted(weight.shape[0] for weight in weights if weight.name == "recurrent_kernel")

    return counted


@shared
def expect_shapes():
    """A function of a model and sizes: expects its input and its output to have these shapes."""

    def expect(model, n_symbols, length):
        steps = model.input_shape[1:2] if model.input_shape[1:2] == (None,) else (length,)
        input_shape(model, (None, *steps, n_symbols + 1))
        output_shape(model, (None, *steps, n_symbols))

    return expect


@pytest.fixture(scope="session")
def model_for_norms(optional_reference, built, expect_shapes):
    """A function of a name and sizes: the model for `gradient_norms`, yours wherever it can be used.

    Where your models have other shapes or return no probabilities, which costs points of its own,
    the grader takes the instructor's.
    """

    def usable(name):
        expect_shapes(built(name, 3, 8), 3, 8)
        probabilities(built(name, 3, 8).predict(np.ones((2, 8, 4), "float32")))

    def model(name, n_symbols, length):
        if optional_reference is None or not error_of(partial(usable, name)):
            return built(name, n_symbols, length)
        return optional_reference.call(name, n_symbols, length)

    return model


@pytest.fixture(scope="session")
def expect_norms(student, model_for_norms):
    """A function of a name, sizes and a generator: compares your `gradient_norms` with ours."""

    def expect(name, n_symbols, length, n, rng):
        model = model_for_norms(name, n_symbols, length)
        x = rng.normal(size=(n, length, n_symbols + 1)).astype("float32")
        y = rng.integers(n_symbols, size=(n, length)).astype("int32")
        found = student.gradient_norms(model, x, y)
        gradient = model.loss_gradient(x, y[:, -1]).astype("float64")
        right = np.sqrt((gradient**2).sum(axis=(0, 2)))
        told = difference(found, right, Tolerance(rtol=1e-2, atol=1e-5 * right.max()))
        assert not told, (
            f"For {n} sequences of {length} steps with {n_symbols} symbols, and a model from "
            f"`{name}`: {told}. {_norms_hint(found, gradient, n)}".strip()
        )

    return expect


def _norms_hint(found, gradient, n):
    """Return what the norms may be instead of those that are asked for, '' where nobody knows."""
    squares = gradient**2
    guesses = {
        "These are sums of squares: the root is missing.": squares.sum(axis=(0, 2)),
        "Is the loss the sum over the sequences instead of their mean?": n
        * np.sqrt(squares.sum(axis=(0, 2))),
        "This is the mean of the norms of single sequences, not one norm over all of them.": np.sqrt(
            squares.sum(axis=2)
        ).mean(axis=0),
        "This is a norm for each sequence; one for each step is asked for.": np.sqrt(
            squares.sum(axis=(1, 2))
        ),
    }
    near = [
        hint for hint, guess in guesses.items() if not difference(found, guess, Tolerance(1e-2))
    ]
    return near[0] if near else "Is the loss that of the last step alone, with its own target?"

"""The oracles of memory_lstm: norms against a network in plain NumPy, chances of honest sequences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from autograder.model.describing.describe import describe
from autograder.worker.evaluator import EvaluatorWorker
from tests.with_keras.exercises.hidden_checks import hidden_checks

hidden = hidden_checks("memory_lstm")

Array = np.ndarray[Any, Any]
Sequences = Callable[[int, int, int, int], tuple[Array, Array]]

LENGTH, SYMBOLS = 5, 3


def sigmoid(z: Array) -> Array:
    value: Array = 1 / (1 + np.exp(-z))
    return value


def plain_states(x: Array, kernel: Array, recurrent: Array, bias: Array) -> Array:
    h = np.zeros((len(x), recurrent.shape[0]))
    for step in range(x.shape[1]):
        h = np.tanh(x[:, step] @ kernel + h @ recurrent + bias)
    return h


def lstm_states(x: Array, kernel: Array, recurrent: Array, bias: Array) -> Array:
    h = c = np.zeros((len(x), recurrent.shape[0]))
    for step in range(x.shape[1]):
        i, f, g, o = np.split(x[:, step] @ kernel + h @ recurrent + bias, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return h


def loss(states: Callable[..., Array], weights: list[Array], x: Array, labels: Array) -> float:
    """The mean cross-entropy at the last step, in float64 and without Keras."""
    *inside, kernel, bias = weights
    z = states(x, *inside) @ kernel + bias
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return float(-log_p[np.arange(len(x)), labels].mean())


def norms_by_differences(states: Any, weights: list[Array], x: Array, labels: Array) -> Array:
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        ends = []
        for nudge in (1e-5, -1e-5):
            moved = x.copy()
            moved[place] += nudge
            ends.append(loss(states, weights, moved, labels))
        gradient[place] = (ends[0] - ends[1]) / 2e-5
    norms: Array = np.sqrt((gradient**2).sum(axis=(0, 2)))
    return norms


@pytest.mark.parametrize("rows", [1, 4])
@pytest.mark.parametrize(
    ("layer", "states"), [(layers.SimpleRNN, plain_states), (layers.LSTM, lstm_states)]
)
def test_norms_are_those_of_a_network_in_numpy(layer: Any, states: Any, rows: int) -> None:
    keras.utils.set_random_seed(rows)
    rng = np.random.default_rng(rows)
    inputs = keras.Input((LENGTH, SYMBOLS + 1))
    read = layer(6, return_sequences=True)(inputs)
    model = keras.Model(inputs, layers.Dense(SYMBOLS, activation="softmax")(read))
    x = rng.normal(size=(rows, LENGTH, SYMBOLS + 1)).astype("float32")
    labels = rng.integers(SYMBOLS, size=rows)
    evaluator = EvaluatorWorker()
    evaluator.handle({"op": "load", "description": describe(model)})
    question = {"op": "loss_gradient", "model": 0, "x": x, "labels": labels}
    gradient = evaluator.handle(question)["gradient"].astype("float64")
    weights = [np.asarray(weight, "float64") for weight in model.get_weights()]
    expected = norms_by_differences(states, weights, x.astype("float64"), labels)
    np.testing.assert_allclose(np.sqrt((gradient**2).sum(axis=(0, 2))), expected, rtol=1e-3)


def honest(n: int, length: int, n_symbols: int, seed: int) -> tuple[Array, Array]:
    symbols, flags = hidden.drawn(np.random.default_rng(seed), n, length, n_symbols)
    return hidden.inputs(symbols, flags, n_symbols), hidden.remembered(symbols, flags)


@pytest.mark.parametrize("seed", range(40))
def test_honest_sequences_are_as_likely_as_they_should_be(seed: int) -> None:
    hidden.test_chances(honest, np.random.default_rng(seed))


def shared_by_all(x: Array) -> None:
    x[:, :, :-1] = x[:1, :, :-1]


def stays_a_step(x: Array) -> None:
    x[:, 1::2, :-1] = x[:, :-1:2, :-1]


def too_many_flags(x: Array) -> None:
    x[::10, 1:, -1] = 1


def flags_in_pairs(x: Array) -> None:
    x[:, 2:, -1] = np.maximum(x[:, 2:, -1], x[:, 1:-1, -1])


def flag_for_one_symbol(x: Array) -> None:
    x[:, 1:, -1] *= 1 - x[:, 1:, 0]


def rarely_the_last_symbol(x: Array) -> None:
    last = x[:, :, -2] == 1
    last[::2] = False
    x[last, -2], x[last, 0] = 0, 1


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "spoil",
    [
        shared_by_all,
        stays_a_step,
        too_many_flags,
        flags_in_pairs,
        flag_for_one_symbol,
        rarely_the_last_symbol,
    ],
)
def test_other_chances_are_told(spoil: Callable[[Array], None], seed: int) -> None:
    def spoilt(n: int, length: int, n_symbols: int, of: int) -> tuple[Array, Array]:
        x, y = honest(n, length, n_symbols, of)
        spoil(x)
        return x, y

    with pytest.raises(AssertionError, match="are expected"):
        hidden.test_chances(spoilt, np.random.default_rng(seed))


def test_the_target_is_the_symbol_of_the_last_flag() -> None:
    symbols = np.array([[2, 0, 1, 1, 0, 2, 2, 0]])
    flags = np.array([[1, 0, 0, 1, 0, 0, 0, 1]], dtype=bool)  # the drawing of the statement
    np.testing.assert_array_equal(hidden.remembered(symbols, flags), [[2, 2, 2, 1, 1, 1, 1, 0]])
    x = hidden.inputs(symbols, flags, 3)
    assert x.dtype == np.float32
    np.testing.assert_array_equal(x[0, 3], [0, 1, 0, 1])

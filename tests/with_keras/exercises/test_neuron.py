"""The oracles of neuron against Keras, and its tolerance against honest float32 answers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from autograder import expect
from tests.with_keras.exercises.hidden_checks import hidden_checks

hidden = hidden_checks("neuron")
SEEDS = range(5)

Array = np.ndarray[Any, Any]


def assert_near(value: Array, expected: Array) -> None:
    told = expect.difference(value, expected, hidden.NEAR)
    assert not told, told


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh", "softmax", "linear"])
def test_activations_are_those_of_keras(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    function = keras.activations.get(name)
    for z in (*hidden.spread(rng), *hidden.far(rng)):
        # Keras wants an axis of rows for its softmax.
        theirs = keras.ops.convert_to_numpy(function(keras.ops.convert_to_tensor(z[np.newaxis])))
        assert_near(theirs[0], hidden.ACTIVATIONS[name](z.astype("float64")))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
def test_slopes_are_gradients_of_keras(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for z in (*hidden.spread(rng), *hidden.far(rng)):
        at = tf.Variable(z)
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(keras.activations.get(name)(at))
        assert_near(tape.gradient(total, at).numpy(), hidden.derivative(name, z))


@pytest.mark.parametrize("seed", SEEDS)
def test_networks_predict_as_keras(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for x, layers in (*hidden.networks(rng), hidden.all_activations(rng)):
        model = keras.Sequential([keras.Input((x.shape[1],))])
        for layer in layers:
            dense = keras.layers.Dense(len(layer["b"]), activation=layer["activation"])
            model.add(dense)
            dense.set_weights([layer["w"], layer["b"]])
        assert_near(np.asarray(model(x)), hidden.network(x, layers))


def in_float32(x: Array, layers: list[dict[str, Any]]) -> Array:
    """Return what a network gives where every number is a float32."""
    for layer in layers:
        x, w, b = (np.asarray(array, "float32") for array in (x, layer["w"], layer["b"]))
        z = x @ w + b
        x = hidden.ACTIVATIONS[layer["activation"]](z)
        assert x.dtype == np.float32
    return x


@pytest.mark.parametrize("seed", range(200))
def test_float32_is_exact_enough(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for x, layers in (*hidden.networks(rng), hidden.all_activations(rng)):
        assert_near(in_float32(x, layers), hidden.network(x, layers))


@pytest.mark.parametrize("seed", range(50))
def test_every_drawn_case_tells_something(seed: int) -> None:
    """No batch and no weights are square, and numbers of both signs are drawn."""
    rng = np.random.default_rng(seed)
    for x, layers in (*hidden.networks(rng), hidden.all_activations(rng)):
        assert all(layer["w"].shape[0] != layer["w"].shape[1] for layer in layers)
        assert len(x) != x.shape[1]
    for z in hidden.spread(rng):
        assert z.min() < 0 < z.max()
        assert len(set(z.shape)) == z.ndim

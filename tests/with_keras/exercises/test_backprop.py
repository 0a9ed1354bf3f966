"""The oracles of backprop against Keras and central differences, and honest float32 answers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from autograder import expect
from tests.with_keras.exercises.hidden_checks import hidden_checks

hidden = hidden_checks("backprop")
SEEDS = range(5)

Array = np.ndarray[Any, Any]
Params = dict[str, Array]


def network_in_keras(params: Params) -> keras.Sequential:
    """Return Keras's network with these weights."""
    (d, h), m = params["w1"].shape, len(params["b2"])
    layers = [keras.layers.Dense(h, activation="relu"), keras.layers.Dense(m)]
    model = keras.Sequential([keras.Input((d,)), *layers])
    model.set_weights([params[key] for key in hidden.KEYS])
    return model


def assert_near(value: Any, expected: Any, rtol: float = 1e-4) -> None:
    told = expect.difference(value, expected, hidden.OfTheLargest(rtol=rtol, atol=1e-9))
    assert not told, told


@pytest.mark.parametrize("seed", SEEDS)
def test_losses_are_those_of_keras(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for n, _, k, _ in hidden.SIZES:
        y, p = rng.normal(size=(2, n, k))
        found = keras.ops.mean(keras.losses.mean_squared_error(y, p))
        assert_near(hidden.squared_error(y, p), float(found))
        labels, shares = rng.integers(k, size=n), rng.dirichlet(np.full(k, 3.0), size=n)
        found = keras.ops.mean(keras.losses.sparse_categorical_crossentropy(labels, shares))
        assert_near(hidden.log_loss(labels, shares), float(found))


@pytest.mark.parametrize("seed", SEEDS)
def test_gradients_are_central_differences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for size in hidden.SIZES:
        x, y, params = hidden.network(rng, *size)
        found = {key: np.zeros_like(array) for key, array in params.items()}
        for key, array in params.items():
            for place in np.ndindex(array.shape):
                moved = [{**params, key: array.copy()} for _ in range(2)]
                moved[0][key][place] += 1e-6
                moved[1][key][place] -= 1e-6
                up, down = (hidden.squared_error(y, hidden.predicted(x, one)) for one in moved)
                found[key][place] = (up - down) / 2e-6
        assert_near(found, hidden.slopes(x, y, params), rtol=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_steps_are_those_of_keras(seed: int) -> None:
    rng = np.random.default_rng(seed)
    _, _, params = hidden.network(rng, 7, 2, 4, 3)
    momentum = (0.5, 0.9)[seed % 2]
    weights = [keras.Variable(params[key], dtype="float64") for key in hidden.KEYS]
    optimizer = keras.optimizers.SGD(0.125, momentum=momentum)
    optimizer.build(weights)
    velocity = {key: np.zeros_like(array) for key, array in params.items()}
    for _ in range(4):
        downhill = {key: rng.normal(size=array.shape) for key, array in params.items()}
        optimizer.apply([keras.ops.convert_to_tensor(downhill[key]) for key in hidden.KEYS])
        params, velocity = hidden.step(params, downhill, velocity, 0.125, momentum)
        assert_near(dict(zip(hidden.KEYS, map(np.asarray, weights), strict=True)), params, 1e-6)
        kept = map(np.asarray, optimizer.momentums)
        assert_near(dict(zip(hidden.KEYS, kept, strict=True)), velocity, 1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_training_is_that_of_keras(seed: int) -> None:
    """Keras trains in float32, on the same batches: its gradients and its steps are ours."""
    for case in hidden.trainings(np.random.default_rng(seed)):
        params, x, y, epochs, batch_size, rate, momentum, order_seed = case
        model = network_in_keras(params)
        model.compile(keras.optimizers.SGD(rate, momentum=momentum), loss="mean_squared_error", run_eagerly=True)
        rng = np.random.default_rng(order_seed)
        losses = []
        for _ in range(epochs):
            order = rng.permutation(len(x))
            for start in range(0, len(x), batch_size):
                rows = order[start : start + batch_size]
                model.train_on_batch(x[rows], y[rows])
            losses.append(model.evaluate(x, y, batch_size=len(x), verbose=0))
        found = dict(zip(hidden.KEYS, model.get_weights(), strict=True))
        assert_near((found, losses), hidden.trained(*case))


def float32_gradients(x: Array, y: Array, params: Params) -> Params:
    """Return the gradients where every number is a float32."""
    x, y = x.astype("float32"), y.astype("float32")
    w1, b1, w2, b2 = (params[key].astype("float32") for key in hidden.KEYS)
    a = np.maximum(x @ w1 + b1, 0)
    back = np.float32(2 / y.size) * (a @ w2 + b2 - y)
    through = (back @ w2.T) * (a > 0)
    return {"w1": x.T @ through, "b1": through.sum(0), "w2": a.T @ back, "b2": back.sum(0)}


def float32_step(params: Params, downhill: Params, velocity: Params, *numbers: float) -> Any:
    rate, momentum = map(np.float32, numbers)
    rolled = {
        key: momentum * velocity[key].astype("float32") - rate * downhill[key] for key in params
    }
    return {key: params[key].astype("float32") + rolled[key] for key in params}, rolled


@pytest.mark.parametrize("seed", range(30))
def test_honest_float32_answers_stay_far_within_the_tolerance(seed: int) -> None:
    rng = np.random.default_rng([13, seed])
    for x, y, params in hidden.networks(rng):
        found = float32_gradients(x, y, params)
        assert {array.dtype.name for array in found.values()} == {"float32"}
        assert_near(found, hidden.slopes(x, y, params), rtol=1e-5)
    for case in hidden.trainings(rng):
        found, losses = hidden.trained(*case, by=(float32_gradients, float32_step))
        assert_near((found, losses), hidden.trained(*case), rtol=2e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_size_of_a_drawn_network_equals_another(seed: int) -> None:
    """A transposed product must not fit by chance."""
    rng = np.random.default_rng(seed)
    drawn = [*hidden.networks(rng), *((x, y, p) for p, x, y, *_ in hidden.trainings(rng))]
    for x, y, params in drawn:
        sizes = {len(x), x.shape[1], len(params["b1"]), y.shape[1]}
        assert len(sizes) == 4, sizes
    assert min(len(x) for x, *_ in drawn) == 1
    assert {x.dtype.name for x, *_ in drawn} == {"float32", "float64"}

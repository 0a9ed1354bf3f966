"""Numbers that are measured by asking for predictions: right models, wrong models, oracles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import keras
import numpy as np
import pytest
from keras import layers

from autograder import expect
from autograder.proxies.student import Model

Proxy = Callable[[keras.Model], Model]
Tensor: TypeAlias = Any

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(60, 4)).astype("float32")
IMAGES = np.zeros((20, 12, 12, 1), dtype="uint8")
IMAGES[:, 4:8, 4:8] = RANDOM.integers(0, 255, (20, 4, 4, 1))


def functional(shape: tuple[int, ...], body: Callable[[Tensor], Tensor]) -> keras.Model:
    keras.utils.set_random_seed(1)
    inputs = keras.Input(shape)
    return keras.Model(inputs, body(inputs))


class Curved(keras.Model):
    """A subclassed model."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.out = layers.Dense(8), layers.Dense(1)

    def call(self, x: Tensor) -> Tensor:
        return self.out(keras.ops.relu(self.hidden(x)))


def subclassed() -> keras.Model:
    model = Curved()
    model(ROWS[:1])
    return model


CURVED = {
    "sequential": lambda: keras.Sequential(
        [keras.Input((4,)), layers.Dense(8, "relu"), layers.Dense(1)]
    ),
    "activation as a layer": lambda: functional(
        (4,), lambda x: layers.Dense(1)(layers.LeakyReLU()(layers.Dense(8)(x)))
    ),
    "subclassed": subclassed,
}
LINES = {
    "line": lambda: keras.Sequential([keras.Input((4,)), layers.Dense(8), layers.Dense(1)]),
    "dead relu branch": lambda: functional(
        (4,), lambda x: layers.Dense(1)(x) + 0.0 * layers.Dense(1)(layers.Dense(8, "relu")(x))
    ),
    "constant": lambda: functional(
        (4,), lambda x: layers.Dense(1, bias_initializer="ones")(0.0 * x)
    ),
}


@pytest.mark.parametrize("make", CURVED.values(), ids=list(CURVED))
def test_a_curve_bends(make: Callable[[], keras.Model], proxy: Proxy) -> None:
    assert expect.bend(proxy(make()), ROWS) > 0.01


@pytest.mark.parametrize("make", LINES.values(), ids=list(LINES))
def test_a_line_does_not(make: Callable[[], keras.Model], proxy: Proxy) -> None:
    assert 0 <= expect.bend(proxy(make()), ROWS) < 1e-5


def test_bend_of_a_parabola_is_what_one_computes(proxy: Proxy) -> None:
    x = np.array([[0.0], [1.0], [2.0], [5.0]], dtype="float32")
    model = proxy(functional((1,), lambda x: x * x))
    bends, spreads = [(2 - 0) ** 2 / 4, (5 - 1) ** 2 / 4], [4.0, 24.0]
    assert expect.bend(model, x) == pytest.approx(sum(bends) / sum(spreads))


def test_bend_takes_whole_numbers_and_needs_two_rows(proxy: Proxy) -> None:
    model = proxy(functional((1,), lambda x: x * x))
    assert expect.bend(model, np.array([[0], [1]])) == pytest.approx(0.25)
    with pytest.raises(ValueError, match="two rows"):
        expect.bend(model, np.array([[0.0]]))


def test_what_is_not_finite_bends_by_nan(proxy: Proxy) -> None:
    model = proxy(functional((4,), lambda x: keras.ops.log(x)))
    assert np.isnan(expect.bend(model, ROWS))


def test_a_straight_line_is_found_again() -> None:
    y = ROWS @ np.array([[1.0, -2.0], [0.0, 3.0], [1e-6, 4.0], [5.0, 6.0]]) + [7.0, 8.0]
    assert np.allclose(expect.straightened(y, ROWS), y)
    assert np.allclose(expect.straightened(y[:, 0], 1000 * ROWS), y[:, 0])


def test_of_a_curve_the_nearest_straight_line_is_left() -> None:
    x = np.array([[-1, 7], [0, 7], [1, 7], [2, 7]])
    squares = (x[:, :1] ** 2).astype("float64")
    line = expect.straightened(squares, x)
    assert np.allclose(line[:, 0], [0, 1, 2, 3])
    assert np.allclose(expect.straightened(line, x), line)


@pytest.mark.parametrize("weight", [0.01, 0.1, 0.3, 1.0])
def test_a_branch_of_noise_makes_no_line_better(weight: float) -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=(2000, 4))
    y = x @ [1.0, 2.0, 3.0, 4.0] + np.maximum(x[:, 0] * x[:, 1], 0)
    decoy = np.maximum(random.normal(size=(4,)) @ x.T, 0)
    line = expect.straightened(y, x)
    answer = line + weight * (decoy - decoy.mean())
    gained = 1 - np.abs(answer - y).mean() / np.abs(expect.straightened(answer, x) - y).mean()
    assert gained < 0.01
    assert 1 - np.abs(0.5 * (y + line) - y).mean() / np.abs(line - y).mean() > 0.3


def dense_beside_lstm(dead: bool) -> keras.Model:
    def body(x: Tensor) -> Tensor:
        series = layers.LSTM(3)(layers.Reshape((4, 1))(x))
        return layers.Dense(1)(x) + (0.0 if dead else 1.0) * layers.Dense(1)(series)

    return functional((4,), body)


def test_a_live_layer_moves_predictions_and_a_dead_one_does_not(proxy: Proxy) -> None:
    alive, dead = proxy(dense_beside_lstm(dead=False)), proxy(dense_beside_lstm(dead=True))
    (node,), (same,) = (expect.matching(model, expect.lstm()) for model in (alive, dead))
    before = alive.predict(ROWS)
    assert expect.liveliness(alive, alive.layers[node.layer], ROWS) > 0.05
    assert expect.liveliness(dead, dead.layers[same.layer], ROWS) == 0
    assert np.array_equal(alive.predict(ROWS), before)


@pytest.mark.parametrize("wrapped", [layers.Bidirectional, lambda layer: layer])
def test_wrapped_layers_live_too(wrapped: Callable[..., layers.Layer], proxy: Proxy) -> None:
    model = proxy(functional((6, 1), lambda x: layers.Dense(1)(wrapped(layers.LSTM(3))(x))))
    (node,) = expect.matching(model, expect.lstm())
    x = RANDOM.normal(size=(40, 6, 1)).astype("float32")
    assert expect.liveliness(model, model.layers[node.layer], x) > 0.1


def test_liveliness_where_all_predictions_are_one(proxy: Proxy) -> None:
    constant = proxy(functional((4,), lambda x: layers.Dense(1)(0.0 * x)))
    shaken = expect.liveliness(constant, constant.layers[-1], ROWS)
    assert shaken == float("inf")


def test_global_pooling_does_not_see_where_things_are(proxy: Proxy) -> None:
    pooled = proxy(
        functional((12, 12, 1), lambda x: layers.GlobalAveragePooling2D()(layers.Conv2D(3, 3)(x)))
    )
    flat = proxy(functional((12, 12, 1), lambda x: layers.Dense(3)(layers.Flatten()(x))))
    assert expect.translation_sensitivity(pooled, IMAGES, 2) < 1e-5
    assert expect.translation_sensitivity(flat, IMAGES, 2) > 0.3


def test_pooling_makes_less_sensitive(proxy: Proxy) -> None:
    def network(pool: int) -> keras.Model:
        def body(x: Tensor) -> Tensor:
            seen = layers.MaxPooling2D(pool)(layers.Conv2D(8, 3, activation="relu")(x))
            return layers.Dense(3)(layers.Flatten()(seen))

        return functional((12, 12, 1), body)

    fine, coarse = proxy(network(1)), proxy(network(5))
    sensitivities = [expect.translation_sensitivity(model, IMAGES) for model in (fine, coarse)]
    assert sensitivities[0] > 1.3 * sensitivities[1]


def test_a_shift_moves_pixels_and_zeros_follow(proxy: Proxy) -> None:
    same = proxy(functional((2, 2, 1), lambda x: layers.Flatten()(x)))
    images = np.arange(1, 9, dtype="float32").reshape(2, 2, 2, 1)
    a, b = images[:, :, :, 0]
    shifts = [
        np.mean([np.abs(image - moved) for image, moved in zip((a, b), pair, strict=True)])
        for pair in (
            [[[0, image[0, 0]], [0, image[1, 0]]] for image in (a, b)],
            [[[image[0, 1], 0], [image[1, 1], 0]] for image in (a, b)],
            [[[0, 0], image[0]] for image in (a, b)],
            [[image[1], [0, 0]] for image in (a, b)],
        )
    ]
    expected = np.mean(shifts) / np.mean(np.abs(a - b))
    assert expect.translation_sensitivity(same, images) == pytest.approx(expected)
    assert expect.translation_sensitivity(same, images, 0) == 0
    assert expect.translation_sensitivity(same, images, 5) == pytest.approx(images.mean() / 4)


@pytest.mark.parametrize(
    "rows", [[[0.2, 0.8], [1, 0]], [[[0.5, 0.5]], [[0.1, 0.9]]], [[0.2, 0.805]]]
)
def test_points_of_the_simplex(rows: list[object]) -> None:
    expect.probabilities(np.array(rows))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([[np.nan, 1]], "nan or inf"),
        ([[np.inf, 1]], "nan or inf"),
        ([[-0.2, 1.2]], r"the smallest is -0\.20"),
        ([[0.9, 0.9], [0.2, 0.8]], r"between 1\.00 and 1\.80"),
        ([[0.2, 0.2]], "sum to 1"),
    ],
)
def test_what_is_no_probability(rows: list[list[float]], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        expect.probabilities(np.array(rows))


@pytest.mark.parametrize("last", ["softmax", "sigmoid", None])
def test_probabilities_of_real_models(last: str | None, proxy: Proxy) -> None:
    rows = proxy(functional((4,), lambda x: layers.Dense(10, activation=last)(x))).predict(ROWS)
    if last == "softmax":
        expect.probabilities(rows)
    else:
        with pytest.raises(AssertionError):
            expect.probabilities(rows)

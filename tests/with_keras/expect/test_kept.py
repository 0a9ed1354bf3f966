"""A `train` may do whatever honest trainings do; the layers of its model it may not change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from autograder import expect
from autograder.proxies.student import Model

Proxy = Callable[[keras.Model], Model]

RANDOM = np.random.default_rng(0)
X = (5 + RANDOM.normal(size=(64, 4))).astype("float32")
Y = X.sum(axis=1, keepdims=True)


class Scaled(keras.Model):
    """A subclassed model that scales by arrays of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.mean, self.std = 0.0, 1.0
        self.hidden, self.out = layers.Dense(8, activation="relu"), layers.Dense(1)

    def call(self, x: Any) -> Any:
        return self.out(self.hidden((x - self.mean) / self.std))


def sequential() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Normalization(),
            layers.Dense(8, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.1),
            layers.Dense(1),
        ]
    )


def functional() -> keras.Model:
    inputs = keras.Input((4,))
    x = layers.Dense(8, activation="tanh")(layers.Normalization()(inputs))
    x = layers.TimeDistributed(layers.Dense(4, activation="relu"))(x[:, None])
    x = layers.Bidirectional(layers.LSTM(3))(x)
    return keras.Model(inputs, layers.Dense(1)(layers.LeakyReLU()(x) - np.ones(6, "float32")))


def subclassed() -> keras.Model:
    model = Scaled()
    model(X[:1])
    return model


def fits(model: Any) -> None:
    stop = keras.callbacks.EarlyStopping(monitor="loss", restore_best_weights=True)
    model.compile("adam", "mse", metrics=["mae"], run_eagerly=True)
    model.fit(X, Y, batch_size=64, verbose=0, callbacks=[stop])


def freezes(model: Any) -> None:
    model.layers[-1].trainable = False
    fits(model)


def frees(model: Any) -> None:
    for layer in model.layers:
        layer.trainable = not layer.trainable
    fits(model)
    model.trainable = True
    fits(model)


def adapts(model: Any) -> None:
    for layer in model.layers:
        if isinstance(layer, layers.Normalization):
            layer.adapt(X)
        if isinstance(model, Scaled):
            model.mean, model.std = X.mean(axis=0), X.std(axis=0)
    fits(model)


def sets_weights(model: Any) -> None:
    model.set_weights([np.abs(weight) + 1 for weight in model.get_weights()])


def regularises(model: Any) -> None:
    for layer in model.layers:
        if isinstance(layer, layers.Dropout):
            layer.rate = 0.4
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = 0.5
        if isinstance(layer, layers.Dense):
            layer.kernel_regularizer = keras.regularizers.L2(0.01)
    fits(model)


def trains_a_part(model: Any) -> None:
    if isinstance(model, Scaled):
        return fits(model)
    inner = keras.Model(model.inputs, model.layers[-1].output)
    around = keras.Sequential([keras.Input((4,)), layers.GaussianNoise(0.1), inner])
    return fits(around)


def renames(model: Any) -> None:
    for number, layer in enumerate(model.layers):
        layer.name = f"trained_{number}"
    fits(model)


@pytest.mark.parametrize(
    "train",
    [fits, freezes, frees, adapts, sets_weights, regularises, trains_a_part, renames],
    ids=lambda train: train.__name__,
)
@pytest.mark.parametrize("make", [sequential, functional, subclassed], ids=lambda f: f.__name__)
def test_honest_trainings_are_not_accused(
    make: Callable[[], keras.Model], train: Callable[[Any], None], proxy: Proxy
) -> None:
    live = make()
    model = proxy(live)
    before = model.graph
    train(live)
    assert expect.kept_layers(model.refresh(), before) is model


def pops(model: Any) -> None:
    model.pop()
    model.add(layers.Dense(600, activation="relu"))
    model.add(layers.Dense(1))


def straightens(model: Any) -> None:
    model.layers[1].activation = keras.activations.linear


def straightens_a_leaky_relu(model: Any) -> None:
    model.layers[-2].negative_slope = 1.0


def straightens_an_inner_layer(model: Any) -> None:
    (wrapper,) = [one for one in model.layers if isinstance(one, layers.TimeDistributed)]
    wrapper.layer.activation = keras.activations.linear


def reader() -> keras.Model:
    return keras.Sequential([keras.Input((4, 1)), layers.LSTM(3), layers.Dense(1)])


def turns_time(model: Any) -> None:
    model.layers[0].go_backwards = True


def exchanges_a_layer(model: Any) -> None:
    model._tracker.unlock()
    model.hidden, model.out = layers.Dense(600, activation="relu"), layers.Dense(1)
    model(X[:1])


def adds_a_call(model: Any) -> None:
    model._tracker.unlock()
    model.out = keras.Sequential([layers.Dense(8), model.out])
    model(X[:1])


class Looking(keras.Model):
    """A subclassed model that adds what stands in a table."""

    def __init__(self) -> None:
        super().__init__()
        self.out, self.table = layers.Dense(1), np.zeros(3, "float32")

    def call(self, x: Any) -> Any:
        return self.out(x + keras.ops.take(self.table, keras.ops.cast(x > 0, "int32")))


def looking() -> keras.Model:
    model = Looking()
    model(X[:1])
    return model


def brings_a_table(model: Any) -> None:
    model.table = np.zeros(50_000, "float32")


def brings_bins(model: Any) -> None:
    model.layers[0].bin_boundaries = np.linspace(0, 1, 60_000).tolist()


def binned() -> keras.Model:
    bins = layers.Discretization(bin_boundaries=[0.0, 1.0, 2.0])
    return keras.Sequential([keras.Input((4,)), bins, layers.Dense(1)])


@pytest.mark.parametrize(
    ("make", "train"),
    [
        (sequential, pops),
        (sequential, straightens),
        (functional, straightens_a_leaky_relu),
        (functional, straightens_an_inner_layer),
        (reader, turns_time),
        (subclassed, exchanges_a_layer),
        (subclassed, adds_a_call),
        (looking, brings_a_table),
        (binned, brings_bins),
    ],
    ids=lambda f: f.__name__,
)
def test_other_layers_are_told_kindly(
    make: Callable[[], keras.Model], train: Callable[[Any], None], proxy: Proxy
) -> None:
    live = make()
    model = proxy(live)
    before = model.graph
    train(live)
    with pytest.raises(AssertionError, match=r"`train` changed the layers") as caught:
        expect.kept_layers(model.refresh(), before)
    assert "Make all layers in" in str(caught.value)
    assert "before `train`" in str(caught.value)
    assert "after `train`" in str(caught.value)

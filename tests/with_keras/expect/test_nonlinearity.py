"""The same answer about a model's nonlinearity however it is spelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import keras
import pytest
from keras import layers, ops

from autograder import expect
from autograder.proxies.student import Model

Proxy = Callable[[keras.Model], Model]
Tensor: TypeAlias = Any
Build = Callable[[], keras.Model]


def table(body: Callable[[Tensor], Tensor]) -> Build:
    def make() -> keras.Model:
        inputs = keras.Input((4,))
        return keras.Model(inputs, body(inputs))

    return make


def series(body: Callable[[Tensor], Tensor]) -> Build:
    def make() -> keras.Model:
        inputs = keras.Input((6, 2))
        return keras.Model(inputs, body(inputs))

    return make


def dense(x: Tensor, activation: str | None = None) -> Tensor:
    return layers.Dense(3, activation=activation)(x)


def gated(x: Tensor) -> Tensor:
    hidden = dense(x)
    return dense(hidden * dense(x))


def homemade_relu(x: Tensor) -> Tensor:
    hidden = dense(x)
    return dense(hidden * ops.cast(hidden > 0, "float32"))


def nested(x: Tensor) -> Tensor:
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Activation("tanh")])
    return dense(inner(x))


class Own(layers.Layer):
    """A layer as tutorials write it: its weight is a variable of its own."""

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.w = self.add_weight(shape=(shape[-1], 3))

    def call(self, x: Tensor) -> Tensor:
        return ops.matmul(x, self.w)


def by_hand(x: Tensor) -> Tensor:
    scores = ops.matmul(dense(x), ops.transpose(dense(x), (0, 2, 1)))
    return ops.matmul(ops.softmax(scores), x)


def pooled_by_attention(x: Tensor) -> Tensor:
    gate = layers.Dropout(0.1)(layers.Softmax(axis=1)(layers.Dense(1)(x)))
    return ops.sum(gate * x, axis=1)


def softmax_by_layers(x: Tensor) -> Tensor:
    gate = layers.Permute((2, 1))(layers.Dense(6, activation="softmax")(x[:, :, :]))
    return layers.Dot(axes=(2, 1))([gate, x])


def rnn(cell: layers.Layer) -> Callable[[Tensor], Tensor]:
    return lambda x: dense(layers.RNN(cell)(dense(x)))


BENT = {
    "maximum layer": table(lambda x: dense(layers.Maximum()([dense(x), dense(x)]))),
    "multiply layer": table(lambda x: dense(layers.Multiply()([dense(x), dense(x)]))),
    "maxout": table(lambda x: dense(ops.max(ops.reshape(layers.Dense(6)(x), (-1, 3, 2)), -1))),
    "attention": table(
        lambda x: dense(layers.Attention()([layers.Reshape((3, 1))(dense(x))] * 2)[:, :, 0])
    ),
    "own layers": table(lambda x: Own()(ops.relu(Own()(x)))),
    "fused": table(lambda x: dense(dense(x, "relu"))),
    "layer of its own": table(lambda x: dense(layers.LeakyReLU()(dense(x)))),
    "ops": table(lambda x: dense(ops.tanh(dense(x)))),
    "maximum": table(lambda x: dense(ops.maximum(dense(x), 0.0))),
    "gate": table(gated),
    "homemade relu": table(homemade_relu),
    "nested": table(nested),
    "dropout and scaling between": table(
        lambda x: dense(layers.BatchNormalization()(layers.Dropout(0.1)(dense(x, "elu"))))
    ),
    "recurrent": table(lambda x: dense(layers.LSTM(3)(layers.Reshape((4, 1))(x)))),
    "beside a straight line": table(lambda x: dense(x) + dense(dense(x, "relu"))),
    "sequential": lambda: keras.Sequential(
        [keras.Input((4,)), layers.Dense(3, "relu"), layers.Dense(1)]
    ),
    "spectral normalization": table(
        lambda x: dense(layers.SpectralNormalization(layers.Dense(3, activation="relu"))(x))
    ),
    "time distributed activation": series(
        lambda x: dense(layers.TimeDistributed(layers.ReLU())(dense(x)))
    ),
    "rnn over lstm cell": series(rnn(layers.LSTMCell(3))),
    "rnn over stacked cells": series(
        rnn(layers.StackedRNNCells([layers.GRUCell(3), layers.GRUCell(2)]))
    ),
    "simple rnn": series(rnn(layers.SimpleRNNCell(3))),
    "attention by hand": series(by_hand),
    "attention as pooling": series(pooled_by_attention),
    "attention by layers": series(softmax_by_layers),
    "multi-head attention alone": series(lambda x: layers.MultiHeadAttention(2, 3)(x, x)),
    "group query attention alone": series(lambda x: layers.GroupQueryAttention(3, 2, 1)(x, x)),
    "activation attribute": table(lambda x: dense(layers.Activation("gelu")(dense(x)))),
    "activation function": table(lambda x: dense(keras.activations.silu(dense(x)))),
}
STRAIGHT = {
    "leaky by nothing": table(lambda x: dense(layers.LeakyReLU(negative_slope=1.0)(dense(x)))),
    "own layers, no activation": table(lambda x: Own()(Own()(x))),
    "one layer": table(dense),
    "no activation": table(lambda x: dense(dense(dense(x)))),
    "sequential without activation": lambda: keras.Sequential(
        [keras.Input((4,)), layers.Dense(3), layers.Dense(1)]
    ),
    "linear by name": table(lambda x: dense(dense(x, "linear"))),
    "exp at the end": table(lambda x: ops.exp(dense(dense(x)))),
    "softmax at the end": table(lambda x: dense(dense(x), "softmax")),
    "softmax of the input alone": series(lambda x: ops.softmax(x) * layers.Dense(2)(x)),
    "swish at the end": table(lambda x: layers.Activation("silu")(dense(x))),
    "sigmoid at the end times itself": table(lambda x: (lambda h: h * ops.sigmoid(h))(dense(x))),
    "softmax times a constant": table(lambda x: dense(x, "softmax") * 3.0),
    "relu before all weights": table(lambda x: dense(layers.ReLU()(x))),
    "times a constant": table(lambda x: dense(dense(x) * 3.0 / 2.0)),
    "scaling is no weight": table(lambda x: dense(layers.ReLU()(layers.BatchNormalization()(x)))),
    "frozen": table(lambda x: dense(layers.Dense(3, activation="relu", trainable=False)(x))),
    "linear recurrence": series(lambda x: dense(layers.SimpleRNN(3, activation="linear")(x))),
    "time distributed, no activation": series(
        lambda x: dense(layers.TimeDistributed(layers.Dense(3))(x))
    ),
    "dead activation": lambda: forgotten(),
}


def forgotten() -> keras.Model:
    inputs = keras.Input((4,))
    dense(dense(inputs, "relu"))
    return keras.Model(inputs, dense(dense(inputs)))


@pytest.mark.parametrize("make", BENT.values(), ids=list(BENT))
def test_hidden_nonlinearity_is_found(make: Build, proxy: Proxy) -> None:
    expect.nonlinear(proxy(make()))


@pytest.mark.parametrize("make", STRAIGHT.values(), ids=list(STRAIGHT))
def test_what_is_straight_is_told(make: Build, proxy: Proxy) -> None:
    with pytest.raises(AssertionError, match="nonlinear activation"):
        expect.nonlinear(proxy(make()))


def test_the_message_says_what_each_layer_is(proxy: Proxy) -> None:
    with pytest.raises(AssertionError) as caught:
        expect.nonlinear(proxy(table(lambda x: ops.exp(dense(dense(x))))()))
    lines = str(caught.value).splitlines()
    assert "expected on one way: weights - nonlinear - weights" in lines
    assert [line.split()[-1] for line in lines if line.startswith("Dense")] == ["weights"] * 2
    assert [line.split()[-1] for line in lines if line.startswith("ops.exp")] == ["nonlinear"]

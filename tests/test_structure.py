"""The same answer about a model however it is spelled; real models, read as the grader does."""

from __future__ import annotations

from collections.abc import Callable

import keras
import pytest
from keras import layers, ops

from autograder.model import build, describe, spec, structure
from autograder.model.facts import Facts
from autograder.structure import convolves, has_hidden_nonlinearity, shrinks

Build = Callable[[], keras.Model]


def facts_of(model: keras.Model) -> Facts:
    parsed = spec.parse(describe.describe(model))
    return structure.facts(parsed, build.build(parsed))


def table(body: Callable[[keras.KerasTensor], keras.KerasTensor]) -> Build:
    def make() -> keras.Model:
        inputs = keras.Input((4,))
        return keras.Model(inputs, body(inputs))

    return make


def image(body: Callable[[keras.KerasTensor], keras.KerasTensor]) -> Build:
    def make() -> keras.Model:
        inputs = keras.Input((28, 28, 1))
        return keras.Model(inputs, layers.Dense(10)(layers.Flatten()(body(inputs))))

    return make


def dense(x: keras.KerasTensor, activation: str | None = None) -> keras.KerasTensor:
    return layers.Dense(3, activation=activation)(x)


def gated(x: keras.KerasTensor) -> keras.KerasTensor:
    hidden = dense(x)
    return dense(hidden * dense(x))


def homemade_relu(x: keras.KerasTensor) -> keras.KerasTensor:
    hidden = dense(x)
    return dense(hidden * ops.cast(hidden > 0, "float32"))


def nested(x: keras.KerasTensor) -> keras.KerasTensor:
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Activation("tanh")])
    return dense(inner(x))


class Own(layers.Layer):
    """A layer as tutorials write it: its weight is a variable of its own."""

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.w = self.add_weight(shape=(shape[-1], 3))

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return ops.matmul(x, self.w)


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
}
STRAIGHT = {
    "leaky by nothing": table(lambda x: dense(layers.LeakyReLU(negative_slope=1.0)(dense(x)))),
    "own layers, no activation": table(lambda x: Own()(Own()(x))),
    "one layer": table(dense),
    "no activation": table(lambda x: dense(dense(dense(x)))),
    "linear by name": table(lambda x: dense(dense(x, "linear"))),
    "exp at the end": table(lambda x: ops.exp(dense(dense(x)))),
    "softmax at the end": table(lambda x: dense(dense(x), "softmax")),
    "relu before all weights": table(lambda x: dense(layers.ReLU()(x))),
    "times a constant": table(lambda x: dense(dense(x) * 3.0 / 2.0)),
    "scaling is no weight": table(lambda x: dense(layers.ReLU()(layers.BatchNormalization()(x)))),
    "frozen": table(lambda x: dense(layers.Dense(3, activation="relu", trainable=False)(x))),
}


@pytest.mark.parametrize("make", BENT.values(), ids=list(BENT))
def test_hidden_nonlinearity_is_found(make: Build) -> None:
    assert has_hidden_nonlinearity(facts_of(make()))


@pytest.mark.parametrize("make", STRAIGHT.values(), ids=list(STRAIGHT))
def test_what_is_straight_is_told(make: Build) -> None:
    assert not has_hidden_nonlinearity(facts_of(make()))


def conv(x: keras.KerasTensor, **options: object) -> keras.KerasTensor:
    return layers.Conv2D(2, 3, **options)(x)


SHRINKING = {
    "pooling": image(lambda x: layers.MaxPooling2D()(conv(x))),
    "average pooling": image(lambda x: layers.AveragePooling2D(2)(conv(x))),
    "stride": image(lambda x: conv(x, strides=2)),
    "stride one way": image(lambda x: conv(x, strides=(2, 1), padding="same")),
    "pooling first": image(lambda x: conv(layers.MaxPooling2D()(x))),
    "global pooling": image(lambda x: layers.GlobalAveragePooling2D()(conv(x))),
    "global pooling with ops": image(lambda x: ops.mean(conv(x), axis=(1, 2))),
    "separable": image(lambda x: layers.SeparableConv2D(2, 3, strides=2)(x)),
    "depthwise": image(lambda x: layers.MaxPooling2D()(layers.DepthwiseConv2D(3)(x))),
    "skip connection": image(
        lambda x: layers.MaxPooling2D()(layers.Add()([x, conv(x, padding="same")]))
    ),
}
NOT_SHRINKING = {
    "no pooling": image(conv),
    "pool of one": image(lambda x: layers.MaxPooling2D(1)(conv(x))),
    "pool that hardly shrinks": image(lambda x: layers.MaxPooling2D(2, strides=1)(conv(x))),
    "large window": image(lambda x: layers.Conv2D(2, 15)(x)),
}
NOT_CONVOLVING = {
    "dense": image(lambda x: dense(layers.Flatten()(x))),
    "pooling alone": image(lambda x: layers.MaxPooling2D()(x)),
    "one by one": image(lambda x: layers.MaxPooling2D()(layers.Conv2D(2, 1)(x))),
    "one place": image(lambda x: layers.Conv2D(2, 28)(x)),
    "two branches": image(
        lambda x: layers.Concatenate()(
            [layers.Flatten()(layers.Conv2D(2, 1)(x)), layers.Flatten()(layers.MaxPooling2D()(x))]
        )
    ),
}


@pytest.mark.parametrize("make", SHRINKING.values(), ids=list(SHRINKING))
def test_convolution_that_shrinks(make: Build) -> None:
    facts = facts_of(make())
    assert convolves(facts)
    assert shrinks(facts)


@pytest.mark.parametrize("make", NOT_SHRINKING.values(), ids=list(NOT_SHRINKING))
def test_convolution_that_keeps_the_image(make: Build) -> None:
    facts = facts_of(make())
    assert convolves(facts)
    assert not shrinks(facts)


@pytest.mark.parametrize("make", NOT_CONVOLVING.values(), ids=list(NOT_CONVOLVING))
def test_what_does_not_convolve(make: Build) -> None:
    facts = facts_of(make())
    assert not convolves(facts)
    assert not shrinks(facts)


def test_convolution_and_pooling_on_two_separate_ways_do_not_count() -> None:
    def body(x: keras.KerasTensor) -> keras.KerasTensor:
        one = layers.Flatten()(conv(x))
        other = layers.Flatten()(layers.MaxPooling2D()(x))
        return layers.Concatenate()([one, other])

    facts = facts_of(image(body)())
    assert convolves(facts)
    assert not shrinks(facts)


def test_layers_that_are_left_out_are_not_there() -> None:
    inputs = keras.Input((28, 28, 1))
    layers.MaxPooling2D()(conv(inputs))
    model = keras.Model(inputs, layers.Dense(10)(layers.Flatten()(inputs)))
    assert not convolves(facts_of(model))

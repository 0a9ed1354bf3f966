"""Shapes, budgets and the layers on the way, for models in many spellings."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

import keras
import numpy as np
import pytest
from keras import layers, ops

from autograder import expect
from autograder.errors import StudentError
from autograder.proxies.student import Model

Proxy = Callable[[keras.Model], Model]
Tensor: TypeAlias = Any
Build = Callable[[], keras.Model]


def image(body: Callable[[Tensor], Tensor], shape: tuple[int, ...] = (28, 28, 1)) -> Build:
    def make() -> keras.Model:
        inputs = keras.Input(shape)
        return keras.Model(inputs, layers.Dense(10)(layers.Flatten()(body(inputs))))

    return make


def series(body: Callable[[Tensor], Tensor]) -> Build:
    def make() -> keras.Model:
        inputs = keras.Input((24, 1))
        return keras.Model(inputs, layers.Dense(1)(body(inputs)))

    return make


def conv(x: Tensor, **options: object) -> Tensor:
    return layers.Conv2D(2, 3, **options)(x)


class Block(layers.Layer):
    """A student's own layer around Keras's."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.pool = layers.Conv2D(2, 3), layers.MaxPooling2D()

    def call(self, x: Tensor) -> Tensor:
        return self.pool(ops.relu(self.conv(x)))


class Matmul(layers.Layer):
    """A dense layer of the student's own."""

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.w = self.add_weight(shape=(shape[-1], 3))

    def call(self, x: Tensor) -> Tensor:
        return x @ self.w


class Subclassed(keras.Model):
    """A whole model as a class."""

    def __init__(self) -> None:
        super().__init__()
        self.block, self.flat, self.out = Block(), layers.Flatten(), layers.Dense(10)

    def call(self, x: Tensor) -> Tensor:
        return self.out(self.flat(self.block(x)))


def subclassed() -> keras.Model:
    model = Subclassed()
    model(ops.zeros((1, 28, 28, 1)))
    return model


SHRINKING = {
    "sequential": lambda: keras.Sequential(
        [keras.Input((28, 28, 1)), layers.Conv2D(2, 3), layers.MaxPooling2D(), layers.Flatten()]
    ),
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
    "spectral normalization": image(
        lambda x: layers.SpectralNormalization(layers.Conv2D(2, 3, strides=2))(x)
    ),
    "time distributed": image(
        lambda x: layers.TimeDistributed(layers.Conv2D(2, 3, strides=2))(x), (4, 28, 28, 1)
    ),
    "time distributed pooling": image(
        lambda x: layers.TimeDistributed(layers.MaxPooling2D())(
            layers.TimeDistributed(layers.Conv2D(2, 3))(x)
        ),
        (4, 28, 28, 1),
    ),
    "own layer": image(lambda x: Block()(x)),
    "subclassed model": subclassed,
    "transposed": image(lambda x: layers.MaxPooling2D()(layers.Conv2DTranspose(2, 3)(x))),
}
NOT_SHRINKING = {
    "no pooling": image(conv),
    "pool of one": image(lambda x: layers.MaxPooling2D(1)(conv(x))),
    "pool that hardly shrinks": image(lambda x: layers.MaxPooling2D(2, strides=1)(conv(x))),
    "large window": image(lambda x: layers.Conv2D(2, 15)(x)),
    "transposed with a stride": image(lambda x: layers.Conv2DTranspose(2, 3, strides=2)(x)),
}
NOT_CONVOLVING = {
    "dense": image(lambda x: layers.Dense(3)(layers.Flatten()(x))),
    "pooling alone": image(lambda x: layers.MaxPooling2D()(x)),
    "one by one": image(lambda x: layers.MaxPooling2D()(layers.Conv2D(2, 1)(x))),
    "one place": image(lambda x: layers.Conv2D(2, 28)(x)),
    "wrapped one by one": image(lambda x: layers.SpectralNormalization(layers.Conv2D(2, 1))(x)),
    "over the series axis": image(
        lambda x: layers.Conv1D(2, 3)(layers.Reshape((28, 28))(x)),
    ),
    "two branches": image(
        lambda x: layers.Concatenate()(
            [layers.Flatten()(layers.Conv2D(2, 1)(x)), layers.Flatten()(layers.MaxPooling2D()(x))]
        )
    ),
}
LSTM = {
    "lstm": series(lambda x: layers.LSTM(3)(x)),
    "stacked": series(lambda x: layers.LSTM(3)(layers.LSTM(3, return_sequences=True)(x))),
    "bidirectional": series(lambda x: layers.Bidirectional(layers.LSTM(3))(x)),
    "rnn": series(lambda x: layers.RNN(layers.LSTMCell(3))(x)),
    "stacked cells": series(lambda x: layers.RNN([layers.LSTMCell(3), layers.LSTMCell(2)])(x)),
    "bidirectional rnn": series(lambda x: layers.Bidirectional(layers.RNN(layers.LSTMCell(3)))(x)),
    "time distributed": series(
        lambda x: layers.Flatten()(
            layers.TimeDistributed(layers.LSTM(3))(layers.Reshape((4, 6, 1))(x))
        )
    ),
}
NO_LSTM = {
    "gru": series(lambda x: layers.GRU(3)(x)),
    "bidirectional gru": series(lambda x: layers.Bidirectional(layers.GRU(3))(x)),
    "rnn over gru cell": series(lambda x: layers.RNN(layers.GRUCell(3))(x)),
    "simple rnn": series(lambda x: layers.SimpleRNN(3)(x)),
    "dense": series(lambda x: layers.Dense(3)(layers.Flatten()(x))),
    "forgotten": series(lambda x: (layers.LSTM(3)(x), layers.Flatten()(x))[1]),
}
DENSE = {
    "sequential": lambda: keras.Sequential([keras.Input((4,)), layers.Dense(3)]),
    "einsum": lambda: keras.Sequential([keras.Input((4,)), layers.EinsumDense("ab,bc->ac", 3)]),
    "own": lambda: keras.Sequential([keras.Input((4,)), Matmul()]),
    "time distributed": lambda: keras.Sequential(
        [keras.Input((4, 2)), layers.TimeDistributed(layers.Dense(3))]
    ),
}
NOT_DENSE = {
    "convolution": lambda: keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(3, 2)]),
    "no weights": lambda: keras.Sequential([keras.Input((4,)), layers.ReLU()]),
}


@pytest.mark.parametrize("make", SHRINKING.values(), ids=list(SHRINKING))
def test_convolution_that_shrinks(make: Build, proxy: Proxy) -> None:
    expect.on_path(proxy(make()), expect.convolution(), expect.shrinking())


@pytest.mark.parametrize("make", NOT_SHRINKING.values(), ids=list(NOT_SHRINKING))
def test_convolution_that_keeps_the_image(make: Build, proxy: Proxy) -> None:
    model = proxy(make())
    expect.on_path(model, expect.convolution())
    with pytest.raises(AssertionError, match=r"pooling or a stride .*missing"):
        expect.on_path(model, expect.convolution(), expect.shrinking())


@pytest.mark.parametrize("make", NOT_CONVOLVING.values(), ids=list(NOT_CONVOLVING))
def test_what_does_not_convolve(make: Build, proxy: Proxy) -> None:
    with pytest.raises(AssertionError, match=r"2D convolution, .*missing"):
        expect.on_path(proxy(make()), expect.convolution())


@pytest.mark.parametrize("make", LSTM.values(), ids=list(LSTM))
def test_an_lstm_on_the_way(make: Build, proxy: Proxy) -> None:
    model = proxy(make())
    expect.on_path(model, expect.lstm())
    assert len(expect.matching(model, expect.lstm())) == (2 if make is LSTM["stacked"] else 1)


@pytest.mark.parametrize("make", NO_LSTM.values(), ids=list(NO_LSTM))
def test_no_lstm_on_the_way(make: Build, proxy: Proxy) -> None:
    model = proxy(make())
    with pytest.raises(AssertionError, match=r"an LSTM .*missing"):
        expect.on_path(model, expect.lstm())
    assert expect.matching(model, expect.lstm()) == ()


@pytest.mark.parametrize("make", DENSE.values(), ids=list(DENSE))
def test_a_dense_layer(make: Build, proxy: Proxy) -> None:
    expect.on_path(proxy(make()), expect.dense())


@pytest.mark.parametrize("make", NOT_DENSE.values(), ids=list(NOT_DENSE))
def test_no_dense_layer(make: Build, proxy: Proxy) -> None:
    with pytest.raises(AssertionError, match=r"a dense layer .*missing"):
        expect.on_path(proxy(make()), expect.dense())


def test_convolutions_over_series(proxy: Proxy) -> None:
    body = series(lambda x: layers.Flatten()(layers.Conv1D(2, 3, strides=2)(x)))
    expect.on_path(proxy(body()), expect.convolution(axes=1), expect.shrinking(axes=1))


def test_convolution_and_pooling_on_two_separate_ways_do_not_count(proxy: Proxy) -> None:
    def body(x: Tensor) -> Tensor:
        convolved = layers.Flatten()(conv(x))
        pooled = layers.Flatten()(layers.MaxPooling2D()(x))
        return layers.Concatenate()([convolved, pooled])

    model = proxy(image(body)())
    expect.on_path(model, expect.convolution())
    expect.on_path(model, expect.shrinking())
    with pytest.raises(AssertionError, match="no single way"):
        expect.on_path(model, expect.convolution(), expect.shrinking())


def test_layers_that_are_left_out_are_not_there(proxy: Proxy) -> None:
    def body(x: Tensor) -> Tensor:
        layers.MaxPooling2D()(conv(x))
        return x

    with pytest.raises(AssertionError) as caught:
        expect.on_path(proxy(image(body)()), expect.convolution())
    assert "Layers that do not lead to the output are not listed." in " ".join(
        str(caught.value).split()
    )
    assert "MaxPooling2D" not in str(caught.value)


def test_the_table_shows_expected_and_found_layers(proxy: Proxy) -> None:
    model = proxy(
        image(lambda x: layers.MaxPooling2D(1)(conv(x, activation="relu", padding="same")))()
    )
    with pytest.raises(AssertionError) as caught:
        expect.on_path(model, expect.convolution(), expect.shrinking())
    text = str(caught.value)
    assert re.search(r"^1  a 2D convolution, .* {2}Conv2D$", text, re.MULTILINE)
    assert re.search(r"^2  pooling or a stride .* {2}missing$", text, re.MULTILINE)
    row = r"^Conv2D +2 filters, 3 x 3, relu +\(None, 28, 28, 2\) +1$"
    assert re.search(row, text, re.MULTILINE)
    assert re.search(r"^MaxPooling2D +pool 1 x 1 +\(None, 28, 28, 2\)$", text, re.MULTILINE)
    assert max(map(len, text.splitlines())) <= 80


def test_a_long_model_is_shortened_to_what_matters(proxy: Proxy) -> None:
    def body(x: Tensor) -> Tensor:
        for _ in range(20):
            x = layers.Dropout(0.1)(layers.Activation("relu")(x))
        x = layers.Conv2D(2, 1)(x)
        for _ in range(20):
            x = layers.Activation("relu")(x)
        return x

    with pytest.raises(AssertionError) as caught:
        expect.on_path(proxy(image(body)()), expect.convolution())
    text = str(caught.value)
    rows = text.split("\nyour model")[1].split("\n\n")[0].splitlines()[1:]
    assert len(rows) == 12
    assert rows[0].startswith("InputLayer")
    assert any(row.startswith("Conv2D") for row in rows)
    assert rows[-2].startswith("Dense")
    assert rows[-1] == "... and 53 more that are not shown"


def test_settings_are_short_and_the_table_fits_a_terminal(proxy: Proxy) -> None:
    def body(x: Tensor) -> Tensor:
        x = layers.Conv2D(128, 3, strides=2, activation="relu", trainable=False)(x)
        x = layers.SeparableConv2D(128, (3, 1), dilation_rate=2, activation="leaky_relu")(x)
        x = layers.MaxPooling2D(3, strides=2)(x)
        return layers.Bidirectional(layers.LSTM(8))(layers.Reshape((-1, 128))(x))

    with pytest.raises(AssertionError) as caught:
        expect.output_shape(proxy(image(body)()), (None, 3))
    lines = {line.split()[0]: line for line in str(caught.value).splitlines() if line}
    assert "128 filters, 3 x 3, relu, frozen" in lines["Conv2D"]
    assert "128 filters, 3 x 1, leaky_relu" in lines["SeparableConv2D"]
    assert "pool 3 x 3, stride 2 " in lines["MaxPooling2D"]
    assert "LSTM, 8 units" in lines["Bidirectional"]
    assert max(map(len, lines.values())) <= 78


@pytest.mark.parametrize(
    ("layer", "wrapped"),
    [
        (layers.LSTM(2), ()),
        (layers.Bidirectional(layers.GRU(2)), ("GRU", "GRU")),
        (layers.RNN(layers.LSTMCell(2)), ("LSTMCell",)),
        (
            layers.RNN([layers.LSTMCell(2), layers.GRUCell(2)]),
            ("StackedRNNCells", "LSTMCell", "GRUCell"),
        ),
        (layers.TimeDistributed(layers.Dense(2)), ("Dense",)),
        (layers.SpectralNormalization(layers.Conv1D(2, 2)), ("Conv1D",)),
    ],
)
def test_what_a_layer_wraps(layer: layers.Layer, wrapped: tuple[str, ...], proxy: Proxy) -> None:
    model = proxy(keras.Sequential([keras.Input((24, 1)), layer]))
    assert model.layers[-1].wrapped == wrapped


def dense_model(**options: object) -> keras.Model:
    return keras.Sequential([keras.Input((7,)), layers.Dense(1, **options)])


def test_shapes(proxy: Proxy) -> None:
    model = proxy(dense_model())
    expect.input_shape(model, (None, 7))
    expect.output_shape(model, (None, 1))
    with pytest.raises(AssertionError, match=r"input .*\(None, 8\), yours has \(None, 7\)"):
        expect.input_shape(model, (None, 8))
    with pytest.raises(AssertionError, match=r"output .*\(None, 2\), yours has \(None, 1\)"):
        expect.output_shape(model, (None, 2))


def test_a_shape_of_one_axis_reads_alike_in_sentence_and_table(proxy: Proxy) -> None:
    inputs = keras.Input((7,))
    model = proxy(keras.Model(inputs, keras.ops.sum(inputs, axis=1)))
    with pytest.raises(AssertionError) as caught:
        expect.output_shape(model, (None, 1))
    sentence, table = str(caught.value).split("\n\n")
    assert "yours has (None,)" in " ".join(sentence.split())
    assert table.splitlines()[-1].endswith(str(model.output_shape))


def test_a_shape_needs_one_output(proxy: Proxy) -> None:
    inputs = keras.Input((7,))
    model = keras.Model(inputs, [layers.Dense(1)(inputs), layers.Dense(1)(inputs)])
    with pytest.raises(StudentError, match="2 outputs"):
        expect.output_shape(proxy(model), (None, 1))


def test_budget(proxy: Proxy) -> None:
    model = proxy(dense_model())
    expect.budget(model, at_most=8, trainable_over=7)
    with pytest.raises(AssertionError, match="At most 7 parameters are allowed, your model has 8"):
        expect.budget(model, at_most=7)
    with pytest.raises(AssertionError, match="more than 8 parameters to move, your model has 8"):
        expect.budget(model, at_most=8, trainable_over=8)
    with pytest.raises(AssertionError, match="some parameters to move, your model has 0"):
        expect.budget(proxy(dense_model(trainable=False)), at_most=100)


def test_a_constant_array_counts_into_the_budget(proxy: Proxy) -> None:
    inputs = keras.Input((7,))
    model = keras.Model(inputs, layers.Dense(1)(inputs - ops.ones((7,))))
    expect.budget(proxy(model), at_most=15)
    with pytest.raises(AssertionError, match="has 15"):
        expect.budget(proxy(model), at_most=14)


def test_the_budget_shows_where_the_parameters_are(proxy: Proxy) -> None:
    shared = layers.Dense(7)
    model = keras.Sequential([keras.Input((7,)), shared, shared, layers.Dense(1)])
    with pytest.raises(AssertionError) as caught:
        expect.budget(proxy(model), at_most=1)
    last = [line.split()[-1] for line in str(caught.value).splitlines() if "Dense" in line]
    assert last == ["56", "7)", "8"]


@pytest.mark.parametrize(
    ("body", "pixels"),
    [
        (lambda x: conv(x), (3, 3)),
        (lambda x: conv(conv(x)), (5, 5)),
        (lambda x: conv(layers.MaxPooling2D()(conv(x))), (8, 8)),
        (lambda x: conv(conv(x, strides=2)), (7, 7)),
        (lambda x: conv(x, dilation_rate=2), (5, 5)),
        (lambda x: layers.Conv2D(2, (5, 1))(x), (5, 1)),
        (lambda x: layers.SeparableConv2D(2, 3)(layers.DepthwiseConv2D(3)(x)), (5, 5)),
        (lambda x: layers.SpectralNormalization(layers.Conv2D(2, 3))(conv(x)), (5, 5)),
        (lambda x: layers.Add()([conv(x, padding="same"), x]), (3, 3)),
        (lambda x: conv(x[:, ::2, ::2]), (6, 6)),
        (lambda x: conv(layers.Resizing(14, 14)(x)), (6, 6)),
        (lambda x: conv(layers.Cropping2D(2)(x)), (3, 3)),
        (lambda x: conv(layers.Dropout(0.1)(layers.ReLU()(conv(x)))), (5, 5)),
        (lambda x: layers.MaxPooling2D(4)(conv(x)), (3, 3)),
        (lambda x: conv(layers.UpSampling2D()(conv(x))), (4, 4)),
        (lambda x: layers.Conv2DTranspose(2, 4, strides=2)(x), (2, 2)),
        (lambda x: layers.Dense(4)(layers.Flatten()(x)), (0, 0)),
    ],
)
def test_receptive_field(
    body: Callable[[Tensor], Tensor], pixels: tuple[int, int], proxy: Proxy
) -> None:
    assert expect.receptive_field(proxy(image(body)())) == pixels


def test_receptive_field_is_what_gradients_reach(proxy: Proxy) -> None:
    inputs = keras.Input((40, 40, 1))
    x = layers.Conv2D(1, 3, kernel_initializer="ones")(inputs)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Conv2D(1, 3, strides=2, kernel_initializer="ones")(x)
    x = layers.Conv2D(1, (2, 3), kernel_initializer="ones")(x)
    live = keras.Model(inputs, x)
    base = live.predict(np.zeros((1, 40, 40, 1)), verbose=0)[0, 2, 2, 0]
    seen = np.zeros((40, 40), dtype=bool)
    single = np.eye(1600).reshape(1600, 40, 40, 1)
    seen[:] = (live.predict(single, verbose=0)[:, 2, 2, 0] != base).reshape(40, 40)
    reached = int(seen.any(axis=1).sum()), int(seen.any(axis=0).sum())
    assert expect.receptive_field(proxy(live)) == reached


def test_nothing_is_changed_by_being_looked_at(proxy: Proxy) -> None:
    live = SHRINKING["pooling"]()
    model = proxy(live)
    before, config = [w.numpy() for w in live.weights], live.get_config()
    expect.on_path(model, expect.convolution(), expect.shrinking())
    expect.receptive_field(model)
    assert all((a == w.numpy()).all() for a, w in zip(before, live.weights, strict=True))
    assert live.get_config() == config

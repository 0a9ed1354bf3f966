"""Honest models are read whatever their spelling: rebuilt, they predict what they predicted."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from autograder.errors import UndescribableModel
from autograder.model.allowlist.layers_image import AUGMENTING
from autograder.model.describing.describe import describe, read_model
from autograder.model.describing.live_answers import live_answers
from autograder.model.facts import Facts
from autograder.model.keras_internals import reshape_class
from autograder.model.rebuilding.build import build, facts
from autograder.model.rebuilding.parse import parse
from autograder.wire import decode, encode
from autograder.worker.evaluator import EvaluatorWorker

RNG = np.random.default_rng(0)
MEAN, STD = np.array([60.0, 7e4, 1e3]), np.array([20.0, 4e4, 60.0])
ROWS = (RNG.normal(size=(6, 3)) * STD + MEAN).astype("float32")
IMAGES = RNG.integers(0, 256, (4, 8, 8, 1)).astype("uint8")
BINS = np.linspace(0, 1e6, 40).tolist()
Case = tuple[Any, Any]


def over_the_wire(value: Any) -> Any:
    buffers = b"".join(bytes(part) for part in encode(value))
    return decode(io.BytesIO(buffers).read)


def rebuilt(model: Any, shape: tuple[int | None, ...] | None = None) -> tuple[Any, Facts]:
    spec = parse(over_the_wire(describe(model, shape)))
    copy = build(spec)
    graph = facts(spec, copy)
    assert Facts.from_value(over_the_wire(graph.to_value())).nodes == graph.nodes
    return copy, graph


def shaken(model: Any) -> Any:
    """Give every weight an own value: freshly made biases are all zero and hide mistakes."""
    for variable in model.weights:
        if np.issubdtype(np.dtype(variable.dtype), np.floating):
            noise = np.abs(RNG.normal(size=tuple(variable.shape)) * 0.1)
            variable.assign(variable.numpy() + noise)
    for layer in model._flatten_layers():
        if isinstance(layer, layers.Normalization):
            layer.finalize_state()
    return model


def same(live: Any, copy: Any, tolerance: float = 1e-5) -> None:
    live, copy = keras.tree.flatten(live), keras.tree.flatten(copy)
    assert len(live) == len(copy)
    for expected, actual in zip(live, copy, strict=True):
        assert expected.shape == actual.shape
        scale = max(1e-30, float(np.abs(expected.astype("float64")).max(initial=0)))
        difference = np.abs(expected.astype("float64") - actual.astype("float64"))
        assert difference.max(initial=0) <= tolerance * scale


def regress(x: Any) -> Any:
    return layers.Dense(1)(layers.Dense(4, activation="relu")(x))


def scaled(scale: Callable[[Any], Any]) -> Callable[[], Case]:
    def make() -> Case:
        x = keras.Input((3,))
        return keras.Model(x, regress(scale(x))), ROWS

    return make


def stacked(*parts: Callable[[], Any], x: Any = ROWS) -> Callable[[], Case]:
    return lambda: (keras.Sequential([keras.Input(x.shape[1:]), *(part() for part in parts)]), x)


def _adapted(**config: Any) -> Any:
    layer = layers.Normalization(**config)
    layer.adapt(ROWS)
    return layer


def _images(first: Callable[[Any], Any]) -> Callable[[], Case]:
    def make() -> Case:
        x = keras.Input((8, 8, 1), dtype="uint8")
        h = layers.Conv2D(3, 3, strides=2, activation="relu")(first(x))
        return keras.Model(x, layers.Dense(4, activation="softmax")(layers.Flatten()(h))), IMAGES

    return make


SCALES: dict[str, Callable[[], Case]] = {
    "numpy": scaled(lambda x: (x - MEAN) / STD),
    "numpy float32": scaled(lambda x: (x - MEAN.astype("f")) / STD.astype("f")),
    "scalars": scaled(lambda x: (x - 3) * 0.5 + 1e-7),
    "numpy scalars": scaled(lambda x: (x - MEAN.mean()) / (STD.mean() + 1e-7)),
    "tf constants": scaled(
        lambda x: (x - tf.constant(MEAN, "float32")) / tf.constant(STD, "float32")
    ),
    "keras variables": scaled(
        lambda x: (x - keras.Variable(MEAN, dtype="float32")) / keras.Variable(STD, dtype="float32")
    ),
    "keras tensors": scaled(lambda x: (x - ops.convert_to_tensor(MEAN.astype("f"))) * 1e-4),
    "reflected": scaled(lambda x: 1 / (1 + ops.exp(-(2.0 - x / 1e5))) ** 2),
    "columns": scaled(lambda x: ops.concatenate([ops.log1p(x[:, 0:1]), x[:, 1:] / 1e4], axis=-1)),
    "stacked columns": scaled(lambda x: ops.stack([x[:, 0] / 60, ops.log(x[..., 1])], axis=1)),
    "split": scaled(lambda x: ops.concatenate(ops.split(x / 1e4, 3, axis=1)[::-1], axis=1)),
    "adapted": scaled(lambda x: _adapted()(x)),
    "adapted over all": scaled(lambda x: _adapted(axis=None)(x)),
    "given": scaled(lambda x: layers.Normalization(mean=MEAN, variance=STD**2)(x)),
    "given numbers": scaled(lambda x: layers.Normalization(mean=3.0, variance=1e8)(x)),
    "given list": scaled(lambda x: layers.Normalization(mean=list(MEAN), variance=list(STD))(x)),
    "inverted": scaled(lambda x: _adapted(invert=True)(x / 1e5)),
    "rescaling": scaled(lambda x: layers.Rescaling(1 / 255, offset=-1)(x)),
    "rescaling by column": scaled(lambda x: layers.Rescaling((1 / STD).tolist(), -MEAN / STD)(x)),
    "lambda": scaled(lambda x: layers.Lambda(lambda v: (v - MEAN) / STD)(x)),
    "lambda of tf": scaled(
        lambda x: layers.Lambda(lambda v: tf.math.log(tf.cast(v, tf.float32)))(x)
    ),
    "lambda, numpy first": scaled(lambda x: layers.Lambda(lambda v: MEAN.astype("f") - v)(x)),
    "batch statistics": scaled(lambda x: layers.BatchNormalization()(x)),
    "clipped": scaled(lambda x: ops.clip(x, 0.0, 1e3) / ops.maximum(ops.abs(x), 1.0)),
    "where": scaled(lambda x: ops.where(x > 100, ops.sqrt(ops.abs(x)), x)),
    "reductions": scaled(
        lambda x: (x - ops.mean(x, axis=1, keepdims=True)) / (ops.std(x, 1, True) + 1e-3)
    ),
    "shapes": scaled(
        lambda x: ops.squeeze(
            ops.transpose(ops.expand_dims(ops.reshape(x, (-1, 3)), 1), (0, 2, 1)), -1
        )
    ),
    "matmul": scaled(lambda x: ops.matmul(x / 1e4, np.eye(3, 2, dtype="f")) @ np.ones((2, 2), "f")),
    "powers": scaled(lambda x: ops.power(ops.square(x / 1e4), 0.5) ** 2 + ops.expm1(x / 1e6)),
    "reduced": scaled(
        lambda x: ops.stack([ops.sum(x, -1), ops.max(x, -1), ops.min(x, -1), ops.var(x, -1)], -1)
    ),
    "cast": _images(lambda x: ops.cast(x, "float32") / 255),
    "integers": _images(lambda x: x / 255),
    "integers, rescaled": _images(lambda x: layers.Rescaling(1 / 255)(x)),
    "integers, minus": _images(lambda x: (ops.cast(x, "float32") - 127.5) / 127.5),
}

ACTIVATIONS: dict[str, Callable[[], Case]] = {
    "fused": stacked(lambda: layers.Dense(4, activation="relu")),
    "alias": stacked(lambda: layers.Dense(4, activation="swish")),
    "layer": stacked(lambda: layers.Dense(4), lambda: layers.Activation("relu")),
    "ReLU": stacked(lambda: layers.Dense(4), layers.ReLU),
    "leaky": stacked(lambda: layers.Dense(4), lambda: layers.LeakyReLU(negative_slope=0.1)),
    "function": stacked(lambda: layers.Dense(4, activation=keras.activations.relu)),
    "keras.ops": stacked(lambda: layers.Dense(4, activation=ops.tanh)),
    "tf.nn": stacked(lambda: layers.Dense(4, activation=tf.nn.relu)),
    "tf.nn.gelu": stacked(lambda: layers.Dense(4, activation=tf.nn.gelu)),
    "keras.ops.gelu": stacked(lambda: layers.Dense(4, activation=ops.gelu)),
    "layer in layer": stacked(lambda: layers.Dense(4, activation=layers.LeakyReLU(0.1))),
    "a lambda": stacked(lambda: layers.Dense(4, activation=lambda v: ops.exp(v * 1e-5) - 1)),
    "partial": stacked(
        lambda: layers.Dense(4, activation=functools.partial(keras.activations.relu, max_value=6))
    ),
    "on a tensor": scaled(lambda x: keras.activations.relu(layers.Dense(4)(x))),
    "ops on a tensor": scaled(
        lambda x: ops.relu(layers.Dense(4)(x)) + ops.softmax(x[:, :1], axis=-1)
    ),
    "ops variety": scaled(
        lambda x: ops.sigmoid(x) + ops.silu(x / 1e4) + ops.leaky_relu(x) + ops.gelu(x / 1e4)
    ),
    "more of them": scaled(lambda x: keras.activations.selu(x / 1e4) + keras.activations.elu(x)),
    "mish": stacked(lambda: layers.Dense(4, activation="mish")),
}


class Own(keras.Model):
    """A subclassed model as tutorials write it."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = _adapted()
        self.hidden = layers.Dense(5)
        self.drop = layers.Dropout(0.5)
        self.norm = layers.BatchNormalization()
        self.head = keras.Sequential([layers.Dense(3, activation="tanh"), layers.Dense(1)])

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        x = tf.nn.relu(self.hidden(self.scale(inputs)))
        x = self.drop(x, training=training)
        if training:
            x = x * 2
        return self.head(self.norm(x, training=training))


class Affine(keras.layers.Layer):
    """A layer with weights of its own."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.units = units

    def build(self, shape: Any) -> None:
        self.w = self.add_weight(shape=(shape[-1], self.units), name="w")
        self.b = self.add_weight(shape=(self.units,), name="b", trainable=False)

    def call(self, x: Any) -> Any:
        return ops.matmul(x, self.w) + self.b


class WeightFirst(keras.layers.Layer):
    """Writes its weight to the left of each operator."""

    def build(self, shape: Any) -> None:
        self.w = self.add_weight(shape=(shape[-1],), name="w")

    def call(self, x: Any) -> Any:
        near = ops.cast(self.w > x, "float32") + ops.cast(self.w <= x, "float32") * 0.5
        return (self.w * x + (self.w - x) / 1e4) + (self.w / (ops.abs(x) + 1.0)) + near


class Positions(keras.layers.Layer):
    """Token and position embedding: a layer called on a constant."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = layers.Embedding(20, 4)
        self.places = layers.Embedding(6, 4)

    def call(self, x: Any) -> Any:
        return self.tokens(x) + self.places(ops.arange(0, ops.shape(x)[-1]))


class Residual(keras.layers.Layer):
    """A composite layer within another one."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner

    def call(self, x: Any) -> Any:
        return tf.concat([x, self.inner(x) * 0.5], axis=-1)


class Renamed(keras.layers.Dense):
    """A Keras layer under another name."""


def _shared() -> Case:
    tower = layers.Dense(3, activation="tanh")
    a, b = keras.Input((3,)), keras.Input((3,))
    out = layers.concatenate([tower(a), tower(b), tower(a * 2)])
    return keras.Model([a, b], layers.Dense(1)(out)), [ROWS, ROWS[::-1]]


def _nested() -> Case:
    block = keras.Sequential([layers.Dense(4, activation="relu"), layers.BatchNormalization()])
    x = keras.Input((3,))
    inner = keras.Model(x, block(x) + layers.Dense(4)(x), name="inner")
    y = keras.Input((3,))
    return keras.Model(y, layers.Dense(1)(inner(y) * inner(y + 1))), ROWS


def _several_outputs() -> Case:
    x = keras.Input((3,))
    h = layers.Dense(4, activation="relu")(x)
    return keras.Model(x, {"price": layers.Dense(1)(h), "class": layers.Dense(2)(h)}), ROWS


def _named_inputs() -> Case:
    a, b = keras.Input((3,), name="cars"), keras.Input((3,), name="more cars")
    out = layers.Dense(1)(layers.Add()([a, layers.Dense(3)(b)]))
    return keras.Model({"cars": a, "more cars": b}, out), [ROWS, ROWS * 2]


def _policy(name: str, form: str) -> Callable[[], Case]:
    def make() -> Case:
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(name)
        try:
            parts = [
                layers.Dense(4, activation="relu"),
                Affine(3),
                layers.Dense(1, dtype="float32"),
            ]
            if form == "sequential":
                return keras.Sequential([keras.Input((3,)), *parts]), ROWS / 1e3
            x = h = keras.Input((3,))
            for part in parts:
                h = part(h)
            return keras.Model(x, h), ROWS / 1e3
        finally:
            keras.config.set_dtype_policy(before)

    return make


SEQUENCES = np.maximum(RNG.integers(-20, 20, (4, 6)), 0)
SEQUENCES[:, 0] = 1


def _attention() -> Case:
    x = keras.Input((6,), dtype="int32")
    h = Positions()(x)
    h = layers.LayerNormalization()(h + layers.MultiHeadAttention(2, 3)(h, h, use_causal_mask=True))
    return keras.Model(x, layers.Dense(1)(layers.GlobalAveragePooling1D()(h))), SEQUENCES


def _masked() -> Case:
    x = keras.Input((None,), dtype="int32")
    h = layers.Embedding(20, 4, mask_zero=True)(x)
    h = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(h)
    return keras.Model(x, layers.Dense(1, "sigmoid")(layers.GRU(3)(h))), SEQUENCES


class Tokens(keras.layers.Layer):
    """Passes the mask of its embedding on."""

    def __init__(self) -> None:
        super().__init__()
        self.supports_masking = True
        self.tokens = layers.Embedding(20, 4, mask_zero=True)

    def call(self, x: Any) -> Any:
        return self.tokens(x) * 2.0

    def compute_mask(self, x: Any, previous_mask: Any = None) -> Any:
        return self.tokens.compute_mask(x, previous_mask)


class MaskedMean(keras.layers.Layer):
    """Uses the mask it is given."""

    def call(self, x: Any, mask: Any = None) -> Any:
        weight = ops.expand_dims(ops.cast(mask, x.dtype), -1)
        return ops.sum(x * weight, axis=1) / ops.sum(weight, axis=1)


def _own_masks() -> Case:
    x = keras.Input((6,), dtype="int32")
    h = Tokens()(x)
    return keras.Model(x, layers.concatenate([layers.LSTM(3)(h), MaskedMean()(h)])), SEQUENCES


def _states() -> Case:
    x = keras.Input((5, 3))
    encoded, h, c = layers.LSTM(4, return_state=True, return_sequences=True)(x / 1e4)
    decoded = layers.LSTM(4, return_sequences=True)(encoded, initial_state=[h, c])
    out = layers.Attention()([decoded, encoded])
    return keras.Model(x, layers.Dense(1)(out)), np.repeat(ROWS[:, None], 5, axis=1)


MODELS: dict[str, Callable[[], Case]] = {
    "shared": _shared,
    "nested": _nested,
    "several outputs": _several_outputs,
    "named inputs": _named_inputs,
    "attention, positions": _attention,
    "masks": _masked,
    "own masks": _own_masks,
    "states": _states,
    "own layer": stacked(lambda: Affine(4), layers.ReLU, lambda: layers.Dense(1)),
    "weight first": stacked(WeightFirst, lambda: layers.Dense(1)),
    "renamed layer": stacked(lambda: Renamed(4, activation="relu"), lambda: layers.Dense(1)),
    "composite": stacked(
        lambda: Residual(Residual(layers.Dense(2, activation="relu"))), lambda: layers.Dense(1)
    ),
    "dropout": stacked(
        lambda: layers.GaussianNoise(0.1), lambda: layers.Dropout(0.5), lambda: layers.Dense(1)
    ),
    "names": stacked(
        lambda: layers.Dense(2, name="erste Schicht - größer " + "x" * 80), lambda: layers.Dense(1)
    ),
    "mixed float16, sequential": _policy("mixed_float16", "sequential"),
    "mixed bfloat16, functional": _policy("mixed_bfloat16", "functional"),
    "mixed float16, functional": _policy("mixed_float16", "functional"),
    "float64": _policy("float64", "functional"),
}

CASES = {
    **{f"scale: {name}": case for name, case in SCALES.items()},
    **{f"activation: {name}": case for name, case in ACTIVATIONS.items()},
    **MODELS,
}


@pytest.mark.parametrize("make", CASES.values(), ids=CASES.keys())
def test_rebuilt_model_predicts_the_same(make: Callable[[], Case]) -> None:
    model, x = make()
    shaken(model)
    copy, graph = rebuilt(model)
    expected = model(_named(model, x), training=False)
    same(_arrays(expected), _arrays(copy(x, training=False)))
    assert graph.params == model.count_params()


@pytest.mark.parametrize("make", CASES.values(), ids=CASES.keys())
def test_rebuilt_model_is_found_to_be_the_live_one(make: Callable[[], Case]) -> None:
    model, x = make()
    shaken(model)
    reading = read_model(model)
    inputs = [np.asarray(part) for part in (x if isinstance(x, list | tuple) else [x])]
    answers = live_answers(model, reading, inputs)
    assert answers.pop("failed") is None
    probe = over_the_wire({**answers, "inputs": inputs})
    request = {"op": "load", "description": over_the_wire(reading.description), "probe": probe}
    answer = EvaluatorWorker().handle(request)
    assert ("refused" in answer, answer.get("note")) == (False, None)


def _named(model: Any, x: Any) -> Any:
    if not isinstance(getattr(model, "input", None), dict):
        return x
    return dict(zip(model.input, x, strict=True))


def _arrays(value: Any) -> list[Any]:
    return [ops.convert_to_numpy(leaf).astype("float64") for leaf in keras.tree.flatten(value)]


class Swished(keras.layers.Layer):
    """An activation of the student's own, with a weight."""

    def build(self, _: Any) -> None:
        self.beta = self.add_weight(shape=(), initializer="ones", name="beta")

    def call(self, x: Any) -> Any:
        return x * ops.sigmoid(self.beta * x)


def _with_activation(part: Callable[[], Any]) -> Callable[[], Any]:
    parts = {
        "dense": [lambda: layers.Dense(4, activation=part())],
        "convolution": [
            lambda: layers.Reshape((3, 1, 1)),
            lambda: layers.Conv2D(4, 2, padding="same", activation=part()),
            layers.Flatten,
        ],
        "activation": [lambda: layers.Dense(4), lambda: layers.Activation(part())],
        "own": [lambda: Residual(layers.Dense(4, activation=part()))],
    }
    return lambda: {
        name: keras.Sequential([keras.Input((3,)), *(make() for make in makers), layers.Dense(1)])
        for name, makers in parts.items()
    }


@pytest.mark.parametrize("host", ["dense", "convolution", "activation", "own"])
@pytest.mark.parametrize("called", [False, True])
@pytest.mark.parametrize(
    "part",
    [
        layers.PReLU,
        lambda: layers.LeakyReLU(0.2),
        layers.ELU,
        Swished,
        lambda: layers.PReLU(trainable=False),
    ],
    ids=["PReLU", "LeakyReLU", "ELU", "own", "frozen"],
)
def test_a_layer_as_activation_of_a_layer(part: Any, called: bool, host: str) -> None:
    model = _with_activation(part)()[host]
    if called:
        model(ROWS)
        shaken(model)
    rebuilt(model)
    shaken(model)
    copy, graph = rebuilt(model)
    same(_arrays(model(ROWS)), _arrays(copy(ROWS)))
    assert graph.params == model.count_params()
    assert graph.trainable_params == sum(v.numpy().size for v in model.trainable_weights)


def test_a_layer_as_activation_of_two_layers_has_its_weights_once() -> None:
    bend = layers.PReLU()
    x = keras.Input((3,))
    h = layers.Dense(4, activation=bend)(layers.Dense(4, activation=bend)(x))
    model = keras.Model(x, layers.Dense(1)(h))
    model(ROWS)
    shaken(model)
    copy, graph = rebuilt(model)
    same(_arrays(model(ROWS)), _arrays(copy(ROWS)))
    assert graph.params == model.count_params() == 16 + 20 + 4 + 5


COLOURED = RNG.integers(0, 256, (4, 8, 8, 3)).astype("uint8")
AUGMENTATIONS: dict[str, Callable[[], Any]] = {
    "AugMix": layers.AugMix,
    "CutMix": layers.CutMix,
    "MixUp": layers.MixUp,
    "RandAugment": layers.RandAugment,
    "RandomColorDegeneration": lambda: layers.RandomColorDegeneration(0.5),
    "RandomColorJitter": lambda: layers.RandomColorJitter(brightness_factor=0.5, hue_factor=0.5),
    "RandomElasticTransform": lambda: layers.RandomElasticTransform(1.0, scale=0.5),
    "RandomErasing": lambda: layers.RandomErasing(1.0, scale=(0.2, 0.4)),
    "RandomGaussianBlur": lambda: layers.RandomGaussianBlur(1.0, sigma=1.0),
    "RandomGrayscale": lambda: layers.RandomGrayscale(1.0),
    "RandomHue": lambda: layers.RandomHue(0.5),
    "RandomInvert": lambda: layers.RandomInvert(1.0),
    "RandomPerspective": lambda: layers.RandomPerspective(1.0, scale=0.5),
    "RandomPosterization": lambda: layers.RandomPosterization(2),
    "RandomSaturation": lambda: layers.RandomSaturation(0.9),
    "RandomSharpness": lambda: layers.RandomSharpness(1.0),
    "RandomShear": lambda: layers.RandomShear(0.5, 0.5),
}


class Through(keras.Model):
    """Calls a function between two layers, in a subclassed model that ran once."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self.function = function
        self.first = layers.Conv2D(3, 3, activation="relu")
        self.last = layers.Dense(2)

    def call(self, x: Any) -> Any:
        return self.last(self.function(self.first(x)))


RESHAPES: dict[str, Callable[[Any], Any]] = {
    "ops.shape": lambda x: ops.reshape(x, (ops.shape(x)[0], -1)),
    "ops.shape, several": lambda x: ops.reshape(x, (ops.shape(x)[0], -1, 9)),
    "ops.shape, numbers": lambda x: ops.reshape(x, (ops.shape(x)[0], 12, 9)),
    "x.shape": lambda x: ops.reshape(x, (x.shape[0], -1)),
    "tf.shape": lambda x: tf.reshape(x, (tf.shape(x)[0], -1)),
    "tf.shape, a list": lambda x: tf.reshape(x, [tf.shape(x)[0], 6 * 6, 3]),
}


@pytest.mark.parametrize("function", RESHAPES.values(), ids=RESHAPES.keys())
def test_reshape_to_the_length_of_the_batch(function: Callable[[Any], Any]) -> None:
    model = Through(function)
    images = COLOURED.astype("float32")
    model(images)
    shaken(model)
    copy, _ = rebuilt(model, (8, 8, 3))
    expected = model.predict(images, verbose=0)
    same([expected[:3]], _arrays(copy(images[:3], training=False)))
    assert np.ptp(expected) > 0


class Funnel(keras.Model):
    """A functional model that adds something to what its graph returns."""

    def __init__(self) -> None:
        x = keras.Input((3,))
        super().__init__(x, layers.Dense(2)(layers.Dense(4, activation="relu")(x)))

    def call(self, x: Any, training: bool | None = None, mask: Any = None) -> Any:
        return super().call(ops.convert_to_tensor(x, "float32"), training, mask) * 2 + 1


def test_a_functional_model_with_a_call_of_its_own() -> None:
    model = shaken(Funnel())
    copy, _ = rebuilt(model, (3,))
    same(_arrays(model(ROWS)), _arrays(copy(ROWS)))


POSITIVE = (RNG.random((4, 8, 8, 3)) - 0.4).astype("float32")
TENSORFLOW: dict[str, Callable[[Any], Any]] = {
    "pad": lambda x: tf.pad(x, [[0, 0], [1, 1], [2, 2], [0, 0]]),
    "pad with": lambda x: tf.pad(
        x, tf.constant([[0, 0], [1, 0], [0, 2], [0, 0]]), constant_values=3.0
    ),
    "pad, reflected": lambda x: tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="REFLECT"),
    "greater": lambda x: (
        tf.cast(tf.greater(x, 0.1), tf.float32) + tf.cast(tf.less(x, 0), "float32")
    ),
    "where": lambda x: tf.where(tf.logical_and(x >= 0.1, tf.less_equal(x, 0.3)), x, 2.0),
    "max_pool2d": lambda x: tf.nn.max_pool2d(x, 2, 2, "SAME"),
    "max_pool": lambda x: tf.nn.max_pool(x, [1, 3, 2, 1], [1, 2, 1, 1], "VALID"),
    "avg_pool2d": lambda x: tf.nn.avg_pool2d(x, (3, 3), 2, padding="SAME"),
    "avg_pool": lambda x: tf.nn.avg_pool(x, ksize=3, strides=2, padding="VALID"),
    "bias_add": lambda x: tf.nn.bias_add(x, [0.5, 1.0, -2.0]),
    "l2_normalize": lambda x: tf.nn.l2_normalize(x, axis=-1),
    "resize": lambda x: tf.image.resize(x, (5, 11)),
    "resize, nearest": lambda x: tf.image.resize(x, [4, 4], method="nearest"),
    "resize, smooth": lambda x: tf.image.resize(x, [4, 4], "bicubic", antialias=True),
    "standardized": tf.image.per_image_standardization,
    "split": lambda x: tf.split(x, [3, 5], axis=1)[1],
    "split evenly": lambda x: tf.concat(tf.split(x, 3, -1)[::-1], -1),
    "unstack": lambda x: tf.stack(tf.unstack(x, axis=1)[:3], axis=1),
    "reversed": lambda x: tf.reverse(x, [1]),
    "converted": lambda x: tf.convert_to_tensor(x) * 2,
}


@pytest.mark.parametrize("function", TENSORFLOW.values(), ids=TENSORFLOW.keys())
def test_function_of_tensorflow_in_a_lambda(function: Callable[[Any], Any]) -> None:
    x = keras.Input((8, 8, 3))
    model = keras.Model(x, layers.Lambda(function)(x))
    expected = model.predict(POSITIVE, verbose=0)
    copy, _ = rebuilt(model)
    same([expected], _arrays(copy(POSITIVE, training=False)))
    assert np.ptp(expected) > 0


UNREADABLE: dict[str, tuple[Callable[[Any], Any], str]] = {
    "nn.lrn": (tf.nn.local_response_normalization, "functions of keras.ops or a Keras layer"),
    "nn.dropout": (lambda x: tf.nn.dropout(x, 0.1), "a keras.layers.Dropout layer"),
    "nn.conv2d": (
        lambda x: tf.nn.conv2d(x, np.ones((3, 3, 3, 1), "f"), 1, "SAME"),
        "a keras.layers.Conv2D layer",
    ),
    "nn.max_pool2d": (
        lambda x: tf.nn.max_pool2d(x, 2, 2, [[0, 0], [1, 1], [1, 1], [0, 0]]),
        "keras.ops.max_pool or a keras.layers.MaxPooling2D layer",
    ),
    "cumsum": (lambda x: tf.cumsum(x, axis=1), "keras.ops.cumsum or a Keras layer"),
    "image.resize": (
        lambda x: tf.image.resize(x, [4, 4], method="area"),
        "a keras.layers.Resizing layer",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_function_of_tensorflow_that_cannot_be_read_is_named(name: str) -> None:
    function, instead = UNREADABLE[name]
    x = keras.Input((8, 8, 3))
    model = keras.Model(x, layers.Lambda(function, name="pool")(x))
    with pytest.raises(UndescribableModel) as caught:
        describe(model)
    expected = f"`tf.{name}` in Lambda 'pool' cannot be read; use {instead} instead."
    assert str(caught.value).startswith(expected)
    assert ("It is called at line" in str(caught.value)) == (function.__name__ == "<lambda>")


def test_a_long_reason_is_cut_between_words() -> None:
    def fail(_: Any) -> Any:
        raise ValueError("Donaudampfschiff " * 100)

    x = keras.Input((8,))
    failing = False

    def sometimes(x: Any) -> Any:
        return fail(x) if failing else x

    model = keras.Model(x, layers.Lambda(sometimes)(x))
    failing = True
    with pytest.raises(UndescribableModel, match=r"Donaudampfschiff \.\.\.\)"):
        describe(model)


def test_every_augmentation_that_is_left_out_is_tested() -> None:
    assert AUGMENTATIONS.keys() == AUGMENTING


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("make", AUGMENTATIONS.values(), ids=AUGMENTATIONS.keys())
def test_augmentation_does_nothing_when_the_model_predicts(make: Any, dtype: str) -> None:
    x = keras.Input((8, 8, 3), dtype=dtype)
    h = layers.Conv2D(2, 3, activation="relu")(make()(x))
    model = shaken(keras.Model(x, layers.Dense(3)(layers.Flatten()(h))))
    images = COLOURED.astype(dtype)
    expected = model.predict(images, verbose=0)
    copy, graph = rebuilt(model)
    same([expected], _arrays(copy(images, training=False)))
    assert np.ptp(expected) > 0
    assert "Identity" in [node.op for node in graph.nodes]


def test_unbuilt_sequential_is_built_for_the_given_shape() -> None:
    model = keras.Sequential([layers.Dense(4, activation="relu"), layers.Dense(1)])
    copy, graph = rebuilt(model, (3,))
    same(_arrays(model(ROWS)), _arrays(copy(ROWS)))
    assert graph.input_shapes == ((None, 3),)
    assert graph.output_shapes == ((None, 1),)


def test_sequential_that_was_fitted_without_an_input() -> None:
    model = keras.Sequential([layers.Dense(4, activation="relu"), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(ROWS / 1e5, ROWS[:, 0], verbose=0)
    copy, graph = rebuilt(model)
    same(_arrays(model(ROWS)), _arrays(copy(ROWS)))
    assert graph.input_shapes == ((None, 3),)


@pytest.mark.parametrize("build_first", ["given", "model.build", "fit"])
def test_subclassed_model(build_first: str) -> None:
    model = Own()
    shape = None
    if build_first == "given":
        shape = (3,)
    elif build_first == "model.build":
        model.build((None, 3))
    else:
        model.compile("sgd", "mse")
        model.fit(ROWS, ROWS[:, 0], verbose=0)
        shape = (3,)
    rebuilt(model, shape)
    copy, graph = rebuilt(model, shape)
    same(_arrays(model(ROWS, training=False)), _arrays(copy(ROWS, training=False)))
    assert graph.params == model.count_params()
    assert graph.trainable_params == sum(v.numpy().size for v in model.trainable_weights)
    assert [node.op for node in graph.nodes][:4] == [
        "InputLayer",
        "Normalization",
        "Dense",
        "ops.Relu",
    ]


def test_rebuilt_model_trains_as_the_live_one_would() -> None:
    model, x = stacked(lambda: layers.Dense(4, "relu"), lambda: layers.Dense(1))()
    copy, _ = rebuilt(model)
    for network in (model, copy):
        network.compile(keras.optimizers.SGD(1e-12), "mse")
        network.fit(x, x[:, 0], batch_size=2, shuffle=False, epochs=2, verbose=0)
    same(_arrays(model(x)), _arrays(copy(x)))


def test_a_rebuilt_model_is_described_again_as_the_same_model() -> None:
    for make in CASES.values():
        model, x = make()
        once, before = rebuilt(model)
        twice, after = rebuilt(once)
        assert [n.op for n in before.nodes] == [n.op for n in after.nodes]
        same(_arrays(once(x)), _arrays(twice(x)))


def test_trainable_flags_are_the_live_ones() -> None:
    base = keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.BatchNormalization()])
    base.trainable = False
    model = keras.Sequential([base, layers.Dense(2), layers.Dense(1)])
    model.layers[1].trainable = False
    copy, graph = rebuilt(model)
    assert [[w.trainable for w in layer.weights] for layer in graph.layers] == [
        [],
        [False, False],
        [False] * 4,
        [False, False],
        [True, True],
    ]
    assert graph.trainable_params == 3
    assert len(copy.trainable_weights) == len(model.trainable_weights) == 2


def test_statistics_that_a_live_layer_does_not_use_are_not_used() -> None:
    model = keras.Sequential([keras.Input((3,)), layers.Normalization()])
    model.set_weights([MEAN, STD**2, np.array(0)])
    copy, _ = rebuilt(model)
    same(_arrays(model(ROWS)), _arrays(copy(ROWS)))


def test_facts_of_a_functional_model() -> None:
    x = keras.Input((3,), name="car")
    h = layers.Dense(4, activation=tf.nn.relu, name="hidden")((x - 1.0) / 2.0)
    model = keras.Model(x, layers.Dense(1, name="price")(layers.ReLU(name="nonlinear")(h)))
    _, graph = rebuilt(model)
    assert [(n.op, n.inputs) for n in graph.nodes] == [
        ("InputLayer", ()),
        ("ops.Subtract", (0,)),
        ("ops.Divide", (1,)),
        ("Dense", (2,)),
        ("ReLU", (3,)),
        ("Dense", (4,)),
    ]
    assert [(n.name, n.activation, n.params) for n in graph.layers] == [
        ("car", None, 0),
        ("hidden", "relu", 16),
        ("nonlinear", "relu", 0),
        ("price", "linear", 5),
    ]
    assert graph.nodes[3].output_shapes == ((None, 4),)
    assert graph.layers[1].config["units"] == 4


@pytest.mark.parametrize(
    ("scale", "count"),
    [
        (lambda x: (x - 3.0) / 2.0, 0),
        (lambda x: (x - MEAN) / STD, 6),
        (lambda x: layers.Lambda(lambda v: (v - MEAN) / STD)(x), 6),
        (lambda x: layers.Normalization(mean=MEAN, variance=STD**2)(x), 6),
        (lambda x: layers.Rescaling((1 / STD).tolist())(x), 3),
        (lambda x: ops.matmul(x, ops.convert_to_tensor(np.ones((3, 5), "f"))), 15),
        (lambda x: _adapted()(x), 0),
        (lambda x: layers.Discretization(bin_boundaries=[0.0, 1.0])(x), 2),
        (lambda x: layers.Discretization(bin_boundaries=np.arange(500.0).tolist())(x), 500),
        (lambda x: layers.IntegerLookup(vocabulary=[5, 7, 9])(ops.cast(x, "int64")), 3),
        (lambda x: layers.TimeDistributed(layers.Rescaling(STD.tolist()))(x[:, None]), 3),
        (lambda x: layers.TimeDistributed(layers.Discretization(BINS))(x[:, None]), 40),
        (lambda x: ops.clip(x, np.zeros(3), STD), 6),
        (lambda x: ops.where(x > MEAN.tolist(), 1.0, x), 3),
        (lambda x: ops.repeat(ops.tile(x, (1, 10)), list(range(1, 31)), axis=1), 30),
        (lambda x: ops.pad(x[:, None, :, None], ((0, 0), (1, 2), (3, 4), (0, 0))), 0),
        (lambda x: layers.Conv1D(2, 2, strides=1)(layers.ZeroPadding1D((1, 1))(x[..., None])), 0),
        (lambda x: layers.Dense(2, kernel_regularizer="l2")(x), 0),
    ],
    ids=(
        "scalars arrays lambda Normalization Rescaling matmul adapted two_bins bins vocabulary "
        "inner_Rescaling inner_bins clip where repeat pad settings penalty"
    ).split(),
)
def test_numbers_that_are_no_weights_are_counted(scale: Any, count: int) -> None:
    model, _ = scaled(scale)()
    _, graph = rebuilt(model)
    assert graph.constants == count
    assert Facts.from_value(over_the_wire(graph.to_value())).constants == count


def _state(model: Any) -> Any:
    parts = model._flatten_layers()
    return [
        (id(p), p.name, p.built, p.trainable, len(p._inbound_nodes), len(p._outbound_nodes))
        for p in parts
    ], [v.numpy().tolist() for v in model.variables]


def test_the_live_model_is_left_as_it_was() -> None:
    for name in ("own layer", "composite", "nested", "activation: partial", "dropout"):
        model, _ = CASES[name]()
        model.compile("sgd", "mse")
        before, call = _state(model), keras.layers.Layer.__call__
        multiply, reshape = keras.Variable.__mul__, reshape_class().compute_output_spec
        describe(model)
        assert _state(model) == before
        assert keras.layers.Layer.__call__ is call
        assert not hasattr(keras.KerasTensor, "__array_ufunc__")
        assert keras.Variable.__mul__ is multiply
        assert reshape_class().compute_output_spec is reshape
        with pytest.raises(ValueError, match="KerasTensor"):
            tf.nn.relu(keras.Input((3,)))


class Foreign(keras.layers.Layer):
    """Calls TensorFlow in a way that has no twin in Keras."""

    def call(self, x: Any) -> Any:
        return tf.linalg.cross(x, x)


class Forgetful(keras.Model):
    """Makes a new layer at each call."""

    def call(self, x: Any) -> Any:
        return layers.Dense(1)(x)


class AlwaysTraining(keras.Model):
    """Drops at random even when it predicts."""

    def __init__(self) -> None:
        super().__init__()
        self.drop = layers.Dropout(0.5)

    def call(self, x: Any) -> Any:
        return self.drop(x, training=True)


def _diverged() -> Any:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    model.set_weights([np.full((3, 1), np.nan), np.zeros(1)])
    return model


def _stateful() -> Any:
    x = keras.Input(batch_shape=(2, 5, 2))
    return keras.Model(x, layers.LSTM(2, stateful=True)(x))


def _of_texts() -> Any:
    x = keras.Input((1,), dtype="string")
    return keras.Model(x, x)


def _equalizing() -> Any:
    model = Through(layers.Equalization())
    model(COLOURED.astype("float32"))
    return model


@pytest.mark.parametrize(
    ("make", "shape", "words"),
    [
        (lambda: 3, None, "no Keras model"),
        (lambda: keras.Sequential(), None, "no layers"),
        (lambda: keras.Sequential([layers.Dense(1)]), None, "keras.Input"),
        (Own, None, "input's shape"),
        (Forgetful, (3,), "__init__"),
        (AlwaysTraining, (3,), "training=True"),
        (_diverged, None, "diverged"),
        (lambda: keras.Sequential([keras.Input((3,)), Foreign()]), None, "keras.ops"),
        (
            lambda: keras.Sequential([keras.Input((3,)), layers.Lambda(lambda x: x.numpy())]),
            (3,),
            "Lambda",
        ),
        (_stateful, None, "stateful"),
        (_of_texts, None, "numbers"),
        *(
            (lambda part=part: keras.Sequential([keras.Input((8, 8, 3)), part()]), None, "predicts")
            for part in (
                layers.AutoContrast,
                layers.Solarization,
                layers.ContrastLimitedAdaptiveHistogramEqualization,
            )
        ),
        (_equalizing, (8, 8, 3), "predicts"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(make: Any, shape: Any, words: str) -> None:
    model = make()
    with pytest.raises(UndescribableModel) as caught:
        describe(model, shape)
    assert words in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_model_whose_init_skips_that_of_keras_is_refused_with_a_sentence() -> None:
    class Bare(keras.Model):
        def __init__(self) -> None:
            pass

    with pytest.raises(UndescribableModel, match="does not tell its input's shape"):
        describe(Bare())

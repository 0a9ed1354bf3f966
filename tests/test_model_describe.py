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

from autograder.model.build import build, facts
from autograder.model.describe import CannotDescribe, describe
from autograder.model.facts import Facts
from autograder.model.spec import parse
from autograder.wire import decode, encode

RNG = np.random.default_rng(0)
MEAN, STD = np.array([60.0, 7e4, 1e3]), np.array([20.0, 4e4, 60.0])
ROWS = (RNG.normal(size=(6, 3)) * STD + MEAN).astype("float32")
IMAGES = RNG.integers(0, 256, (4, 8, 8, 1)).astype("uint8")
Case = tuple[Any, Any]


def over_the_wire(value: Any) -> Any:
    buffers = b"".join(bytes(part) for part in encode(value))
    return decode(io.BytesIO(buffers).read)


def rebuilt(model: Any, shape: tuple[int | None, ...] | None = None) -> tuple[Any, Facts]:
    spec = parse(over_the_wire(describe(model, shape)))
    copy = build(spec)
    found = facts(spec, copy)
    assert Facts.from_value(over_the_wire(found.to_value())).nodes == found.nodes
    return copy, found


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
    for one, other in zip(live, copy, strict=True):
        assert one.shape == other.shape
        scale = max(1e-30, float(np.abs(one.astype("float64")).max(initial=0)))
        difference = np.abs(one.astype("float64") - other.astype("float64"))
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
    copy, found = rebuilt(model)
    expected = model(_named(model, x), training=False)
    same(_arrays(expected), _arrays(copy(x, training=False)))
    assert found.params == model.count_params()


def _named(model: Any, x: Any) -> Any:
    if not isinstance(getattr(model, "input", None), dict):
        return x
    return dict(zip(model.input, x, strict=True))


def _arrays(value: Any) -> list[Any]:
    return [ops.convert_to_numpy(item).astype("float64") for item in keras.tree.flatten(value)]


def test_unbuilt_sequential_is_built_for_the_given_shape() -> None:
    model = keras.Sequential([layers.Dense(4, activation="relu"), layers.Dense(1)])
    copy, found = rebuilt(model, (3,))
    same(_arrays(model(ROWS)), _arrays(copy(ROWS)))
    assert found.input_shapes == ((None, 3),)
    assert found.output_shapes == ((None, 1),)


def test_sequential_that_was_fitted_without_an_input() -> None:
    model = keras.Sequential([layers.Dense(4, activation="relu"), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(ROWS / 1e5, ROWS[:, 0], verbose=0)
    copy, found = rebuilt(model)
    same(_arrays(model(ROWS)), _arrays(copy(ROWS)))
    assert found.input_shapes == ((None, 3),)


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
    copy, found = rebuilt(model, shape)
    same(_arrays(model(ROWS, training=False)), _arrays(copy(ROWS, training=False)))
    assert found.params == model.count_params()
    assert found.trainable_params == sum(v.numpy().size for v in model.trainable_weights)
    assert [node.op for node in found.nodes][:4] == [
        "InputLayer",
        "Normalization",
        "Dense",
        "ops.Relu",
    ]


def test_rebuilt_model_trains_as_the_live_one_would() -> None:
    model, x = stacked(lambda: layers.Dense(4, "relu"), lambda: layers.Dense(1))()
    copy, _ = rebuilt(model)
    for one in (model, copy):
        one.compile(keras.optimizers.SGD(1e-12), "mse")
        one.fit(x, x[:, 0], batch_size=2, shuffle=False, epochs=2, verbose=0)
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
    copy, found = rebuilt(model)
    assert [[w.trainable for w in layer.weights] for layer in found.layers] == [
        [],
        [False, False],
        [False] * 4,
        [False, False],
        [True, True],
    ]
    assert found.trainable_params == 3
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
    _, found = rebuilt(model)
    assert [(n.op, n.inputs) for n in found.nodes] == [
        ("InputLayer", ()),
        ("ops.Subtract", (0,)),
        ("ops.Divide", (1,)),
        ("Dense", (2,)),
        ("ReLU", (3,)),
        ("Dense", (4,)),
    ]
    assert [(n.name, n.activation, n.params) for n in found.layers] == [
        ("car", None, 0),
        ("hidden", "relu", 16),
        ("nonlinear", "relu", 0),
        ("price", "linear", 5),
    ]
    assert found.nodes[3].output_shapes == ((None, 4),)
    assert found.layers[1].config["units"] == 4


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
        describe(model)
        assert _state(model) == before
        assert keras.layers.Layer.__call__ is call
        assert not hasattr(keras.KerasTensor, "__array_ufunc__")
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
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(make: Any, shape: Any, words: str) -> None:
    model = make()
    with pytest.raises(CannotDescribe) as caught:
        describe(model, shape)
    assert words in str(caught.value)
    assert str(caught.value).endswith(".")

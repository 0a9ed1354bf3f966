"""What a student writes into a `call` is read whatever it calls, or refused with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keras import layers, ops
from tensorflow.keras import backend as K

from autograder.errors import UndescribableModel
from autograder.model.describing.describe import describe, read_model
from autograder.model.rebuilding.build import build
from autograder.model.rebuilding.parse import parse

REPORTED = Path(__file__).parents[2] / "reported"
X = np.random.default_rng(0).normal(size=(5, 4, 6)).astype("float32")


OUTSIDE = tf.Variable([1.0, 2, 3, 4, 5, 6], trainable=False)


class Own(layers.Layer):
    """A layer of the student's own with weights; `function(self, x)` is its call."""

    def __init__(self, function: Callable[[Any, Any], Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.function = function
        self.inner = layers.Dense(6, activation="tanh")

    def build(self, shape: Any) -> None:
        self.kernel = self.add_weight(shape=(shape[-1], 6), initializer="he_normal", name="kernel")
        self.bias = self.add_weight(shape=(6,), initializer="he_normal", name="bias")

    def call(self, x: Any) -> Any:
        return self.function(self, x)


def same(model: keras.Model, x: Any = X, *, traced_first: bool = False) -> None:
    """Expect the rebuilt model to predict what the live model predicts within a graph."""
    copy = build(parse(read_model(model, traced_first=traced_first).description))
    live = np.asarray(tf.function(lambda v: model(v, training=False), autograph=False)(x))
    largest = float(np.abs(live).max())
    np.testing.assert_allclose(copy(x, training=False), live, atol=1e-5 * largest, rtol=0)


FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "K.dot": lambda self, x: K.relu(K.dot(x, self.kernel) + self.bias),
    "K.mean": lambda _, x: x - K.mean(x, axis=-1, keepdims=True),
    "K.std": lambda _, x: x / (K.std(x, axis=1, keepdims=True) + K.epsilon()),
    "rank": lambda self, x: tf.matmul(x, self.kernel) if x.shape.rank == 3 else x,
    "as_list": lambda _, x: tf.reshape(x, [-1, *x.shape.as_list()[1:][::-1]]),
    "base_dtype": lambda self, x: x * tf.cast(self.bias, x.dtype.base_dtype),
    "tf.function": tf.function(lambda self, x: self.inner(x) * 2.0),
    "tf.Module": lambda self, x: tf.linalg.matvec(tf.transpose(self.kernel), x[:, 0]),
    "einsum": lambda self, x: tf.tensordot(x, self.kernel, axes=[[2], [0]]),
    "is_tensor": lambda self, x: self.inner(x) if tf.is_tensor(x) else x,
    "split": lambda _, x: tf.concat(tf.split(x, 3, axis=-1)[::-1], axis=-1),
    "split sizes": lambda _, x: tf.split(x, [2, 4], axis=2)[1],
    "unstack": lambda _, x: tf.stack(tf.unstack(x, axis=1)[::-1], axis=1),
    "slices": lambda _, x: x[:, 1:, ::2] + x[:, :1, tf.newaxis, 0],
    "slice": lambda _, x: tf.slice(x, [0, 1, 2], [-1, 2, -1]),
    "gather": lambda _, x: tf.gather(x, [2, 0, 1], axis=-1),
    "shape": lambda _, x: tf.reshape(x, [tf.shape(x)[0], -1]),
    "size": lambda _, x: x * tf.cast(tf.shape(x)[1], tf.float32),
    "moments": lambda _, x: x - tf.nn.moments(x, [1], keepdims=True)[0],
    "clip": lambda _, x: tf.clip_by_value(x, -0.5, 0.5) + K.clip(x, 0.0, 1.0),
    "squared_difference": lambda self, x: tf.math.squared_difference(x, self.bias),
    "add_n": lambda _, x: tf.math.add_n([x, x * x, tf.sin(x)]),
    "bias_add": lambda self, x: tf.nn.bias_add(tf.nn.leaky_relu(x, 0.3), self.bias),
    "softmax": lambda _, x: tf.nn.softmax(x) * tf.nn.log_softmax(x),
    "gelu": lambda _, x: tf.nn.gelu(x) + tf.nn.silu(x) + tf.nn.selu(x),
    "where": lambda _, x: tf.where(x > 0, x, 0.1 * x),
    "argmax": lambda _, x: tf.cast(tf.argmax(x, axis=-1, output_type=tf.int32), tf.float32),
    "pad": lambda _, x: tf.pad(x, [[0, 0], [1, 1], [0, 2]]),
    "tile": lambda _, x: tf.tile(x, [1, 2, 1]),
    "variable": lambda _, x: x + OUTSIDE,
    "raw_ops": lambda _, x: tf.raw_ops.Softplus(features=x),
    "try": lambda _, x: _tried(x),
    "loop": lambda self, x: _looped(self, x),
    "add_loss": lambda self, x: (self.add_loss(tf.reduce_mean(x)), K.square(x))[1],
}


def _tried(x: Any) -> Any:
    try:
        return tf.raw_ops.Neg(x=x)
    except Exception:
        return x


def _looped(layer: Any, x: Any) -> Any:
    for _ in range(3):
        x = K.tanh(K.dot(x, layer.kernel))
    return x


def _model(*functions: Callable[[Any, Any], Any]) -> keras.Model:
    keras.utils.set_random_seed(2)
    return keras.Sequential([keras.Input((4, 6)), *map(Own, functions)])


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS.keys())
def test_a_traced_call_is_the_live_call(function: Callable[[Any, Any], Any]) -> None:
    same(_model(function), traced_first=True)


KEEPING = [
    FUNCTIONS[name]
    for name in (
        "K.dot K.mean K.std rank base_dtype tf.function split unstack clip squared_difference "
        "add_n bias_add softmax gelu where try loop add_loss"
    ).split()
]


def _subclassed(functions: list[Any]) -> keras.Model:
    class Net(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.parts = [Own(function) for function in functions]
            self.last = layers.Dense(2)

        @tf.function
        def call(self, x: Any) -> Any:
            for part in self.parts:
                x = K.relu(part(x)) + x
            return self.last(x)

    model = Net()
    model(X)
    return model


def _functional(functions: list[Any]) -> keras.Model:
    inputs = keras.Input((4, 6))
    x = inputs
    for function in functions:
        x = layers.Add()([layers.Lambda(lambda v: K.abs(v))(Own(function)(x)), x])
    return keras.Model(inputs, ops.tanh(x))


@given(
    functions=st.lists(st.sampled_from(KEEPING), min_size=1, max_size=4),
    make=st.sampled_from([lambda f: _model(*f), _subclassed, _functional]),
    traced_first=st.booleans(),
)
@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
def test_models_of_such_layers_are_read(functions: Any, make: Any, traced_first: bool) -> None:
    keras.utils.set_random_seed(3)
    same(make(functions), traced_first=traced_first)


REFUSED: dict[str, Callable[[Any, Any], Any]] = {
    "cond": lambda _, x: tf.cond(tf.reduce_sum(x) > 0, lambda: x, lambda: -x),
    "while": lambda _, x: tf.while_loop(lambda v: tf.reduce_sum(v) < 9, lambda v: [v + 1], [x])[0],
    "numpy": lambda _, x: tf.reshape(tf.numpy_function(np.sin, [x], tf.float32), (-1, 4, 6)),
    "convolution": lambda self, x: tf.nn.conv1d(x, self.kernel[None], 1, "SAME"),
    "fft": lambda _, x: tf.math.real(tf.signal.fft(tf.cast(x, tf.complex64))),
    "sort": lambda _, x: tf.sort(x),
}


@pytest.mark.parametrize("function", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_read_is_refused_with_its_line(function: Callable[[Any, Any], Any]) -> None:
    line = function.__code__.co_firstlineno
    with pytest.raises(UndescribableModel, match=f"at line {line} in"):
        describe(_model(function))


def test_layers_within_a_traced_call_stay_layers() -> None:
    model = _model(FUNCTIONS["is_tensor"])
    classes = [
        layer["class"] for layer in read_model(model, traced_first=True).description["layers"]
    ]
    assert classes == ["InputLayer", "Dense"]


@pytest.mark.parametrize("name", ["backend_functions_in_own_layer", "tf_function_on_call"])
def test_the_reported_models_are_read(name: str) -> None:
    namespace: dict[str, Any] = {}
    exec((REPORTED / f"{name}.py").read_text("utf-8"), namespace)
    x = np.random.default_rng(1).normal(size=(6, 7)).astype("float32")
    same(namespace["build_model"](x), x)

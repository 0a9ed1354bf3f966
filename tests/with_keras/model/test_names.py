"""Names of layers and weights are the student's own: none of them decides anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from autograder import expect
from autograder.model.describing.describe import describe
from autograder.model.facts import Facts
from autograder.model.rebuilding.build import build, facts
from autograder.model.rebuilding.parse import parse

TELLING = (
    "kernel recurrent_kernel bias gamma beta embeddings mean value alpha l0 l1 lstm conv2d relu"
).split()
X = np.random.default_rng(0).normal(size=(6, 8, 8, 1)).astype("float32")


class Own(layers.Layer):
    """A layer of the student's own."""

    def build(self, shape: Any) -> None:
        self.w = self.add_weight(shape=(shape[-1], 5), name="w")
        self.b = self.add_weight(shape=(5,), name="b", trainable=False)

    def call(self, x: Any) -> Any:
        return ops.relu(x @ self.w + self.b)


class Subclassed(keras.Model):
    """A model of the student's own."""

    def __init__(self) -> None:
        super().__init__()
        self.flat, self.own, self.out = layers.Flatten(), Own(), layers.Dense(1)

    def call(self, x: Any) -> Any:
        return self.out(self.own(self.flat(x)))


def _one_layer_and_a_scale() -> Any:
    norm = layers.BatchNormalization(gamma_initializer="ones")
    return keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(1, activation="softplus"), norm]
    )


def _convolutions() -> Any:
    inputs = keras.Input((8, 8, 1))
    x = layers.SeparableConv2D(4, 3, activation="relu")(layers.Conv2D(3, 2)(inputs))
    x = layers.DepthwiseConv2D(2)(layers.PReLU()(layers.MaxPooling2D(2)(x)))
    return keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))


def _recurrent() -> Any:
    inputs = keras.Input((8, 8, 1))
    x = layers.TimeDistributed(layers.Dense(3, activation="tanh"))(inputs[..., 0])
    x = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(x)
    x = layers.RNN(layers.GRUCell(3), return_sequences=True)(x)
    x = layers.MultiHeadAttention(2, 3)(x, x)
    return keras.Model(inputs, layers.LayerNormalization()(layers.SimpleRNN(2)(x)))


def _subclassed() -> Any:
    model = Subclassed()
    model(X[:1])
    return model


MODELS = (_one_layer_and_a_scale, _convolutions, _recurrent, _subclassed)


def _read(model: Any) -> tuple[Facts, np.ndarray[Any, Any]]:
    spec = parse(describe(model))
    copy = build(spec)
    found = facts(spec, copy)
    bare = tuple(replace(layer, name="") for layer in found.layers)
    return replace(found, layers=bare), np.asarray(copy(X))


def _rename(model: Any, random: np.random.Generator) -> None:
    for layer in model._flatten_layers():
        layer.name = str(random.choice(TELLING))
    for variable in model.variables:
        variable._name = variable._path = str(random.choice(TELLING))


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
def test_other_names_change_no_fact_and_no_prediction(make: Callable[[], Any]) -> None:
    model = make()
    known, predicted = _read(model)
    for seed in range(8):
        _rename(model, np.random.default_rng(seed))
        renamed, again = _read(model)
        assert renamed == known
        assert np.array_equal(again, predicted)


def _outcome(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except AssertionError as error:
        return str(error)


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
def test_other_names_change_no_outcome(make: Callable[[], Any]) -> None:
    class Read:
        """The part of a Model that looks at layers."""

        def __init__(self, graph: Facts) -> None:
            self.graph, self.layers = graph, graph.layers

        def count_params(self) -> int:
            return self.graph.params + self.graph.constants

    def outcomes(model: Any) -> list[Any]:
        spec = parse(describe(model))
        read: Any = Read(facts(spec, build(spec)))
        steps = (expect.convolution(), expect.shrinking(), expect.lstm(), expect.dense())
        return [
            _outcome(partial(expect.nonlinear, read)),
            _outcome(partial(expect.budget, read, at_most=1)),
            _outcome(partial(expect.receptive_field, read)),
            *(_outcome(partial(expect.on_path, read, step)) for step in steps),
            *(_outcome(partial(expect.matching, read, step)) for step in steps),
            [[weight.name for weight in layer.weights] for layer in read.layers],
        ]

    model = make()
    known = outcomes(model)
    for seed in range(8):
        _rename(model, np.random.default_rng(seed))
        assert outcomes(model) == known


def test_a_scale_that_calls_itself_a_kernel_is_none() -> None:
    model = _one_layer_and_a_scale()
    model.layers[-1].gamma._name = "kernel"
    known, _ = _read(model)
    assert [weight.name for weight in known.layers[-1].weights] == [
        *("gamma", "beta", "moving_mean", "moving_variance")
    ]

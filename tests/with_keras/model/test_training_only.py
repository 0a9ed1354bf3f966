"""What matters for training only never costs a model: penalties, constraints, losses, metrics."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers, ops

from autograder.model.describing.describe import describe
from autograder.model.describing.training_only import without_training_only
from autograder.model.rebuilding.build import build
from autograder.model.rebuilding.parse import parse

REPORTED = Path(__file__).parents[2] / "reported"
X = np.random.default_rng(0).normal(size=(4, 6, 3)).astype("float32")


class Penalty(keras.regularizers.Regularizer):
    """Has no get_config."""

    def __call__(self, w: Any) -> Any:
        return 0.1 * ops.sum(ops.log1p(ops.square(w)))


class NamedPenalty(Penalty):
    def get_config(self) -> dict[str, Any]:
        return {"strength": object()}


class Halved(keras.regularizers.L2):
    """Derived from a penalty of Keras, with an __init__ of its own."""

    def __init__(self) -> None:
        super().__init__(0.5)

    def get_config(self) -> dict[str, Any]:
        raise RuntimeError("this is never asked")


class Clipped(keras.constraints.Constraint):
    def __call__(self, w: Any) -> Any:
        return ops.clip(w, -1.0, 1.0)

    def get_config(self) -> dict[str, Any]:
        raise RuntimeError("this is never asked")


class Halves(keras.initializers.Initializer):
    """Has no get_config."""

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return ops.full(shape, 0.5, dtype=dtype)


def ones(shape: Any, dtype: Any = None) -> Any:
    return ops.ones(shape, dtype=dtype)


PENALTIES = [Penalty, NamedPenalty, Halved, keras.regularizers.L1L2, lambda: lambda w: ops.sum(w)]
CONSTRAINTS = [Clipped, keras.constraints.NonNeg, lambda: ops.abs]
INITIALIZERS = [
    Halves,
    lambda: ones,
    keras.initializers.HeNormal,
]
MAKERS: list[Callable[..., Any]] = [
    lambda **k: layers.Dense(4, **k),
    lambda **k: layers.Dense(4, activation=lambda v: ops.tanh(v) * 2, **k),
    lambda **k: layers.Conv1D(4, 2, **k),
    lambda **k: layers.LSTM(4, **k),
    lambda **k: layers.GRU(4, return_sequences=True, **k),
    lambda **k: layers.RNN(layers.SimpleRNNCell(4, **k)),
    lambda **k: layers.TimeDistributed(layers.Dense(4, **k)),
]


@given(
    maker=st.sampled_from(MAKERS),
    penalty=st.sampled_from(PENALTIES),
    constraint=st.sampled_from(CONSTRAINTS),
    initializer=st.sampled_from(INITIALIZERS),
    of=st.sampled_from(["kernel", "bias"]),
    activity=st.booleans(),
)
@settings(deadline=None, max_examples=10)
def test_settings_of_training_cost_no_model(
    maker: Any, penalty: Any, constraint: Any, initializer: Any, of: str, activity: bool
) -> None:
    settings_ = {
        f"{of}_regularizer": penalty(),
        f"{of}_constraint": constraint(),
        f"{of}_initializer": initializer(),
        **({"activity_regularizer": penalty()} if activity else {}),
    }
    model = keras.Sequential([keras.Input((6, 3)), maker(**settings_)])
    held = {name: getattr(model.layers[0], name, None) for name in settings_}
    copy = build(parse(describe(model)))
    np.testing.assert_allclose(copy(X), model(X), rtol=1e-5, atol=1e-6)
    assert all(getattr(model.layers[0], name, None) is value for name, value in held.items())


def test_penalties_of_keras_stay_in_the_description() -> None:
    dense = layers.Dense(4, kernel_regularizer=keras.regularizers.L1(0.25), bias_regularizer="l2")
    model = keras.Sequential([keras.Input((6, 3)), dense])
    config = describe(model)["layers"][1]["config"]
    assert config["kernel_regularizer"] == {"l1": pytest.approx(0.25)}
    assert config["bias_regularizer"] == {"l2": pytest.approx(0.01)}


def test_attributes_come_back_where_the_config_fails() -> None:
    dense = layers.Dense(4, kernel_regularizer=Penalty())
    penalty = dense.kernel_regularizer

    def fail() -> None:
        with without_training_only(dense):
            assert dense.get_config()["kernel_regularizer"] is None
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert dense.kernel_regularizer is penalty


class Watched(layers.Layer):
    """Adds losses and updates metrics in its call."""

    def __init__(self, metric: keras.metrics.Metric) -> None:
        super().__init__()
        self.inner = layers.Dense(3, activation="relu")
        self.metric = metric

    def call(self, x: Any) -> Any:
        h = self.inner(x)
        self.add_loss(1e-3 * ops.mean(ops.square(h)))
        self.add_loss([ops.sum(h)])
        self.metric.update_state(ops.mean(h))
        self.metric(ops.mean(h))
        return h


class Largest(keras.metrics.Metric):
    """A metric of the student's own."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = self.add_weight(name="seen", initializer="zeros")

    def update_state(self, value: Any, sample_weight: Any = None) -> None:  # noqa: ARG002
        self.seen.assign(ops.maximum(self.seen, ops.mean(value)))

    def result(self) -> Any:
        return self.seen


@pytest.mark.parametrize("metric", [keras.metrics.Mean, Largest])
def test_losses_and_metrics_in_a_call_cost_no_model(metric: Any) -> None:
    model = keras.Sequential([keras.Input((6, 3)), Watched(metric()), Watched(metric())])
    copy = build(parse(describe(model)))
    np.testing.assert_allclose(copy(X), model(X), rtol=1e-5, atol=1e-6)
    assert len(model.losses) == 4  # `add_loss` works again


@pytest.mark.parametrize("name", ["own_regularizer_class", "add_loss_in_call"])
def test_the_reported_models_are_read(name: str) -> None:
    namespace: dict[str, Any] = {}
    exec((REPORTED / f"{name}.py").read_text("utf-8"), namespace)
    x = X.reshape(-1, 1) * np.ones(7, "float32")
    model = namespace["build_model"](x)
    copy = build(parse(describe(model)))
    np.testing.assert_allclose(copy(x), model(x), rtol=1e-5)

"""A model is what it predicts: the rebuilt model is compared with the live model on a few rows."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers, ops

from autograder.errors import RefusedModel, StudentError
from autograder.model.describing.describe import read_model
from autograder.model.describing.live_answers import live_answers
from autograder.model.rebuilding.comparison import read_probe
from autograder.proxies.in_process import LocalEvaluator, LocalStudent
from autograder.proxies.student import Model, Student
from autograder.result import Outcome
from autograder.worker.evaluator import EvaluatorWorker
from autograder.worker.seeds import Entropy
from autograder.worker.shell import Shell
from autograder.worker.student import StudentWorker

REPORTED = Path(__file__).parents[2] / "reported"
RNG = np.random.default_rng(0)
MEAN, STD = np.array([60.0, 7e4, 1e3], "f"), np.array([20.0, 4e4, 60.0], "f")
X = (RNG.normal(size=(50, 3)) * STD + MEAN).astype("float32")


def student(**functions: Callable[..., Any]) -> Student:
    """A submission with these functions, asked as the grader asks it, in this process."""
    shell = cast("Shell", SimpleNamespace(namespace=functions, answers={}))
    backend = LocalStudent(StudentWorker(shell, Entropy()), _functions=frozenset(functions))
    return Student(backend, LocalEvaluator(), 0)


def read(make: Callable[[], keras.Model], x: Any = X) -> tuple[Student, Model]:
    """The model that a student's function makes of `x`, and the student."""
    owner = student(build_model=lambda _: make())
    return owner, owner.build_model(x).refresh(x.shape[1:])


def refusal(model: Model) -> str:
    with pytest.raises(StudentError) as caught:
        model.predict(X)
    assert caught.value.outcome is Outcome.REFUSED_MODEL
    return str(caught.value)


class _Own(layers.Layer):
    """A layer whose `call` is the function that it is given."""

    def __init__(self, function: Callable[[Any], Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.function = function

    def call(self, x: Any) -> Any:
        return self.function(x)


def within(function: Callable[[Any], Any]) -> Callable[[], keras.Model]:
    """A model of a layer that calls `function`, between others."""

    def make() -> keras.Model:
        keras.utils.set_random_seed(1)
        parts = [keras.Input((3,)), _Own(function, name="odd"), layers.Dense(4), layers.Dense(1)]
        return keras.Sequential(parts)

    return make


def _scaled(x: Any) -> Any:
    return (x - MEAN) / STD


def _counted() -> Callable[[Any], Any]:
    calls: list[None] = []

    def count(x: Any) -> Any:
        calls.append(None)
        return _scaled(x) if len(calls) > 2 else x

    return count


def _tried(x: Any) -> Any:
    try:
        return _scaled(tf.raw_ops.Identity(input=x))
    except Exception:
        return x


OTHER = {
    "isinstance": lambda: lambda x: _scaled(x) if isinstance(x, tf.Tensor) else x,
    "is_tensor": lambda: lambda x: _scaled(x) if tf.is_tensor(x) else x,
    "KerasTensor": lambda: lambda x: x if isinstance(x, keras.KerasTensor) else _scaled(x),
    "try": lambda: _tried,
    "numpy": lambda: lambda x: _scaled(x) if hasattr(x, "numpy") or tf.is_tensor(x) else x,
    "counter": _counted,
}


@pytest.mark.parametrize("function", OTHER.values(), ids=OTHER.keys())
def test_a_call_that_asks_what_a_tensor_is_is_read_as_what_the_model_predicts(
    function: Callable[[], Callable[[Any], Any]],
) -> None:
    made: list[keras.Model] = []

    def make() -> keras.Model:
        made.append(within(function())())
        return made[0]

    owner, model = read(make)
    live = made[0].predict(X, verbose=0)
    np.testing.assert_allclose(model.predict(X), live, atol=1e-5 * np.abs(live).max(), rtol=0)
    assert owner.backend.notes == []


UNREADABLE = {
    "is_tensor": lambda x: tf.sort(x) * 1e9 if tf.is_tensor(x) else x,
    "try": lambda x: _sorted(x),
}


def _sorted(x: Any) -> Any:
    try:
        return tf.raw_ops.TopKV2(input=x, k=3)[0] * 1e9
    except Exception:
        return x


@pytest.mark.parametrize("function", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_model_that_predicts_something_else_is_refused_and_names_its_layer(
    function: Callable[[Any], Any],
) -> None:
    _, model = read(within(function))
    message = refusal(model)
    assert "odd" in message
    assert "Dense" not in message


def test_a_call_that_asks_whether_a_graph_is_recorded_is_told_so() -> None:
    _, model = read(within(lambda x: tf.sort(x) * 1e9 if tf.inside_function() else x))
    assert "model.predict" in refusal(model)


def test_the_reported_layer_is_read_as_what_the_model_predicts() -> None:
    namespace: dict[str, Any] = {}
    exec((REPORTED / "branch_on_tensor.py").read_text("utf-8"), namespace)
    x = RNG.normal(size=(50, 7)).astype("float32") * 1e4 + 100
    live = namespace["build_model"](x)
    owner = student(build_model=lambda _: live)
    predicted = owner.build_model(x).predict(x)
    expected = live.predict(x, verbose=0)
    np.testing.assert_allclose(predicted, expected, atol=1e-5 * expected.max(), rtol=0)


def test_a_layer_of_keras_whose_call_was_replaced_is_found_out() -> None:
    def make() -> keras.Model:
        changed = layers.Dense(4, name="changed")
        model = keras.Sequential([keras.Input((3,)), changed, layers.Dense(1)])
        original = changed.call
        changed.call = lambda x, *rest, **named: 2 * original(x, *rest, **named)
        return model

    _, model = read(make)
    assert "changed" in refusal(model)


RANDOM = {
    "normal": lambda x: x + keras.random.normal((1, 3)) * STD,
    "dropout": lambda x: tf.nn.dropout(x, 0.5) if tf.is_tensor(x) else x,
    "numpy": lambda x: x + np.random.normal(size=(1, 3)).astype("f") * STD,
    "python": lambda x: x * random.random(),
}


@pytest.mark.parametrize("function", RANDOM.values(), ids=RANDOM.keys())
def test_a_model_that_is_random_at_prediction_is_not_compared_and_this_is_noted(
    function: Callable[[Any], Any],
) -> None:
    owner, model = read(within(function))
    assert model.predict(X).shape == (50, 1)
    assert any("each time" in note for note in owner.backend.notes)


HONEST = {
    "plain": (lambda: layers.Dense(4), X),
    "own": (lambda: _Own(_scaled), X),
    "nan": (lambda: layers.Lambda(lambda x: ops.log(x - 60.0)), X),
    "huge": (lambda: layers.Lambda(lambda x: x * 1e30), X),
    "infinite": (lambda: layers.Lambda(lambda x: x * 1e38 * 1e38), X),
    "zero": (lambda: layers.Dense(4, kernel_initializer="zeros"), X),
    "cancelled": (lambda: layers.Lambda(lambda x: (x * 1e-4 + 1e4) - 1e4), X),
    "normed": (layers.BatchNormalization, X),
    "dropout": (lambda: layers.Dropout(0.5), X),
    "noise": (lambda: layers.GaussianNoise(1.0), X),
    "rounded": (lambda: layers.Lambda(ops.round), X),
    "float64": (lambda: _Own(_scaled), X.astype("float64")),
    "tokens": (lambda: layers.Embedding(30, 4), RNG.integers(0, 30, (50, 3))),
    "images": (lambda: layers.Rescaling(1 / 255), RNG.integers(0, 255, (50, 5, 3)).astype("uint8")),
}


@pytest.mark.parametrize(("part", "x"), HONEST.values(), ids=HONEST.keys())
def test_an_honest_model_is_compared_without_a_word(part: Callable[[], Any], x: Any) -> None:
    def make() -> keras.Model:
        return keras.Sequential([keras.Input(x.shape[1:], dtype=x.dtype.name), part()])

    owner, model = read(make, x)
    assert len(model.predict(x)) == len(x)
    assert owner.backend.notes == []


def test_rows_that_a_model_cannot_take_cost_nothing() -> None:
    def picky(x: Any) -> Any:
        if tf.is_tensor(x):
            tf.debugging.assert_equal(tf.shape(x)[0], 50, "fifty rows are expected")
        return x

    owner, model = read(within(picky))
    assert model.predict(X).shape == (50, 1)
    assert any("fifty rows" in note for note in owner.backend.notes)


def _branched() -> tuple[Any, list[np.ndarray[Any, Any]]]:
    first, second = keras.Input((3,), name="b"), keras.Input((None, 2), name="a")
    pooled = layers.GlobalAveragePooling1D()(second)
    outputs = {"z": layers.Dense(2)(first), "y": layers.Dense(1)(pooled)}
    rows = [X[:4], RNG.normal(size=(4, 6, 2)).astype("float32")]
    return keras.Model({"one": first, "two": second}, outputs), rows


def test_several_inputs_and_outputs_keep_their_order() -> None:
    model, rows = _branched()
    reading = read_model(model)
    shapes = [tuple(reading.description["layers"][n]["config"]["shape"]) for n in (0, 1)]
    ordered = rows if shapes[0] == (3,) else rows[::-1]
    probe = {k: v for k, v in live_answers(model, reading, ordered).items() if k != "failed"}
    request = {"op": "load", "description": reading.description}
    answer = EvaluatorWorker().handle({**request, "probe": {**probe, "inputs": ordered}})
    assert answer.get("note", "") is None
    changed = {**probe, "eager": [[y + 1 for y in probe["eager"][0]]], "inputs": ordered}
    assert "refused" in EvaluatorWorker().handle({**request, "probe": changed})


def test_asking_a_model_leaves_it_and_the_generators_as_they_were() -> None:
    class Counting(layers.Layer):
        def build(self, _: Any) -> None:
            self.count = self.add_weight(shape=(), initializer="zeros", trainable=False)

        def call(self, x: Any) -> Any:
            if tf.is_tensor(x):
                self.count.assign_add(1.0)
                x = x + keras.random.normal((3,)) * np.random.random() * random.random()
            return x

    counting = Counting()
    model = keras.Sequential([keras.Input((3,)), counting, layers.Dense(1)])
    keras.utils.set_random_seed(3)
    expected = (random.random(), np.random.random(), float(keras.random.uniform(())))
    keras.utils.set_random_seed(3)
    reading = read_model(model)
    assert live_answers(model, reading, [X[:4]])["failed"] is None
    assert (random.random(), np.random.random(), float(keras.random.uniform(()))) == expected
    assert float(counting.count.value) == 0.0


_ODD = st.recursive(
    st.none() | st.integers() | st.text(max_size=4) | st.just(np.ones(3)) | st.just(np.array("a")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


@given(_ODD | st.fixed_dictionaries(dict.fromkeys(("inputs", "eager", "graph", "layers"), _ODD)))
@settings(deadline=None)
def test_answers_of_any_form_are_read_or_refused(value: Any) -> None:
    with contextlib.suppress(RefusedModel):
        read_probe(value)


@given(_ODD | st.fixed_dictionaries(dict.fromkeys(("eager", "graph", "layers"), _ODD)))
@settings(deadline=None, max_examples=40)
def test_answers_that_a_worker_made_up_end_no_evaluator(value: Any) -> None:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    request = {"op": "load", "description": read_model(model).description}
    probe = {**value, "inputs": [X[:4]]} if isinstance(value, dict) else value
    answer = EvaluatorWorker().handle({**request, "probe": probe})
    assert {"refused", "note"} & set(answer)

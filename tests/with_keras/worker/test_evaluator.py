"""What the evaluator answers about a rebuilt model: predictions, whole, in part and shaken."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from autograder.model.describing.describe import describe
from autograder.wire import Value
from autograder.worker.evaluator import EvaluatorWorker

X = np.random.default_rng(0).normal(size=(300, 4)).astype("float32")


def two_branches() -> keras.Model:
    """A model with a branch that arrives and one that is multiplied by zero."""
    inputs = keras.Input((4,))
    alive = layers.Dense(3, activation="tanh", name="alive")(inputs)
    dead = layers.Dense(3, activation="tanh", name="dead")(inputs)
    return keras.Model(inputs, layers.Dense(1)(alive + 0.0 * dead))


@pytest.fixture
def model() -> keras.Model:
    keras.utils.set_random_seed(1)
    return two_branches()


def loaded(model: keras.Model) -> tuple[EvaluatorWorker, dict[str, Value]]:
    evaluator = EvaluatorWorker()
    answer = evaluator.handle({"op": "load", "description": describe(model)})
    assert "facts" in answer, answer
    return evaluator, answer


def predicted(evaluator: EvaluatorWorker, x: np.ndarray[Any, Any] = X, **options: int) -> Any:
    answer = evaluator.handle({"op": "predict", "model": 0, "inputs": [x], "seed": 0, **options})
    assert "outputs" in answer, answer
    return answer["outputs"][0]


def index_of(answer: dict[str, Value], name: str) -> int:
    return next(n for n, one in enumerate(answer["facts"]["layers"]) if one["name"] == name)


def test_predictions_are_those_of_the_model(model: keras.Model) -> None:
    evaluator, _ = loaded(model)
    np.testing.assert_allclose(predicted(evaluator), model(X).numpy(), rtol=1e-5, atol=1e-6)


def test_a_shaken_layer_moves_what_depends_on_it_and_nothing_else(model: keras.Model) -> None:
    evaluator, answer = loaded(model)
    still = predicted(evaluator)
    moved = predicted(evaluator, shake=index_of(answer, "alive"))
    assert np.abs(moved - still).mean() > 0.1
    np.testing.assert_array_equal(predicted(evaluator, shake=index_of(answer, "dead")), still)
    # All is as it was once the question is answered, and the same question has the same answer.
    np.testing.assert_array_equal(predicted(evaluator), still)
    np.testing.assert_array_equal(predicted(evaluator, shake=index_of(answer, "alive")), moved)


def test_activations_are_what_a_node_puts_out(model: keras.Model) -> None:
    evaluator, answer = loaded(model)
    layer = index_of(answer, "alive")
    node = next(n for n, (at, *_) in enumerate(answer["facts"]["nodes"]) if at == layer)
    np.testing.assert_allclose(
        predicted(evaluator, node=node), model.get_layer("alive")(X).numpy(), rtol=1e-5, atol=1e-6
    )


def test_weights_that_are_all_zero_are_shaken_too() -> None:
    evaluator, answer = loaded(
        keras.Sequential([keras.Input((4,)), layers.Dense(1, kernel_initializer="zeros", name="d")])
    )
    assert np.ptp(predicted(evaluator)) == 0
    assert np.ptp(predicted(evaluator, shake=index_of(answer, "d"))) > 0


def test_what_cannot_be_computed_is_an_answer_and_leaves_the_weights(model: keras.Model) -> None:
    evaluator, answer = loaded(model)
    still = predicted(evaluator)
    question = {"op": "predict", "model": 0, "inputs": [X[:, :3]], "seed": 0}
    assert "error" in evaluator.handle({**question, "shake": index_of(answer, "alive")})
    np.testing.assert_array_equal(predicted(evaluator), still)


def reader(steps: bool) -> keras.Model:
    """A recurrent model of three features that returns four probabilities, at each step or once."""
    inputs = keras.Input((7, 3))
    read = layers.LSTM(5, return_sequences=steps)(inputs)
    return keras.Model(inputs, layers.Dense(4, activation="softmax")(layers.Dropout(0.5)(read)))


def loss_at_the_end(model: keras.Model, x: Any, labels: np.ndarray[Any, Any]) -> Any:
    """The mean cross-entropy in plain words: of the last step, in inference mode."""
    found = model(x, training=False)
    last = found[:, -1] if len(found.shape) == 3 else found
    return -tf.reduce_mean(tf.math.log(tf.gather(last, labels, batch_dims=1)))


def gradient_from(evaluator: EvaluatorWorker, x: np.ndarray[Any, Any], labels: Any) -> Any:
    question = {"op": "loss_gradient", "model": 0, "x": x, "labels": labels}
    return evaluator.handle(question)


@pytest.mark.parametrize("rows", [1, 6])
@pytest.mark.parametrize("steps", [True, False])
def test_the_gradient_of_the_loss_is_that_of_keras_and_of_a_difference(
    *, rows: int, steps: bool
) -> None:
    keras.utils.set_random_seed(rows)
    random = np.random.default_rng(rows)
    model = reader(steps)
    x = random.normal(size=(rows, 7, 3)).astype("float32")
    labels = random.integers(4, size=rows)
    evaluator, _ = loaded(model)
    gradient = gradient_from(evaluator, x, labels)["gradient"]
    with tf.GradientTape() as tape:
        at = tf.Variable(x)
        loss = loss_at_the_end(model, at, labels)
    np.testing.assert_allclose(gradient, tape.gradient(loss, at).numpy(), rtol=1e-3, atol=1e-7)
    downhill = 0.05 * gradient / np.linalg.norm(gradient)
    ends = [float(loss_at_the_end(model, x + way, labels)) for way in (downhill, -downhill)]
    np.testing.assert_allclose(ends[0] - ends[1], 0.1 * np.linalg.norm(gradient), rtol=1e-2)


def test_the_gradient_is_zero_where_the_loss_does_not_depend_on_the_input() -> None:
    inputs = keras.Input((7, 3))
    model = keras.Model(inputs, layers.Dense(4, activation="softmax")(keras.ops.ones_like(inputs)))
    evaluator, _ = loaded(model)
    x, labels = np.ones((2, 7, 3), "float32"), np.array([0, 3])
    np.testing.assert_array_equal(gradient_from(evaluator, x, labels)["gradient"], np.zeros_like(x))


def test_a_model_without_such_a_loss_is_an_answer() -> None:
    evaluator, _ = loaded(reader(True))
    assert "error" in gradient_from(evaluator, np.ones((2, 7, 2), "float32"), np.array([0, 1]))

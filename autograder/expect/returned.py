"""Expectations of a returned value: it is a Keras model, and the same model at each call."""

from __future__ import annotations

import numpy as np

from autograder.errors import StudentError
from autograder.proxies.student import Model, StudentObject
from autograder.result import Outcome
from autograder.wire import Opaque, Value


def keras_model(value: Model | Value, input_shape: tuple[int | None, ...]) -> Model:
    """Return `value` if it is a Keras model, with its structure read.

    `input_shape`, without the batch axis, builds a model that has no Input of its own. Raises
    StudentError with a message for the student when `value` is no model or cannot be read.

        model = expect.keras_model(student.build_model(SHAPE), input_shape=SHAPE)
    """
    if isinstance(value, Model):
        return value.refresh(input_shape)
    hint = " Is the `return` missing?" if value is None else ""
    raise StudentError(
        Outcome.FAILED, f"A Keras model is expected here; what came back is {kind_of(value)}.{hint}"
    )


def same_architecture(model: Model, first: Model) -> Model:
    """Return `model` if it has the architecture of `first`.

    Layers, calls, shapes and sizes must agree, so that a check of `first` holds for each model that
    the function returns. Raises StudentError with a message for the student otherwise.

        again = expect.same_architecture(student.build_model(SHAPE), first=built)
    """
    if _outline(model) != _outline(first):
        raise StudentError(
            Outcome.FAILED,
            "Called a second time, your function returned a model of another architecture. "
            "It should build the same one each time.",
        )
    return model


def _outline(model: Model) -> tuple[object, ...]:
    graph = model.graph
    # Names do not count: Keras numbers them on from call to call.
    layers = [
        (layer.class_name, layer.activation, [(w.shape, w.trainable) for w in layer.weights])
        for layer in graph.layers
    ]
    calls = [(node.layer, node.op, node.inputs, node.output_shapes) for node in graph.nodes]
    return layers, calls, graph.constants


def kind_of(value: Value) -> str:
    """Return in plain words what a value is: "None", "a list", "an array of shape (3, 2)".

    For messages about a returned value.

        assert isinstance(value, float), f"A float is expected, not {expect.kind_of(value)}."
    """
    if value is None:
        return "None"
    if isinstance(value, Opaque | StudentObject):
        return f"something of the type {value.type_name}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"

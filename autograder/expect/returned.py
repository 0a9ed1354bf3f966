"""What a function brought back: a Keras model, the same one each time, or something else."""

from __future__ import annotations

import numpy as np

from autograder.errors import StudentError
from autograder.proxies.student import Model
from autograder.result import Outcome
from autograder.wire import Opaque, Value


def keras_model(value: Model | Value, input_shape: tuple[int | None, ...]) -> Model:
    """Return `value` if it is a Keras model, ready to be asked about its structure.

    `input_shape`, without the batch axis, builds a Sequential that has no Input of its own.
    Raises StudentError for anything that is no model or cannot be read.
    """
    if isinstance(value, Model):
        return value.refresh(input_shape)
    hint = " Is the `return` missing?" if value is None else ""
    raise StudentError(
        Outcome.FAILED, f"A Keras model is expected here; what came back is {kind_of(value)}.{hint}"
    )


def same_architecture(model: Model, first: Model) -> Model:
    """Return `model`; raises StudentError where its graph is another than that of `first`.

    Layers, calls, shapes and sizes must agree: what is judged once has to hold for every call.
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
    # Names are left out: Keras counts them on from call to call.
    layers = [
        (layer.class_name, layer.activation, [(w.shape, w.trainable) for w in layer.weights])
        for layer in graph.layers
    ]
    calls = [(node.layer, node.op, node.inputs, node.output_shapes) for node in graph.nodes]
    return layers, calls, graph.constants


def kind_of(value: Value) -> str:
    """Return in plain words what a value is: 'None', 'a list', 'an array of shape (3, 2)'."""
    if value is None:
        return "None"
    if isinstance(value, Opaque):
        return f"something of the type {value.type_name}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"

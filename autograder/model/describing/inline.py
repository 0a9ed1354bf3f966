"""Calling a student's own layers on symbolic tensors, and leaving no trace of it in the model."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from textwrap import shorten
from typing import Any

import keras
from keras.src.backend import AutocastScope, get_keras_mask
from keras.src.models.functional import Functional

from autograder.errors import UndescribableModel, UnknownTensorFlowCall
from autograder.model.allowlist.operations import OPERATIONS
from autograder.model.describing.tensorflow_twins import sentence

_REFUSAL_OF_KERAS = "A KerasTensor cannot be used as input to a TensorFlow function."


def prepare(model: Any, input_shape: tuple[int | None, ...] | None) -> None:
    """Build a Sequential that has no input shape yet, or the layers of a subclassed model."""
    if not isinstance(model, keras.Sequential):
        if not has_graph(model):
            _build(model, known_shape(model, input_shape))
        return
    if model.built and has_graph(model):
        return
    if not model.layers:
        raise UndescribableModel("The model has no layers yet: add some with model.add(...).")
    if input_shape is None:
        raise UndescribableModel(
            "The model does not know its input's shape yet. Start it with keras.Input(shape=...)."
        )
    model.build((None, *input_shape))


def _build(model: Any, shape: tuple[int | None, ...]) -> None:
    # `model.build` marks a subclassed model as built although its layers are not.
    if not all(layer.built for layer in model._flatten_layers()):
        _run(model, [keras.KerasTensor((None, *shape))], {}, named(model))
        del model._inbound_nodes[-1:]


def known_shape(model: Any, given: tuple[int | None, ...] | None) -> tuple[int | None, ...]:
    """Return a subclassed model's input shape without the batch axis."""
    if given is not None:
        return tuple(given)
    shapes = list((getattr(model, "_build_shapes_dict", None) or {}).values())
    if len(shapes) != 1 or not all(n is None or isinstance(n, int) for n in shapes[0]):
        raise UndescribableModel(
            "The model does not tell its input's shape. "
            "Use the Sequential or the functional API, starting from keras.Input(shape=...)."
        )
    return tuple(shapes[0][1:])


def has_graph(model: Any) -> bool:
    """Tell whether a model is a graph of calls that Keras recorded, and nothing more."""
    if type(model).__call__ is not keras.layers.Layer.__call__:
        return False
    if isinstance(model, keras.Sequential):
        return type(model).call is keras.Sequential.call and model._functional is not None
    return isinstance(model, Functional) and type(model).call is Functional.call


def graph_of(model: Any) -> Any:
    """Return the functional model whose inputs and outputs end the graph of `model`."""
    return model._functional if isinstance(model, keras.Sequential) else model


@contextmanager
def undo_calls(model: Any) -> Iterator[None]:
    """Forget, at the end, every symbolic call of the model's layers that was made meanwhile."""
    layers = model._flatten_layers()
    before = [(x, len(x._inbound_nodes), len(x._outbound_nodes)) for x in layers]
    try:
        yield
    finally:
        for layer, inbound, outbound in before:
            del layer._inbound_nodes[inbound:]
            del layer._outbound_nodes[outbound:]


def call_layer(layer: Any, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
    """Return the symbolic tensors that a layer's own `call` returns, flattened."""
    function = layer.call
    given = dict(kwargs)
    if "mask" in _parameters(function) and given.get("mask") is None:
        given["mask"] = keras.tree.map_structure(_mask_of, args[0])
    if "training" in _parameters(function):
        given["training"] = _training(function)
    if not layer.built:
        layer(*args, **kwargs)
    with _scope(layer):
        return list(keras.tree.flatten(_run(function, args, given, named(layer))))


def _mask_of(value: Any) -> Any:
    return get_keras_mask(value) if isinstance(value, keras.KerasTensor) else None


def call_function(function: Callable[..., Any], args: list[Any], where: str) -> list[Any]:
    """Return the symbolic tensors that a plain function returns, flattened."""
    return list(keras.tree.flatten(_run(function, args, {}, where)))


def named(layer: Any) -> str:
    """Return how a message names a layer."""
    return f"{type(layer).__name__} {layer.name!r}"


def check_training(layer: Any) -> None:
    """Refuse an explicit training=True; the default of an augmentation layer may be True."""
    if _parameters(layer.call)["training"].default is not True:
        raise UndescribableModel(
            f"{named(layer)} is called with training=True inside `call`, so that predictions "
            "change from call to call. Pass on the `training` that `call` is given."
        )


def _training(function: Callable[..., Any]) -> bool | None:
    """None lets the layers within decide for themselves; but a default of True must not win."""
    return False if _parameters(function)["training"].default is True else None


def _parameters(function: Callable[..., Any]) -> Any:
    return inspect.signature(function).parameters


def _scope(layer: Any) -> Any:
    mixed = layer.compute_dtype != layer.variable_dtype
    return AutocastScope(layer.compute_dtype) if mixed else nullcontext()


def _run(function: Callable[..., Any], args: Any, kwargs: Any, where: str) -> Any:
    try:
        return function(*args, **kwargs)
    except UndescribableModel:
        raise
    except UnknownTensorFlowCall as error:
        readable = frozenset(rule.function for rule in OPERATIONS.values())
        raise UndescribableModel(sentence(str(error), where, readable)) from error
    except Exception as error:  # the student's own code, which may raise anything
        reason = f"{type(error).__name__}: {shorten(str(error), 160, placeholder=' ...')}"
        if str(error).startswith(_REFUSAL_OF_KERAS):
            reason = "it hands tensors to TensorFlow or NumPy"
        raise UndescribableModel(
            f"{where} cannot be taken apart into Keras layers and operations ({reason}). "
            "Use Keras layers or functions of keras.ops in its place."
        ) from error

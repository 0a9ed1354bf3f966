"""Calling a student's own layers on symbolic tensors, and leaving no trace of it in the model."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from textwrap import shorten
from typing import Any

import keras

from autograder.errors import UndescribableModel, UnknownTensorFlowCall
from autograder.model import keras_internals
from autograder.model.allowlist.operations import OPERATIONS
from autograder.model.describing.tensorflow_twins import sentence
from autograder.model.keras_messages import cause


def prepare(model: Any, input_shape: tuple[int | None, ...] | None) -> None:
    """Build a Sequential that has no input shape yet, or the layers of a subclassed model.

    `input_shape` is without the batch axis. Raises UndescribableModel when the shape is unknown.
    """
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
    if not all(layer.built for layer in keras_internals.layers_within(model)):
        _run(model, [keras.KerasTensor((None, *shape))], {}, named(model))
        calls, _ = keras_internals.recorded_calls(model)
        del calls[-1:]


def known_shape(model: Any, declared: tuple[int | None, ...] | None) -> tuple[int | None, ...]:
    """Return a subclassed model's input shape, without the batch axis.

    `declared` is the shape that a check gave, which comes first. Raises UndescribableModel when
    Keras recorded no single shape.
    """
    if declared is not None:
        return tuple(declared)
    shapes = keras_internals.shapes_at_build(model)
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
        graph = keras_internals.graph_of_sequential(model)
        return type(model).call is keras.Sequential.call and graph is not None
    functional = keras_internals.functional_class()
    return isinstance(model, functional) and type(model).call is functional.call


def graph_of(model: Any) -> Any:
    """Return the functional model whose inputs and outputs end the graph of `model`."""
    if isinstance(model, keras.Sequential):
        return keras_internals.graph_of_sequential(model)
    return model


@contextmanager
def undo_calls(model: Any) -> Iterator[None]:
    """Remove, at the end, the calls of the model's layers that Keras recorded in the context."""
    layers = keras_internals.layers_within(model)
    counts = [[len(calls) for calls in keras_internals.recorded_calls(x)] for x in layers]
    try:
        yield
    finally:
        for layer, before in zip(layers, counts, strict=True):
            for calls, count in zip(keras_internals.recorded_calls(layer), before, strict=True):
                del calls[count:]


def call_layer(layer: Any, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
    """Return the symbolic tensors that a layer's own `call` returns, flattened.

    Raises UndescribableModel when the student's code fails on symbolic tensors.
    """
    keywords = dict(kwargs)
    if "mask" in _parameters(layer.call) and keywords.get("mask") is None:
        keywords["mask"] = keras.tree.map_structure(_mask_of, args[0])
    if not layer.built:
        layer(*args, **kwargs)
    call = partial(called_with, layer)
    return list(keras.tree.flatten(_run(call, [args, keywords], {}, named(layer))))


def called_with(layer: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Return what a layer's own `call` returns when the model predicts; raises what it raises."""
    function = layer.call
    training = {"training": _training(function)} if "training" in _parameters(function) else {}
    with _scope(layer):
        return function(*args, **{**kwargs, **training})


def build_on(layer: Any, kinds: list[tuple[tuple[int | None, ...], str]]) -> None:
    """Make the weights of a layer that Keras makes only when the model first runs."""
    if not layer.built:
        layer(*(keras.KerasTensor(shape, dtype=dtype) for shape, dtype in kinds))


def _mask_of(value: Any) -> Any:
    return keras_internals.mask_of(value) if isinstance(value, keras.KerasTensor) else None


def call_function(function: Callable[..., Any], args: list[Any], where: str) -> list[Any]:
    """Return the symbolic tensors that a plain function returns, flattened.

    `where` begins the message of the UndescribableModel that a failing function raises.
    """
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
    """Return the `training` for a student's `call`: None, or False where its default is True."""
    return False if _parameters(function)["training"].default is True else None


def _parameters(function: Callable[..., Any]) -> Any:
    return inspect.signature(function).parameters


def _scope(layer: Any) -> Any:
    mixed = layer.compute_dtype != layer.variable_dtype
    return keras_internals.autocast(layer.compute_dtype) if mixed else nullcontext()


def _run(function: Callable[..., Any], args: Any, kwargs: Any, where: str) -> Any:
    try:
        return function(*args, **kwargs)
    except UndescribableModel:
        raise
    except UnknownTensorFlowCall as error:
        readable = frozenset(rule.function for rule in OPERATIONS.values())
        raise UndescribableModel(sentence(str(error), where, readable)) from error
    except Exception as error:  # the student's own code, which may raise anything
        reason = f"{type(error).__name__}: {shorten(cause(str(error)), 160, placeholder=' ...')}"
        if str(error).startswith(keras_internals.SYMBOLIC_REFUSAL):
            reason = "it hands tensors to TensorFlow or NumPy"
        raise UndescribableModel(
            f"{where} cannot be taken apart into Keras layers and operations ({reason}). "
            "Use Keras layers or functions of keras.ops in its place."
        ) from error

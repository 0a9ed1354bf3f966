"""Running a student's `call` under TensorFlow's own tracer, which records primitive operations.

TensorFlow lowers whatever function of its API the code calls to some hundred primitive operations.
A layer that the code calls stays a single step: the tracer's record of its inside is not read.
"""

from __future__ import annotations

import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import shorten
from typing import Any

import keras

from autograder.errors import UndescribableModel
from autograder.model import keras_internals
from autograder.model.describing.inline import called_with, named
from autograder.model.describing.layer_calls import layer_calls
from autograder.model.describing.training_only import no_losses_or_metrics
from autograder.model.keras_messages import cause

__all__ = ["LayerCall", "Traced", "line_of", "plain_functions", "trace"]

_LIBRARIES = (sysconfig.get_paths()["purelib"], sysconfig.get_paths()["stdlib"])
_OWN = str(Path(__file__).parents[2])  # the package


@dataclass(frozen=True, slots=True)
class LayerCall:
    """A call of a layer within the traced code, and the graph tensors that it returned."""

    layer: Any
    args: Any
    kwargs: dict[str, Any]
    outputs: tuple[Any, ...]


@dataclass(slots=True)
class Traced:
    """What a `call` computes: graph tensors in and out, and the calls of layers in between.

    `captured` has the eager tensor or the variable's handle for each placeholder that stands for
    it; `calls` has the layer's call for each tensor that a layer returned. Both are by the name of
    the graph tensor.
    """

    inputs: list[Any]
    outputs: list[Any]
    captured: dict[str, Any] = field(default_factory=dict)
    calls: dict[str, LayerCall] = field(default_factory=dict)


def trace(layer: Any, kinds: list[tuple[tuple[int | None, ...], str]], pack: Any) -> Traced:
    """Trace the `call` of a student's layer on tensors of these shapes and types.

    `pack` makes the positional and named arguments from these tensors. Raises UndescribableModel
    where the code fails, or where TensorFlow does not compute.
    """
    if keras.backend.backend() != "tensorflow":
        raise UndescribableModel("Only TensorFlow traces a `call`.")
    import tensorflow as tf

    traced = Traced([], [])

    def body(*tensors: Any) -> Any:
        traced.inputs.extend(tensors)
        args, kwargs = pack(list(tensors))
        with _single_steps(traced, layer), plain_functions(), no_losses_or_metrics():
            returned = called_with(layer, args, kwargs)
        traced.outputs.extend(tf.convert_to_tensor(y) for y in keras.tree.flatten(returned))
        return list(traced.outputs)

    kind = [tf.TensorSpec(shape, dtype) for shape, dtype in kinds]
    try:
        concrete = tf.function(body, autograph=False).get_concrete_function(*kind)
    except UndescribableModel:
        raise
    except Exception as error:  # the student's own code, which may raise anything
        raise UndescribableModel(
            f"{named(layer)} cannot be traced by TensorFlow "
            f"({type(error).__name__}: {shorten(cause(str(error)), 160, placeholder=' ...')})."
        ) from error
    traced.captured = {inner.name: outer for outer, inner in concrete.graph.captures}
    return traced


@contextmanager
def _single_steps(traced: Traced, outer: Any) -> Iterator[None]:
    """Record each layer that is called within `outer` as a single step."""
    import tensorflow as tf

    inside = False

    def call(original: Callable[..., Any], layer: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal inside
        if inside or layer is outer:
            return original(layer, *args, **kwargs)
        inside = True
        try:
            returned = original(layer, *args, **kwargs)
        finally:
            inside = False
        flat = [tf.identity(y) for y in keras.tree.flatten(returned)]
        if any(keras_internals.mask_of(y) is not None for y in keras.tree.flatten(returned)):
            raise UndescribableModel(f"{named(layer)} passes on a mask.")
        step = LayerCall(layer, args, kwargs, tuple(flat))
        traced.calls.update({output.name: step for output in flat})
        return keras.tree.pack_sequence_as(returned, flat)

    with layer_calls(call):
        yield


@contextmanager
def plain_functions() -> Iterator[None]:
    """Have functions under @tf.function run as the plain functions that they decorate."""
    if keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)


def line_of(operation: Any) -> str:
    """Return the line of the student's code that made a graph operation, "" where none is known."""
    for frame in reversed(list(operation.traceback)):
        if frame.filename.startswith(_OWN):
            return ""  # the frames further out are those of the grader
        if not frame.filename.startswith(_LIBRARIES):
            return f"line {frame.lineno} in {frame.name}"
    return ""

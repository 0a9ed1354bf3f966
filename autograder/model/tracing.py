"""Letting student code run on symbolic tensors: TensorFlow calls, NumPy operands, lone constants.

Symbolic tensors of Keras refuse TensorFlow's functions and NumPy's operators, and a layer that is
called on a plain array computes at once. Within `symbolic_calls` all three are recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import keras
import numpy as np

from autograder.model.tensorflow_calls import tensorflow_functions


@contextmanager
def symbolic_calls(own: frozenset[int], lift: Callable[[Any], Any]) -> Iterator[None]:
    """Record what would compute at once.

    `own` are the ids of the model's layers; `lift` returns a symbolic tensor for an array.
    """
    with ExitStack() as stack:
        stack.enter_context(_lifted_arguments(own, lift))
        stack.enter_context(_numpy_operands())
        if keras.backend.backend() == "tensorflow":
            stack.enter_context(tensorflow_functions())
        yield


@contextmanager
def _lifted_arguments(own: frozenset[int], lift: Callable[[Any], Any]) -> Iterator[None]:
    """A position table looked up at constant positions is part of the graph."""
    original = keras.layers.Layer.__call__

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        lone = id(layer) in own and _eager() and not _symbolic((args, kwargs))
        given = keras.tree.map_structure(lift, args) if lone else args
        return original(layer, *given, **kwargs)

    keras.layers.Layer.__call__ = call
    try:
        yield
    finally:
        keras.layers.Layer.__call__ = original


def is_array(value: Any) -> bool:
    """Tell whether a value holds numbers that are known already."""
    return isinstance(value, np.ndarray) or keras.ops.is_tensor(value)


def _symbolic(value: Any) -> bool:
    return any(isinstance(item, keras.KerasTensor) for item in keras.tree.flatten(value))


def _eager() -> bool:
    if keras.backend.backend() != "tensorflow":
        return True
    import tensorflow as tf

    return bool(tf.executing_eagerly())


@contextmanager
def _numpy_operands() -> Iterator[None]:
    """NumPy then leaves `array - tensor` to the tensor."""
    keras.KerasTensor.__array_ufunc__ = None
    try:
        yield
    finally:
        del keras.KerasTensor.__array_ufunc__

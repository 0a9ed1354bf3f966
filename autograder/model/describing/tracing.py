"""Letting student code run on symbolic tensors: TensorFlow calls, NumPy operands, lone constants.

Symbolic tensors of Keras refuse TensorFlow's functions and the operators of NumPy and of weights,
and a layer that is called on a plain array computes at once. Within `symbolic_calls` all of these
are recorded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import keras
import numpy as np

from autograder.errors import UndescribableModel
from autograder.model import keras_internals
from autograder.model.describing.reading import check_acting
from autograder.model.describing.tensorflow_calls import tensorflow_functions

_OPERATORS = tuple(
    f"__{name}__" for name in "add sub mul truediv floordiv mod pow matmul lt le gt ge".split()
)


@contextmanager
def symbolic_calls(own: frozenset[int], lift: Callable[[Any], Any]) -> Iterator[None]:
    """Record what would compute at once.

    `own` are the ids of the model's layers; `lift` returns a symbolic tensor for an array.
    """
    with ExitStack() as stack:
        stack.enter_context(_lifted_arguments(own, lift))
        stack.enter_context(_numpy_operands())
        stack.enter_context(_variable_operands())
        stack.enter_context(_settled_reshapes())
        if keras.backend.backend() == "tensorflow":
            stack.enter_context(tensorflow_functions())
        yield


@contextmanager
def _lifted_arguments(own: frozenset[int], lift: Callable[[Any], Any]) -> Iterator[None]:
    """A position table looked up at constant positions is part of the graph."""
    original = keras.layers.Layer.__call__

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        check_acting(layer)  # some do not even show up in the graph
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


@contextmanager
def _variable_operands() -> Iterator[None]:
    """A weight then leaves `weight * tensor` to the tensor."""
    before = {name: getattr(keras.Variable, name) for name in _OPERATORS}
    inherited = [name for name in _OPERATORS if name not in vars(keras.Variable)]
    for name, original in before.items():
        setattr(keras.Variable, name, _leaving(original))
    try:
        yield
    finally:
        for name, original in before.items():
            setattr(keras.Variable, name, original)
        for name in inherited:
            delattr(keras.Variable, name)


def _leaving(original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def operate(variable: Any, other: Any) -> Any:
        return NotImplemented if _symbolic(other) else original(variable, other)

    return operate


@contextmanager
def _settled_reshapes() -> Iterator[None]:
    """A reshape to the unknown length of the batch, and -1, then knows what the -1 stands for."""
    reshape = keras_internals.reshape_class()
    original = reshape.compute_output_spec

    def compute_output_spec(operation: Any, x: Any) -> Any:
        if type(operation.newshape) is tuple:
            operation.newshape = _settled(operation.newshape, tuple(x.shape))
        return original(operation, x)

    reshape.compute_output_spec = compute_output_spec
    try:
        yield
    finally:
        reshape.compute_output_spec = original


def _settled(new: tuple[Any, ...], given: tuple[int | None, ...]) -> tuple[Any, ...]:
    """Return a shape without None; one in front stands for the length of the batch."""
    batch = bool(given and new) and (given[0], new[0]) == (None, None)
    lengths = [length for length in given[1:] if length is not None]
    if batch and -1 in new and len(lengths) == len(given) - 1 and None not in new[1:]:
        size, known = math.prod(lengths), -math.prod(new[1:])
        if known and size % known == 0:
            new = tuple(size // known if length == -1 else length for length in new)
    if new.count(None) == 1 and -1 not in new:
        new = tuple(-1 if length is None else length for length in new)
    if None in new:
        raise UndescribableModel(
            "A tensor is reshaped to several lengths that are not known yet, which cannot be "
            "graded. Give all but one of them as numbers."
        )
    return new

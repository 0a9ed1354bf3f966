"""Letting student code run on symbolic tensors: TensorFlow calls, NumPy operands, plain arrays.

Within `symbolic_calls` Keras records calls that it would refuse or compute at once otherwise: a
function of TensorFlow on a symbolic tensor, an operator between a NumPy array or a weight and a
symbolic tensor, a layer that is called on a plain array.
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
from autograder.model.describing.layer_calls import layer_calls
from autograder.model.describing.reading import check_acting
from autograder.model.describing.tensorflow_calls import tensorflow_functions
from autograder.model.describing.traced_call import plain_functions
from autograder.model.describing.training_only import no_losses_or_metrics

_OPERATORS = tuple(
    f"__{name}__" for name in "add sub mul truediv floordiv mod pow matmul lt le gt ge".split()
)


@contextmanager
def symbolic_calls(own: frozenset[int], lift: Callable[[Any], Any]) -> Iterator[None]:
    """Have Keras record calls on symbolic tensors that it does not record by itself.

    `own` are the ids of the model's layers; `lift` returns a symbolic tensor for an array.
    """
    with ExitStack() as stack:
        stack.enter_context(no_losses_or_metrics())
        stack.enter_context(plain_functions())
        stack.enter_context(_lifted_arguments(own, lift))
        stack.enter_context(_numpy_operands())
        stack.enter_context(_variable_operands())
        stack.enter_context(_settled_reshapes())
        if keras.backend.backend() == "tensorflow":
            stack.enter_context(tensorflow_functions())
        yield


@contextmanager
def _lifted_arguments(own: frozenset[int], lift: Callable[[Any], Any]) -> Iterator[None]:
    """Record a layer of the model that is called on arrays only, such as a table of positions."""

    def call(original: Callable[..., Any], layer: Any, *args: Any, **kwargs: Any) -> Any:
        check_acting(layer)  # a layer that acts on arrays leaves no trace in the graph
        lone = id(layer) in own and _eager() and not _symbolic((args, kwargs))
        lifted = keras.tree.map_structure(lift, args) if lone else args
        return original(layer, *lifted, **kwargs)

    with layer_calls(call):
        yield


def is_array(value: Any) -> bool:
    """Tell whether a value is an array or a tensor with numbers in it."""
    return isinstance(value, np.ndarray) or keras.ops.is_tensor(value)


def _symbolic(value: Any) -> bool:
    return any(isinstance(leaf, keras.KerasTensor) for leaf in keras.tree.flatten(value))


def _eager() -> bool:
    if keras.backend.backend() != "tensorflow":
        return True
    import tensorflow as tf

    return bool(tf.executing_eagerly())


@contextmanager
def _numpy_operands() -> Iterator[None]:
    """Have NumPy leave `array - tensor` to the symbolic tensor."""
    keras.KerasTensor.__array_ufunc__ = None
    try:
        yield
    finally:
        del keras.KerasTensor.__array_ufunc__


@contextmanager
def _variable_operands() -> Iterator[None]:
    """Have a weight leave `weight * tensor` to the symbolic tensor."""
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
    """Have a reshape to (None, ..., -1) compute the length that -1 stands for."""
    reshape = keras_internals.reshape_class()
    original = reshape.compute_output_spec

    def compute_output_spec(operation: Any, x: Any) -> Any:
        if type(operation.newshape) is tuple:
            operation.newshape = settled(operation.newshape, tuple(x.shape))
        return original(operation, x)

    reshape.compute_output_spec = compute_output_spec
    try:
        yield
    finally:
        reshape.compute_output_spec = original


def settled(target: tuple[Any, ...], shape: tuple[int | None, ...]) -> tuple[Any, ...]:
    """Return the target of a reshape without None; None in front is the length of the batch.

    `shape` is the shape of the tensor that is reshaped. Raises UndescribableModel when two lengths
    are unknown.
    """
    batch = bool(shape and target) and (shape[0], target[0]) == (None, None)
    lengths = [length for length in shape[1:] if length is not None]
    if batch and -1 in target and len(lengths) == len(shape) - 1 and None not in target[1:]:
        size, divisor = math.prod(lengths), -math.prod(target[1:])
        if divisor and size % divisor == 0:
            target = tuple(size // divisor if length == -1 else length for length in target)
    if target.count(None) == 1 and -1 not in target:
        target = tuple(-1 if length is None else length for length in target)
    if None in target:
        raise UndescribableModel(
            "A tensor is reshaped to several lengths that are not known yet, which cannot be "
            "graded. Give all but one of them as numbers."
        )
    return target

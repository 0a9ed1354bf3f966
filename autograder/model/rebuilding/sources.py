"""Layers of our own: a weight as a tensor, a constant as a tensor, a tensor with a mask."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from autograder.model.keras_internals import keep_inputs


class Variable(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
    """Returns its weight, of `shape`; the tensor that it is called on ties it to the graph."""

    def __init__(self, shape: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        keep_inputs(self)
        self._value_shape = tuple(shape)

    def build(self, _: Any) -> None:
        """Create the weight."""
        self.value = self.add_weight(shape=self._value_shape, initializer="zeros", name="value")
        self.built = True

    def call(self, _: Any) -> Any:
        """Return the weight as a tensor."""
        return keras.ops.convert_to_tensor(self.value)

    def compute_output_spec(self, _: Any) -> keras.KerasTensor:
        """Return a tensor of the weight's shape."""
        return keras.KerasTensor(self._value_shape, dtype=self.compute_dtype)


class Constant(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
    """Returns a fixed array; the tensor that it is called on ties it to the graph."""

    def __init__(self, value: np.ndarray[Any, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        keep_inputs(self)
        self.value = keras.ops.convert_to_tensor(value)

    def call(self, _: Any) -> Any:
        """Return the array as a tensor."""
        return self.value

    def compute_output_spec(self, _: Any) -> keras.KerasTensor:
        """Return a tensor of the array's shape and type."""
        return keras.KerasTensor(self.value.shape, dtype=self.value.dtype.name)


class Masked(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
    """Returns its first argument with its second argument attached as Keras's mask."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        keep_inputs(self)
        self.supports_masking = True

    def call(self, x: Any, mask: Any = None) -> Any:  # noqa: ARG002 # Keras reads the signature
        """Return `x`; Keras attaches the mask."""
        return keras.ops.copy(x)

    def compute_output_spec(self, x: Any, mask: Any = None) -> keras.KerasTensor:  # noqa: ARG002
        """Return a tensor like `x`."""
        return keras.KerasTensor(x.shape, dtype=x.dtype)

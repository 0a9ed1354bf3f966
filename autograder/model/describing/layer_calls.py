"""Stands between a caller and the layers of Keras: a function sees each call of a layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras

__all__ = ["layer_calls"]


@contextmanager
def layer_calls(around: Callable[..., Any]) -> Iterator[None]:
    """Have `around(original, layer, *args, **kwargs)` return what a call of a layer returns.

    `original(layer, *args, **kwargs)` makes the call itself. Contexts may lie within each other:
    the innermost function is asked first.
    """
    original = keras.layers.Layer.__call__

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        return around(original, layer, *args, **kwargs)

    keras.layers.Layer.__call__ = call
    try:
        yield
    finally:
        keras.layers.Layer.__call__ = original

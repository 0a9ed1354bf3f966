"""Leaving out, while a model is read, what matters for training only.

That are penalties, constraints and initializers, whatever their class, losses that a `call` adds,
and metrics that a `call` updates. None of them changes what the model predicts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from autograder.model import keras_internals
from autograder.model.describing.activation_names import activation_name

__all__ = ["no_losses_or_metrics", "without_training_only"]

_PENALTIES = (keras.regularizers.L1, keras.regularizers.L2, keras.regularizers.L1L2)
_SUFFIXES = ("_regularizer", "_constraint", "_initializer")


@contextmanager
def without_training_only(layer: Any) -> Iterator[None]:
    """Have a layer's get_config leave out what Keras may be unable to write down.

    Only the penalties of Keras stay, and activations that Keras knows by name: an own class may
    lack `get_config`, and fails in it otherwise. Everything is back when the context ends.
    """
    changed: list[tuple[dict[str, Any], str, Any]] = []
    for part in keras_internals.layers_within(layer):
        attributes = vars(part)  # past Keras's tracking of attributes
        for name, value in attributes.items():
            stand_in = _stand_in(name, value)
            if stand_in is not value:
                changed.append((attributes, name, value))
    try:
        for attributes, name, value in changed:
            attributes[name] = _stand_in(name, value)
        yield
    finally:
        for attributes, name, value in changed:
            attributes[name] = value


def _stand_in(name: str, value: Any) -> Any:
    """Return what stands for an attribute of a layer meanwhile: the attribute itself, mostly."""
    if name.endswith(_SUFFIXES):
        return value if type(value) in _PENALTIES else None
    if name == "activation" and activation_name(value) is None:
        return keras.activations.linear
    return value


@contextmanager
def no_losses_or_metrics() -> Iterator[None]:
    """Have `add_loss` and updates of metrics do nothing: symbolic tensors have no values."""
    methods = [(keras.layers.Layer, "add_loss"), (keras.metrics.Metric, "__call__")]
    methods += [(cls, "update_state") for cls in _with_subclasses(keras.metrics.Metric)]
    before = [(cls, name, vars(cls)[name]) for cls, name in methods if name in vars(cls)]
    for cls, name, _ in before:
        setattr(cls, name, _nothing)
    try:
        yield
    finally:
        for cls, name, method in before:
            setattr(cls, name, method)


def _with_subclasses(cls: Any) -> Iterator[Any]:
    yield cls
    for inner in cls.__subclasses__():
        yield from _with_subclasses(inner)


def _nothing(*_args: Any, **_kwargs: Any) -> None:
    """Do nothing."""

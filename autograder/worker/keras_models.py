"""Builds, opens and describes Keras models in the student's worker; to import it imports Keras."""

from __future__ import annotations

from typing import Any

import keras

from autograder.model.describing.describe import describe
from autograder.model.rebuilding.build import build
from autograder.model.rebuilding.parse import parse
from autograder.wire import Value

__all__ = ["built", "described", "opened"]


def built(description: Value) -> keras.Model:
    """Return the model of a description; raises RefusedModel."""
    return build(parse(description))


def opened(path: str) -> keras.Model:
    """Return a saved model; raises TypeError for a file that holds something else.

    Raises whatever Keras raises for a file that it cannot open.
    """
    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    if not isinstance(model, keras.Model):
        raise TypeError(f"it holds a {type(model).__name__}, not a model")
    return model


def described(model: Any, input_shape: tuple[int | None, ...] | None) -> Value:
    """Return the description of a live model; raises UndescribableModel."""
    return describe(model, input_shape)

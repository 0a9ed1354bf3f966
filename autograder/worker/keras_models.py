"""Builds, opens and describes Keras models in the student's worker; to import it imports Keras."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from autograder.model.describing.describe import Reading, read_model
from autograder.model.describing.second_reading import answered
from autograder.model.rebuilding.build import build
from autograder.model.rebuilding.parse import parse
from autograder.wire import Value

__all__ = ["answers", "built", "opened", "read"]


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


def read(model: Any, input_shape: tuple[int | None, ...] | None) -> Reading:
    """Return what there is to read of a live model; raises UndescribableModel."""
    return read_model(model, input_shape)


def answers(model: Any, reading: Reading, inputs: Sequence[np.ndarray[Any, Any]]) -> Value:
    """Return what a live model predicts for a few rows, as it was when it was read.

    "description" is another one, where the first does not predict this, or else None.
    """
    found, answers = answered(model, reading, inputs)
    return {**answers, "description": None if found is reading else found.description}

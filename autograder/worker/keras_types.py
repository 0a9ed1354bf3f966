"""Tells Keras's models and histories from other objects, without importing Keras.

An object can only be of Keras where Keras has been imported. The import takes seconds, and a
student who checks plain functions need not wait for it.
"""

from __future__ import annotations

import sys

__all__ = ["is_history", "is_model"]


def is_model(thing: object) -> bool:
    """Tell whether a thing is a Keras model."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(thing, keras.Model)


def is_history(thing: object) -> bool:
    """Tell whether a thing is the History that `fit` returns."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(thing, keras.callbacks.History)

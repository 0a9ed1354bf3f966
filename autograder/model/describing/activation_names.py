"""Finding Keras's name of an activation function that a student passed as an object."""

from __future__ import annotations

from functools import cache
from typing import Any

import keras

from autograder.model.allowlist.rules import ACTIVATIONS

# Functions of keras.ops that equal those of keras.activations; gelu and leaky_relu have other
# defaults there.
_ALIKE = "relu relu6 sigmoid tanh softplus softsign elu selu silu softmax log_softmax".split()
_TENSORFLOW = {
    "nn.relu": "relu",
    "nn.relu6": "relu6",
    "nn.sigmoid": "sigmoid",
    "nn.tanh": "tanh",
    "nn.softmax": "softmax",
    "nn.log_softmax": "log_softmax",
    "nn.softplus": "softplus",
    "nn.softsign": "softsign",
    "nn.elu": "elu",
    "nn.selu": "selu",
    "nn.silu": "silu",
    "nn.swish": "silu",
    "nn.gelu": "gelu",
    "nn.leaky_relu": "leaky_relu",
    "exp": "exponential",
    "identity": "linear",
}


def activation_name(function: Any) -> str | None:
    """Return the name of a function in keras.activations: "linear" for None, None where unknown.

    Functions of keras.activations, keras.ops and TensorFlow are known by identity.
    """
    if function is None:
        return "linear"
    return next((name for listed, name in _known() if listed is function), None)


@cache
def _known() -> tuple[tuple[Any, str], ...]:
    own = [(getattr(keras.activations, name), name) for name in ACTIVATIONS]
    ops = [(getattr(keras.ops, name), name) for name in _ALIKE]
    return (*own, *ops, *_from_tensorflow())


def _from_tensorflow() -> list[tuple[Any, str]]:
    if keras.backend.backend() != "tensorflow":
        return []
    import tensorflow as tf

    functions = []
    for path, name in _TENSORFLOW.items():
        function: Any = tf
        for part in path.split("."):
            function = getattr(function, part)
        functions.append((function, name))
    return functions

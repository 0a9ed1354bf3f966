"""Constructing a layer of the allow-list, and applying an operation of the allow-list."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from autograder.model.allowlist.table import CONSTANT, INPUT, MASKED, OPERATIONS, VARIABLE
from autograder.model.rebuilding.sources import Constant, Masked, Variable
from autograder.model.rebuilding.spec import LayerSpec, NodeSpec


def construct(spec: LayerSpec, name: str) -> Any:
    """Return a new Keras layer, not yet built."""
    config = {key: _argument(key, value) for key, value in spec.config.items()}
    if spec.class_name == INPUT:
        shape = (None, *config["shape"])
        return keras.layers.InputLayer(batch_shape=shape, dtype=config["dtype"], name=name)
    for key, inner in (spec.nested or {}).items():
        config[key] = (
            [construct(part, f"{name}_{key}_{n}") for n, part in enumerate(inner)]
            if isinstance(inner, tuple)
            else construct(inner, f"{name}_{key}")
        )
    cls = Variable if spec.class_name == VARIABLE else getattr(keras.layers, spec.class_name)
    return cls(**config, name=name, dtype=keras.DTypePolicy(spec.dtype))


def _argument(key: str, value: Any) -> Any:
    if key.endswith("activation"):
        return getattr(keras.activations, value)
    if key.endswith("_regularizer") and value is not None:
        return keras.regularizers.L1L2(**value)
    return value


def apply(node: NodeSpec, args: list[Any], anchor: Any) -> Any:
    """Return the result of an operation on symbolic operands; a constant is called on `anchor`."""
    if node.op == CONSTANT:
        return Constant(np.asarray(args[0]))(anchor)
    if node.op == MASKED:
        return Masked()(args[0], mask=args[1])
    if node.op == "GetItem":
        return args[0][args[1]]
    function: Any = keras
    for part in OPERATIONS[node.op].function.split("."):
        function = getattr(function, part)
    if node.op == "Einsum":
        return function(node.config["subscripts"], *args)
    fill = {"constant_values": args.pop()} if node.op == "Pad" and len(args) == 2 else {}
    return function(*args, **node.config, **fill)

"""Rebuilding a checked spec as a Keras model, from a table of constructors.

Nothing here resolves a received name: classes come from the allow-list, functions from fixed
modules, names are generated. Weights take no memory before their shapes are known to be those of
the arrays that were received.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state

from autograder.model.fields import Refused
from autograder.model.operands import Operand, Ref
from autograder.model.sources import Constant, Variable
from autograder.model.spec import LayerSpec, ModelSpec, NodeSpec, size_of
from autograder.model.structure import SHAPES, facts
from autograder.model.table import CONSTANT, INPUT, OPERATIONS, VARIABLE

__all__ = ["build", "facts"]

_PENDING = "uninitialized_variables"  # Keras's list of variables that wait for their values


def build(spec: ModelSpec) -> keras.Model:
    """Return the functional model that `spec` describes, with its weights.

    Raises Refused when Keras cannot build it, when a weight's shape is not the received one, or
    when an output would be larger than the caps allow.
    """
    try:
        return _build(spec)
    except Refused:
        raise
    except Exception as error:  # Keras raises many types for one cause: it cannot be built
        raise Refused(f"Keras cannot build it: {_first_line(error)}") from error
    finally:
        global_state.set_global_attribute(_PENDING, [])


def _build(spec: ModelSpec) -> keras.Model:
    layers = [_layer(layer, f"l{index}") for index, layer in enumerate(spec.layers)]
    tensors: list[list[Any]] = []
    with keras.StatelessScope(initialize_variables=False):
        anchor = _inputs(spec, layers)
        for index, node in enumerate(spec.nodes):
            tensors.append(_call(spec, node, layers, tensors, anchor))
            _check_outputs(tensors[-1], index, spec)
            if node.layer >= 0:
                _check_weights(layers[node.layer], spec.layers[node.layer], node.layer)
    _fill(layers, spec)
    outputs = [_pick(tensors, ref) for ref in spec.outputs]
    inputs = [tensors[index][0] for index in spec.inputs]
    model = keras.Model(_bare(inputs), _bare(outputs))
    shapes = tuple(tuple(tuple(t.shape) for t in found) for found in tensors)
    object.__setattr__(model, SHAPES, shapes)  # past Keras's tracking of attributes
    return model


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200]


def _layer(spec: LayerSpec, name: str) -> keras.layers.Layer:
    """Return a new layer, not yet built."""
    config = {key: _argument(key, value) for key, value in spec.config.items()}
    if spec.class_name == INPUT:
        shape = (None, *config["shape"])
        return keras.layers.InputLayer(batch_shape=shape, dtype=config["dtype"], name=name)
    for key, inner in (spec.nested or {}).items():
        config[key] = (
            [_layer(one, f"{name}_{key}_{n}") for n, one in enumerate(inner)]
            if isinstance(inner, tuple)
            else _layer(inner, f"{name}_{key}")
        )
    cls = Variable if spec.class_name == VARIABLE else getattr(keras.layers, spec.class_name)
    return cls(**config, name=name, dtype=keras.DTypePolicy(spec.dtype))


def _argument(key: str, value: Any) -> Any:
    if key.endswith("activation"):
        return getattr(keras.activations, value)
    if key.endswith("_regularizer") and value is not None:
        return keras.regularizers.L1L2(**value)
    return value


def _inputs(spec: ModelSpec, layers: list[keras.layers.Layer]) -> Any:
    """Return the tensor on which weights and constants hang in the graph: the first input."""
    return layers[spec.nodes[spec.inputs[0]].layer].output


def _call(
    spec: ModelSpec,
    node: NodeSpec,
    layers: list[keras.layers.Layer],
    tensors: list[list[Any]],
    anchor: Any,
) -> list[Any]:
    """Return the tensors of one call."""
    args = [_resolve(item, tensors) for item in node.args]
    if node.op:
        return _flat(_operate(node, args, anchor))
    layer = layers[node.layer]
    if spec.layers[node.layer].class_name == INPUT:
        return [layer.output]
    if spec.layers[node.layer].class_name == VARIABLE:
        return _flat(layer(anchor))
    kwargs = {name: _resolve(item, tensors) for name, item in node.kwargs.items()}
    return _flat(layer(*args, **kwargs))


def _operate(node: NodeSpec, args: list[Any], anchor: Any) -> Any:
    if node.op == CONSTANT:
        return Constant(np.asarray(args[0]))(anchor)
    if node.op == "GetItem":
        return args[0][args[1]]
    rule = OPERATIONS[node.op]
    function: Any = keras
    for part in rule.function.split("."):
        function = getattr(function, part)
    return function(*args, **node.config)


def _resolve(operand: Operand, tensors: list[list[Any]]) -> Any:
    if type(operand) is Ref:
        return _pick(tensors, operand)
    if type(operand) is tuple:
        found = tuple(_resolve(item, tensors) for item in operand)
        return list(found) if any(_symbolic(item) for item in found) else found
    return operand


def _symbolic(value: Any) -> bool:
    return isinstance(value, keras.KerasTensor)


def _pick(tensors: list[list[Any]], ref: Ref) -> Any:
    if ref.output >= len(tensors[ref.node]):
        raise Refused(f"node {ref.node} has no output {ref.output}")
    return tensors[ref.node][ref.output]


def _flat(value: Any) -> list[Any]:
    return list(keras.tree.flatten(value))


def _check_outputs(found: list[Any], index: int, spec: ModelSpec) -> None:
    for tensor in found:
        if not _symbolic(tensor):
            raise Refused(f"node {index} returns something that is no tensor")
        if any(length is not None and length < 0 for length in tensor.shape):
            raise Refused(f"node {index} has an output of shape {tensor.shape}")
        if size_of(tensor.shape) > spec.caps.elements:
            raise Refused(
                f"node {index} has an output of shape {tensor.shape}, which is more than "
                f"{spec.caps.elements:,} numbers for one example"
            )


def _check_weights(layer: keras.layers.Layer, spec: LayerSpec, index: int) -> None:
    expected = [tuple(variable.shape) for variable in layer.weights]
    received = [weight.value.shape for weight in spec.weights]
    if expected != received:
        raise Refused(
            f"layer {index} ({spec.class_name}) has weights of shapes {_brief(expected)}, "
            f"but {_brief(received)} were received"
        )


def _brief(shapes: list[tuple[int, ...]]) -> str:
    return str(shapes)[:200]


def _fill(layers: list[keras.layers.Layer], spec: ModelSpec) -> None:
    """Give every variable its received value, and its flag whether training moves it."""
    for layer, wanted in zip(layers, spec.layers, strict=True):
        layer.trainable = wanted.trainable
        for variable, weight in zip(layer.weights, wanted.weights, strict=True):
            variable._initializer = _Received(weight.value)
            if variable.trainable != weight.trainable:
                variable.trainable = weight.trainable
    for variable in _pending(layers):
        variable._deferred_initialize()
    for layer in layers:
        for part in layer._flatten_layers():
            if type(part) is keras.layers.Normalization:
                part.finalize_state()  # it keeps a copy of its statistics in broadcast shape


def _pending(layers: list[keras.layers.Layer]) -> Iterator[Any]:
    seen = set()
    for layer in layers:
        for variable in layer.variables:
            if variable._value is None and id(variable) not in seen:
                seen.add(id(variable))
                yield variable


class _Received:
    """An initializer that hands out one received array."""

    def __init__(self, value: np.ndarray[Any, Any]) -> None:
        self.value = value

    def __call__(self, _: Any, dtype: Any = None) -> Any:
        return keras.ops.convert_to_tensor(self.value, dtype=dtype)


def _bare(items: list[Any]) -> Any:
    return items[0] if len(items) == 1 else items

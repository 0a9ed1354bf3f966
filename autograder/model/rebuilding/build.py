"""Building the Keras model that a checked spec describes.

Classes come from the allow-list, functions from fixed modules, names are generated: no received
name is looked up. A weight takes memory after its shape has been compared with the received array.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from autograder.errors import RefusedModel
from autograder.model import keras_internals
from autograder.model.allowlist.table import INPUT, VARIABLE
from autograder.model.facts import Shape, fits
from autograder.model.rebuilding.construct_layer import apply, construct
from autograder.model.rebuilding.operands import Operand, Ref
from autograder.model.rebuilding.spec import LayerSpec, ModelSpec, NodeSpec, size_of
from autograder.model.rebuilding.structure import SHAPES, TENSORS, facts

__all__ = ["build", "facts", "inner"]

_BATCH = 2  # sizes are computed for this many examples: 1 would let `squeeze` drop the axis

Tensors = list[list[Any]]  # for each node, its symbolic outputs


def build(spec: ModelSpec, sizes: Sequence[Shape | None] = ()) -> keras.Model:
    """Return the functional model that `spec` describes, with its weights.

    `sizes` are the real shapes of what the inputs get, without the batch axis, None where unknown:
    the model takes any length on an open axis, and `facts` tells what comes out for these.
    Raises RefusedModel when Keras cannot build the model, when a weight and its received array have
    different shapes, or when an output would be larger than the caps allow.
    """
    try:
        return _build(spec, sizes)
    except RefusedModel:
        raise
    except Exception as error:  # Keras raises many types for one cause: it cannot be built
        raise RefusedModel(f"Keras cannot build it: {_first_line(error)}") from error
    finally:
        keras_internals.forget_valueless()


def inner(model: keras.Model, node: int, output: int = 0) -> keras.Model:
    """Return the part of a model that leads from its inputs to the graph node `node`.

    `model` was made by `build`. The part returns the node's tensor number `output` and shares all
    weights with `model`.
    """
    return keras.Model(_bare(model.inputs), getattr(model, TENSORS)[node][output])


def _build(spec: ModelSpec, sizes: Sequence[Shape | None]) -> keras.Model:
    layers = [construct(layer, f"l{index}") for index, layer in enumerate(spec.layers)]
    real = dict(zip(spec.inputs, sizes, strict=False))
    tensors: Tensors = []
    sized: Tensors = []
    with keras.StatelessScope(initialize_variables=False):
        for index, node in enumerate(spec.nodes):
            tensors.append(_call(spec, node, layers, tensors))
            if node.layer >= 0:
                _check_weights(layers[node.layer], spec.layers[node.layer])
            sized.append(_size(spec, node, layers, sized, real.get(index)))
            _check_sizes(tensors[-1], sized[-1], index, spec)
    _fill(layers, spec)
    outputs = [_pick(tensors, ref) for ref in spec.outputs]
    inputs = [tensors[index][0] for index in spec.inputs]
    model = keras.Model(_bare(inputs), _bare(outputs))
    shapes = tuple(
        tuple(map(_closed, symbols, closed)) for symbols, closed in zip(tensors, sized, strict=True)
    )
    object.__setattr__(model, SHAPES, shapes)  # past Keras's tracking of attributes
    object.__setattr__(model, TENSORS, tensors)
    return model


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200]


def _bare(tensors: list[Any]) -> Any:
    return tensors[0] if len(tensors) == 1 else tensors


def _call(spec: ModelSpec, node: NodeSpec, layers: list[Any], tensors: Tensors) -> list[Any]:
    """Return the outputs of a call; weights and constants are called on the model's first input."""
    args = [_resolve(operand, tensors) for operand in node.args]
    anchor = layers[spec.nodes[spec.inputs[0]].layer].output
    if node.op:
        return _flat(apply(node, args, anchor))
    layer, kind = layers[node.layer], spec.layers[node.layer].class_name
    if kind == INPUT:
        return [layer.output]
    kwargs = {name: _resolve(operand, tensors) for name, operand in node.kwargs.items()}
    return _flat(layer(anchor) if kind == VARIABLE else layer(*args, **kwargs))


def _closed(tensor: Any, sized: Any) -> Shape:
    """Return a tensor's shape, its open axes but the batch with the lengths of `sized`."""
    pairs = enumerate(zip(tensor.shape, sized.shape, strict=True))
    return tuple(real if axis and length is None else length for axis, (length, real) in pairs)


def _size(
    spec: ModelSpec, node: NodeSpec, layers: list[Any], sized: Tensors, real: Shape | None
) -> list[Any]:
    """Return the outputs of a call for a batch of _BATCH examples; `real` is an input's shape.

    With an open batch axis a tensor can hide its size: `repeat` or `reshape` can multiply that
    axis, which stays open.
    """
    args = [_resolve(operand, sized) for operand in node.args]
    anchor = keras.KerasTensor((_BATCH,))
    if node.op:
        return _flat(apply(node, args, anchor))
    layer, kind = layers[node.layer], spec.layers[node.layer].class_name
    if kind == INPUT:
        shape = layer.batch_shape[1:]
        shape = real if real is not None and fits(real, shape) else shape
        return [keras.KerasTensor((_BATCH, *shape), dtype=layer.dtype)]
    kwargs = {name: _resolve(operand, sized) for name, operand in node.kwargs.items()}
    args = [anchor] if kind == VARIABLE else args
    return _flat(layer.compute_output_spec(*args, **kwargs))


def _resolve(operand: Operand, tensors: Tensors) -> Any:
    if type(operand) is Ref:
        return _pick(tensors, operand)
    if type(operand) is tuple:
        resolved = tuple(_resolve(part, tensors) for part in operand)
        return list(resolved) if any(_symbolic(part) for part in resolved) else resolved
    return operand


def _symbolic(value: Any) -> bool:
    return isinstance(value, keras.KerasTensor)


def _pick(tensors: Tensors, ref: Ref) -> Any:
    if ref.output >= len(tensors[ref.node]):
        raise RefusedModel(f"node {ref.node} has no output {ref.output}")
    return tensors[ref.node][ref.output]


def _flat(value: Any) -> list[Any]:
    return list(keras.tree.flatten(value))


def _check_sizes(outputs: list[Any], sized: list[Any], index: int, spec: ModelSpec) -> None:
    for tensor, sized_output in zip(outputs, sized, strict=True):
        if not _symbolic(tensor):
            raise RefusedModel(f"node {index} returns something that is no tensor")
        if any(length is not None and length < 0 for length in sized_output.shape):
            raise RefusedModel(f"node {index} has an output of shape {tensor.shape}")
        if size_of(sized_output.shape) > spec.caps.elements * _BATCH:
            raise RefusedModel(
                f"node {index} has an output of shape {tensor.shape}, which is more than "
                f"{spec.caps.elements:,} numbers for one example"
            )


def _check_weights(layer: keras.layers.Layer, spec: LayerSpec) -> None:
    expected = [tuple(variable.shape) for variable in layer.weights]
    received = [weight.value.shape for weight in spec.weights]
    if expected == received:
        return
    where = f"the {spec.class_name} layer {spec.name!r}"
    if not received:
        raise RefusedModel(f"{where} has no weights yet: call the model once on a few examples")
    if len(expected) != len(received):
        raise RefusedModel(
            f"{where} comes with {_arrays(received)} of weights, but Keras makes "
            f"{_arrays(expected)} for it: leave its weights as Keras makes them"
        )
    pairs = zip(layer.weights, expected, received, strict=True)
    name, fits, has = next((v.name, needed, has) for v, needed, has in pairs if needed != has)
    raise RefusedModel(
        f"the weight {name!r} of {where} has shape {has}, but its input needs {fits}: "
        "make the model anew for the shape of its input"
    )


def _arrays(shapes: list[tuple[int, ...]]) -> str:
    return "one array" if len(shapes) == 1 else f"{len(shapes)} arrays"


def _fill(layers: list[keras.layers.Layer], spec: ModelSpec) -> None:
    """Give every variable its received value, and the flag that tells whether training moves it."""
    for layer, wanted in zip(layers, spec.layers, strict=True):
        layer.trainable = wanted.trainable
        for variable, weight in zip(layer.weights, wanted.weights, strict=True):
            keras_internals.set_initializer(variable, _Received(weight.value))
            if variable.trainable != weight.trainable:
                variable.trainable = weight.trainable
    for variable in _pending(layers):
        keras_internals.create_value(variable)
    for layer in layers:
        for part in keras_internals.layers_within(layer):
            if type(part) is keras.layers.Normalization:
                part.finalize_state()  # the layer computes with copies of its statistics


def _pending(layers: list[keras.layers.Layer]) -> Iterator[Any]:
    seen = set()
    for layer in layers:
        for variable in layer.variables:
            if not keras_internals.has_value(variable) and id(variable) not in seen:
                seen.add(id(variable))
                yield variable


class _Received:
    """An initializer that returns a received array."""

    def __init__(self, value: np.ndarray[Any, Any]) -> None:
        self.value = value

    def __call__(self, _: Any, dtype: Any = None) -> Any:
        return keras.ops.convert_to_tensor(self.value, dtype=dtype)

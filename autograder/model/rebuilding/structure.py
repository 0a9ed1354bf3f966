"""Making Facts from a spec and the model that was rebuilt from the spec."""

from __future__ import annotations

from typing import Any

from autograder.model.facts import Facts, Layer, Node, WeightFact
from autograder.model.rebuilding.numbers import numbers
from autograder.model.rebuilding.spec import LayerSpec, ModelSpec

# Attributes of a rebuilt model: its nodes' output shapes, and their symbolic tensors.
SHAPES = "_node_shapes"
TENSORS = "_node_tensors"

_BY_CLASS = {
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "PReLU": "prelu",
    "Softmax": "softmax",
}


def facts(spec: ModelSpec, model: Any) -> Facts:
    """Return the facts that checks may ask for about `model`, which `build(spec)` returned."""
    shapes = getattr(model, SHAPES)
    trainable = {id(variable) for variable in model.trainable_weights}
    layers = tuple(
        _layer(n, layer, _weights(model.get_layer(f"l{n}"), trainable))
        for n, layer in enumerate(spec.layers)
    )
    nodes = tuple(_node(n, spec, shapes[n]) for n in range(len(spec.nodes)))
    weights = [weight for layer in layers for weight in layer.weights]
    return Facts(
        layers=layers,
        nodes=nodes,
        inputs=spec.inputs,
        outputs=tuple(ref.node for ref in spec.outputs),
        input_shapes=tuple(shapes[index][0] for index in spec.inputs),
        output_shapes=tuple(shapes[ref.node][ref.output] for ref in spec.outputs),
        params=sum(weight.size for weight in weights),
        trainable_params=sum(weight.size for weight in weights if weight.trainable),
        constants=numbers(spec),
    )


def _weights(layer: Any, trainable: set[int]) -> tuple[WeightFact, ...]:
    """Return the weights of a rebuilt layer: a student can give those of a live layer any name."""
    return tuple(
        WeightFact(variable.name, tuple(variable.shape), id(variable) in trainable)
        for variable in layer.weights
    )


def _layer(index: int, spec: LayerSpec, weights: tuple[WeightFact, ...]) -> Layer:
    return Layer(
        index=index,
        name=spec.name,
        class_name=spec.class_name,
        config=_config(spec),
        activation=_activation(spec),
        weights=weights,
        params=sum(weight.size for weight in weights),
        wrapped=_wrapped(spec),
    )


def _wrapped(spec: LayerSpec) -> tuple[str, ...]:
    names: list[str] = []
    for inner in (spec.nested or {}).values():
        for layer in inner if isinstance(inner, tuple) else (inner,):
            names += (layer.class_name, *_wrapped(layer))
    return tuple(names)


def _config(spec: LayerSpec) -> dict[str, Any]:
    config = dict(spec.config)
    for key, inner in (spec.nested or {}).items():
        layers = inner if isinstance(inner, tuple) else (inner,)
        parts = tuple({"class": layer.class_name, **_config(layer)} for layer in layers)
        config[key] = parts if isinstance(inner, tuple) else parts[0]
    return config


def _activation(spec: LayerSpec) -> str | None:
    named = spec.config.get("activation") or _BY_CLASS.get(spec.class_name)
    inner = (spec.nested or {}).get("layer")
    return named if named or not isinstance(inner, LayerSpec) else _activation(inner)


def _node(index: int, spec: ModelSpec, shapes: tuple[tuple[int | None, ...], ...]) -> Node:
    node = spec.nodes[index]
    name = f"ops.{node.op}" if node.op else spec.layers[node.layer].class_name
    return Node(index, node.layer, name, tuple(ref.node for ref in node.inputs), shapes)

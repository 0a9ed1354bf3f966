"""Reading the description of a model strictly: it becomes a ModelSpec, or it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.errors import RefusedModel
from autograder.model.allowlist.fields import (
    boolean,
    integer,
    only,
    read_fields,
    record,
    show,
    text,
)
from autograder.model.allowlist.rules import FLAG, POLICIES, TENSOR, LayerRule
from autograder.model.allowlist.table import (
    CONSTANT,
    INPUT,
    LAYERS,
    NESTED_ONLY,
    OPERATIONS,
    VARIABLE,
)
from autograder.model.rebuilding.operands import Operand, Ref, parse_operand, refs
from autograder.model.rebuilding.spec import (
    FORMAT,
    Caps,
    LayerSpec,
    ModelSpec,
    NodeSpec,
    WeightSpec,
)
from autograder.wire import Value


def parse(description: Value, caps: Caps | None = None) -> ModelSpec:
    """Read a description strictly.

    `caps` bounds the size of the model. Raises RefusedModel for everything that the allow-list does
    not hold, and no other exception.
    """
    caps = caps or Caps()
    try:
        return _model(description, caps)
    except RefusedModel:
        raise
    except Exception as error:  # received data may only ever lead to a refusal
        raise RefusedModel(f"a description that cannot be read ({type(error).__name__})") from error


def _model(value: Value, caps: Caps) -> ModelSpec:
    keys = frozenset({"format", "layers", "nodes", "inputs", "outputs"})
    record(value, "the description", keys, frozenset())
    only(FORMAT)(value["format"])
    layers = tuple(_layer(part, n, caps) for n, part in _items(value, "layers", caps.layers))
    _check_params(layers, caps)
    nodes: list[NodeSpec] = []
    for index, part in _items(value, "nodes", caps.nodes):
        nodes.append(_node(part, index, layers))
    spec = ModelSpec(
        layers=layers,
        nodes=tuple(nodes),
        inputs=tuple(integer(0, len(nodes) - 1)(n) for _, n in _items(value, "inputs", 64)),
        outputs=tuple(_output(part, len(nodes)) for _, part in _items(value, "outputs", 64)),
        caps=caps,
    )
    _check_ends(spec)
    _check_use(spec)
    return spec


def _items(value: Value, key: str, most: int) -> list[tuple[int, Value]]:
    parts = value[key]
    if type(parts) is not list or not 1 <= len(parts) <= most:
        raise RefusedModel(f"{key!r} must be a list of 1 to {most} items, not {show(parts)}")
    return list(enumerate(parts))


def _layer(value: Value, index: int, caps: Caps) -> LayerSpec:
    keys = frozenset({"class", "name", "config", "dtype", "trainable", "weights"})
    record(value, f"layer {index}", keys, frozenset({"nested"}))
    bare = _bare_layer(value, index, caps.nesting, NESTED_ONLY)
    if type(value["weights"]) is not list or len(value["weights"]) > 256:
        raise RefusedModel(f"layer {index}: 'weights' is no list of at most 256")
    where = f"layer {index} ({bare.class_name})"
    weights = tuple(_weight(weight, where) for weight in value["weights"])
    return LayerSpec(
        class_name=bare.class_name,
        name=text(64)(value["name"]),
        config=bare.config,
        dtype=bare.dtype,
        trainable=boolean(value["trainable"]),
        weights=weights,
        nested=bare.nested,
    )


def _bare_layer(value: Value, index: int, depth: int, barred: frozenset[str]) -> LayerSpec:
    name = value["class"]
    if type(name) is not str or name not in LAYERS or name in barred:
        raise RefusedModel(f"layer {index}: the class {show(name)} is not on the list of layers")
    rule, where = LAYERS[name], f"layer {index} ({name})"
    config = read_fields(value["config"], where, rule.fields)
    missing = rule.required - set(config)
    if missing:
        raise RefusedModel(f"{where} lacks the setting {min(missing)!r}")
    return LayerSpec(
        class_name=name,
        name="",
        config=config,
        dtype=only(*POLICIES)(value["dtype"]),
        trainable=True,
        nested=_nested(value.get("nested", {}), index, rule, depth),
    )


def _nested(value: Value, index: int, rule: LayerRule, depth: int) -> Mapping[str, Any]:
    where = f"layer {index}"
    if depth < 1:
        raise RefusedModel(f"{where}: layers within layers go too deep")
    record(value, f"{where}: nested layers", frozenset(rule.nested), frozenset())
    return {
        name: tuple(_inner(layer, index, depth, rule.nested[name]) for layer in layers)
        if type(layers) is list
        else _inner(layers, index, depth, rule.nested[name])
        for name, layers in value.items()
    }


def _inner(value: Value, index: int, depth: int, allowed: frozenset[str]) -> LayerSpec:
    keys = frozenset({"class", "config", "dtype"})
    record(value, f"layer {index}: a nested layer", keys, frozenset({"nested"}))
    return _bare_layer(value, index, depth - 1, frozenset(LAYERS) - allowed)


def _weight(value: Value, where: str) -> WeightSpec:
    record(value, where, frozenset({"name", "trainable", "value"}), frozenset())
    data = value["value"]
    if type(data) is not np.ndarray or data.dtype.kind not in "fiub":
        raise RefusedModel(f"{where}: a weight is no array of numbers but {show(data)}")
    if data.dtype.kind == "f" and not np.isfinite(data).all():
        raise RefusedModel(f"{where}: the weight {show(value['name'])} holds NaN or infinity")
    return WeightSpec(text(64)(value["name"]), boolean(value["trainable"]), data)


def _check_params(layers: tuple[LayerSpec, ...], caps: Caps) -> None:
    params = sum(weight.value.size for layer in layers for weight in layer.weights)
    if params > caps.params:
        raise RefusedModel(f"{params:,} parameters; at most {caps.params:,} are rebuilt")


def _node(value: Value, index: int, layers: tuple[LayerSpec, ...]) -> NodeSpec:
    where = f"node {index}"
    keys = frozenset({"layer", "op", "config", "args", "kwargs"})
    record(value, where, keys, frozenset())
    if value["op"] is not None:
        return _operation(value, where, index)
    layer = integer(0, len(layers) - 1)(value["layer"])
    return _call(value, f"{where} ({layers[layer].class_name})", index, layer, layers[layer])


def _operation(value: Value, where: str, index: int) -> NodeSpec:
    name = value["op"]
    if type(name) is not str or name not in OPERATIONS:
        raise RefusedModel(f"{where}: {show(name)} is not on the list of operations")
    rule, where = OPERATIONS[name], f"{where} (ops.{name})"
    only(-1)(value["layer"])
    config = read_fields(value["config"], where, rule.config)
    missing = rule.required - set(config)
    if missing:
        raise RefusedModel(f"{where} lacks the setting {min(missing)!r}")
    read_fields(value["kwargs"], where, {})
    args = parse_operand(value["args"], index)
    counted = args[0] if rule.listed and len(args) == 1 else args
    if type(counted) is not tuple or not rule.least <= len(counted) <= rule.most:
        raise RefusedModel(f"{where} takes {rule.least} to {rule.most} operands")
    takes_tensor = any(True for _ in refs(args))
    if takes_tensor == (name == CONSTANT):
        raise RefusedModel(f"{where}: the operands are of the wrong kind")
    return NodeSpec(-1, name, config, args, {})


def _call(value: Value, where: str, index: int, number: int, layer: LayerSpec) -> NodeSpec:
    rule = LAYERS[layer.class_name]
    read_fields(value["config"], where, {})
    args = parse_operand(value["args"], index)
    source = layer.class_name in (INPUT, VARIABLE)
    if type(args) is not tuple or len(args) != (0 if source else 1):
        raise RefusedModel(f"{where}: one first argument is expected")
    if not source:
        _check_tensors(args[0], rule.first, where)
    record(value["kwargs"], where, frozenset(), frozenset(rule.call))
    kwargs = {}
    for name, operand in value["kwargs"].items():
        kwargs[name] = parse_operand(operand, index)
        _check_tensors(kwargs[name], rule.call[name], f"{where}: {name}")
    return NodeSpec(number, "", {}, args, kwargs)


def _check_tensors(operand: Operand, kind: str, where: str) -> None:
    if kind == FLAG:
        boolean(operand)
        return
    listed = type(operand) is tuple and kind != TENSOR and len(operand) <= 64
    if listed and operand and all(type(part) is Ref for part in operand):
        return
    if type(operand) is not Ref:
        raise RefusedModel(f"{where} takes a tensor")


def _output(value: Value, count: int) -> Ref:
    operand = parse_operand(value, count)
    if type(operand) is not Ref:
        raise RefusedModel("an output that is no tensor")
    return operand


def _check_ends(spec: ModelSpec) -> None:
    """Refuse a model whose inputs are not its input nodes, each called once."""
    inputs = [
        index
        for index, node in enumerate(spec.nodes)
        if node.layer >= 0 and spec.layers[node.layer].class_name == INPUT
    ]
    if sorted(spec.inputs) != inputs:
        raise RefusedModel("the inputs are not the nodes of the input layers")
    called = [spec.nodes[index].layer for index in inputs]
    if len(set(called)) != len(called):
        raise RefusedModel("an input layer that is called twice")


def _check_use(spec: ModelSpec) -> None:
    """Refuse dead nodes and unused layers: checks count only what leads to an output."""
    used = {ref.node for ref in spec.outputs} | set(spec.inputs)
    for index in reversed(range(len(spec.nodes))):
        if index not in used:
            raise RefusedModel(f"node {index} does not lead to an output")
        used |= {ref.node for ref in spec.nodes[index].inputs}
    if {node.layer for node in spec.nodes} - {-1} != set(range(len(spec.layers))):
        raise RefusedModel("a layer that is never called")

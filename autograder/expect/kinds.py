"""Properties of a node in a model's graph, whether it is a layer, an operation or wrapped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograder.model.facts import Facts, Layer, Node, Shape

_TRANSPARENT = frozenset({"SpectralNormalization", "TimeDistributed"})
_ACTIVATION_LAYERS = frozenset({"ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax"})
_GATED = frozenset({"GRU", "LSTM", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "GRUCell", "LSTMCell"})
_ATTENTION = frozenset(
    {"Attention", "AdditiveAttention", "MultiHeadAttention", "GroupQueryAttention"}
)
_BENDING_LAYERS = _ACTIVATION_LAYERS | _GATED | _ATTENTION | {"Maximum", "Minimum"}
_VARIABLE = "Variable"
_GATES = frozenset({"Multiply", "Dot"})
_PRODUCTS = frozenset({"ops.Matmul", "ops.Dot", "ops.Einsum", "ops.Tensordot"})
_KERNELS = ("kernel", "embeddings")
_BENDING_OPS = frozenset(
    f"ops.{name}"
    for name in (
        "Absolute Arctan Cos Elu Celu Erf Exp Exp2 Expm1 Gelu Glu HardShrink HardSigmoid HardSilu "
        "HardTanh LeakyRelu Log Log10 Log1p Log2 LogSigmoid LogSoftmax Logaddexp Logsumexp Max "
        "Maximum Min Minimum Mish Power Reciprocal Relu ReLU Relu6 Rsqrt Selu Sigmoid Sign Silu "
        "Sin Sinh Cosh SoftShrink Softmax Softplus Softsign SparsePlus SparseSigmoid Sqrt Square "
        "Squareplus Tan Tanh TanhShrink Threshold Clip Where Greater GreaterEqual Less LessEqual "
        "Hypot"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Core:
    """Class and settings of a node without the wrappers that leave its computation as it is.

    `outer` counts the axes that TimeDistributed puts between batch and the layer's own axes.
    """

    class_name: str
    config: dict[str, Any]
    outer: int


def core(facts: Facts, node: Node) -> Core:
    """Return the class and settings within SpectralNormalization and TimeDistributed."""
    if node.layer < 0:
        return Core(node.op, {}, 0)
    name, config, outer = node.op, facts.layers[node.layer].config, 0
    while name in _TRANSPARENT:
        outer += name == "TimeDistributed"
        config = config["layer"]
        name = config["class"]
    return Core(name, config, outer)


def extent(found: Core, shape: Shape, axes: int) -> tuple[int, ...] | None:
    """Return the lengths of the spatial axes (0 where open), None for a shape of another rank."""
    if len(shape) != 2 + found.outer + axes:
        return None
    first = 1 + found.outer + (found.config.get("data_format") == "channels_first")
    return tuple(length or 0 for length in shape[first : first + axes])


def per_axis(value: Any, axes: int) -> tuple[int, ...]:
    """Return a setting such as strides for each axis, from a number or a tuple."""
    return tuple(map(int, value)) if isinstance(value, tuple) else (int(value),) * axes


def has_kernel(facts: Facts, node: Node) -> bool:
    """Tell whether the node multiplies with weights that training may move."""
    if node.layer >= 0:
        weights = facts.layers[node.layer].weights
        return any(w.trainable and w.name.endswith(_KERNELS) for w in weights)
    # A weight of a student's own layer is a node of its own.
    return node.op in _PRODUCTS and any(_is_trainable_variable(facts, i) for i in node.inputs)


def bends(facts: Facts, node: Node) -> bool:
    """Tell whether the node is nonlinear in its inputs, for fixed weights."""
    if node.layer < 0:
        return node.op in _BENDING_OPS or multiplies_tensors(facts, node)
    if node.op in _GATES:
        return multiplies_tensors(facts, node)
    return any(_bent(name, config) for name, config in _parts(facts.layers[node.layer]))


def is_attention(facts: Facts, node: Node) -> bool:
    """Tell whether the node is attention: it weighs its inputs with a softmax of its inputs."""
    return core(facts, node).class_name in _ATTENTION


def is_softmax(facts: Facts, node: Node) -> bool:
    """Tell whether the node ends in a softmax: a layer, an activation or an operation."""
    found = core(facts, node)
    names = (found.class_name, found.config.get("activation"))
    return bool({"ops.Softmax", "Softmax", "softmax"}.intersection(names))


def multiplies_tensors(facts: Facts, node: Node) -> bool:
    """Tell whether the node is a product of two tensors that both depend on the input (a gate)."""
    if node.op not in ("ops.Multiply", "ops.Divide", *_PRODUCTS, *_GATES):
        return False
    fed = [i for i in node.inputs if depends_on_input(facts, i)]
    return len(fed) > 1


def depends_on_input(facts: Facts, index: int) -> bool:
    """Tell whether the output of node `index` depends on an input of the model."""
    seen, waiting = set[int](), [index]
    while waiting:
        at = waiting.pop()
        if at in facts.inputs:
            return True
        if at not in seen:
            seen.add(at)
            waiting += facts.nodes[at].inputs
    return False


def is_weight_or_constant(node: Node) -> bool:
    """Tell whether the node is a weight or a constant as a tensor, no step of the computation."""
    return node.op in (_VARIABLE, "ops.Constant")


def _is_trainable_variable(facts: Facts, index: int) -> bool:
    node = facts.nodes[index]
    return node.op == _VARIABLE and any(w.trainable for w in facts.layers[node.layer].weights)


def _parts(layer: Layer) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield class and settings of a layer and of all layers that it wraps."""
    waiting: list[tuple[str, dict[str, Any]]] = [(layer.class_name, layer.config)]
    while waiting:
        name, config = waiting.pop()
        yield name, config
        for value in config.values():
            inner = value if isinstance(value, tuple) else (value,)
            waiting += [(v["class"], v) for v in inner if isinstance(v, dict) and "class" in v]


def _bent(class_name: str, config: dict[str, Any]) -> bool:
    if class_name == "LeakyReLU" and config.get("negative_slope") == 1:
        return False
    return config.get("activation") not in (None, "linear") or class_name in _BENDING_LAYERS

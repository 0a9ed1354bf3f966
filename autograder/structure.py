"""Questions about a model's graph that do not depend on how the model is spelled.

All of them walk the rebuilt model's facts: Sequential or functional, an activation fused into a
layer or standing by itself, a stride instead of pooling all give the same answers.
"""

from __future__ import annotations

import math
from enum import IntEnum

from autograder.model.facts import Facts, Node, Shape

_CONVOLUTIONS = frozenset({"Conv2D", "SeparableConv2D", "DepthwiseConv2D"})
_POOLINGS = frozenset({"MaxPooling2D", "AveragePooling2D"})
_ADAPTIVE = frozenset({"AdaptiveMaxPooling2D", "AdaptiveAveragePooling2D"})
_GLOBAL = frozenset({"GlobalMaxPooling2D", "GlobalAveragePooling2D"})
_POOLING_OPS = frozenset({"ops.MaxPool", "ops.AveragePool"})
_REDUCTIONS = frozenset({"ops.Mean", "ops.Max", "ops.Sum"})
_ACTIVATION_LAYERS = frozenset({"ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax"})
_RECURRENT = frozenset({"SimpleRNN", "GRU", "LSTM", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})
_ATTENTION = frozenset(
    {"Attention", "AdditiveAttention", "MultiHeadAttention", "GroupedQueryAttention"}
)
_BENDING_LAYERS = _ACTIVATION_LAYERS | _RECURRENT | _ATTENTION | {"Maximum", "Minimum"}
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


class _Reached(IntEnum):
    """How far a path from the input has come; each stage needs the one before it."""

    NOTHING = 0
    INPUT = 1
    WEIGHTS = 2
    BEND = 3
    WEIGHTS_AGAIN = 4


def has_hidden_nonlinearity(facts: Facts) -> bool:
    """Tell whether input - weights - nonlinearity - weights - output is a path of the model.

    A nonlinearity behind the last weights (exp at the end, softmax) does not count, nor does max
    pooling: without an activation between them, two weighted layers are one.
    """
    reached: list[_Reached] = []
    for node in facts.nodes:
        before = max((reached[i] for i in node.inputs), default=_Reached.NOTHING)
        reached.append(_step(facts, node, before))
    return any(reached[i] is _Reached.WEIGHTS_AGAIN for i in facts.outputs)


def convolves(facts: Facts) -> bool:
    """Tell whether an image convolution whose window really slides lies on the way to an output."""
    return any(convolution for convolution, _ in _image_paths(facts))


def shrinks(facts: Facts) -> bool:
    """Tell whether one path convolves and, by pooling or a stride, at least halves the image."""
    return (True, True) in _image_paths(facts)


def _step(facts: Facts, node: Node, before: _Reached) -> _Reached:
    if node.index in facts.inputs:
        return _Reached.INPUT
    if before is _Reached.NOTHING:
        return before
    stage = before
    if _has_kernel(facts, node):
        stage = _Reached.WEIGHTS_AGAIN if stage >= _Reached.BEND else _Reached.WEIGHTS
    if _bends(facts, node) and stage is _Reached.WEIGHTS:
        stage = _Reached.BEND
    return stage


def _has_kernel(facts: Facts, node: Node) -> bool:
    """Tell whether the node multiplies with weights that training may move."""
    if node.layer >= 0:
        weights = facts.layers[node.layer].weights
        return any(w.trainable and w.name.endswith(_KERNELS) for w in weights)
    # In a layer of the student's own the weight is a node by itself.
    return node.op in _PRODUCTS and any(_is_trainable_variable(facts, i) for i in node.inputs)


def _is_trainable_variable(facts: Facts, index: int) -> bool:
    layer = facts.nodes[index].layer
    return (
        layer >= 0
        and facts.layers[layer].class_name == _VARIABLE
        and (any(weight.trainable for weight in facts.layers[layer].weights))
    )


def _bends(facts: Facts, node: Node) -> bool:
    if node.layer < 0:
        return node.op in _BENDING_OPS or _multiplies_tensors(facts, node)
    layer = facts.layers[node.layer]
    if layer.class_name in _GATES:
        return _multiplies_tensors(facts, node)
    if layer.class_name == "LeakyReLU" and layer.config.get("negative_slope") == 1:
        return False
    fused = layer.activation not in (None, "linear")
    return fused or layer.class_name in _BENDING_LAYERS


def _multiplies_tensors(facts: Facts, node: Node) -> bool:
    """Tell whether the node is a product of two things that both depend on the input (a gate)."""
    if node.op not in ("ops.Multiply", "ops.Divide", *_PRODUCTS, *_GATES):
        return False
    fed = [i for i in node.inputs if _depends_on_input(facts, i)]
    return len(fed) > 1


def _depends_on_input(facts: Facts, index: int) -> bool:
    seen, waiting = set[int](), [index]
    while waiting:
        at = waiting.pop()
        if at in facts.inputs:
            return True
        if at not in seen:
            seen.add(at)
            waiting += facts.nodes[at].inputs
    return False


def _image_paths(facts: Facts) -> set[tuple[bool, bool]]:
    """Return (convolved, shrunk) for every way from the input to an output."""
    ways: list[set[tuple[bool, bool]]] = []
    for node in facts.nodes:
        if node.index in facts.inputs:
            ways.append({(False, False)})
            continue
        convolved, shrunk = _slides(facts, node), _halves(facts, node)
        before = {way for i in node.inputs for way in ways[i]}
        ways.append({(c or convolved, s or shrunk) for c, s in before})
    return {way for i in facts.outputs for way in ways[i]}


def _slides(facts: Facts, node: Node) -> bool:
    """Tell whether the node convolves: a window of several pixels at several places."""
    if node.op not in _CONVOLUTIONS:
        return False
    window = facts.layers[node.layer].config.get("kernel_size")
    pixels = math.prod(window) if isinstance(window, tuple) else int(window or 0)
    return pixels > 1 and _area(facts, node, node.output_shapes[0]) > 1


def _halves(facts: Facts, node: Node) -> bool:
    """Tell whether pooling or a stride leaves at most half of the image's pixels."""
    pools = node.op in _POOLINGS | _ADAPTIVE | _GLOBAL | _POOLING_OPS | _REDUCTIONS
    if not (pools or _strides(facts, node)):
        return False
    before = _area(facts, node, facts.nodes[node.inputs[0]].output_shapes[0])
    after = _area(facts, node, node.output_shapes[0])
    return before > 1 and 2 * after <= before


def _strides(facts: Facts, node: Node) -> bool:
    if node.op not in _CONVOLUTIONS:
        return False
    strides = facts.layers[node.layer].config.get("strides", 1)
    return math.prod(strides) > 1 if isinstance(strides, tuple) else int(strides) > 1


def _area(facts: Facts, node: Node, shape: Shape) -> int:
    """Return height times width; 1 once the image axes are gone, 0 where they are unknown."""
    if len(shape) != 4:
        return 1
    layout = facts.layers[node.layer].config.get("data_format") if node.layer >= 0 else None
    height, width = shape[2:] if layout == "channels_first" else shape[1:3]
    return (height or 0) * (width or 0)

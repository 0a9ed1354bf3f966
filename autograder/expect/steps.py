"""Kinds of layers, and whether a path of a model leads through a layer of each kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autograder.expect.kinds import Core, core, extent, has_kernel, per_axis
from autograder.model.facts import Facts, Node

_LSTM = frozenset({"LSTM", "LSTMCell"})
_DENSE = frozenset({"Dense", "EinsumDense"})
_REDUCTIONS = frozenset({"ops.Mean", "ops.Max", "ops.Sum"})
_POOLING_OPS = frozenset({"ops.MaxPool", "ops.AveragePool"})
_UNITS = {1: "steps", 2: "pixels", 3: "voxels"}


@dataclass(frozen=True, slots=True)
class Step:
    """A kind of layer: its name in messages, and the test whether a node is of this kind.

    `words` is the name that a student reads; `matches(facts, node)` tells whether a node is of this
    kind; `hint` is added to the message where no layer is of this kind.

        frozen = expect.Step("a layer that does not train", does_not_train)
        expect.on_path(built, frozen)
    """

    words: str
    matches: Callable[[Facts, Node], bool]
    hint: str = ""


def convolution(axes: int = 2) -> Step:
    """Return the kind of a convolution over `axes` axes (1, 2 or 3) whose window slides.

    The window holds several pixels and has several positions. Separable, depthwise and transposed
    convolutions count, also within TimeDistributed or SpectralNormalization.

        expect.on_path(built, expect.convolution(axes=1))
    """
    ones = " x ".join("1" * axes)
    return Step(
        words=f"a {axes}D convolution, its window larger than {ones}",
        matches=lambda facts, node: _slides(facts, node, axes),
        hint="A window as large as its input does not count either: it cannot slide.",
    )


def shrinking(axes: int = 2) -> Step:
    """Return the kind of pooling or a stride that leaves at most half of the positions.

    The positions are counted over `axes` spatial axes (1, 2 or 3).

        expect.on_path(built, expect.shrinking())
    """
    unit = _UNITS[axes]
    return Step(
        words=f"pooling or a stride to half the {unit} or fewer",
        matches=lambda facts, node: _halves(facts, node, axes),
        hint=f"A pool_size of 1 or a stride of 1 leaves all {unit}.",
    )


def lstm() -> Step:
    """Return the kind of an LSTM: by itself, Bidirectional, or an RNN over LSTMCell.

    GRU and SimpleRNN are of other kinds.

        expect.on_path(built, expect.lstm(), expect.dense())
    """
    return Step(
        words="an LSTM (Bidirectional, or RNN over LSTMCell, too)",
        matches=_is_lstm,
        hint="GRU and SimpleRNN are layers of another kind.",
    )


def dense() -> Step:
    """Return the kind of a fully connected layer, of Keras or of the student's own.

    A product with a trainable weight in a layer of the student's own counts, too.

        expect.on_path(built, expect.lstm(), expect.dense())
    """
    return Step(words="a dense layer", matches=_is_dense)


def lie_on_one_path(facts: Facts, steps: Sequence[Step]) -> bool:
    """Tell whether a path from an input to an output holds a node of each kind, in any order.

    A node may be of several kinds, such as a convolution with a stride.
    """
    ways: list[set[frozenset[int]]] = []
    for node in facts.nodes:
        own = {number for number, step in enumerate(steps) if step.matches(facts, node)}
        before = {way for index in node.inputs for way in ways[index]}
        start: set[frozenset[int]] = {frozenset()} if node.index in facts.inputs else set()
        ways.append({way | own for way in before | start})
    return any(len(way) == len(steps) for index in facts.outputs for way in ways[index])


def found(facts: Facts, step: Step) -> tuple[Node, ...]:
    """Return the nodes of a kind, in the order of computation."""
    return tuple(node for node in facts.nodes if node.inputs and step.matches(facts, node))


def is_convolution(kind: Core, axes: int) -> bool:
    """Tell whether a class is a convolution over `axes` axes; its window does not matter."""
    name = kind.class_name.removesuffix("Transpose")
    return name in {f"{prefix}Conv{axes}D" for prefix in ("", "Separable", "Depthwise")}


def _is_lstm(facts: Facts, node: Node) -> bool:
    if node.layer < 0:
        return False
    layer = facts.layers[node.layer]
    return not _LSTM.isdisjoint((layer.class_name, *layer.wrapped))


def _is_dense(facts: Facts, node: Node) -> bool:
    if node.layer < 0:
        return has_kernel(facts, node)
    return core(facts, node).class_name in _DENSE


def _slides(facts: Facts, node: Node, axes: int) -> bool:
    """Tell whether the node is a convolution of several pixels at several positions."""
    kind = core(facts, node)
    if not is_convolution(kind, axes):
        return False
    # A transposed convolution puts its window at each position of its input, not of its output.
    at = facts.nodes[node.inputs[0]] if kind.class_name.endswith("Transpose") else node
    window = math.prod(per_axis(kind.config["kernel_size"], axes))
    return window > 1 and _places(kind, at, axes) > 1


def _halves(facts: Facts, node: Node, axes: int) -> bool:
    """Tell whether pooling or a stride leaves at most half of the positions."""
    kind = core(facts, node)
    if not (_pools(kind, axes) or _strides(kind, axes)):
        return False
    before = _places(kind, facts.nodes[node.inputs[0]], axes)
    after = _places(kind, node, axes)
    return before > 1 and 2 * after <= before


def _pools(kind: Core, axes: int) -> bool:
    layers = {
        f"{scope}{how}Pooling{axes}D"
        for scope in ("", "Global", "Adaptive")
        for how in ("Max", "Average")
    }
    return kind.class_name in layers | _POOLING_OPS | _REDUCTIONS


def _strides(kind: Core, axes: int) -> bool:
    return (
        is_convolution(kind, axes) and math.prod(per_axis(kind.config.get("strides", 1), axes)) > 1
    )


def _places(kind: Core, node: Node, axes: int) -> int:
    """Return height times width; 1 where the spatial axes are gone, 0 where they are unknown."""
    lengths = extent(kind, node.output_shapes[0], axes)
    return 1 if lengths is None else math.prod(lengths)

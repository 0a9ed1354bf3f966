"""Expectation of a training: it moves weights, and leaves the layers of its model as they are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.expect.table import layers, message
from autograder.model.facts import Facts, Layer
from autograder.proxies.student import Model

__all__ = ["LayersChanged", "kept_layers"]

_CONSTANT = "ops.Constant"
_STATISTICS = "Normalization"  # `adapt`, or numbers that are put in place, may give it new ones
_RANDOM = "Random"  # layers that change images in training only, but for the size of RandomCrop
_PENALTY = "_regularizer"
# Settings that matter for training only, and numbers that a layer learns from data by `adapt`.
_FREE = frozenset(
    "dropout recurrent_dropout rate noise_shape stddev l1 l2 momentum renorm_momentum unroll "
    "mean variance bin_boundaries vocabulary".split()
)
_SCALING = 2  # numbers for each number of an input: a mean and a deviation


class LayersChanged(AssertionError):
    """`train` changed the layers of its model; the text is for the student."""


def kept_layers(model: Model, before: Facts) -> Model:
    """Return `model` if it has the layers that it had before a training, as `before` tells.

    What a check found in the model before then holds for the model that is judged. Weights may
    move, freeze and be set free, and layers adapt to data. Raises LayersChanged, an AssertionError
    with a message and tables of the layers, where layers, calls, shapes or settings that act in
    prediction differ, or where more numbers came in than a scaling of the inputs needs.

        before = built.graph
        student.train(built, x, y)
        expect.kept_layers(built, before)
    """
    after = model.graph
    room = _SCALING * sum(math.prod(n or 1 for n in shape[1:]) for shape in before.input_shapes)
    if _outline(after) == _outline(before) and after.constants <= before.constants + room:
        return model
    counts = [f"{facts.params + facts.constants:,}" for facts in (before, after)]
    raise LayersChanged(
        message(
            "`train` changed the layers of the model it was given. Make all layers in "
            "`build_model`, with the settings that they keep: in `train` only the weights should "
            "change. Compiling, freezing layers and `adapt` are fine.",
            [f"before `train`, {counts[0]} parameters:", *layers(before)],
            [f"after `train`, {counts[1]} parameters:", *layers(after)],
        )
    )


def _outline(facts: Facts) -> tuple[object, ...]:
    """Return what stays when weights move; arrays are left out, for `adapt` may bring some in."""
    kept = [node for node in facts.nodes if node.op != _CONSTANT]
    place = {node.index: number for number, node in enumerate(kept)}
    calls = [
        (node.layer, node.op, [place[n] for n in node.inputs if n in place], node.output_shapes)
        for node in kept
    ]
    return [_layer(layer) for layer in facts.layers], calls, [place[n] for n in facts.outputs]


def _layer(layer: Layer) -> tuple[object, ...]:
    shapes = [] if layer.class_name == _STATISTICS else [w.shape for w in layer.weights]
    return (
        layer.class_name,
        layer.activation,
        shapes,
        sorted(_acting(layer.class_name, layer.config)),
    )


def _acting(class_name: str, config: dict[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Yield the settings that act when a model predicts, as texts that can be compared."""
    if class_name.startswith(_RANDOM):
        return
    for name, value in config.items():
        for number, part in enumerate(value if isinstance(value, tuple) else (value,)):
            if isinstance(part, dict) and "class" in part:
                yield from _acting(part["class"], part, f"{within}{name}{number}.")
        if name not in _FREE and not name.endswith(_PENALTY) and _is_setting(value):
            yield within + name, repr(value)


def _is_setting(value: Any) -> bool:
    """Tell whether a value is no layer within a layer and no array."""
    if isinstance(value, tuple):
        return all(map(_is_setting, value))
    return not isinstance(value, dict | np.ndarray)

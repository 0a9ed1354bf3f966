"""The receptive field of a model: how much of an image a number of its last convolution sees."""

from __future__ import annotations

import math
from dataclasses import dataclass

from autograder.expect.kinds import Core, core, extent, per_axis
from autograder.expect.steps import is_convolution
from autograder.model.facts import Facts, Node
from autograder.proxies.student import Model

_AXES = 2
_RESAMPLING = frozenset(
    {"Resizing", "UpSampling2D", "ops.MaxPool", "ops.AveragePool", "ops.GetItem", "ops.Resize"}
    | {"AdaptiveMaxPooling2D", "AdaptiveAveragePooling2D"}
)


@dataclass(frozen=True, slots=True)
class _Sight:
    """Per axis: how many input pixels a position sees, and how many lie between two positions."""

    pixels: tuple[float, ...]
    step: tuple[float, ...]


def receptive_field(model: Model) -> tuple[int, int]:
    """Return height and width, in input pixels, of the receptive field of the last convolution.

    Kernels, strides, dilation and the pooling before the convolution count. Where paths differ, the
    largest field counts. The result follows from the settings and can be larger than the image; it
    is (0, 0) without a convolution over images on the way to the output. Source of the recurrence:
    Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill
    2019, doi:10.23915/distill.00021.

        height, width = expect.receptive_field(built)
        assert min(height, width) >= 8
    """
    facts = model.graph
    sights: list[_Sight | None] = []
    largest = (0.0,) * _AXES
    for node in facts.nodes:
        sight = _after(facts, node, sights)
        sights.append(sight)
        if sight is not None and is_convolution(core(facts, node), _AXES):
            largest = tuple(map(max, largest, sight.pixels))
    height, width = (math.ceil(pixels) for pixels in largest)
    return height, width


def _after(facts: Facts, node: Node, sights: list[_Sight | None]) -> _Sight | None:
    kind = core(facts, node)
    after = extent(kind, node.output_shapes[0], _AXES)
    if after is None:
        return None
    if node.index in facts.inputs:
        return _Sight((1.0,) * _AXES, (1.0,) * _AXES)
    seen = [sight for sight in (sights[index] for index in node.inputs) if sight is not None]
    if not seen:
        return None
    before = extent(kind, facts.nodes[node.inputs[0]].output_shapes[0], _AXES)
    window, stride = _window(kind, before, after)
    most = _widest(seen)
    pixels = tuple(p + (w - 1) * s for p, w, s in zip(most.pixels, window, most.step, strict=True))
    return _Sight(pixels, tuple(s * t for s, t in zip(most.step, stride, strict=True)))


def _widest(sights: list[_Sight]) -> _Sight:
    pixels = tuple(max(values) for values in zip(*(s.pixels for s in sights), strict=True))
    return _Sight(pixels, tuple(max(v) for v in zip(*(s.step for s in sights), strict=True)))


def _window(
    kind: Core, before: tuple[int, ...] | None, after: tuple[int, ...]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return a node's window and stride per axis, in positions of its input."""
    config = kind.config
    if is_convolution(kind, _AXES):
        dilation = per_axis(config.get("dilation_rate", 1), _AXES)
        kernel = per_axis(config["kernel_size"], _AXES)
        stride = per_axis(config.get("strides", 1), _AXES)
        window = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
        if kind.class_name.endswith(
            "Transpose"
        ):  # several positions of its output see the same window
            small = tuple((w - 1) // t + 1 for w, t in zip(window, stride, strict=True))
            return small, tuple(1 / t for t in stride)
        return window, stride
    if kind.class_name in ("MaxPooling2D", "AveragePooling2D"):
        pool = config.get("pool_size", 2)
        return per_axis(pool, _AXES), per_axis(config.get("strides") or pool, _AXES)
    if kind.class_name in _RESAMPLING and before is not None:
        ratio = tuple(_ratio(one, other) for one, other in zip(before, after, strict=True))
        return tuple(max(1.0, r) for r in ratio), ratio
    return (1.0,) * _AXES, (1.0,) * _AXES


def _ratio(before: int, after: int) -> float:
    """Return how many positions become one position; 1 for cropping, which keeps positions."""
    if not (before and after):
        return 1.0
    ratio = before / after
    return float(round(ratio)) if ratio >= 1 else ratio

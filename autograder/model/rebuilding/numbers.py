"""Counting the numbers of a model that are no weights: arrays, bin boundaries, vocabularies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.model.rebuilding.spec import LayerSpec, ModelSpec, NodeSpec

__all__ = ["numbers"]

_CONTENTS = frozenset({"bin_boundaries", "vocabulary"})  # lists of what a layer has learned
_INDEX = "GetItem"
_LONGEST = 16  # numbers of a setting such as a padding: two ends of each of eight axes


def numbers(spec: ModelSpec) -> int:
    """Return how many numbers a model holds beside its weights, wherever they stand.

    Arrays and lists of numbers count, also in settings and in layers within layers. What says how a
    layer or an operation works, such as a window or a padding, is no content and does not count.
    """
    layers = [layer for outer in spec.layers for layer in _with_inner(outer)]
    return sum(map(_of_call, spec.nodes)) + sum(
        _held(value, 0 if name in _CONTENTS else _LONGEST)
        for layer in layers
        for name, value in layer.config.items()
    )


def _of_call(node: NodeSpec) -> int:
    setting = _LONGEST if node.op == _INDEX else 0  # the operands of all others stand for tensors
    operands = [part for part in (*node.args, *node.kwargs.values()) if not _is_number(part)]
    return sum(_held(part, setting) for part in operands) + sum(map(_held, node.config.values()))


def _with_inner(layer: LayerSpec) -> Iterator[LayerSpec]:
    yield layer
    for held in (layer.nested or {}).values():
        for inner in held if isinstance(held, tuple) else (held,):
            yield from _with_inner(inner)


def _held(value: Any, setting: int = _LONGEST) -> int:
    """Return how many numbers `value` holds; up to `setting` of them in lists are a setting."""
    listed = _listed(value)
    return _in_arrays(value) + (listed if listed > setting else 0)


def _in_arrays(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return int(value.size)
    return sum(map(_in_arrays, value)) if isinstance(value, tuple) else 0


def _listed(value: Any) -> int:
    if isinstance(value, tuple):
        return sum(map(_listed, value))
    return int(_is_number(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)

"""A model as plain, checked data: layers, calls and caps, as `parse` returns them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.model.rebuilding.operands import Operand, Ref, refs

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Caps:
    """The largest model that is rebuilt.

    `elements` are the numbers in an output of a call for a batch of 1, `nesting` is how deep layers
    lie within layers.
    """

    layers: int = 256
    nodes: int = 1024
    params: int = 50_000_000
    elements: int = 50_000_000
    nesting: int = 4


@dataclass(frozen=True, slots=True)
class WeightSpec:
    """A weight; `name` is for display only."""

    name: str
    trainable: bool
    value: np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """An allow-listed layer; `name` is the student's own, for display only.

    `config` holds constructor arguments; values of `nested` are LayerSpecs or tuples of them.
    """

    class_name: str
    name: str
    config: Mapping[str, Any]
    dtype: str
    trainable: bool
    weights: tuple[WeightSpec, ...] = ()
    nested: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """A call of the layer with index `layer`, or of the operation `op`; `layer` is -1 then."""

    layer: int
    op: str
    config: Mapping[str, Any]
    args: tuple[Operand, ...]
    kwargs: Mapping[str, Operand]

    @property
    def inputs(self) -> tuple[Ref, ...]:
        """The tensors that this call takes, in order."""
        return tuple(refs((self.args, tuple(self.kwargs[name] for name in sorted(self.kwargs)))))


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model's layers, its calls in topological order, its input nodes and its output tensors."""

    layers: tuple[LayerSpec, ...]
    nodes: tuple[NodeSpec, ...]
    inputs: tuple[int, ...]
    outputs: tuple[Ref, ...]
    caps: Caps


def size_of(shape: tuple[int | None, ...]) -> int:
    """Return how many elements a tensor of `shape` has when every open axis has length 1."""
    return math.prod(1 if length is None else int(length) for length in shape)

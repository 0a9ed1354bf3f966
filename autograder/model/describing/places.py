"""What both families of lowered operations share: places of tensors, and the emitter of calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from autograder.errors import UndescribableModel
from autograder.model.rebuilding.operands import Ref
from autograder.wire import Value

__all__ = ["Emitter", "Known", "Lowering", "Place", "known", "static"]

Known = np.ndarray[Any, Any]  # numbers that are known while the graph is read; None where open
Place = Ref | Known
Lowering = Callable[["Emitter", Any, list[Place]], list[Place | None]]


class Emitter(Protocol):
    """Writes calls of keras.ops in place of the graph operation that is being read.

    Of its outputs the one with the number `wanted` is needed: the others need no place.
    """

    wanted: int

    def emit(self, name: str, operands: list[Any], **config: Value) -> Ref:
        """Add a call with the shape and type of the graph operation's first output."""

    def step(self, name: str, operand: Place, shape: Any, **config: Value) -> Place:
        """Add a call on a single tensor, whose output has this shape and the tensor's type."""


def known(place: Place) -> Known:
    """Return numbers that must be known already; raises UndescribableModel."""
    if not isinstance(place, np.ndarray) or any(n is None for n in place.ravel().tolist()):
        raise UndescribableModel("a length or an axis is computed from the input")
    return place


def static(tensor: Any) -> list[int | None]:
    """Return the shape of a graph tensor, None for open axes; raises UndescribableModel."""
    if tensor.shape.rank is None:
        raise UndescribableModel("the number of its axes is not known")
    return [None if length is None else int(length) for length in tensor.shape]

"""The graph of calls that Keras records: the order of its calls, and references to its tensors."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from autograder.errors import UndescribableModel
from autograder.model import keras_internals
from autograder.model.describing.reading import listed_name
from autograder.model.rebuilding import sources
from autograder.model.rebuilding.operands import Ref
from autograder.wire import Value


class Frame:
    """Maps the symbolic tensors of one graph to references in the description.

    `own` tells that a student's `call` made the graph. `compute` is the type to which a weight is
    cast that the graph takes directly, None for no cast.
    """

    def __init__(self, own: bool = False, compute: str | None = None) -> None:
        self.own = own
        self.compute = compute
        self._refs: dict[int, Ref] = {}
        self._later: dict[int, Callable[[], Ref]] = {}
        self._alive: list[Any] = []

    def bind(self, symbol: Any, ref: Ref) -> None:
        """Remember the reference of `symbol`."""
        self._refs[id(symbol)] = ref
        self._alive.append(symbol)

    def bind_later(self, symbol: Any, name: Callable[[], Ref]) -> None:
        """Remember how to make the reference of `symbol`, which is made when the graph uses it."""
        self._later[id(symbol)] = name
        self._alive.append(symbol)

    def __contains__(self, symbol: Any) -> bool:
        return id(symbol) in self._refs or id(symbol) in self._later

    def __getitem__(self, symbol: Any) -> Ref:
        if id(symbol) not in self._refs:
            self._refs[id(symbol)] = self._later[id(symbol)]()
        return self._refs[id(symbol)]


@dataclass(frozen=True, slots=True)
class Mark:
    """A live layer, and the reference of the first tensor that a call of the layer returned."""

    layer: Any
    ref: Ref


def is_symbol(value: Any) -> bool:
    """Tell whether a value is a symbolic tensor."""
    return isinstance(value, keras.KerasTensor)


def is_own(layer: Any) -> bool:
    """Tell whether a layer is one that a student wrote, or a Lambda."""
    return (
        listed_name(layer) is None
        and not isinstance(layer, keras.Model)
        and type(layer).__module__ != sources.__name__
    )


def mapped(value: Any, frame: Frame) -> Any:
    """Return `value` with the reference of each symbolic tensor in the tensor's place."""
    return keras.tree.map_structure(lambda x: frame[x] if is_symbol(x) else x, value)


def in_order(outputs: list[Any], frame: Frame) -> list[Any]:
    """Return the calls between tensors with a reference and `outputs`, in topological order."""
    order: list[Any] = []
    done: set[int] = set()
    stack = [(symbol, False) for symbol in reversed(outputs)]
    while stack:
        symbol, ready = stack.pop()
        if not is_symbol(symbol) or symbol in frame:
            continue
        node = _made_by(symbol)
        if id(node) in done:
            continue
        if ready:
            done.add(id(node))
            order.append(node)
            continue
        stack.append((symbol, True))
        stack += [(operand, False) for operand in reversed(node.arguments.keras_tensors)]
    return order


def _made_by(symbol: Any) -> Any:
    operation = keras_internals.maker_of(symbol)
    if operation is None or isinstance(operation, keras.layers.InputLayer):
        raise UndescribableModel(
            "The model uses a tensor that does not come from its own inputs. "
            "Give every Input to keras.Model(inputs=..., outputs=...)."
        )
    return keras_internals.call_that_made(symbol)


def bound(function: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    """Return the arguments of a call by the names that `function` has for them."""
    return dict(inspect.signature(function).bind(*args, **kwargs).arguments)


def takes_any_number(function: Any) -> bool:
    """Tell whether `function` has an argument such as *operands."""
    return any(p.kind is p.VAR_POSITIONAL for p in inspect.signature(function).parameters.values())


def whole(value: Any) -> Value:
    """Return a number of NumPy as a plain number, and other values as they are."""
    return value.item() if isinstance(value, np.generic) else value

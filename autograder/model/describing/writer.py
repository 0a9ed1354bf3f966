"""Writing down the layers and nodes of one description."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from autograder.errors import UndescribableModel
from autograder.model import keras_internals
from autograder.model.allowlist.fields import PLAIN_DTYPES
from autograder.model.allowlist.table import CONSTANT, INPUT, VARIABLE
from autograder.model.describing.reading import as_array, read_layer, variable_value, weights
from autograder.model.rebuilding.operands import Ref, tensor
from autograder.wire import Value

Kind = tuple[tuple[int | None, ...], str]  # a tensor's shape and type


class Writer:
    """Collects layers and nodes; knows each tensor's shape and type.

    `trainable` are the ids of the weights that training moves, `own` those of the model's layers.
    """

    def __init__(self, trainable: Set[int], own: frozenset[int]) -> None:
        self.layers: list[Value] = []
        self.nodes: list[Value] = []
        self._trainable = trainable
        self._own = own
        self._kinds: dict[Ref, Kind] = {}
        self._indices: dict[int, int] = {}
        self._unnamed: dict[int, Any] = {}
        self._variables: dict[int, Ref] = {}

    def kind(self, ref: Ref) -> Kind:
        """Return the shape and type of a tensor."""
        return self._kinds[ref]

    def node(self, kinds: list[Kind], **given: Value) -> list[Ref]:
        """Write down one call; return what its tensors are called."""
        blank: dict[str, Value] = {"layer": -1, "op": None, "config": {}, "args": [], "kwargs": {}}
        self.nodes.append({**blank, **given})
        refs = [Ref(len(self.nodes) - 1, output) for output in range(len(kinds))]
        self._kinds.update(zip(refs, kinds, strict=True))
        return refs

    def layer(self, layer: Any) -> tuple[int, Any]:
        """Write down a listed layer, once; return its index and its activation without a name."""
        key = id(layer)
        if key not in self._indices:
            if layer.weights and key not in self._own:
                raise UndescribableModel(
                    f"The layer {layer.name!r} ({type(layer).__name__}) is used but does not "
                    "belong to the model. Make it in __init__ and keep it in self."
                )
            found, self._unnamed[key] = read_layer(layer)
            found |= {"name": layer.name[:64], "trainable": bool(layer.trainable)}
            found["weights"] = weights(layer, self._trainable)
            self.layers.append(found)
            self._indices[key] = len(self.layers) - 1
        return self._indices[key], self._unnamed[key]

    def input(self, name: str, shape: tuple[int | None, ...], dtype: str) -> Ref:
        """Write down an input; `shape` with the batch axis."""
        if dtype not in PLAIN_DTYPES:
            raise UndescribableModel(f"The input {name!r} must be a tensor of numbers.")
        config = {"shape": list(shape[1:]), "dtype": dtype}
        index = self._source(INPUT, name, config, "float32", [])
        return self.node([((None, *shape[1:]), dtype)], layer=index)[0]

    def constant(self, value: Any) -> Ref:
        """Write down an array that is used as a tensor of its own."""
        array = as_array(value)
        return self.node([(array.shape, str(array.dtype))], op=CONSTANT, args=[array])[0]

    def variable(self, variable: Any, compute: str | None) -> Ref:
        """Write down a weight that a call takes directly, cast to the type `compute`."""
        if id(variable) not in self._variables:
            shape = tuple(int(n) for n in variable.shape)
            dtype = keras_internals.stored_dtype(variable)
            value = variable_value(variable, self._trainable)
            config = {"shape": list(shape)}
            index = self._source(VARIABLE, str(variable.name), config, dtype, [value])
            self._variables[id(variable)] = self.node([(shape, dtype)], layer=index)[0]
        ref = self._variables[id(variable)]
        return self.cast(ref, compute) if compute and "float" in self._kinds[ref][1] else ref

    def cast(self, ref: Ref, dtype: str) -> Ref:
        """Write down a cast, unless the tensor has that type already."""
        shape, given = self._kinds[ref]
        if given == dtype:
            return ref
        operand = tensor(ref.node, ref.output)
        return self.node([(shape, dtype)], op="Cast", config={"dtype": dtype}, args=[operand])[0]

    def _source(self, kind: str, name: str, config: Value, dtype: str, values: list[Value]) -> int:
        self.layers.append(
            {
                "class": kind,
                "name": name[:64],
                "config": config,
                "dtype": dtype,
                "trainable": True,
                "weights": values,
            }
        )
        return len(self.layers) - 1

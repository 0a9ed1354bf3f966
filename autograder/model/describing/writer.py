"""The writer of a description: it collects layers and nodes as plain values."""

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
    """Collects the layers and nodes of a description, and each tensor's shape and type.

    `trainable` are the ids of the weights that training moves, `own` the ids of the model's layers.
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

    def state(self) -> tuple[Any, ...]:
        """Return what `restore` needs to forget all that is added from now on."""
        maps = (self._kinds, self._indices, self._unnamed, self._variables)
        return len(self.layers), len(self.nodes), *(dict(known) for known in maps)

    def restore(self, state: tuple[Any, ...]) -> None:
        """Forget what was added after `state` was taken."""
        del self.layers[state[0] :], self.nodes[state[1] :]
        self._kinds, self._indices, self._unnamed, self._variables = map(dict, state[2:])

    def kind(self, ref: Ref) -> Kind:
        """Return the shape and type of a tensor."""
        return self._kinds[ref]

    def node(self, kinds: list[Kind], **fields: Value) -> list[Ref]:
        """Add a call; return the references of its outputs, whose shapes and types are `kinds`."""
        blank: dict[str, Value] = {"layer": -1, "op": None, "config": {}, "args": [], "kwargs": {}}
        self.nodes.append({**blank, **fields})
        refs = [Ref(len(self.nodes) - 1, output) for output in range(len(kinds))]
        self._kinds.update(zip(refs, kinds, strict=True))
        return refs

    def layer(self, layer: Any) -> tuple[int, Any]:
        """Add a listed layer, once; return its index and an activation function without a name.

        Raises UndescribableModel for a layer with weights that does not belong to the model.
        """
        key = id(layer)
        if key not in self._indices:
            if layer.weights and key not in self._own:
                raise UndescribableModel(
                    f"The layer {layer.name!r} ({type(layer).__name__}) is used but does not "
                    "belong to the model. Make it in __init__ and keep it in self."
                )
            description, self._unnamed[key] = read_layer(layer)
            description |= {"name": layer.name[:64], "trainable": bool(layer.trainable)}
            description["weights"] = weights(layer, self._trainable)
            self.layers.append(description)
            self._indices[key] = len(self.layers) - 1
        return self._indices[key], self._unnamed[key]

    def input(self, name: str, shape: tuple[int | None, ...], dtype: str) -> Ref:
        """Add an input; `shape` has the batch axis in front."""
        if dtype not in PLAIN_DTYPES:
            raise UndescribableModel(f"The input {name!r} must be a tensor of numbers.")
        config = {"shape": list(shape[1:]), "dtype": dtype}
        index = self._source(INPUT, name, config, "float32", [])
        return self.node([((None, *shape[1:]), dtype)], layer=index)[0]

    def constant(self, value: Any) -> Ref:
        """Add an array that a call takes as a tensor."""
        array = as_array(value)
        return self.node([(array.shape, str(array.dtype))], op=CONSTANT, args=[array])[0]

    def variable(self, variable: Any, compute: str | None) -> Ref:
        """Add a weight that a call takes directly, cast to `compute` unless that is None."""
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
        """Add a cast, unless the tensor has that type already."""
        shape, current = self._kinds[ref]
        if current == dtype:
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

"""Reading what TensorFlow traced of a student's `call` into nodes of the description."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from autograder.errors import UndescribableModel, UnknownTensorFlowCall
from autograder.model.describing.inline import named
from autograder.model.describing.lowering import LOWERED
from autograder.model.describing.places import Place, static
from autograder.model.describing.reading import as_array
from autograder.model.describing.traced_call import LayerCall, Traced, line_of, trace
from autograder.model.describing.writer import Writer
from autograder.model.rebuilding.operands import Ref, tensor
from autograder.wire import Value

__all__ = ["GraphReader", "clearer"]

_MOST = 10_000  # operations of one `call`


class GraphReader:
    """Has TensorFlow trace a `call`, and reads its graph backwards from the outputs.

    `weights` are those of the model. `call_layer(step, args, kwargs)` describes the call of a
    layer, whose tensors are references in `args` and `kwargs`, and returns the references of its
    outputs.
    """

    def __init__(
        self,
        layer: Any,
        writer: Writer,
        weights: Sequence[Any],
        call_layer: Callable[[LayerCall, Any, Any], list[Ref]],
    ) -> None:
        self._layer, self._writer, self._call_layer = layer, writer, call_layer
        self._weights = weights
        self._traced = Traced([], [])
        self._handles: dict[int, Any] = {}
        self._places: dict[str, Place] = {}
        self._operation: Any = None
        self.wanted = 0

    def read(self, args: Any, kwargs: Any, masked: frozenset[Ref]) -> list[Ref]:
        """Describe the call with these arguments; return the references of its outputs.

        `masked` are the references of tensors with a mask. Raises UndescribableModel with a
        sentence that names the line of the student's code.
        """
        refs = [leaf for leaf in keras.tree.flatten((args, kwargs)) if isinstance(leaf, Ref)]
        if not masked.isdisjoint(refs):
            raise UndescribableModel(f"{named(self._layer)} is given a mask.")
        refs = [self._cast(ref) for ref in refs]

        def pack(tensors: list[Any]) -> Any:
            following = iter(tensors)
            return keras.tree.map_structure(
                lambda leaf: next(following) if isinstance(leaf, Ref) else leaf, (args, kwargs)
            )

        self._traced = trace(self._layer, [self._writer.kind(ref) for ref in refs], pack)
        self._handles = {id(weight.value.handle): weight for weight in self._weights}
        pairs = zip(self._traced.inputs, refs, strict=True)
        self._places.update({symbol.name: ref for symbol, ref in pairs})
        for output in self._traced.outputs:
            self._fill(output)
        return [self._ref(self._places[output.name]) for output in self._traced.outputs]

    def _cast(self, ref: Ref) -> Ref:
        """Return an argument in the type in which Keras hands it to the layer."""
        layer, dtype = self._layer, self._writer.kind(ref)[1]
        casts = layer.autocast and "float" in dtype
        return self._writer.cast(ref, layer.compute_dtype) if casts else ref

    def _fill(self, output: Any) -> None:
        """Find the place of a tensor, and of all that it is computed from, without recursion."""
        stack, visits = [output], 0
        while stack:
            wanted = stack[-1]
            if wanted.name in self._places:
                stack.pop()
                continue
            missing = [x for x in self._sources(wanted) if x.name not in self._places]
            if missing:
                stack += missing
                visits += 1
                if visits > _MOST:
                    raise UndescribableModel(f"{named(self._layer)} computes too much to be read.")
                continue
            self._place(wanted)

    def _sources(self, wanted: Any) -> list[Any]:
        step = self._traced.calls.get(wanted.name)
        if step is not None:
            given = keras.tree.flatten((step.args, step.kwargs))
            return [x for x in given if _is_graph_tensor(x)]
        if wanted.op.type in ("ReadVariableOp", "Placeholder", "Const", "Shape"):
            return []
        inputs = list(wanted.op.inputs)
        if wanted.op.type == "Reshape" and _is_settled(wanted):
            return inputs[:1]  # TensorFlow has worked out the new shape itself
        return inputs[1:] if wanted.op.type == "ResourceGather" else inputs

    def _place(self, wanted: Any) -> None:
        step = self._traced.calls.get(wanted.name)
        if step is not None:
            self._step(step)
            return
        operation, self._operation = wanted.op, wanted.op
        if operation.type == "Placeholder":
            self._places[wanted.name] = self._captured(wanted)
        elif operation.type == "ReadVariableOp":
            self._places[wanted.name] = self._variable(operation.inputs[0])
        elif operation.type == "Const":
            import tensorflow as tf

            self._places[wanted.name] = np.asarray(tf.get_static_value(wanted))
        else:
            self.wanted = wanted.value_index
            places = zip(operation.outputs, self._lowered(operation), strict=True)
            self._places.update({x.name: place for x, place in places if place is not None})

    def _lowered(self, operation: Any) -> list[Place | None]:
        lower = LOWERED.get(operation.type)
        if lower is None:
            raise UndescribableModel(f"{self._where(operation)}. {_advice(operation.type)}")
        operands = [self._places[x.name] for x in self._sources(operation.outputs[0])]
        if operation.type == "ResourceGather":
            operands = [self._variable(operation.inputs[0]), *operands]
        try:
            return lower(self, operation, operands)
        except UndescribableModel as error:
            raise UndescribableModel(f"{self._where(operation)}: {error}.") from None

    def _where(self, operation: Any) -> str:
        line = line_of(operation)
        at = f" at {line}" if line else ""
        return f"{named(self._layer)} uses {operation.type}{at}, which cannot be graded"

    def _captured(self, symbol: Any) -> Place:
        value = self._traced.captured.get(symbol.name)
        if value is None or str(symbol.dtype.name) == "resource":
            raise UndescribableModel(f"{named(self._layer)} uses a tensor from outside its `call`.")
        return as_array(value)

    def _variable(self, handle: Any) -> Place:
        outside = self._traced.captured.get(handle.name)
        weight = self._handles.get(id(outside))
        if weight is not None:
            return self._writer.variable(weight, None)
        import tensorflow as tf

        dtype = self._operation.outputs[0].dtype
        return as_array(tf.raw_ops.ReadVariableOp(resource=outside, dtype=dtype))

    def _step(self, step: LayerCall) -> None:
        def placed(leaf: Any) -> Any:
            return self._ref(self._places[leaf.name]) if _is_graph_tensor(leaf) else leaf

        args = keras.tree.map_structure(placed, step.args)
        kwargs = keras.tree.map_structure(placed, step.kwargs)
        refs = self._call_layer(step, args, kwargs)
        for output, ref in zip(step.outputs, refs, strict=True):
            self._places[output.name] = ref

    def _ref(self, place: Place) -> Ref:
        return place if isinstance(place, Ref) else self._writer.constant(_numbers(place))

    def emit(self, name: str, operands: list[Any], **config: Value) -> Ref:
        """Add a call with the shape and type of the graph operation's first output."""
        output = self._operation.outputs[0]
        return self._node(name, operands, tuple(static(output)), output.dtype.name, config)

    def step(self, name: str, operand: Place, shape: Any, **config: Value) -> Place:
        """Add a call on one tensor whose output has this shape and the tensor's type."""
        if name == "Swapaxes" and isinstance(operand, np.ndarray):
            return np.swapaxes(operand, -1, -2)
        ref = self._ref(operand)
        further = [config.pop("key")] if "key" in config else []
        return self._node(name, [ref, *further], tuple(shape), self._writer.kind(ref)[1], config)

    def _node(
        self, name: str, operands: list[Any], shape: Any, dtype: str, config: dict[str, Value]
    ) -> Ref:
        if not any(isinstance(x, Ref) for x in keras.tree.flatten(operands)):
            first = operands[0][0] if isinstance(operands[0], list) else operands[0]
            operands = [self._ref(first), *operands[1:]]
        args = [self._operand(x) for x in operands]
        return self._writer.node([(shape, dtype)], op=name, config=config, args=args)[0]

    def _operand(self, value: Any) -> Value:
        if isinstance(value, list):
            return [self._operand(part) for part in value]
        if isinstance(value, Ref):
            return tensor(value.node, value.output)
        return _numbers(value) if isinstance(value, np.ndarray) else value


def clearer(recorded: UndescribableModel, traced: UndescribableModel) -> UndescribableModel:
    """Return the refusal that helps more: the name under `tf`, the line of the code, or both.

    `recorded` says why Keras could not record a `call`, `traced` why TensorFlow's trace of it could
    not be read.
    """
    line = re.search(r"at line \d+ in [^,:]+", str(traced))
    if line is None:
        return recorded
    if isinstance(recorded.__cause__, UnknownTensorFlowCall):
        return UndescribableModel(f"{recorded} It is called {line[0]}.")
    return traced


def _is_graph_tensor(value: Any) -> bool:
    return keras.ops.is_tensor(value) and hasattr(value, "op") and not hasattr(value, "numpy")


def _is_settled(symbol: Any) -> bool:
    return symbol.shape.rank is not None and static(symbol).count(None) < 2


def _numbers(place: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if place.dtype == object:
        raise UndescribableModel("A length that is not known yet is used as a number.")
    return as_array(place)


_INSTEAD = {
    "Conv2D": "Use a keras.layers.Conv2D layer.",
    "DepthwiseConv2dNative": "Use a keras.layers.DepthwiseConv2D layer.",
    "If": "Choose between numbers with tf.where or keras.ops.where.",
    "StatelessIf": "Choose between numbers with tf.where or keras.ops.where.",
    "While": "Write the loop over a number that is known beforehand.",
    "StatelessWhile": "Write the loop over a number that is known beforehand.",
    "PyFunc": "Leave out NumPy and plain Python on tensors.",
    "EagerPyFunc": "Leave out NumPy and plain Python on tensors.",
}


def _advice(kind: str) -> str:
    if kind.startswith(("Random", "StatelessRandom", "StatefulRandom", "TruncatedNormal")):
        return "Random parts belong in training only: use a keras.layers.Dropout layer."
    return _INSTEAD.get(kind, "Use a Keras layer or functions of keras.ops in its place.")

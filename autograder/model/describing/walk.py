"""The walk over a live model's graph, which describes each call as a node."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import keras

from autograder.errors import UndescribableModel
from autograder.model import keras_internals
from autograder.model.allowlist.operations import OPERATIONS, SYNONYMS
from autograder.model.allowlist.rules import FLAG
from autograder.model.allowlist.table import LAYERS, MASKED
from autograder.model.describing import inline
from autograder.model.describing.graph import (
    Frame,
    Mark,
    bound,
    in_order,
    is_own,
    is_symbol,
    mapped,
    takes_any_number,
    whole,
)
from autograder.model.describing.graph_reader import GraphReader, clearer
from autograder.model.describing.reading import (
    as_array,
    augments,
    check_acting,
    listed_name,
    operation_settings,
)
from autograder.model.describing.traced_call import LayerCall
from autograder.model.describing.tracing import is_array, symbolic_calls
from autograder.model.describing.writer import Kind, Writer
from autograder.model.rebuilding import sources
from autograder.model.rebuilding.operands import Ref, tensor
from autograder.wire import Value


class Walker:
    """Walks the graph of a model; `writer` collects the layers and nodes.

    `marks` has an entry for each call of a layer, inner layers before the layer that calls them.
    `ran_own_code` tells whether a function that a student wrote is part of the model.
    """

    def __init__(self, model: Any, traced_first: bool = False) -> None:
        own = frozenset(id(layer) for layer in keras_internals.layers_within(model))
        self._model = model
        self._trainable = {id(v) for v in model.trainable_weights}
        self.writer = Writer(self._trainable, own)
        self._own = own
        self._masks: dict[Ref, Callable[[], Ref]] = {}
        self._weights = frozenset(id(v) for v in model.weights)
        self.marks: list[Mark] = []
        self.ran_own_code = False
        self._traced_first = traced_first

    def walk(self, outputs: Iterable[Any], frame: Frame) -> list[Ref]:
        """Describe every call that leads to `outputs`; return the references of `outputs`."""
        symbols = list(outputs)
        for node in in_order(symbols, frame):
            for symbol, ref in zip(node.outputs, self._emit(node, frame), strict=True):
                frame.bind(symbol, ref)
        return [frame[x] if is_symbol(x) else self.writer.constant(x) for x in symbols]

    def take_apart(self, layer: Any, args: Any, kwargs: Any) -> list[Ref]:
        """Describe a student's own layer as the calls that it makes; return its outputs.

        Keras records the calls. Where it cannot, or with `traced_first`, TensorFlow traces them.
        Raises UndescribableModel where both fail.
        """
        self.ran_own_code = True
        if self._traced_first:
            return self._traced(layer, args, kwargs)
        before = self.writer.state(), len(self.marks), dict(self._masks)
        try:
            return self._recorded(layer, args, kwargs)
        except UndescribableModel as error:
            self.writer.restore(before[0])
            del self.marks[before[1] :]
            self._masks = before[2]
            try:
                return self._traced(layer, args, kwargs)
            except UndescribableModel as other:
                raise clearer(error, other) from error

    def _traced(self, layer: Any, args: Any, kwargs: Any) -> list[Ref]:
        frame = Frame(True, layer.compute_dtype if layer.autocast else None)
        reader = GraphReader(layer, self.writer, self._model.weights, partial(self._step, frame))
        return reader.read(args, kwargs, masked=frozenset(self._masks))

    def _step(self, frame: Frame, step: LayerCall, args: Any, kwargs: Any) -> list[Ref]:
        """Describe the call of a layer that TensorFlow traced as a single step."""
        if kwargs.pop("training", None) is True:
            inline.check_training(step.layer)
        kinds = [(tuple(x.shape), x.dtype.name) for x in step.outputs]
        refs = self._apply(step.layer, list(args), kwargs, kinds, frame)
        self.marks.append(Mark(step.layer, refs[0]))
        return refs

    def _recorded(self, layer: Any, args: Any, kwargs: Any) -> list[Ref]:
        inner = Frame(True, layer.compute_dtype if layer.autocast else None)
        symbols = [self._symbols(value, inner, layer) for value in args]
        named = {name: self._symbols(value, inner, layer) for name, value in kwargs.items()}
        with symbolic_calls(self._own, partial(self._lift, inner)):
            returned = inline.call_layer(layer, symbols, named)
        return self.walk(returned, inner)

    def _emit(self, node: Any, frame: Frame) -> list[Ref]:
        args = [mapped(value, frame) for value in node.arguments.args]
        kwargs = {name: mapped(x, frame) for name, x in node.arguments.kwargs.items()}
        # When the model runs, Keras passes `training` on from the outermost call: not a setting.
        if kwargs.pop("training", None) is True and frame.own:
            inline.check_training(node.operation)
        kinds = [(tuple(x.shape), x.dtype) for x in node.outputs]
        for symbol in node.arguments.keras_tensors:
            if keras_internals.mask_of(symbol) is not None:
                self._masks[frame[symbol]] = partial(self._mask, symbol, frame)
        refs = self._apply(node.operation, args, kwargs, kinds, frame)
        own = isinstance(node.operation, keras.layers.Layer) and is_own(node.operation)
        pairs = zip(node.outputs, refs, strict=True)
        refs = [self._masked(*pair, frame) for pair in pairs] if own else refs
        if isinstance(node.operation, keras.layers.Layer) and refs:
            self.marks.append(Mark(node.operation, refs[0]))
        return refs

    def _mask(self, symbol: Any, frame: Frame) -> Ref:
        return self.walk([keras_internals.mask_of(symbol)], frame)[0]

    def _masked(self, symbol: Any, ref: Ref, frame: Frame) -> Ref:
        """Return `ref` with the mask that a student's own layer attached to it."""
        if keras_internals.mask_of(symbol) is None:
            return ref
        operands = [tensor(r.node, r.output) for r in (ref, self._mask(symbol, frame))]
        return self.writer.node([self.writer.kind(ref)], op=MASKED, args=operands)[0]

    def _apply(
        self, operation: Any, args: Any, kwargs: Any, kinds: list[Kind], frame: Frame
    ) -> list[Ref]:
        if listed_name(operation) is not None:
            return self._layer(operation, args, kwargs, kinds, frame)
        if inline.has_graph(operation):
            return self._graph(operation, args, frame)
        if type(operation) is sources.Variable:
            return [self.writer.variable(operation.value, None)]
        if type(operation) is sources.Constant:
            return [self.writer.constant(operation.value)]
        if type(operation) is sources.Masked:
            operands = [self._tensors(x, frame) for x in (*args, *kwargs.values())]
            return self.writer.node(kinds, op=MASKED, args=operands)
        if type(operation) is keras_internals.convert_to_tensor_class():
            return [self.writer.cast(args[0], kinds[0][1])]
        check_acting(operation)
        if isinstance(operation, keras.layers.Layer):
            return self.take_apart(operation, args, kwargs)
        return self._operation(operation, bound(operation.call, args, kwargs), kinds, frame)

    def _layer(
        self, layer: Any, args: Any, kwargs: Any, kinds: list[Kind], frame: Frame
    ) -> list[Ref]:
        arguments = bound(layer.call, args, kwargs)
        first = arguments.pop(next(iter(arguments)))
        if augments(layer):
            first = self.writer.cast(first, layer.compute_dtype)
        index, unnamed = self.writer.layer(layer)
        refs = self.writer.node(
            kinds,
            layer=index,
            args=[self._tensors(first, frame)],
            kwargs=self._named(layer, arguments, frame),
        )
        return refs if unnamed is None else self._activation(unnamed, refs, layer, frame)

    def _named(self, layer: Any, arguments: dict[str, Any], frame: Frame) -> dict[str, Value]:
        """Return the further arguments of a layer's call that change its outputs."""
        kinds = LAYERS[str(listed_name(layer))].call
        named = {}
        for name, value in arguments.items():
            if value is None or value is False:
                continue
            if name not in kinds:
                raise UndescribableModel(
                    f"{inline.named(layer)} is called with {name}=..., which cannot be graded."
                )
            named[name] = bool(value) if kinds[name] == FLAG else self._tensors(value, frame)
        return named

    def _tensors(self, value: Any, frame: Frame) -> Value:
        if isinstance(value, (list, tuple)):
            return [self._tensors(part, frame) for part in value]
        ref = value if isinstance(value, Ref) else self._weight(value, frame)
        ref = ref or self.writer.constant(value)
        return tensor(ref.node, ref.output)

    def _weight(self, value: Any, frame: Frame) -> Ref | None:
        """Return the reference of a weight of the model as a tensor, None for other values."""
        if isinstance(value, keras.Variable) and id(value) in self._weights:
            return self.writer.variable(value, frame.compute)
        return None

    def _activation(self, function: Any, refs: list[Ref], layer: Any, frame: Frame) -> list[Ref]:
        """Describe an activation that has no name: a layer, or a function of the student's own."""
        if isinstance(function, keras.layers.Layer):
            kinds = [self.writer.kind(ref) for ref in refs]
            inline.build_on(function, kinds)
            self._trainable.update(id(v) for v in self._model.trainable_weights)
            return self._apply(function, list(refs), {}, kinds, frame)
        self.ran_own_code = True
        inner = Frame(own=True)
        symbols = [self._symbols(ref, inner, None) for ref in refs]
        with symbolic_calls(self._own, partial(self._lift, inner)):
            where = f"The activation of {inline.named(layer)}"
            returned = inline.call_function(function, symbols, where)
        return self.walk(returned, inner)

    def _lift(self, frame: Frame, value: Any) -> Any:
        """Return a symbolic tensor for an array that a layer of the model is called on."""
        if not is_array(value):
            return value
        dtype = keras.backend.standardize_dtype(value.dtype)
        symbol = keras.KerasTensor(tuple(value.shape), dtype=dtype)
        frame.bind_later(symbol, partial(self.writer.constant, value))
        return symbol

    def _operation(
        self, operation: Any, arguments: dict[str, Any], kinds: list[Kind], frame: Frame
    ) -> list[Ref]:
        name = type(operation).__name__
        name = SYNONYMS.get(name, name)
        if not keras_internals.is_of_keras(operation) or name not in OPERATIONS:
            raise UndescribableModel(
                f"The operation {type(operation).__name__} between two layers cannot be graded. "
                "Use arithmetic, a simpler function of keras.ops or a Keras layer."
            )
        config = operation_settings(operation, OPERATIONS[name])
        operands = [self._operand(value, frame) for value in arguments.values()]
        if takes_any_number(operation.call):
            operands = operands[0]
        while operands[-1] is None and name != "GetItem":
            operands.pop()
        return self.writer.node(kinds, op=name, config=config, args=operands)

    def _operand(self, value: Any, frame: Frame) -> Value:
        ref = value if isinstance(value, Ref) else self._weight(value, frame)
        if ref is not None:
            return tensor(ref.node, ref.output)
        if isinstance(value, (list, tuple)):
            return [self._operand(part, frame) for part in value]
        if isinstance(value, slice):
            return {"slice": [whole(x) for x in (value.start, value.stop, value.step)]}
        if value is Ellipsis:
            return {"ellipsis": None}
        if value is None or type(value) in (bool, int, float, str):
            return value
        return as_array(value)

    def _graph(self, model: Any, args: Any, frame: Frame) -> list[Ref]:
        graph = inline.graph_of(model)
        refs = [ref for ref in keras.tree.flatten(args) if isinstance(ref, Ref)]
        inner = Frame(frame.own)
        for symbol, ref in zip(graph.inputs, refs, strict=True):
            inner.bind_later(symbol, partial(self._fitted, ref, symbol))
        return self.walk(graph.outputs, inner)

    def _fitted(self, ref: Ref, symbol: Any) -> Ref:
        """Return `ref` with the type and rank of a nested model's input, as Keras does it."""
        ref = self.writer.cast(ref, symbol.dtype)
        shape, dtype = self.writer.kind(ref)
        missing = len(symbol.shape) - len(shape)
        if missing == 0:
            return ref
        change = "ExpandDims" if missing > 0 else "Squeeze"
        kind = ((*shape, 1) if missing > 0 else shape[:-1], dtype)
        operand = tensor(ref.node, ref.output)
        return self.writer.node([kind], op=change, config={"axis": -1}, args=[operand])[0]

    def _symbols(self, value: Any, frame: Frame, layer: Any) -> Any:
        """Return `value` with a fresh symbolic tensor for each tensor in it."""

        def fresh(leaf: Any) -> Any:
            if not isinstance(leaf, Ref):
                return leaf
            shape, dtype = self.writer.kind(leaf)
            if layer is not None and layer.autocast and "float" in dtype:
                dtype = layer.compute_dtype
            symbol = keras.KerasTensor(shape, dtype=dtype)
            frame.bind_later(symbol, partial(self.writer.cast, leaf, dtype))
            if leaf in self._masks:
                mask = keras.KerasTensor(shape[:-1], dtype="bool")
                frame.bind_later(mask, self._masks[leaf])
                keras_internals.set_mask(symbol, mask)
            return symbol

        return keras.tree.map_structure(fresh, value)

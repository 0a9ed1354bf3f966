"""Rebuilds models from descriptions and predicts with them; runs our code only, yet confined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from autograder.errors import RefusedModel
from autograder.model.rebuilding.build import build, facts, inner
from autograder.model.rebuilding.comparison import Probe, Verdict, compare, read_probe
from autograder.model.rebuilding.parse import parse
from autograder.model.rebuilding.spec import ModelSpec
from autograder.sandbox.channel import Channel
from autograder.text import quoted
from autograder.wire import Value
from autograder.worker.loss_gradient import loss_gradient
from autograder.worker.serving import respond

Forward = Callable[..., Any]  # of one array for each input

_BATCH = 256
_ROUNDING = 1e-2
_FLAT = 0.1  # the scale of the noise for weights that are all alike
_UNCOMPARED = (
    "What the grader reads from your model's layers could not predict for a few rows, so its "
    "predictions could not be compared with yours"
)


@dataclass(slots=True)
class EvaluatorWorker:
    """Responds to the requests load, predict, loss_gradient and weights about rebuilt models."""

    models: list[keras.Model] = field(default_factory=list)
    _compiled: dict[tuple[int, int | None, tuple[tf.TensorSpec, ...]], Forward] = field(
        default_factory=dict
    )

    def handle(self, request: dict[str, Value]) -> dict[str, Value]:
        """Return the response to a request."""
        operation = request.get("op")
        if operation == "load":
            return self._load(request)
        if operation == "predict":
            return self._predict(request)
        if operation == "loss_gradient":
            return self._loss_gradient(request)
        if operation == "weights":
            model = self.models[request["model"]]
            trainable = request["which"] == "trainable"
            weights = model.trainable_weights if trainable else model.weights
            return {"weights": [_plain(weight) for weight in weights]}
        raise ValueError(f"no such request: {operation!r}")

    def _load(self, request: dict[str, Value]) -> dict[str, Value]:
        """Rebuild a model; with a probe, refuse it where it predicts other than the live model."""
        probe = request.get("probe")
        sizes = [None if size is None else tuple(size) for size in request.get("sizes", [])]
        try:
            spec = parse(request["description"])
            model = build(spec, sizes)
            self.models.append(model)
            verdict = Verdict() if probe is None else self._compared(spec, read_probe(probe))
        except RefusedModel as error:
            return {"refused": str(error), "plain": ""}
        if verdict.refused is not None:
            return {"refused": verdict.refused, "plain": verdict.plain}
        known = facts(spec, model).to_value()
        found = {"model": len(self.models) - 1, "facts": known}
        return {**found, "note": verdict.note, "plain": verdict.plain}

    def _compared(self, spec: ModelSpec, probe: Probe) -> Verdict:
        """Return whether the model loaded last is the live one."""
        index, inputs = len(self.models) - 1, list(probe.inputs)
        model = self.models[index]
        ways = [
            lambda: _outputs(self.forward(index, None, inputs), inputs),
            lambda: _outputs(partial(_called, model), inputs),
        ]
        dtypes = frozenset(layer.dtype for layer in spec.layers)
        try:
            return compare(probe, dtypes, ways, partial(_part, model, inputs))
        except Exception as error:  # an odd but legal graph may fail on real rows
            why = quoted(f"{type(error).__name__}: {error}", 300)
            return Verdict(note=f"{_UNCOMPARED}: {why}", plain=f"{_UNCOMPARED}.")

    def _predict(self, request: dict[str, Value]) -> dict[str, Value]:
        """Predict with the model, or up to one node, or with one layer's weights shaken."""
        model, shaken = self.models[request["model"]], request.get("shake")
        inputs: list[np.ndarray[Any, Any]] = request["inputs"]
        try:
            forward = self.forward(request["model"], request.get("node"), inputs)
            with _shaken(model, shaken, request["seed"]):
                return _in_batches(forward, inputs, request["seed"])
        except Exception as error:  # an odd but legal graph may fail on real rows
            return {"error": f"{type(error).__name__}: {error}"[:500]}

    def _loss_gradient(self, request: dict[str, Value]) -> dict[str, Value]:
        model = self.models[request["model"]]
        try:
            return {"gradient": loss_gradient(model, request["x"], request["labels"])}
        except Exception as error:  # an odd but legal graph may have no such loss
            return {"error": f"{type(error).__name__}: {error}"[:500]}

    def forward(self, index: int, node: int | None, inputs: list[np.ndarray[Any, Any]]) -> Forward:
        """Return the model up to a node as a graph of its own, traced at the first request.

        A recurrent layer runs many times faster as a graph than operation by operation.
        """
        kind = tuple(tf.TensorSpec((None, *x.shape[1:]), x.dtype) for x in inputs)
        forward = self._compiled.get((index, node, kind))
        if forward is None:
            model = self.models[index]
            whole = model if node is None else inner(model, node)
            forward = self._compiled[index, node, kind] = _traced(partial(_called, whole), kind)
        return forward


def _traced(forward: Forward, kind: tuple[tf.TensorSpec, ...]) -> Forward:
    """Return `forward` as a graph, or as it is where one of its operations needs real values."""
    graph: Forward = tf.function(forward, input_signature=kind, autograph=False)
    try:
        graph.get_concrete_function()  # type: ignore[attr-defined]
    except Exception:  # such as ops.inner, which tries both of its formulas on unknown rows
        return forward
    return graph


def _called(model: keras.Model, *inputs: Any) -> list[Any]:
    outputs = model(list(inputs) if len(inputs) > 1 else inputs[0], training=False)
    return list(outputs) if isinstance(outputs, list | tuple) else [outputs]


def _in_batches(
    forward: Forward, inputs: list[np.ndarray[Any, Any]], seed: int
) -> dict[str, Value]:
    parts = [_outputs(forward, [x[rows] for x in inputs]) for rows in _batches(inputs, seed)]
    order = np.argsort(np.concatenate(_batches(inputs, seed)))
    outputs = [np.concatenate(list(p))[order] for p in zip(*parts, strict=True)]
    alone = _outputs(forward, [x[:1] for x in inputs])
    if not all(_agree(y[:1], row) for y, row in zip(outputs, alone, strict=True)):
        return {"depends": True}
    return {"outputs": outputs}


def _part(
    model: keras.Model, inputs: list[np.ndarray[Any, Any]], node: int, output: int
) -> np.ndarray[Any, Any] | None:
    """Return a tensor of the model, None for a number that a worker made up."""
    try:
        return _outputs(partial(_called, inner(model, node, output)), inputs)[0]
    except Exception:  # Keras raises many types for a part that cannot be
        return None


@contextmanager
def _shaken(model: keras.Model, layer: int | None, seed: int) -> Iterator[None]:
    """Replace a layer's weights by noise of their own mean and scale inside this context."""
    weights = [] if layer is None else model.get_layer(f"l{layer}").weights
    values = [_plain(weight) for weight in weights]
    random = np.random.default_rng(seed)
    try:
        for weight, value in zip(weights, values, strict=True):
            scale = float(np.std(value)) or _FLAT
            weight.assign(random.normal(float(np.mean(value)), scale, value.shape))
        yield
    finally:
        for weight, value in zip(weights, values, strict=True):
            weight.assign(value)


def _agree(among: np.ndarray[Any, Any], alone: np.ndarray[Any, Any]) -> bool:
    """Tell whether a row is predicted alike among others and alone, up to rounding."""
    scale = float(np.max(np.abs(among), initial=0.0)) if np.isfinite(among).all() else 0.0
    return np.allclose(among, alone, rtol=_ROUNDING, atol=_ROUNDING * scale, equal_nan=True)


def _batches(inputs: list[np.ndarray[Any, Any]], seed: int) -> list[np.ndarray[Any, Any]]:
    """Return row numbers in shuffled batches of unequal size.

    A model that looks at its neighbours in the batch then has no way to know them.
    """
    count = len(inputs[0])
    random = np.random.default_rng(seed)
    cuts: list[int] = []
    while sum(cuts) < count:
        cuts.append(int(random.integers(_BATCH // 2, _BATCH)))
    return np.split(random.permutation(count), np.cumsum(cuts)[:-1])


def _outputs(forward: Forward, inputs: list[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
    return [_plain(y) for y in forward(*inputs)]


def _plain(tensor: Any) -> np.ndarray[Any, Any]:
    """Return a tensor as an array that can cross: NumPy itself has no bfloat16."""
    array = np.asarray(keras.ops.convert_to_numpy(tensor))
    return array if array.dtype.kind in "biuf" else array.astype("float32")


def serve(channel: Channel) -> None:
    """Respond until the other end hangs up."""
    respond(channel, EvaluatorWorker().handle)

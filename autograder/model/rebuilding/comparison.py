"""Comparing what a live model predicted with what the model that was rebuilt from it predicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.errors import RefusedModel
from autograder.model.allowlist.fields import integer, record, several, text
from autograder.text import named
from autograder.wire import Value

__all__ = ["Probe", "Verdict", "compare", "read_probe"]

Arrays = tuple[np.ndarray[Any, Any], ...]

TOLERANCE = 1e-4  # of the largest absolute output
_COARSE = {"float16": 1e-2, "bfloat16": 1e-1}  # of types with fewer digits than float32
_LEAST = 1e-7  # what float32 can tell apart beside numbers around one
_NOISE, _TIMES_NOISE = 1e-2, 4  # how far eager and graph may lie apart by rounding alone
_MOST = 1 << 21


@dataclass(frozen=True, slots=True)
class Probe:
    """Rows, and what a live model predicted for them, as its worker claims.

    `eager` and `graph` are its answers, each an array for each output; `layers` are the names of
    layers with the node and output of the description that stand for them, and their arrays.
    """

    inputs: Arrays
    eager: tuple[Arrays, ...]
    graph: tuple[Arrays, ...]
    layers: tuple[tuple[str, int, int, np.ndarray[Any, Any]], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why the rebuilt model is not the live one, or why the two could not be compared.

    `plain` says the same without numbers and names that a student chose.
    """

    refused: str | None = None
    note: str | None = None
    plain: str = ""


def read_probe(value: Value) -> Probe:
    """Read what a worker sent strictly; raises RefusedModel, and no other exception."""
    keys = frozenset({"inputs", "eager", "graph", "layers"})
    record(value, "the answers", keys, frozenset())
    times = several(several(_array, 0, 64), 0, 2)
    return Probe(
        several(_array, 1, 64)(value["inputs"]),
        times(value["eager"]),
        times(value["graph"]),
        several(_layer, 0, 128)(value["layers"]),
    )


def _array(value: Value) -> np.ndarray[Any, Any]:
    if type(value) is not np.ndarray or value.dtype.kind not in "fiub" or value.size > _MOST:
        raise RefusedModel("an answer is no array of numbers")
    return value


def _layer(value: Value) -> tuple[str, int, int, np.ndarray[Any, Any]]:
    if type(value) is not list or len(value) != 4:
        raise RefusedModel("a layer's answer has four parts")
    count = integer(0)
    return text(200)(value[0]), count(value[1]), count(value[2]), _array(value[3])


def compare(
    probe: Probe,
    dtypes: frozenset[str],
    rebuilt: Sequence[Callable[[], Any]],
    part: Callable[[int, int], np.ndarray[Any, Any] | None],
) -> Verdict:
    """Compare the answers of a live model with those of the rebuilt model.

    `dtypes` are the types in which its layers compute. Each function of `rebuilt` returns the
    rebuilt model's outputs for the probe's inputs, computed in another way: rounding may differ, so
    one match is enough. `part(node, output)` returns that tensor of the rebuilt model, None where
    the model has no such tensor.
    """
    live = probe.graph or probe.eager  # `predict` computes in a graph
    if not live:
        return Verdict()
    near = _Nearness(max([TOLERANCE, *(c for d, c in _COARSE.items() if _has(dtypes, d))]))
    answers: list[Arrays] = []
    for compute in rebuilt:
        answers.append(tuple(compute()))
        if near.all(live[0], answers[-1]):
            return Verdict()
    if not all(
        near.all(times[0], other) for times in (probe.eager, probe.graph) for other in times
    ):
        return Verdict(note=_RANDOM, plain=_RANDOM)
    if any(_within_noise(near, probe, answer) for answer in answers):
        return Verdict()
    if probe.eager and any(near.all(probe.eager[0], answer) for answer in answers):
        return Verdict(refused=_TRACED, plain=_TRACED)
    told = _sentence(live[0], answers[0], _parting(probe, near, part))
    return Verdict(refused=told, plain=f"{_DIFFERS}. {_ADVICE}")


def _parting(
    probe: Probe, near: _Nearness, part: Callable[[int, int], np.ndarray[Any, Any] | None]
) -> str | None:
    """Return the name of the first layer that returns something else, None where none is known."""
    for name, node, output, returned in probe.layers:
        other = part(node, output)
        if other is not None and not near(returned, other):
            return name
    return None


def _has(dtypes: frozenset[str], name: str) -> bool:
    return any(dtype.removeprefix("mixed_") == name for dtype in dtypes)


@dataclass(frozen=True, slots=True)
class _Nearness:
    """Tells whether two arrays are the same up to a part of the largest finite number in them."""

    tolerance: float

    def __call__(self, live: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> bool:
        if live.shape != other.shape:
            return False
        within = max(self.tolerance * _largest(live), _LEAST)
        with np.errstate(all="ignore"):
            pair = live.astype("float64"), other.astype("float64")
            return bool(np.allclose(*pair, rtol=0.0, atol=within, equal_nan=True))

    def all(self, live: Arrays, other: Arrays) -> bool:
        """Tell whether all arrays are the same, output by output."""
        return len(live) == len(other) and all(map(self, live, other))


def _largest(array: np.ndarray[Any, Any]) -> float:
    finite = array[np.isfinite(array)]
    return float(np.max(np.abs(finite.astype("float64")), initial=0.0))


def _within_noise(near: _Nearness, probe: Probe, answer: Arrays) -> bool:
    """Tell whether rounding alone moves the live model as far as the rebuilt one lies from it."""
    if not (probe.eager and probe.graph) or len(answer) != len(probe.graph[0]):
        return False
    for eager, graph, other in zip(probe.eager[0], probe.graph[0], answer, strict=True):
        noise = float(np.max(np.abs(eager.astype("float64") - graph), initial=0.0))
        wider = _TIMES_NOISE * noise / (_largest(graph) or 1.0)
        if noise > _NOISE * _largest(graph):
            return False
        if not _Nearness(max(near.tolerance, wider))(graph, other):
            return False
    return True


def _sentence(live: Arrays, rebuilt: Arrays, layer: str | None) -> str:
    first = "The first layer that returns something else is"
    where = "" if layer is None else f" {first} {named(layer)}."
    return f"{_DIFFERS}{_example(live, rebuilt)}.{where} {_ADVICE}"


def _example(live: Arrays, rebuilt: Arrays) -> str:
    """Return the pair of numbers that lie farthest apart, as a part of a sentence."""
    for mine, other in zip(live, rebuilt, strict=False):
        if mine.shape != other.shape:
            return f": it returns an array of shape {mine.shape}, but {other.shape} is read"
        with np.errstate(all="ignore"):
            apart = np.abs(mine.astype("float64") - other)
        if apart.size and np.nanmax(np.append(apart.ravel(), 0.0)) > 0:
            at = np.unravel_index(np.nanargmax(np.nan_to_num(apart)), apart.shape)
            return f": for the same row it predicts {mine[at]:.4g}, but {other[at]:.4g} is read"
    return ""


_DIFFERS = "What the model predicts is not what the grader reads from its layers"
_ADVICE = (
    "A `call` must compute the same for every kind of tensor and at every call: leave out branches "
    "such as `isinstance(x, tf.Tensor)` or `tf.is_tensor(x)`, try/except around TensorFlow, and "
    "counters."
)
_TRACED = (
    "The model predicts something else within `model.predict` than when it is called directly: its "
    "`call` asks whether TensorFlow records a graph. Compute the same in both cases."
)
_RANDOM = (
    "Your model predicts something else each time for the same rows, so the grader could not "
    "compare it with what it reads from the layers. Random parts belong in training only: pass on "
    "the `training` that `call` is given."
)

"""What a live model predicts for a few rows, and what its layers return on the way there.

The evaluator compares these answers with those of the model that it rebuilt from the description.
"""

from __future__ import annotations

import inspect
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from textwrap import shorten
from typing import Any

import keras
import numpy as np

from autograder.model import keras_internals
from autograder.model.describing.describe import Reading
from autograder.model.describing.inline import graph_of, has_graph, named
from autograder.model.describing.layer_calls import layer_calls
from autograder.wire import Value

__all__ = ["live_answers"]

_TIMES = 2
_MOST_NUMBERS = 1 << 20  # of the answers, and of what all layers returned
_MOST_LAYERS = 128

Arrays = list[np.ndarray[Any, Any]]


def live_answers(model: Any, reading: Reading, inputs: Sequence[np.ndarray[Any, Any]]) -> Value:
    """Return what `model` predicts for `inputs`, one array of rows for each input, as plain values.

    "eager" are its answers operation by operation, "graph" those within tf.function, as `predict`
    computes them; each answer is a list of arrays. Where Keras alone computes, a single eager
    answer is enough: its layers answer alike each time. "layers" are lists of a layer's name,
    the node and output of the description that stand for it, and the array that it returned.
    "failed" says why there is no answer, None where there is an answer. The model and all global
    random generators stay as they were.
    """
    call = partial(_call, model)
    answers: dict[str, Value] = {"eager": [], "graph": [], "layers": [], "failed": None}
    with _as_it_was(model):
        try:
            with _returned(reading) as returned:
                answers["eager"].append(_arrays(call(*inputs)))
            answers["layers"] = _layers(reading, returned)
            if reading.own_code:
                answers["eager"] += _repeated(call, inputs, _TIMES - 1)
        except Exception as error:  # the student's own code, which may raise anything
            answers["failed"] = _words(error)
        if reading.own_code and keras.backend.backend() == "tensorflow":
            try:
                answers["graph"] = _repeated(_traced(call, inputs), inputs, _TIMES)
                answers["failed"] = None
            except Exception as error:
                answers["failed"] = None if answers["eager"] else answers["failed"] or _words(error)
    return answers


def _repeated(call: Callable[..., Any], inputs: Sequence[Any], times: int) -> list[Arrays]:
    return [_arrays(call(*inputs)) for _ in range(times)]


def _traced(call: Callable[..., Any], inputs: Sequence[Any]) -> Callable[..., Any]:
    import tensorflow as tf

    kind = [tf.TensorSpec((None, *x.shape[1:]), x.dtype) for x in inputs]
    traced: Callable[..., Any] = tf.function(call, input_signature=kind, autograph=False)
    return traced


def _call(model: Any, *inputs: Any) -> Any:
    # The structure of the inputs is the model's own: a tensor, a list or a dict of tensors.
    structure = graph_of(model).input if has_graph(model) else inputs[0]
    packed = keras.tree.pack_sequence_as(structure, list(inputs))
    takes_training = "training" in inspect.signature(model.call).parameters
    return model(packed, training=False) if takes_training else model(packed)


def _arrays(outputs: Any) -> Arrays:
    """Return outputs as arrays; raises ValueError for too many numbers and for other things."""
    arrays = [_array(output) for output in keras.tree.flatten(outputs)]
    if sum(array.size for array in arrays) > _MOST_NUMBERS:
        raise ValueError("the outputs are too large to be compared")
    return arrays


def _array(tensor: Any) -> np.ndarray[Any, Any]:
    array = np.asarray(keras.ops.convert_to_numpy(tensor))
    if array.dtype.name == "bfloat16":  # no NumPy type of its own; float32 holds it exactly
        return array.astype(np.float32)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"an output is of type {array.dtype}")
    return array


@contextmanager
def _returned(reading: Reading) -> Iterator[dict[int, list[Any]]]:
    """Collect, by the layer's id, what the layers of the model return in this context."""
    returned: dict[int, list[Any]] = {id(mark.layer): [] for mark in reading.marks}

    def call(original: Callable[..., Any], layer: Any, *args: Any, **kwargs: Any) -> Any:
        outputs = original(layer, *args, **kwargs)
        if id(layer) in returned:
            returned[id(layer)].append(outputs)
        return outputs

    with layer_calls(call):
        yield returned


def _layers(reading: Reading, returned: dict[int, list[Any]]) -> list[Value]:
    """Return what each layer that is called once returned, while all these fit in."""
    calls = Counter(id(mark.layer) for mark in reading.marks)
    layers: list[Value] = []
    room = _MOST_NUMBERS
    for mark in reading.marks[:_MOST_LAYERS]:
        key = id(mark.layer)
        if calls[key] != 1 or len(returned[key]) != 1:
            continue
        first = keras.tree.flatten(returned[key][0])[0]
        if not (hasattr(first, "numpy") and hasattr(first, "shape")):
            continue  # within tf.function a layer returns no numbers
        array = _array(first)
        room -= array.size
        if room < 0:
            break
        layers.append([named(mark.layer)[:200], mark.ref.node, mark.ref.output, array])
    return layers


@contextmanager
def _as_it_was(model: Any) -> Iterator[None]:
    """Put back what running a model changes: generators, and weights that training does not move.

    A `call` may count its calls or keep a running mean in such a weight.
    """
    held = [(v, keras.ops.copy(v.value)) for v in model.non_trainable_variables]
    python, numpy = random.getstate(), np.random.get_state()
    with keras_internals.keep_generators():
        try:
            keras.utils.set_random_seed(0)  # makes new generators, and leaves those that are kept
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)
            for variable, value in held:
                variable.assign(value)


def _words(error: Exception) -> str:
    return shorten(f"{type(error).__name__}: {error}", 200, placeholder=" ...")

"""Describing a live Keras model as plain values: its layers, its weights and its graph of calls.

Nested models are flattened. A subclassed model, a Lambda and a layer of the student's own are
called once on symbolic tensors: the description holds the layers and operations that they call.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

import keras

from autograder.errors import RefusedModel, UndescribableModel
from autograder.model import keras_internals
from autograder.model.describing.graph import Frame, Mark
from autograder.model.describing.inline import graph_of, has_graph, known_shape, prepare, undo_calls
from autograder.model.describing.walk import Walker
from autograder.model.keras_messages import cause
from autograder.model.rebuilding.operands import Ref, tensor
from autograder.model.rebuilding.parse import parse
from autograder.model.rebuilding.spec import FORMAT
from autograder.wire import Value


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a live model.

    `description` is for `autograder.model.rebuilding.parse.parse`. `marks` tell which tensor of the
    description each live layer returned, and `own_code` whether the student wrote a part of what
    the model computes. `input_shape` is the shape that the model was read for, if it was told.
    """

    description: dict[str, Value]
    marks: tuple[Mark, ...]
    own_code: bool
    input_shape: tuple[int | None, ...] | None = None


def describe(model: Any, input_shape: tuple[int | None, ...] | None = None) -> dict[str, Value]:
    """Return the description of `model` alone; raises what `read_model` raises."""
    return read_model(model, input_shape).description


def read_model(
    model: Any, input_shape: tuple[int | None, ...] | None = None, *, traced_first: bool = False
) -> Reading:
    """Read `model` into plain data.

    With `traced_first` TensorFlow traces what the student wrote, also where Keras could record it.
    `input_shape`, without the batch axis, builds a model that has no input shape of its own. The
    model stays as it was, but is built afterwards. Raises UndescribableModel with a sentence for
    the student.
    """
    if not isinstance(model, keras.Model):
        raise UndescribableModel(f"This is no Keras model but a {type(model).__name__}.")
    try:
        prepare(model, input_shape)
        with undo_calls(model), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras warns of lambdas that cannot be saved
            reading = _read(model, input_shape, traced_first)
        parse(reading.description)
        return reading
    except RefusedModel as error:
        raise UndescribableModel(f"The model cannot be graded: {error}.") from error
    except UndescribableModel:
        raise
    except RecursionError:
        raise UndescribableModel("The model is nested too deeply to be read.") from None
    except Exception as error:
        reason = shorten(cause(str(error)), 200, placeholder=" ...")
        raise UndescribableModel(
            f"The model could not be read ({type(error).__name__}: {reason}). "
            "Build it from Keras layers with the Sequential or the functional API."
        ) from error


def _read(model: Any, input_shape: tuple[int | None, ...] | None, traced_first: bool) -> Reading:
    walker = Walker(model, traced_first)
    if has_graph(model):
        inputs, outputs = _graph(walker, graph_of(model))
    else:
        shape = known_shape(model, input_shape)
        inputs = [walker.writer.input("input", (None, *shape), keras.config.floatx())]
        outputs = walker.take_apart(model, inputs, {})
    description: dict[str, Value] = {
        "format": FORMAT,
        "layers": walker.writer.layers,
        "nodes": walker.writer.nodes,
        "inputs": [ref.node for ref in inputs],
        "outputs": [tensor(ref.node, ref.output) for ref in outputs],
    }
    return Reading(description, tuple(walker.marks), walker.ran_own_code, input_shape)


def _graph(walker: Walker, graph: Any) -> tuple[list[Ref], list[Ref]]:
    frame = Frame()
    for symbol in graph.inputs:
        name = keras_internals.maker_of(symbol).name
        frame.bind(symbol, walker.writer.input(name, tuple(symbol.shape), symbol.dtype))
    return [frame[symbol] for symbol in graph.inputs], walker.walk(graph.outputs, frame)

"""The inputs that a description declares: the shape and type of each, and which numbers they take.

The grader draws rows for a live model from these, before the model is rebuilt.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograder.errors import RefusedModel
from autograder.model.allowlist.fields import integer, read_fields
from autograder.model.allowlist.table import INPUT, LAYERS
from autograder.wire import Value

__all__ = ["Input", "inputs_of"]

_MOST = 64


@dataclass(frozen=True, slots=True)
class Input:
    """An input: its shape without the batch axis, None for an open axis, and its type.

    `words` is the size of the smallest table that an Embedding of the model looks up, None without
    an Embedding.
    """

    shape: tuple[int | None, ...]
    dtype: str
    words: int | None


def inputs_of(description: Value) -> tuple[Input, ...]:
    """Read the inputs of a description, in order; raises RefusedModel, and no other exception."""
    try:
        layers, nodes, wanted = (description[key] for key in ("layers", "nodes", "inputs"))
        if type(wanted) is not list or not 1 <= len(wanted) <= _MOST:
            raise RefusedModel("a list of inputs is expected")
        words = _words(layers)
        found = []
        for index in wanted:
            layer = layers[nodes[integer(0)(index)]["layer"]]
            config = read_fields(layer["config"], "an input", LAYERS[INPUT].fields)
            found.append(Input(config["shape"], config["dtype"], words))
        return tuple(found)
    except RefusedModel:
        raise
    except Exception as error:  # received data may only ever lead to a refusal
        raise RefusedModel(f"inputs that cannot be read ({type(error).__name__})") from error


def _words(layers: Value) -> int | None:
    read = integer(1)
    tables = [x["config"]["input_dim"] for x in layers if x["class"] == "Embedding"]
    return min(map(read, tables), default=None)

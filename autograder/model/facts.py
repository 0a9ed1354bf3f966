"""The structure of a model, as checks see it: layers, graph, shapes, parameter counts.

The evaluator computes these facts from the model that it rebuilt, not from a worker's claims.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from autograder.wire import Value

Shape = tuple[int | None, ...]


def fits(given: Shape, declared: Shape) -> bool:
    """Tell whether an input of the shape `declared` takes what has the shape `given`.

    An open axis, None, takes any length.
    """
    return len(given) == len(declared) and all(
        wanted in (None, length) for length, wanted in zip(given, declared, strict=True)
    )


@dataclass(frozen=True, slots=True)
class WeightFact:
    """A weight: its role in its layer ("kernel"), its shape, and whether training moves it.

    `name` is what Keras calls a weight of this role, whatever a student has called it.
    """

    name: str
    shape: tuple[int, ...]
    trainable: bool

    @property
    def size(self) -> int:
        """How many numbers the weight holds."""
        count = 1
        for length in self.shape:
            count *= length
        return count


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer, which may be called several times. `name` is the student's own: for display only.

    `activation` is Keras's name of the activation function that the layer applies ("linear" for a
    layer that could have one and has none), or None for layers without an activation.
    `config` holds plain values. `wrapped` are the class names of the layers or cells within
    Bidirectional, RNN, TimeDistributed and the like, outermost first; () for other layers.
    """

    index: int
    name: str
    class_name: str
    config: dict[str, Any]
    activation: str | None
    weights: tuple[WeightFact, ...]
    params: int
    wrapped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A call of a layer ("Dense") or of an operation ("ops.Multiply"; then `layer` is -1).

    `inputs` are the indices of the nodes whose tensors the call takes; `output_shapes` have the
    batch axis in front, None for an open axis.
    """

    index: int
    layer: int
    op: str
    inputs: tuple[int, ...]
    output_shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """A model's graph, nested models flattened, nodes in topological order.

    Every node but an input lies on a path to an output. `inputs` and `outputs` are node indices.
    Where an input takes any length and the grader knows the real length, all shapes are for this
    length; `config["shape"]` of the InputLayer keeps the None. None stays where nothing tells it.
    `constants` counts the numbers that are no weights, such as the mean in x - mean: in arrays, bin
    boundaries, vocabularies and lists, also in layers within layers.
    """

    layers: tuple[Layer, ...]
    nodes: tuple[Node, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    input_shapes: tuple[Shape, ...]
    output_shapes: tuple[Shape, ...]
    params: int
    trainable_params: int
    constants: int

    def to_value(self) -> Value:
        """Return these facts as a plain value for the wire."""
        return {
            "layers": [_layer_value(layer) for layer in self.layers],
            "nodes": [[n.layer, n.op, list(n.inputs), _lists(n.output_shapes)] for n in self.nodes],
            "inputs": list(self.inputs),
            "outputs": list(self.outputs),
            "input_shapes": _lists(self.input_shapes),
            "output_shapes": _lists(self.output_shapes),
            "params": self.params,
            "trainable_params": self.trainable_params,
            "constants": self.constants,
        }

    @classmethod
    def from_value(cls, value: Value) -> Self:
        """Read back what `to_value` wrote."""
        return cls(
            layers=tuple(_layer(index, layer) for index, layer in enumerate(value["layers"])),
            nodes=tuple(
                Node(index, layer, op, tuple(inputs), _shapes(shapes))
                for index, (layer, op, inputs, shapes) in enumerate(value["nodes"])
            ),
            inputs=tuple(value["inputs"]),
            outputs=tuple(value["outputs"]),
            input_shapes=_shapes(value["input_shapes"]),
            output_shapes=_shapes(value["output_shapes"]),
            params=value["params"],
            trainable_params=value["trainable_params"],
            constants=value["constants"],
        )


def _layer_value(layer: Layer) -> Value:
    return {
        "name": layer.name,
        "class": layer.class_name,
        "config": layer.config,
        "activation": layer.activation,
        "weights": [[w.name, list(w.shape), w.trainable] for w in layer.weights],
        "params": layer.params,
        "wrapped": list(layer.wrapped),
    }


def _layer(index: int, value: Value) -> Layer:
    weights = tuple(WeightFact(name, tuple(dims), flag) for name, dims, flag in value["weights"])
    return Layer(
        index=index,
        name=value["name"],
        class_name=value["class"],
        config={name: _tuples(setting) for name, setting in value["config"].items()},
        activation=value["activation"],
        weights=weights,
        params=value["params"],
        wrapped=tuple(value["wrapped"]),
    )


def _tuples(value: Value) -> Any:
    if type(value) is list:
        return tuple(_tuples(part) for part in value)
    if type(value) is dict:
        return {name: _tuples(part) for name, part in value.items()}
    return value


def _lists(shapes: tuple[Shape, ...]) -> list[Value]:
    return [list(shape) for shape in shapes]


def _shapes(value: Value) -> tuple[Shape, ...]:
    return tuple(tuple(shape) for shape in value)

"""Expectations of a model's architecture; a failure shows the expected and the actual layers."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.expect.kinds import bends, has_kernel
from autograder.expect.nonlinearity import has_hidden_nonlinearity
from autograder.expect.steps import Step, found, lie_on_one_path
from autograder.expect.table import columns, layers, message
from autograder.model.facts import Facts, Node
from autograder.proxies.student import Model

Shape = tuple[int | None, ...]


def input_shape(model: Model, shape: Shape) -> None:
    """Expect a single input of this shape, batch axis (None) first.

    Raises AssertionError with a message and a table of the layers for another shape, StudentError
    for several inputs.

        expect.input_shape(built, (None, 28, 28, 1))
    """
    _shape("input", model, model.input_shape, shape)


def output_shape(model: Model, shape: Shape) -> None:
    """Expect a single output of this shape, batch axis (None) first.

    Raises AssertionError with a message and a table of the layers for another shape, StudentError
    for several outputs.

        expect.output_shape(built, (None, 10))
    """
    _shape("output", model, model.output_shape, shape)


def budget(model: Model, *, at_most: int, trainable_over: int = 0) -> None:
    """Expect at most `at_most` parameters and more than `trainable_over` that training may move.

    All weights count, trainable or not, and so do the numbers in constant arrays, bin boundaries,
    vocabularies and lists. Raises AssertionError with a message and a table of the layers'
    parameters.

        expect.budget(built, at_most=100_000, trainable_over=8)
    """
    facts = model.graph
    count, learned = model.count_params(), facts.trainable_params
    if count > at_most:
        text = f"At most {at_most:,} parameters are allowed, your model has {count:,}."
        if facts.constants:
            text += (
                f" {facts.constants:,} of them are numbers that are no weights of a layer: arrays, "
                "bin boundaries, vocabularies or lists."
            )
    elif learned <= trainable_over:
        wanted = f"more than {trainable_over:,}" if trainable_over else "some"
        text = f"Training should have {wanted} parameters to move, your model has {learned:,}."
    else:
        return
    first: dict[int, int] = {}  # a layer that is called twice counts at its first call
    for node in facts.nodes:
        first.setdefault(node.layer, node.index)
    notes = {first[n]: f"{layer.params:,}" for n, layer in enumerate(facts.layers) if layer.params}
    raise AssertionError(message(text, layers(facts, "parameters", notes)))


def on_path(model: Model, *steps: Step) -> None:
    """Expect a path from input to output that leads through a layer of each kind, in any order.

    A layer may be of several kinds, such as a convolution with a stride. Layers that do not lead to
    the output do not count. Raises AssertionError with a table of the expected kinds and the actual
    layers.

        expect.on_path(built, expect.convolution(), expect.shrinking(), expect.dense())
    """
    facts = model.graph
    if lie_on_one_path(facts, steps):
        return
    there = [found(facts, step) for step in steps]
    missing = [step for step, nodes in zip(steps, there, strict=True) if not nodes]
    wanted = [("", "expected", "in your model")]
    wanted += [
        (str(number), step.words, nodes[0].op if nodes else "missing")
        for number, (step, nodes) in enumerate(zip(steps, there, strict=True), 1)
    ]
    hints = " ".join(step.hint for step in missing if step.hint)
    raise AssertionError(
        message(
            _why(steps, missing),
            columns(wanted),
            layers(facts, "expected", _numbers(there)),
            f"{hints} Layers that do not lead to the output are not listed.".strip(),
        )
    )


def nonlinear(model: Model) -> None:
    """Expect a path from input to output with weights, a nonlinearity, and weights again.

    Raises AssertionError with a table that tells which layers have weights and which are nonlinear.

        expect.nonlinear(built)
    """
    facts = model.graph
    if has_hidden_nonlinearity(facts):
        return
    notes = {node.index: _role(facts, node) for node in facts.nodes}
    raise AssertionError(
        message(
            "Between two layers with weights there should be a nonlinear activation such as relu. "
            "Without one they collapse into a single straight line.",
            ["expected on one way: weights - nonlinear - weights"],
            layers(facts, "is", {index: note for index, note in notes.items() if note}),
            "An activation behind the last weights, such as softmax, does not count, nor does "
            "pooling. Layers that do not lead to the output are not listed.",
        )
    )


def matching(model: Model, step: Step) -> tuple[Node, ...]:
    """Return the calls of layers of a kind that lead to the output, in the order of computation.

    `model.layers[node.layer]` is the layer of such a call.

        first = expect.matching(built, expect.convolution())[0]
        assert built.layers[first.layer].config["filters"] >= 8
    """
    return found(model.graph, step)


def _shape(what: str, model: Model, shape: Shape, wanted: Shape) -> None:
    if shape != wanted:
        text = f"The model's {what} should have the shape {wanted}, yours has {shape}."
        raise AssertionError(message(text, layers(model.graph)))


def _why(steps: tuple[Step, ...], missing: list[Step]) -> str:
    if missing and len(steps) == 1:
        return "On the way from the input to the output a layer is missing."
    if missing:
        return "One way from the input to the output should lead through all of these layers."
    return (
        "All of these layers are there, but no single way from the input to the output leads "
        "through them."
    )


def _numbers(there: Iterable[tuple[Node, ...]]) -> dict[int, str]:
    numbers: dict[int, list[str]] = {}
    for number, nodes in enumerate(there, 1):
        for node in nodes:
            numbers.setdefault(node.index, []).append(str(number))
    return {index: ", ".join(several) for index, several in numbers.items()}


def _role(facts: Facts, node: Node) -> str:
    weights, bent = has_kernel(facts, node), bool(node.inputs) and bends(facts, node)
    return {(True, False): "weights", (False, True): "nonlinear", (True, True): "both"}.get(
        (weights, bent), ""
    )

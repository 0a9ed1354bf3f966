"""Whether a model can be nonlinear: a path with weights, a nonlinearity and weights again."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from autograder.expect.kinds import (
    bends,
    depends_on_input,
    has_kernel,
    is_attention,
    is_softmax,
    multiplies_tensors,
)
from autograder.model.facts import Facts, Node


class _Reached(IntEnum):
    """The stages of a path from the input; each stage needs the stage before it."""

    NOTHING = 0
    INPUT = 1
    WEIGHTS = 2
    BEND = 3
    WEIGHTS_AGAIN = 4


def has_hidden_nonlinearity(facts: Facts) -> bool:
    """Tell whether input - weights - nonlinearity - weights - output is a path of the model.

    A nonlinearity behind the last weights (exp at the end, softmax) does not count, nor does max
    pooling: two weighted layers without an activation between them are a single linear map.
    Attention, also written by hand, needs no weights behind it: its softmax multiplies a tensor
    that depends on the input.
    """
    reached: list[_Reached] = []
    for node in facts.nodes:
        before = max((reached[i] for i in node.inputs), default=_Reached.NOTHING)
        reached.append(_step(facts, node, before, reached))
    return any(reached[i] is _Reached.WEIGHTS_AGAIN for i in facts.outputs)


def _step(facts: Facts, node: Node, before: _Reached, reached: Sequence[_Reached]) -> _Reached:
    if node.index in facts.inputs:
        return _Reached.INPUT
    if before is _Reached.NOTHING:
        return before
    stage = before
    if has_kernel(facts, node):
        stage = _Reached.WEIGHTS_AGAIN if stage >= _Reached.BEND else _Reached.WEIGHTS
    if stage is _Reached.BEND and _weighs_with_softmax(facts, node, reached):
        return _Reached.WEIGHTS_AGAIN
    if stage is _Reached.WEIGHTS and bends(facts, node):
        return _Reached.WEIGHTS_AGAIN if is_attention(facts, node) else _Reached.BEND
    return stage


def _weighs_with_softmax(facts: Facts, node: Node, reached: Sequence[_Reached]) -> bool:
    """Tell whether the node multiplies a softmax of weighted input with another tensor."""
    return multiplies_tensors(facts, node) and any(
        _is_gate(facts, index, reached) for index in node.inputs
    )


def _is_gate(facts: Facts, index: int, reached: Sequence[_Reached]) -> bool:
    """Tell whether node `index` is a softmax behind weights, or a reshape or dropout of it."""
    while reached[index] is _Reached.BEND:
        node = facts.nodes[index]
        if is_softmax(facts, node):
            return True
        fed = [i for i in node.inputs if depends_on_input(facts, i)]
        if len(fed) != 1:
            return False
        index = fed[0]
    return False

"""The operands of a call: tensors of earlier calls, plain constants, slices, lists of these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.errors import RefusedModel
from autograder.model.allowlist.fields import (
    MAX_COUNT,
    PLAIN_DTYPES,
    array,
    integer,
    optional,
    several,
    show,
)
from autograder.wire import Value

Operand = Any  # Ref | Slice | Ellipsis | None | bool | int | float | ndarray | tuple[Operand, ...]
_MOST = 64


@dataclass(frozen=True, slots=True)
class Ref:
    """The tensor with index `output` among those that the call `node` returns."""

    node: int
    output: int


def tensor(node: int, output: int) -> Value:
    """Return the description of a reference, which `parse_operand` reads."""
    return {"tensor": [node, output]}


def parse_operand(value: Value, before: int, depth: int = 0) -> Operand:
    """Read an operand, whose tensors must come from calls before the call with index `before`.

    Raises RefusedModel.
    """
    if value is None or type(value) in (bool, int, float):
        return _scalar(value)
    if type(value) is np.ndarray:
        return array()(value)
    if type(value) is str and value in PLAIN_DTYPES:
        return value
    if type(value) is list and len(value) <= _MOST and depth < 4:
        return tuple(parse_operand(part, before, depth + 1) for part in value)
    if type(value) is dict and len(value) == 1:
        return _tagged(value, before)
    raise RefusedModel(f"{show(value)} cannot be given to a call")


def _scalar(value: Value) -> Operand:
    if type(value) is int and abs(value) > MAX_COUNT:
        raise RefusedModel(f"the number {value} is too large")
    return value


def _tagged(value: dict[str, Value], before: int) -> Operand:
    kind = next(iter(value))
    if kind == "tensor":
        pair = several(integer(0), 2, 2)(value[kind])
        return Ref(integer(0, before - 1)(pair[0]), integer(0, 4096)(pair[1]))
    if kind == "slice":
        return slice(*several(optional(integer(-MAX_COUNT)), 3, 3)(value[kind]))
    if kind == "ellipsis":
        return Ellipsis
    raise RefusedModel(f"the tag {show(kind)} is unknown")


def refs(operand: Operand) -> Iterator[Ref]:
    """Yield the tensors in an operand, in order."""
    if type(operand) is Ref:
        yield operand
    elif type(operand) is tuple:
        for part in operand:
            yield from refs(part)

"""The rule of a layer class on the allow-list, and the readers that several families share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from autograder.errors import RefusedModel
from autograder.model.allowlist.fields import (
    Field,
    boolean,
    either,
    integer,
    number,
    only,
    optional,
    read_fields,
    several,
    show,
)
from autograder.wire import Value

TENSOR, TENSORS, FLAG = "tensor", "tensors", "flag"

# Functions of keras.activations by their own names: a description never holds an alias.
ACTIVATIONS = (
    "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear "
    "log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus "
    "softsign sparse_plus sparse_sigmoid sparsemax squareplus tanh tanh_shrink threshold"
).split()

POLICIES = (
    "float32 float16 bfloat16 float64 mixed_float16 mixed_bfloat16 "
    "int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool"
).split()


def _none() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LayerRule:
    """The arguments that a layer class may have.

    `fields` reads the constructor's arguments, of which only `required` must be present. `nested`
    names the classes that a layer-valued argument may have. `first` is the kind of the first call
    argument (TENSOR or TENSORS), `call` has the kinds of the further call arguments by name.
    """

    fields: Mapping[str, Field]
    required: frozenset[str] = frozenset()
    nested: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    first: str = TENSOR
    call: Mapping[str, str] = field(default_factory=_none)

    def on_several(self) -> LayerRule:
        """Return this rule for a layer that is called on a tensor or on a list of tensors."""
        return replace(self, first=TENSORS)

    def called_with(self, **call: str) -> LayerRule:
        """Return this rule with further call arguments."""
        return replace(self, call=MappingProxyType(call))

    def holding(self, **nested: frozenset[str]) -> LayerRule:
        """Return this rule with layer-valued constructor arguments."""
        return replace(self, nested=MappingProxyType(nested))


def rule(required: Mapping[str, Field] | None = None, /, **fields: Field) -> LayerRule:
    """Return a LayerRule; `required` and the keywords are the constructor's arguments."""
    needed = dict(required or {})
    needed |= {name: fields[name] for name in ("activation",) if name in fields}
    return LayerRule(
        fields=MappingProxyType({**needed, **fields}),
        required=frozenset(needed),
    )


def frozen(**rules: LayerRule) -> Mapping[str, LayerRule]:
    """Return the entries of one family as a read-only mapping."""
    return MappingProxyType(rules)


def matching(pattern: str) -> Field:
    """Return a reader of short texts that match `pattern` as a whole."""

    def read(value: Value) -> str:
        if type(value) is not str or len(value) > 64 or not re.fullmatch(pattern, value, re.ASCII):
            raise RefusedModel(f"{show(value)} does not have the expected form")
        return value

    return read


def regularizer(value: Value) -> dict[str, float]:
    """Read the strengths of an L1 and L2 penalty."""
    penalty = read_fields(value, "regularizer", {"l1": number(0, 1e9), "l2": number(0, 1e9)})
    return {"l1": penalty.get("l1", 0.0), "l2": penalty.get("l2", 0.0)}


def regularizers(*names: str) -> dict[str, Field]:
    """Return the optional penalty arguments of a layer with weights of these names."""
    return {f"{name}_regularizer": optional(regularizer) for name in names}


size = integer(1, 1 << 24)
axis = integer(-8, 8)
axes = either(axis, several(axis))
rate = number(0.0, 1.0)
epsilon = number(0.0, 1e3)
activation = only(*ACTIVATIONS)
layout = only("channels_last", "channels_first")
dims = several(either(only(-1), integer(0)), 0, 8)
flag = boolean

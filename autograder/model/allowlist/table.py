"""The allow-list: every layer class and operation that a rebuilt model may hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from autograder.model.allowlist.fields import PLAIN_DTYPES, integer, only, optional, several
from autograder.model.allowlist.layers_basic import (
    CORE,
    MERGING,
    NORMALIZING,
    REGULARIZING,
    RESHAPING,
)
from autograder.model.allowlist.layers_image import CONVOLUTION, POOLING, PREPROCESSING
from autograder.model.allowlist.layers_sequence import ATTENTION, CELLS, RECURRENT, wrappers
from autograder.model.allowlist.operations import OPERATIONS, OperationRule
from autograder.model.allowlist.rules import LayerRule, rule

# Names of our own: a weight or a constant as a tensor, a tensor with a mask, an input.
VARIABLE, CONSTANT, MASKED, INPUT = "Variable", "Constant", "WithMask", "InputLayer"

_PLAIN: Mapping[str, LayerRule] = {
    **CORE,
    **MERGING,
    **RESHAPING,
    **NORMALIZING,
    **REGULARIZING,
    **CONVOLUTION,
    **POOLING,
    **PREPROCESSING,
    **RECURRENT,
    **ATTENTION,
}
_OWN = {
    INPUT: rule(
        {
            "shape": several(optional(integer(0)), 0, 7),
            "dtype": only(*sorted(PLAIN_DTYPES)),
        }
    ),
    VARIABLE: rule({"shape": several(integer(0), 0, 8)}),
}

LAYERS: Mapping[str, LayerRule] = MappingProxyType(
    {**_PLAIN, **wrappers(frozenset(_PLAIN)), **CELLS, **_OWN}
)
NESTED_ONLY = frozenset(CELLS)

__all__ = [
    "CONSTANT",
    "INPUT",
    "LAYERS",
    "MASKED",
    "NESTED_ONLY",
    "OPERATIONS",
    "VARIABLE",
    "LayerRule",
    "OperationRule",
]

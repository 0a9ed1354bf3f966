"""Allow-list: operations of keras.ops between layers, their operands and settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from autograder.model.allowlist.fields import (
    PLAIN_DTYPES,
    Field,
    array,
    boolean,
    either,
    integer,
    number,
    only,
    optional,
    several,
)
from autograder.model.allowlist.rules import axes, axis, matching

_LISTED = -1  # the operands come as a list


@dataclass(frozen=True, slots=True)
class OperationRule:
    """An operation: `function` is its path under `keras`.

    It takes `least` to `most` operands; a `listed` operation takes them as a list. `config` reads
    its settings, which are passed by name and of which only `required` must be present.
    """

    function: str
    least: int
    most: int
    config: Mapping[str, Field]
    required: frozenset[str] = frozenset()
    listed: bool = False


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _rule(
    name: str,
    operands: int | tuple[int, int],
    function: str = "",
    required: Mapping[str, Field] | None = None,
    /,
    **config: Field,
) -> OperationRule:
    least, most = operands if isinstance(operands, tuple) else (operands, operands)
    return OperationRule(
        function=function or f"ops.{_snake(name)}",
        least=1 if least == _LISTED else least,
        most=64 if most == _LISTED else most,
        config=MappingProxyType({**(required or {}), **config}),
        required=frozenset(required or {}),
        listed=least == _LISTED,
    )


def _same(names: str, operands: int, **config: Field) -> dict[str, OperationRule]:
    return {name: _rule(name, operands, **config) for name in names.split()}


_dtype = only(*sorted(PLAIN_DTYPES))
_limit = either(number(), array(1 << 16))
_count = integer(0, 1 << 24)
_shape = several(optional(integer(-1)), 0, 8)
_over = {"axis": optional(axes), "keepdims": boolean}
_pairs = either(_count, several(either(_count, several(_count, 1, 2)), 1, 8))
_offset = integer(-(2**24), 2**24)
_offsets = either(_offset, several(_offset, 1, 8))
_data_format = optional(only("channels_last", "channels_first"))
_window = either(integer(1, 1 << 16), several(integer(1, 1 << 16), 1, 3))

_ELEMENTWISE = _same(
    "Absolute Arccos Arccosh Arcsin Arcsinh Arctan Arctanh Cbrt Ceil Copy Cos Cosh Deg2rad Exp "
    "Exp2 Expm1 Floor Isfinite Isinf Isnan Log Log10 Log1p Log2 LogicalNot Negative Rad2deg Ravel "
    "Reciprocal Sign Sin Sinh Sqrt Square Tan Tanh Trunc Relu Relu6 Selu Sigmoid Silu "
    "Softplus Softsign LogSigmoid HardSigmoid HardSilu HardTanh TanhShrink SparsePlus "
    "SparseSigmoid Erf Erfinv Rsqrt StopGradient",
    1,
) | {
    "ReLU": _rule(
        "ReLU",
        1,
        "activations.relu",
        negative_slope=number(),
        max_value=optional(number()),
        threshold=number(),
    ),
    "Elu": _rule("Elu", 1, alpha=number()),
    "Celu": _rule("Celu", 1, alpha=number()),
    "Gelu": _rule("Gelu", 1, approximate=boolean),
    "Glu": _rule("Glu", 1, axis=axis),
    "LeakyRelu": _rule("LeakyRelu", 1, negative_slope=number()),
    "HardShrink": _rule("HardShrink", 1, threshold=number()),
    "SoftShrink": _rule("SoftShrink", 1, threshold=number()),
    "Squareplus": _rule("Squareplus", 1, b=number()),
    "Threshold": _rule("Threshold", 1, "", {"threshold": number(), "default_value": number()}),
    "Clip": _rule("Clip", 1, "", {"x_min": optional(_limit), "x_max": optional(_limit)}),
    "NanToNum": _rule(
        "NanToNum", 1, nan=number(), posinf=optional(number()), neginf=optional(number())
    ),
    "Round": _rule("Round", 1, decimals=integer(-38, 38)),
    "Cast": _rule("Cast", 1, "", {"dtype": _dtype}),
    **_same("ZerosLike OnesLike", 1, dtype=optional(_dtype)),
    "FullLike": _rule("FullLike", 2, dtype=optional(_dtype)),
}

_BINARY = _same(
    "Add Subtract Multiply Divide DivideNoNan Power FloorDivide Mod Maximum Minimum Arctan2 Hypot "
    "Logaddexp Matmul Dot Inner Outer Equal NotEqual Greater GreaterEqual Less LessEqual "
    "LogicalAnd LogicalOr LogicalXor",
    2,
)

_REDUCING = (
    _same("Mean Sum Prod Std Var Any All Median Logsumexp Max Min Ptp", 1, **_over)
    | _same("Argmax Argmin", 1, axis=optional(axis), keepdims=boolean)
    | _same("Cumsum Cumprod", 1, axis=optional(axis), dtype=optional(_dtype))
    | _same("Softmax LogSoftmax", 1, axis=optional(axes))
    | {
        "Norm": _rule(
            "Norm",
            1,
            ord=optional(either(only("fro", "nuc"), number())),
            axis=optional(axes),
            keepdims=boolean,
        ),
        "Normalize": _rule(
            "Normalize", 1, axis=axis, order=number(0, 64), epsilon=optional(number(0, 1))
        ),
        "Moments": _rule(
            "Moments", 1, "", {"axes": axes}, keepdims=boolean, synchronized=only(False)
        ),
    }
)

_SHAPING = {
    "GetItem": _rule("GetItem", 2, "-"),
    "Reshape": _rule("Reshape", 1, "", {"newshape": _shape}),
    "Transpose": _rule("Transpose", 1, axes=optional(several(axis, 0, 8))),
    "Squeeze": _rule("Squeeze", 1, axis=optional(axes)),
    "ExpandDims": _rule("ExpandDims", 1, "", {"axis": axes}),
    "Concatenate": _rule("Concatenate", _LISTED, axis=optional(axis)),
    "Stack": _rule("Stack", _LISTED, axis=axis),
    **_same("Hstack Vstack", _LISTED),
    "Split": _rule(
        "Split",
        1,
        "",
        {
            "indices_or_sections": either(integer(1, 4096), several(_count, 1, 4096)),
        },
        axis=axis,
    ),
    "Unstack": _rule("Unstack", 1, num=optional(integer(1, 4096)), axis=axis),
    "Flip": _rule("Flip", 1, axis=optional(axes)),
    "Roll": _rule("Roll", 1, "", {"shift": _offsets}, axis=optional(axes)),
    "Moveaxis": _rule("Moveaxis", 1, "", {"source": axes, "destination": axes}),
    "Swapaxes": _rule("Swapaxes", 1, "", {"axis1": axis, "axis2": axis}),
    "Repeat": _rule(
        "Repeat",
        1,
        "",
        {"repeats": either(_count, several(_count, 1, 4096))},
        axis=optional(axis),
    ),
    "Tile": _rule("Tile", 1, "", {"repeats": either(_count, several(_count, 1, 8))}),
    "BroadcastTo": _rule("BroadcastTo", 1, "", {"shape": several(_count, 0, 8)}),
    "Pad": _rule(
        "Pad",
        (1, 2),
        "",
        {"pad_width": _pairs},
        mode=only("constant", "reflect", "symmetric"),
    ),
    **_same("Tril Triu", 1, k=_offset),
    "Take": _rule("Take", 2, axis=optional(axis)),
    "Where": _rule("Where", 3),
    "OneHot": _rule(
        "OneHot",
        1,
        "",
        {"num_classes": _count},
        axis=axis,
        dtype=optional(_dtype),
        sparse=only(False),
    ),
    "Einsum": _rule(
        "Einsum", (1, 4), "", {"subscripts": matching(r"[A-Za-z., ]*(->[A-Za-z. ]*)?")}
    ),
    "Constant": _rule("Constant", 1, "-"),
    "WithMask": _rule("WithMask", 2, "-"),
    **_same(
        "MaxPool AveragePool",
        1,
        pool_size=_window,
        strides=optional(_window),
        padding=only("valid", "same"),
        data_format=_data_format,
    ),
    "Resize": _rule(
        "Resize",
        1,
        "ops.image.resize",
        {"size": several(integer(1, 1 << 16), 2, 2)},
        interpolation=only("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"),
        antialias=boolean,
        crop_to_aspect_ratio=boolean,
        pad_to_aspect_ratio=boolean,
        fill_mode=only("constant"),
        fill_value=number(),
        data_format=_data_format,
    ),
}

# Classes of Keras that compute the same as another class.
SYNONYMS: Mapping[str, str] = MappingProxyType(
    {"TrueDivide": "Divide", "Abs": "Absolute", "Amax": "Max", "Amin": "Min"}
)

OPERATIONS: Mapping[str, OperationRule] = MappingProxyType(
    {**_ELEMENTWISE, **_BINARY, **_REDUCING, **_SHAPING}
)

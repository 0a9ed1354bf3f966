"""Recording calls of TensorFlow's functions on symbolic tensors as calls of keras.ops."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import keras

from autograder.errors import UnknownTensorFlowCall
from autograder.model import keras_internals
from autograder.model.describing.tensorflow_twins import SPECIAL

_UNARY = (
    "relu relu6 sigmoid tanh softplus softsign elu selu exp sqrt square abs log log1p expm1 sin "
    "cos floor ceil round sign rsqrt reciprocal erf"
).split()
_REDUCTIONS = {
    "reduce_mean": "mean",
    "reduce_sum": "sum",
    "reduce_max": "max",
    "reduce_min": "min",
    "reduce_prod": "prod",
    "reduce_std": "std",
    "reduce_variance": "var",
}
_BINARY = {
    "add": "add",
    "subtract": "subtract",
    "multiply": "multiply",
    "divide": "divide",
    "div_no_nan": "divide_no_nan",
    "pow": "power",
    "maximum": "maximum",
    "minimum": "minimum",
    "matmul": "matmul",
    **{
        name: name
        for name in "greater greater_equal less less_equal equal not_equal logical_and".split()
    },
    "logical_or": "logical_or",
}


@dataclass(frozen=True, slots=True)
class _Twin:
    """The function of keras.ops that computes what a function of TensorFlow computes.

    The first `operands` arguments are the same in both; `settings` maps the names of further
    arguments in TensorFlow to their names in Keras.
    """

    name: str
    operands: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)


# By the inner name of TensorFlow's function: tf.concat is called "concat", tf.gather "gather_v2".
TWINS: Mapping[str, _Twin] = {
    **{name: _Twin(name) for name in _UNARY},
    **{name: _Twin(twin, 2) for name, twin in _BINARY.items()},
    **{
        name: _Twin(twin, 1, {"axis": "axis", "keepdims": "keepdims"})
        for name, twin in _REDUCTIONS.items()
    },
    "neg": _Twin("negative"),
    "logical_not": _Twin("logical_not"),
    "shape_v2": _Twin("shape"),
    "convert_to_tensor_v2_with_dispatch": _Twin("convert_to_tensor", 1, {"dtype": "dtype"}),
    "reverse_v2": _Twin("flip", 1, {"axis": "axis"}),
    "unstack": _Twin("unstack", 1, {"num": "num", "axis": "axis"}),
    "swish": _Twin("silu"),
    "identity": _Twin("copy"),
    "ones_like_v2": _Twin("ones_like"),
    "zeros_like_v2": _Twin("zeros_like"),
    "softmax_v2": _Twin("softmax", 1, {"axis": "axis"}),
    "log_softmax_v2": _Twin("log_softmax", 1, {"axis": "axis"}),
    "gelu": _Twin("gelu", 1, {"approximate": "approximate"}),
    "leaky_relu": _Twin("leaky_relu", 1, {"alpha": "negative_slope"}),
    "cast": _Twin("cast", 1, {"dtype": "dtype"}),
    "concat": _Twin("concatenate", 1, {"axis": "axis"}),
    "stack": _Twin("stack", 1, {"axis": "axis"}),
    "reshape": _Twin("reshape", 2),
    "transpose_v2": _Twin("transpose", 1, {"perm": "axes"}),
    "expand_dims_v2": _Twin("expand_dims", 2),
    "squeeze_v2": _Twin("squeeze", 1, {"axis": "axis"}),
    "where_v2": _Twin("where", 3),
    "clip_by_value": _Twin("clip", 3),
    "tile": _Twin("tile", 2),
    "gather_v2": _Twin("take", 2, {"axis": "axis"}),
}


def tensorflow_functions() -> AbstractContextManager[None]:
    """Have TensorFlow hand calls on symbolic tensors to keras.ops, while the context lasts."""
    return keras_internals.dispatching(_answer)


def _answer(op: Any, args: Any, kwargs: Any) -> Any:
    """Return the result of keras.ops for symbolic tensors, NotImplemented for other arguments.

    Raises UnknownTensorFlowCall for a function without a twin.
    """
    if not any(isinstance(x, keras.KerasTensor) for x in keras.tree.flatten((args, kwargs))):
        return NotImplemented
    result = _in_keras(op, args, kwargs)
    if result is None:
        raise UnknownTensorFlowCall(_public_name(op))
    return result


def _public_name(op: Any) -> str:
    """Return the name under `tf` by which students know a function."""
    names = sorted(
        keras_internals.public_names(inspect.unwrap(op)),
        key=lambda name: (name[:3] != "nn.", len(name)),
    )
    return names[0] if names else str(getattr(op, "__name__", op))


def _in_keras(op: Any, args: Any, kwargs: Any) -> Any:
    """Return the result of the twin in keras.ops, or None where the results may differ."""
    name = getattr(op, "__name__", "")
    twin, special = TWINS.get(name), SPECIAL.get(name)
    if twin is None and special is None:
        return None
    signature = inspect.signature(op)
    call = signature.bind(*args, **kwargs)
    call.apply_defaults()
    values = {name: _plain(value) for name, value in call.arguments.items() if name != "name"}
    if twin is None:
        return special(values) if special else None
    names = list(values)
    further = {twin.settings[n]: values[n] for n in names if n in twin.settings}
    for name in names[twin.operands :]:
        if name not in twin.settings and values[name] != signature.parameters[name].default:
            return None
    operands = [values[name] for name in names[: twin.operands]]
    further = {name: value for name, value in further.items() if value is not None}
    return getattr(keras.ops, twin.name)(*operands, **further)


def _plain(value: Any) -> Any:
    """Return a type of TensorFlow by its name, as Keras takes it, and other values as they are."""
    return value.name if hasattr(value, "as_numpy_dtype") else value

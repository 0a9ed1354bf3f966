"""TensorFlow's primitive operations as the operations of keras.ops that compute the same.

A description never holds an operation of TensorFlow: what has no counterpart here is refused, with
the line of the student's code that made it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from autograder.errors import UndescribableModel
from autograder.model.describing.lowered_shapes import SHAPING
from autograder.model.describing.places import Emitter, Lowering, Place, known, static
from autograder.wire import Value

__all__ = ["LOWERED"]


def _plain(name: str, **config: Value) -> Lowering:
    def lower(emitter: Emitter, _: Any, operands: list[Place]) -> list[Place | None]:
        return [emitter.emit(name, list(operands), **config)]

    return lower


def _passed(_: Emitter, __: Any, operands: list[Place]) -> list[Place | None]:
    return [operands[0]]


def _all_passed(_: Emitter, __: Any, operands: list[Place]) -> list[Place | None]:
    return list(operands)


def _reduced(name: str) -> Lowering:
    def lower(emitter: Emitter, operation: Any, operands: list[Place]) -> list[Place | None]:
        axes = [int(axis) for axis in np.ravel(known(operands[1]))]
        if name == "Prod" and isinstance(operands[0], np.ndarray):
            lengths = operands[0].ravel().tolist()  # of a shape
            return [np.array(None if None in lengths else math.prod(lengths))]
        if not axes and np.ndim(known(operands[1])):
            return [operands[0]]
        keep = bool(operation.get_attr("keep_dims"))
        return [emitter.emit(name, operands[:1], axis=axes, keepdims=keep)]

    return lower


def _found(name: str) -> Lowering:
    def lower(emitter: Emitter, operation: Any, operands: list[Place]) -> list[Place | None]:
        if operation.outputs[0].dtype.name != "int32":
            raise UndescribableModel("its result has another type than keras.ops returns")
        return [emitter.emit(name, operands[:1], axis=int(known(operands[1])))]

    return lower


def _matmul(first: str, second: str) -> Lowering:
    def lower(emitter: Emitter, operation: Any, operands: list[Place]) -> list[Place | None]:
        sides = []
        for side, flag in enumerate((first, second)):
            operand, shape = operands[side], static(operation.inputs[side])
            if operation.get_attr(flag):
                turned = (*shape[:-2], shape[-1], shape[-2])
                operand = emitter.step("Swapaxes", operand, turned, axis1=-1, axis2=-2)
            sides.append(operand)
        return [emitter.emit("Matmul", sides)]

    return lower


def _bias(emitter: Emitter, operation: Any, operands: list[Place]) -> list[Place | None]:
    if operation.get_attr("data_format") != b"NHWC":
        raise UndescribableModel("its channels do not come last")
    return [emitter.emit("Add", list(operands))]


def _squared_difference(emitter: Emitter, _: Any, operands: list[Place]) -> list[Place | None]:
    return [emitter.emit("Square", [emitter.emit("Subtract", list(operands))])]


def _clipped(emitter: Emitter, _: Any, operands: list[Place]) -> list[Place | None]:
    raised = emitter.emit("Maximum", [operands[0], operands[1]])
    return [emitter.emit("Minimum", [raised, operands[2]])]


def _summed(emitter: Emitter, _: Any, operands: list[Place]) -> list[Place | None]:
    total = operands[0]
    for operand in operands[1:]:
        total = emitter.emit("Add", [total, operand])
    return [total]


def _erfc(emitter: Emitter, _: Any, operands: list[Place]) -> list[Place | None]:
    erf = emitter.emit("Erf", operands[:1])
    return [emitter.emit("Subtract", [np.array(1.0, "float32"), erf])]


def _leaky(emitter: Emitter, operation: Any, operands: list[Place]) -> list[Place | None]:
    slope = float(operation.get_attr("alpha"))
    return [emitter.emit("LeakyRelu", operands[:1], negative_slope=slope)]


def _cast(emitter: Emitter, operation: Any, operands: list[Place]) -> list[Place | None]:
    return [emitter.emit("Cast", operands[:1], dtype=operation.outputs[0].dtype.name)]


def _pooled(name: str) -> Lowering:
    def lower(emitter: Emitter, operation: Any, operands: list[Place]) -> list[Place | None]:
        windows = [list(operation.get_attr(key)) for key in ("ksize", "strides")]
        odd = any((lengths[0], lengths[-1]) != (1, 1) for lengths in windows)
        padding = operation.get_attr("padding").decode().lower()
        if odd or padding == "explicit" or operation.get_attr("data_format") != b"NHWC":
            raise UndescribableModel("its window is over examples or channels")
        pool, strides = ([int(n) for n in lengths[1:-1]] for lengths in windows)
        further = {"padding": padding, "data_format": "channels_last"}
        return [emitter.emit(name, operands[:1], pool_size=pool, strides=strides, **further)]

    return lower


_SAME = (
    "Relu Relu6 Sigmoid Tanh Softplus Softsign Elu Selu Exp Expm1 Log Log1p Sqrt Rsqrt Square Sign "
    "Floor Ceil Sin Cos Tan Sinh Cosh Erf Reciprocal Maximum Minimum Greater GreaterEqual Less "
    "LessEqual Equal NotEqual LogicalAnd LogicalOr LogicalNot"
).split()
_RENAMED = {
    "Abs": "Absolute",
    "Neg": "Negative",
    "Add": "Add",
    "AddV2": "Add",
    "Sub": "Subtract",
    "Mul": "Multiply",
    "RealDiv": "Divide",
    "DivNoNan": "DivideNoNan",
    "Pow": "Power",
    "FloorDiv": "FloorDivide",
    "FloorMod": "Mod",
    "Rint": "Round",
    "Round": "Round",
    "Atan": "Arctan",
    "Asinh": "Arcsinh",
    "Inv": "Reciprocal",
    "IsNan": "Isnan",
    "IsInf": "Isinf",
    "IsFinite": "Isfinite",
    "Softmax": "Softmax",
    "LogSoftmax": "LogSoftmax",
    "SelectV2": "Where",
    "ZerosLike": "ZerosLike",
    "OnesLike": "OnesLike",
}
_REDUCTIONS = "Mean Sum Prod Max Min All Any".split()

LOWERED: Mapping[str, Lowering] = MappingProxyType(
    {
        **SHAPING,
        **{name: _plain(name) for name in _SAME},
        **{name: _plain(twin) for name, twin in _RENAMED.items()},
        **{name: _reduced(name) for name in _REDUCTIONS},
        **dict.fromkeys(
            "Identity StopGradient PreventGradient Snapshot EnsureShape".split(), _passed
        ),
        "IdentityN": _all_passed,
        "ArgMax": _found("Argmax"),
        "ArgMin": _found("Argmin"),
        "MatMul": _matmul("transpose_a", "transpose_b"),
        "BatchMatMulV2": _matmul("adj_x", "adj_y"),
        "BiasAdd": _bias,
        "SquaredDifference": _squared_difference,
        "ClipByValue": _clipped,
        "AddN": _summed,
        "LeakyRelu": _leaky,
        "Erfc": _erfc,
        "Cast": _cast,
        "MaxPool": _pooled("MaxPool"),
        "AvgPool": _pooled("AveragePool"),
    }
)

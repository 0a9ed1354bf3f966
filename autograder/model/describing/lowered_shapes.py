"""TensorFlow's primitive operations that move numbers, as operations of keras.ops."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from autograder.errors import UndescribableModel
from autograder.model.describing.places import Emitter, Lowering, Place, known, static
from autograder.model.describing.tracing import settled
from autograder.wire import Value

__all__ = ["SHAPING"]


def _reshaped(emitter: Emitter, operation: Any, operands: list[Place]) -> list[Place | None]:
    shape = static(operation.outputs[0])
    if len(operands) > 1:  # TensorFlow did not work out the new shape itself
        told = [None if n is None else int(n) for n in np.ravel(np.asarray(operands[1])).tolist()]
        shape = list(settled(tuple(told), tuple(static(operation.inputs[0]))))
    lengths: list[Value] = [-1 if length is None else length for length in shape]
    return [emitter.emit("Reshape", operands[:1], newshape=lengths)]


def _turned(emitter: Emitter, _: Any, operands: list[Place]) -> list[Place | None]:
    axes = [int(axis) for axis in known(operands[1])]
    return [emitter.emit("Transpose", operands[:1], axes=axes)]


def _expanded(emitter: Emitter, _: Any, operands: list[Place]) -> list[Place | None]:
    return [emitter.emit("ExpandDims", operands[:1], axis=int(np.ravel(known(operands[1]))[0]))]


def _squeezed(emitter: Emitter, operation: Any, operands: list[Place]) -> list[Place | None]:
    axes = [int(axis) for axis in operation.get_attr("squeeze_dims")]
    lengths = static(operation.inputs[0])
    axes = axes or [axis for axis, length in enumerate(lengths) if length == 1]
    return [emitter.emit("Squeeze", operands[:1], axis=axes)]


def _joined(emitter: Emitter, _: Any, operands: list[Place]) -> list[Place | None]:
    axis = int(known(operands[-1]))
    if all(isinstance(part, np.ndarray) for part in operands[:-1]):
        return [np.concatenate([np.asarray(part) for part in operands[:-1]], axis)]
    return [emitter.emit("Concatenate", [list(operands[:-1])], axis=axis)]


def _stacked(emitter: Emitter, operation: Any, operands: list[Place]) -> list[Place | None]:
    axis = int(operation.get_attr("axis"))
    if all(isinstance(part, np.ndarray) for part in operands):
        return [np.stack([np.asarray(part) for part in operands], axis)]
    return [emitter.emit("Stack", [list(operands)], axis=axis)]


def _parts(
    emitter: Emitter, outputs: Any, whole: Place, rank: int, axis: int
) -> list[Place | None]:
    """Cut the wanted part out of a tensor of this rank; parts follow each other along an axis."""
    shapes = [static(output) for output in outputs]
    stacked = len(shapes[0]) < rank
    lengths = [1 if stacked else shape[axis] for shape in shapes]
    if None in lengths:
        raise UndescribableModel("the length that is split is not known yet")
    wanted = emitter.wanted
    start = sum(length or 0 for length in lengths[:wanted])
    at: Any = start if stacked else slice(start, start + (lengths[wanted] or 0))
    key = (*[slice(None)] * (axis % rank), at)
    found: list[Place | None] = [None] * len(shapes)
    found[wanted] = (
        np.asarray(whole[key])
        if isinstance(whole, np.ndarray)
        else emitter.step("GetItem", whole, shapes[wanted], key=_key(key))
    )
    return found


def _unstacked(emitter: Emitter, operation: Any, operands: list[Place]) -> list[Place | None]:
    rank, axis = len(static(operation.inputs[0])), int(operation.get_attr("axis"))
    return _parts(emitter, operation.outputs, operands[0], rank, axis)


def _split(emitter: Emitter, operation: Any, operands: list[Place]) -> list[Place | None]:
    whole, axis = (1, 0) if operation.type == "Split" else (0, 2)
    rank = len(static(operation.inputs[whole]))
    return _parts(emitter, operation.outputs, operands[whole], rank, int(known(operands[axis])))


def _sliced(emitter: Emitter, operation: Any, operands: list[Place]) -> list[Place | None]:
    begin, end, strides = (known(operand) for operand in operands[1:4])
    masks = {
        name: int(operation.get_attr(f"{name}_mask"))
        for name in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
    }
    key: list[Any] = []
    for place in range(len(begin)):
        is_set = {name: bool(mask >> place & 1) for name, mask in masks.items()}
        if is_set["ellipsis"]:
            key.append(Ellipsis)
        elif is_set["new_axis"]:
            key.append(None)
        elif is_set["shrink_axis"]:
            key.append(int(begin[place]))
        else:
            first = None if is_set["begin"] else int(begin[place])
            last = None if is_set["end"] else int(end[place])
            key.append(slice(first, last, int(strides[place])))
    if isinstance(operands[0], np.ndarray):
        return [np.asarray(operands[0][tuple(key)])]
    return [emitter.step("GetItem", operands[0], static(operation.outputs[0]), key=_key(key))]


def _key(key: Any) -> list[Value]:
    """Return the index of a tensor as an operand."""
    words: list[Value] = []
    for part in key:
        if isinstance(part, slice):
            words.append({"slice": [part.start, part.stop, part.step]})
        else:
            words.append({"ellipsis": None} if part is Ellipsis else part)
    return words


def _cut(emitter: Emitter, operation: Any, operands: list[Place]) -> list[Place | None]:
    begin, size = (known(operand).tolist() for operand in operands[1:3])
    pairs = zip(begin, size, strict=True)
    key = _key([slice(b, None if n == -1 else b + n) for b, n in pairs])
    return [emitter.step("GetItem", operands[0], static(operation.outputs[0]), key=key)]


def _taken(emitter: Emitter, operation: Any, operands: list[Place]) -> list[Place | None]:
    if operation.get_attr("batch_dims"):
        raise UndescribableModel("it looks up rows batch by batch")
    axis = int(known(operands[2])) if len(operands) > 2 else 0
    if isinstance(operands[0], np.ndarray) and isinstance(operands[1], np.ndarray):
        return [np.take(operands[0], known(operands[1]).astype(int), axis)]
    return [emitter.emit("Take", operands[:2], axis=axis)]


def _padded(emitter: Emitter, operation: Any, operands: list[Place]) -> list[Place | None]:
    mode = operation.get_attr("mode").decode().lower() if operation.type == "MirrorPad" else ""
    fill = [known(operands[2]).item()] if len(operands) > 2 else []
    fill = [] if fill == [0] else fill
    widths = known(operands[1]).tolist()
    further: list[Any] = [operands[0], *fill]
    return [emitter.emit("Pad", further, pad_width=widths, mode=mode or "constant")]


def _tiled(emitter: Emitter, _: Any, operands: list[Place]) -> list[Place | None]:
    return [emitter.emit("Tile", operands[:1], repeats=known(operands[1]).tolist())]


def _shape(_: Emitter, operation: Any, __: list[Place]) -> list[Place | None]:
    lengths = static(operation.inputs[0])
    return [np.array(lengths, dtype=object if None in lengths else "int64")]


def _filled(_: Emitter, __: Any, operands: list[Place]) -> list[Place | None]:
    return [np.full(known(operands[0]).tolist(), known(operands[1]))]


SHAPING: Mapping[str, Lowering] = MappingProxyType(
    {
        "Reshape": _reshaped,
        "Transpose": _turned,
        "ExpandDims": _expanded,
        "Squeeze": _squeezed,
        "ConcatV2": _joined,
        "Pack": _stacked,
        "Unpack": _unstacked,
        "Split": _split,
        "SplitV": _split,
        "StridedSlice": _sliced,
        "Slice": _cut,
        "GatherV2": _taken,
        "ResourceGather": _taken,
        "Pad": _padded,
        "PadV2": _padded,
        "MirrorPad": _padded,
        "Tile": _tiled,
        "Shape": _shape,
        "Fill": _filled,
    }
)

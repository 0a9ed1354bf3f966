"""The values that may cross, and the limits that sender and receiver share.

None, numbers, text, bytes, lists, tuples, sets, dicts with hashable keys, arrays of numbers, arrays
of text and paths arrive as what they were. Of any other object only the name of its type crosses,
and the number under which its own process keeps it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = [
    "DTYPES",
    "HANDLES",
    "LENGTH",
    "LONGEST_IN_JSON",
    "MAX_DEPTH",
    "MAX_INT",
    "MAX_ITEMS",
    "MAX_RANK",
    "TAG",
    "Handle",
    "Opaque",
    "Value",
    "map_leaves",
    "may_cross",
]

LONGEST_IN_JSON = 1024  # characters of a text; a longer text lies beside the JSON
MAX_DEPTH = 64
MAX_RANK = 8
MAX_INT = 2**63
MAX_ITEMS = 2**40
LENGTH = struct.Struct("!I")  # of the JSON in a frame
DTYPES = frozenset(
    {"<f2", "<f4", "<f8", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8", "|b1"}
)
TAG = "!"
HANDLES = ("model", "object", "described")
_TEXT_DTYPE = re.compile(r"<U[1-9][0-9]{0,6}")  # characters of four bytes, filled up with zeros


def may_cross(dtype: str) -> bool:
    """Tell whether arrays of a dtype, as `numpy.dtype.str` names it, may cross."""
    return dtype in DTYPES or _TEXT_DTYPE.fullmatch(dtype) is not None


@dataclass(frozen=True, slots=True)
class Opaque:
    """Stands for an object that cannot cross: only the name of its type crosses."""

    type_name: str


@dataclass(frozen=True, slots=True)
class Handle:
    """Stands for a live object that stays in its own process, which keeps it as `number`.

    `kind` is "model" for a Keras model and "object" for any other object. In a request the kind
    "described" stands for the description with this number among those sent along.
    """

    kind: str
    number: int
    type_name: str = ""


def map_leaves(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return a value with `change(leaf)` in place of each leaf.

    Leaves are what stands in lists, tuples and dicts at any depth: keys, sets and subclasses of
    these types are not taken apart.
    """
    if type(value) is list:
        return [map_leaves(item, change) for item in value]
    if type(value) is tuple:
        return tuple(map_leaves(item, change) for item in value)
    if type(value) is dict:
        return {key: map_leaves(item, change) for key, item in value.items()}
    return change(value)


# None | bool | int | float | str | bytes | ndarray | PurePath | Opaque | Handle
# | list[Value] | tuple[Value, ...] | set[Hashable] | dict[Hashable, Value]
Value = Any

"""Values and frames: the only data that cross between student's worker, evaluator and scorer.

A frame is `u32 length | JSON | raw array bytes`. The JSON holds a value and, for each array in it,
dtype and shape; every size is checked against a cap before memory is taken for it. There is no
pickle, no .npy header and no object: bytes from any sender become a value or raise BadFrame.
"""

from __future__ import annotations

from autograder.wire.decoding import Caps, decode
from autograder.wire.encoding import encode
from autograder.wire.values import Handle, Opaque, Value, map_leaves

__all__ = ["Caps", "Handle", "Opaque", "Value", "decode", "encode", "map_leaves"]

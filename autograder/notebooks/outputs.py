"""Reads the outputs of cells from JSON that a student's process wrote: validated, never trusted."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from autograder.errors import BadOutputs

Output = Any  # a NotebookNode of nbformat 4

MOST_BYTES = 64 << 20


def read(raw: Any) -> list[Output]:
    """Return the outputs of one cell from `raw`, which should be a uint8 array (n,) of JSON.

    Raises BadOutputs.
    """
    return _checked(_parsed(raw))


def read_each(raw: Any, cells: int) -> tuple[list[Output], ...]:
    """Return the outputs of each of `cells` cells, in order; raises BadOutputs."""
    listed = _parsed(raw)
    if not isinstance(listed, list) or len(listed) != cells:
        raise BadOutputs("one list of outputs for each cell is expected")
    return tuple(map(_checked, listed))


def _parsed(raw: Any) -> Any:
    if not isinstance(raw, np.ndarray) or raw.dtype != np.uint8 or raw.ndim != 1:
        raise BadOutputs("outputs that are no bytes")
    if raw.size > MOST_BYTES:
        raise BadOutputs(f"{raw.size >> 20} MiB of outputs")
    try:
        value = json.loads(raw.tobytes(), parse_constant=str)
        # A lone surrogate, which no file can hold, becomes a question mark.
        text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadOutputs(f"outputs that are no JSON: {error}") from None


def _checked(value: Any) -> list[Output]:
    import nbformat  # seconds of grammars that only nbgrader's courses need

    if not isinstance(value, list) or not all(isinstance(output, dict) for output in value):
        raise BadOutputs("outputs that are no list of objects")
    outputs = [nbformat.from_dict(output) for output in value]  # type: ignore[no-untyped-call]
    for output in outputs:
        try:
            nbformat.validator.validate(output, ref="output", version=4)
        except nbformat.ValidationError as error:
            raise BadOutputs(f"an output that is none: {error.message}") from None
    return outputs

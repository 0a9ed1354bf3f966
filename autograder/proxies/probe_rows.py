"""Rows on which a live model and the model rebuilt from it are compared, drawn by the grader.

They come from the arrays that the student's functions were given, where these fit the model's
inputs. A model then meets numbers of the size that it is made for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.errors import RefusedModel
from autograder.model.facts import Shape, fits
from autograder.model.rebuilding.inputs import Input, inputs_of
from autograder.wire import Value, map_leaves

__all__ = ["GivenRows", "draw", "sizes_of"]

Array = np.ndarray[Any, Any]

ROWS = 4
_MOST_KINDS = 32  # shapes of rows that are remembered
_MOST_NUMBERS = 1 << 20  # of the rows of one array
_OPEN = 16  # the length of an open axis that nothing else tells
_MOST_WORDS = 1 << 16


@dataclass(slots=True)
class GivenRows:
    """A few rows of each kind of array that a student's functions were given, in order."""

    _rows: dict[tuple[Shape, str], Array] = field(default_factory=dict)

    def remember(self, argument: Any) -> None:
        """Keep rows of each array of numbers within an argument."""
        map_leaves(argument, self._keep)

    def _keep(self, leaf: Any) -> None:
        if type(leaf) is not np.ndarray or leaf.dtype.kind not in "fiub" or leaf.ndim < 1:
            return
        kind = (leaf.shape[1:], leaf.dtype.str)
        if kind in self._rows or len(self._rows) >= _MOST_KINDS or len(leaf) < ROWS:
            return
        spaced = np.linspace(0, len(leaf) - 1, ROWS).astype(int)
        if leaf[0].size * ROWS <= _MOST_NUMBERS:
            self._rows[kind] = leaf[spaced]

    def fitting(self, shape: Shape) -> Iterator[Array]:
        """Yield the rows that an input of this shape (without the batch axis) takes."""
        for rows in self._rows.values():
            if fits(rows.shape[1:], shape):
                yield rows


def draw(
    description: Value, given: GivenRows, seed: int, input_shape: Shape | None = None
) -> list[Array]:
    """Return ROWS rows for each input that a description declares.

    `input_shape` tells the lengths of open axes, where no given rows do. Returns [] for inputs
    that cannot be read or are too large.
    """
    try:
        inputs = inputs_of(description)
    except RefusedModel:
        return []  # the evaluator refuses this description, and says why
    random = np.random.default_rng(seed)
    rows: list[Array] = []
    for declared in inputs:
        taken = [id(array) for array in rows]
        found = (array for array in given.fitting(declared.shape) if id(array) not in taken)
        drawn = next(found, None)
        rows.append(_drawn(declared, random, input_shape) if drawn is None else drawn)
    return rows if sum(array.size for array in rows) <= _MOST_NUMBERS else []


def sizes_of(
    description: Value, given: GivenRows, input_shape: Shape | None = None
) -> list[list[int | None] | None]:
    """Return the real shape of each input, without the batch axis; None where nothing tells it.

    It is `input_shape`, or that of the first array that the student's functions got and that fits.
    """
    try:
        inputs = inputs_of(description)
    except RefusedModel:
        return []
    return [_size(declared, given, input_shape) for declared in inputs]


def _size(declared: Input, given: GivenRows, told: Shape | None) -> list[int | None] | None:
    if told is not None and None not in told and fits(told, declared.shape):
        return list(told)
    rows = next(given.fitting(declared.shape), None)
    return None if rows is None else list(rows.shape[1:])


def _drawn(declared: Input, random: np.random.Generator, hint: Shape | None) -> Array:
    """Return rows of numbers between 0 and 1, or of whole numbers where the input takes those."""
    shape = (ROWS, *_closed(declared.shape, hint))
    if np.prod(shape, dtype=float) > _MOST_NUMBERS:
        return np.empty(_MOST_NUMBERS + 1)  # too large to be drawn
    dtype = "float32" if declared.dtype == "bfloat16" else declared.dtype
    tokens = declared.words is not None and len(declared.shape) < 2
    if tokens or "float" not in dtype:
        most = min(declared.words or 2, _MOST_WORDS, 128 if "int8" in dtype else _MOST_WORDS)
        return random.integers(0, 2 if dtype == "bool" else most, shape).astype(dtype)
    return random.random(shape).astype(dtype)


def _closed(shape: Shape, hint: Shape | None) -> Sequence[int]:
    known = hint if hint is not None and len(hint) == len(shape) else shape
    pairs = zip(shape, known, strict=True)
    return [length or told or _OPEN for length, told in pairs]

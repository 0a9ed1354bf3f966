"""Measurements of causality: whether the past depends on the future, and the order of time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.model.facts import Node
from autograder.proxies.student import Model

Array = np.ndarray[Any, Any]

_CUTS = 16  # points in time after which the future is exchanged
_FEW = 4  # so many sequences are enough to see a change
_ROUNDING = 1e-4  # of the spread of predictions; single precision is off by less


def first_leak(
    windows: Callable[[Array], Any], series: Array, known: Callable[[int], int]
) -> int | None:
    """Return the first row of `windows(series)` that depends on values it may not know, or None.

    `windows` maps a series (t,) to rows (n, ...). `series` (t,) with t >= 2 has values that differ.
    Row i may depend on the first `known(i)` values: i + window for inputs, i + window + 1 for
    targets. All later values are replaced by values outside of the series' range, and row i has to
    stay exactly as it was. A changed number of rows counts as a leak into row 0.

        leak = expect.first_leak(lambda s: make_windows(s, 24)[0], series, lambda row: row + 24)
        assert leak is None, f"Row {leak} of the inputs holds values of its future."
    """
    before = np.asarray(windows(series.copy()))
    limits = [known(row) for row in range(len(before))]
    cuts = sorted({limit for limit in limits if limit < len(series)})
    leaks = []
    for cut in _spaced(cuts):
        after = np.asarray(windows(_other_future(series, cut)))
        if after.shape != before.shape:
            return 0
        past = [row for row, limit in enumerate(limits) if limit <= cut]
        leaks += [row for row in past if not np.array_equal(before[row], after[row])]
    return min(leaks, default=None)


def first_leak_in_model(model: Model, x: Array) -> int | None:
    """Return the first step of the output that depends on a later step of the input, or None.

    `x` (n, steps, ...) holds n >= 2 sequences that differ; the model returns (n, steps, ...). From
    a cut on, each sequence is replaced by the next sequence: the outputs before the cut have to
    stay as they were, within 0.0001 standard deviations of all predictions. Raises ValueError when
    the model returns another number of steps.

        assert expect.first_leak_in_model(built, windows) is None
    """
    some, steps = x[:_FEW], x.shape[1]
    cuts = _spaced(list(range(1, steps)))
    still = np.asarray(model.predict(some), dtype="float64")
    if still.shape[:2] != some.shape[:2]:
        raise ValueError(f"one output for each step is needed, not the shape {still.shape}")
    mixed = np.concatenate([_exchanged(some, cut) for cut in cuts])
    moved = np.asarray(model.predict(mixed), dtype="float64").reshape(len(cuts), *still.shape)
    change = np.abs(moved - still).reshape(len(cuts), len(some), steps, -1).max(axis=(1, 3))
    rounding = _ROUNDING * float(np.std(still))
    leaks = [
        int(np.argmax(row[:cut] > rounding))
        for row, cut in zip(change, cuts, strict=True)
        if (row[:cut] > rounding).any()
    ]
    return min(leaks, default=None)


def time_order(model: Model, node: Node, x: Array) -> float:
    """Return the order in which time reaches a layer: 1 for forwards, -1 for reversed.

    `x` (n, hours, ...) is the model's input. `node` is the layer's call, as `matching` returns it;
    the call takes a tensor (n, steps, features). The values of each hour in turn are moved to the
    other end of the range of `x`; the result is Spearman's rank correlation between the hour and
    the step that changes most. Hours without an effect do not count. A shuffled order gives about
    0, a tensor with a single step or without a time axis gives nan. `go_backwards` turns the sign.

        assert expect.time_order(built, expect.matching(built, expect.lstm())[0], windows) > 0.9
    """
    some, hours = x[:_FEW], x.shape[1]
    copies = np.concatenate([some, *(_at_hour(x, some, hour) for hour in range(hours))])
    flowing = np.asarray(model.activations(copies, node.inputs[0]), dtype="float64")
    if flowing.ndim != 3 or flowing.shape[1] < 2:
        return float("nan")
    parts = flowing.reshape(hours + 1, len(some), *flowing.shape[1:])
    change = np.abs(parts[1:] - parts[0]).mean(axis=(1, 3))
    moving = change.max(axis=1) > 0
    order = _rank_correlation(np.flatnonzero(moving), change[moving].argmax(axis=1))
    backwards = node.layer >= 0 and model.layers[node.layer].config.get("go_backwards", False)
    return -order if backwards else order


def _spaced(cuts: list[int]) -> list[int]:
    """Return at most _CUTS of the cuts, evenly spaced, with the first and the last."""
    if len(cuts) <= _CUTS:
        return cuts
    chosen = np.linspace(0, len(cuts) - 1, _CUTS).round().astype(int)
    return [cuts[position] for position in chosen]


def _other_future(series: Array, cut: int) -> Array:
    changed = series.copy()
    reach = series.max() - series.min() + 1
    count = np.arange(1, len(series) - cut + 1, dtype=series.dtype)
    changed[cut:] = series.max() + reach * count
    return changed


def _exchanged(x: Array, cut: int) -> Array:
    changed = x.copy()
    changed[:, cut:] = np.roll(x, 1, axis=0)[:, cut:]
    return changed


def _at_hour(x: Array, some: Array, hour: int) -> Array:
    """Return `some` with the values of an hour moved to the farther end of the range of `x`."""
    low, high = x.min(), x.max()
    changed = some.copy()
    changed[:, hour] = np.where(some[:, hour] < (low + high) / 2, high, low)
    return changed


def _rank_correlation(one: Array, other: Array) -> float:
    """Return Spearman's rank correlation; 0 where either series is constant."""
    if len(one) < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    from scipy import stats  # a second that a check of functions only need not wait for

    return float(stats.spearmanr(one, other).statistic)

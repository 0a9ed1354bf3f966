"""Windows that cross no gap, blocks that are picked, and a grid that shows what is missing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.datasets import Array, timeseries
from autograder.errors import DataError

COUNT = st.one_of(st.integers(0, 977).map(float), st.just(float("nan")))
COUNTS = st.lists(COUNT, max_size=80).map(lambda values: np.array(values, dtype=np.float32))


@given(counts=COUNTS, length=st.integers(1, 5))
def test_windows_are_the_stretches_without_a_gap(counts: Array, length: int) -> None:
    x, y = timeseries.windows(counts, length)
    starts = [
        at for at in range(len(counts) - length) if not np.isnan(counts[at : at + length + 1]).any()
    ]
    assert x.shape == (len(starts), length, 1)
    assert y.shape == (len(starts), 1)
    assert x.dtype == y.dtype == np.float32
    for row, at in enumerate(starts):
        assert x[row, :, 0].tolist() == counts[at : at + length].tolist()
        assert y[row, 0] == counts[at + length]


@given(values=st.integers(1, 4), length=st.integers(1, 5), steps=st.integers(0, 12))
def test_windows_of_several_whole_numbers_stay_whole(values: int, length: int, steps: int) -> None:
    series = np.arange(steps * values, dtype=np.int16).reshape(steps, values)
    x, y = timeseries.windows(series, length)
    assert x.shape[1:] == (length, values)
    assert x.dtype == y.dtype == np.int16
    for row in range(max(steps - length, 0)):
        np.testing.assert_array_equal(x[row], series[row : row + length])
        np.testing.assert_array_equal(y[row], series[row + length])
    assert len(x) == len(y) == max(steps - length, 0)


def test_a_series_of_one_window() -> None:
    x, y = timeseries.windows(np.arange(4.0), 3)
    assert (x.tolist(), y.tolist()) == ([[[0], [1], [2]]], [[3]])
    assert [len(a) for a in timeseries.windows(np.arange(3.0), 3)] == [0, 0]


@given(counts=COUNTS, length=st.integers(1, 60))
def test_blocks_hold_the_whole_series(counts: Array, length: int) -> None:
    parts = timeseries.blocks(counts, length)
    np.testing.assert_array_equal(np.concatenate([*parts, []]), counts)
    assert all(len(part) == length for part in parts[:-1])


def test_no_window_crosses_from_one_block_into_the_next() -> None:
    x, y = timeseries.windows_of(timeseries.blocks(np.arange(100.0), 40), 24)
    assert x[:, 0, 0].tolist() == [*range(16), *range(40, 56)]
    assert y[:, 0].tolist() == [*range(24, 40), *range(64, 80)]


def test_the_blocks_that_draw_lowest_are_picked_in_their_order() -> None:
    drawn = {0: 0.9, 1: 0.2, 2: 0.8, 3: 0.1, 4: 0.5}
    assert timeseries.picked(5, 0.5, drawn.__getitem__) == [1, 3]
    assert timeseries.picked(5, 0.5, lambda _: 0.5) == [0, 1]


HOURS = st.sets(st.integers(0, 60), min_size=1).map(sorted)


@given(hours=HOURS, unit=st.sampled_from("MDhms"))
def test_every_missing_step_becomes_a_row_without_a_value(hours: list[int], unit: str) -> None:
    times = np.array("2011-12", f"M8[{unit}]") + np.array(hours)
    arrays = {"time": times, "count": np.array(hours, np.float32)}
    grid = timeseries.on_grid(arrays, "time", gaps=True, where="here")
    assert grid["time"].dtype == times.dtype
    assert len(grid["time"]) == hours[-1] - hours[0] + 1
    known = ~np.isnan(grid["count"])
    np.testing.assert_array_equal(grid["time"][known], times)
    np.testing.assert_array_equal(grid["count"][known], arrays["count"])
    np.testing.assert_array_equal(np.diff(grid["time"]).astype(int), 1)


def test_times_that_cannot_be_a_series_are_refused() -> None:
    days = np.array(["2011-01-01", "2011-01-02", "2011-01-04"], "M8[D]")
    whole = {"time": days, "n": np.array([1, 2, 3])}
    with pytest.raises(DataError, match="no row for 2011-01-03, the step after 2011-01-02"):
        timeseries.on_grid(whole, "time", gaps=False, where="here")
    with pytest.raises(DataError, match="the array n of the type int64 has no value for a gap"):
        timeseries.on_grid(whole, "time", gaps=True, where="here")
    with pytest.raises(DataError, match="must ascend, but 2011-01-02 follows 2011-01-04"):
        timeseries.on_grid({"time": days[[0, 2, 1]]}, "time", gaps=True, where="here")
    with pytest.raises(DataError, match=r"time\.array is 'n', expected an array \(n,\) of times"):
        timeseries.on_grid(whole, "n", gaps=True, where="here")

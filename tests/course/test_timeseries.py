"""Windows that cross no gap, weeks that are picked, and a table that shows what is missing."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import timeseries

COUNT = st.one_of(st.integers(0, 977).map(float), st.just(float("nan")))
COUNTS = st.lists(COUNT, max_size=80).map(lambda values: np.array(values, dtype=float))


@given(counts=COUNTS, length=st.integers(1, 5))
def test_windows_are_the_stretches_without_a_gap(counts: timeseries.Array, length: int) -> None:
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


def test_a_series_of_one_window() -> None:
    x, y = timeseries.windows(np.arange(4.0), 3)
    assert (x.tolist(), y.tolist()) == ([[[0], [1], [2]]], [[3]])
    assert [len(a) for a in timeseries.windows(np.arange(3.0), 3)] == [0, 0]


@given(counts=COUNTS, length=st.integers(1, 60))
def test_blocks_hold_the_whole_series(counts: timeseries.Array, length: int) -> None:
    parts = timeseries.blocks(counts, length)
    np.testing.assert_array_equal(np.concatenate([*parts, []]), counts)
    assert all(len(part) == length for part in parts[:-1])


def test_no_window_crosses_from_one_block_into_the_next() -> None:
    x, y = timeseries.windows_of(timeseries.blocks(np.arange(100.0), 40))
    assert x[:, 0, 0].tolist() == [*range(16), *range(40, 56)]
    assert y[:, 0].tolist() == [*range(24, 40), *range(64, 80)]


def test_the_blocks_that_draw_lowest_are_picked_in_their_order() -> None:
    parts = timeseries.blocks(np.arange(5.0), 1)
    drawn = {0: 0.9, 1: 0.2, 2: 0.8, 3: 0.1, 4: 0.5}
    assert [b[0] for b in timeseries.picked(parts, 0.5, drawn.__getitem__)] == [1, 3]
    assert [b[0] for b in timeseries.picked(parts, 0.5, lambda _: 0.5)] == [0, 1]


@given(counts=COUNTS)
def test_a_table_gives_the_series_back(counts: timeseries.Array) -> None:
    content = timeseries.to_csv(counts, datetime(2011, 12, 31, 23), "bikers").decode()
    header, *rows = [line.split(",") for line in content.splitlines()]
    assert header == [timeseries.HEADER, "bikers"]
    assert [time for time, _ in rows[:2]] == ["2011-12-31 23:00", "2012-01-01 00:00"][: len(rows)]
    np.testing.assert_array_equal(timeseries.from_rows(rows), counts)


def test_missing_hours_become_gaps() -> None:
    counts = timeseries.from_hours(np.array([1, 3]), np.array([7, 9]))
    np.testing.assert_array_equal(counts, [np.nan, 7, np.nan, 9])
    with pytest.raises(ValueError, match="unpack"):
        timeseries.from_rows([["2011-01-01 00:00"]])

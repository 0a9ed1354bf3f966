"""The rows on which two models are compared: from the student's own data, fitting every input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.model.facts import fits
from autograder.proxies.probe_rows import ROWS, GivenRows, draw, sizes_of
from autograder.wire import Value

X, Y = np.arange(700.0).reshape(100, 7), np.arange(100.0)
Shape = tuple[int | None, ...]


def description(*shapes: Shape, dtype: str = "float32", words: int | None = None) -> Value:
    """The parts of a description that declare inputs, with an Embedding of so many `words`."""
    layers: list[Value] = [
        {"class": "InputLayer", "config": {"shape": list(shape), "dtype": dtype}}
        for shape in shapes
    ]
    if words is not None:
        layers.append({"class": "Embedding", "config": {"input_dim": words, "output_dim": 2}})
    nodes = [{"layer": n} for n in range(len(layers))]
    return {"layers": layers, "nodes": nodes, "inputs": list(range(len(shapes)))}


def given_rows(*arguments: Any) -> GivenRows:
    rows = GivenRows()
    for argument in arguments:
        rows.remember(argument)
    return rows


def test_rows_come_from_what_the_functions_were_given() -> None:
    (drawn,) = draw(description((7,)), given_rows(Y, [{"x": X}], X * 2), seed=0)
    assert len(drawn) == ROWS
    assert all(any(np.array_equal(row, one) for one in X) for row in drawn)


def test_an_open_axis_takes_the_length_of_the_data_or_of_what_the_check_says() -> None:
    windows = np.zeros((50, 24, 1))
    (drawn,) = draw(description((None, 1)), given_rows(windows), seed=0)
    assert drawn.shape == (ROWS, 24, 1)
    (drawn,) = draw(description((None, 1)), given_rows(), seed=0, input_shape=(9, 1))
    assert drawn.shape == (ROWS, 9, 1)


def test_the_real_size_is_what_the_check_says_or_what_the_data_have() -> None:
    windows = given_rows(np.zeros((50, 24, 1)))
    assert sizes_of(description((None, 1)), windows, (9, 1)) == [[9, 1]]
    assert sizes_of(description((None, 1), (7,)), windows) == [[24, 1], None]
    assert sizes_of(description((None, 2)), windows, (9, 1)) == [None]


def test_two_inputs_get_different_arrays_where_there_are_two() -> None:
    first, second = draw(description((7,), (7,)), given_rows(X, X.astype("f") * 2), seed=0)
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("dtype", ["float32", "int32", "uint8", "bool"])
def test_an_embedding_is_asked_for_words_that_it_knows(dtype: str) -> None:
    (drawn,) = draw(description((40,), dtype=dtype, words=5), given_rows(), seed=0)
    assert drawn.dtype == dtype
    assert set(np.unique(drawn)) <= set(range(5))
    assert len(np.unique(drawn)) > 1


_LENGTHS = st.none() | st.integers(1, 6)


@given(st.lists(st.lists(_LENGTHS, max_size=4), min_size=1, max_size=3), st.integers(0, 99))
def test_drawn_rows_fit_every_input(shapes: list[list[int | None]], seed: int) -> None:
    declared = [tuple(shape) for shape in shapes]
    rows = draw(description(*declared), given_rows(X, Y), seed)
    assert [len(array) for array in rows] == [ROWS] * len(declared)
    assert all(fits(array.shape[1:], shape) for array, shape in zip(rows, declared, strict=True))
    again = draw(description(*declared), given_rows(X, Y), seed)
    assert all(np.array_equal(*pair) for pair in zip(rows, again, strict=True))


_ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | st.text(max_size=4) | st.floats(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


@given(_ODD | st.fixed_dictionaries(dict.fromkeys(("layers", "nodes", "inputs"), _ODD)))
def test_a_description_that_a_worker_made_up_gets_no_rows(value: Value) -> None:
    assert draw(value, given_rows(X), seed=0) == []


def test_an_input_too_large_to_be_drawn_gets_no_rows() -> None:
    assert draw(description((1 << 30, 1 << 30)), given_rows(), seed=0) == []

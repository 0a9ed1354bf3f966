"""Answers of any allowed shape become the first one, and a constant has the form of an answer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks.trained_model.answers import (
    allowed_shapes,
    constant_answer,
    in_first_shape,
)
from autograder.errors import DeclarationError

LENGTHS = st.lists(st.integers(2, 4) | st.none(), max_size=3)


def with_ones(data: st.DataObject, lengths: list[int | None]) -> tuple[int | None, ...]:
    """Return the lengths with axes of length 1 anywhere among them."""
    shape: list[int | None] = []
    for length in [*lengths, 0]:
        shape += [1] * data.draw(st.integers(0, 2))
        shape += [length] if length != 0 else []
    return tuple(shape)


@given(st.data(), LENGTHS, st.integers(0, 5))
def test_predictions_keep_their_numbers_in_the_first_shape(
    data: st.DataObject, lengths: list[int | None], count: int
) -> None:
    shapes = allowed_shapes((with_ones(data, lengths), with_ones(data, lengths)))
    real = data.draw(st.integers(1, 3))  # an open axis may have the length 1 as well
    first, given_ = ([part or real for part in shape] for shape in shapes)
    predicted = np.arange(count * math.prod(given_), dtype="float32")
    brought = in_first_shape(predicted.reshape(count, *given_), shapes)
    assert brought.shape == (count, *first)
    assert np.array_equal(brought.ravel(), predicted)


def test_predictions_of_another_shape_stay_as_they_are() -> None:
    other = np.zeros((5, 3))
    assert in_first_shape(other, ((1,), ())) is other


@given(st.integers(1, 6), st.integers(0, 8), st.floats(allow_nan=False))
def test_a_constant_has_the_form_of_an_answer(classes: int, count: int, value: float) -> None:
    shares = np.full(classes, value)
    answers = constant_answer(shares, count, ((classes,),))
    assert answers.shape == (count, classes)
    assert (answers == value).all()
    for one in (value, np.float64(value), [value], np.array([[value]])):
        assert constant_answer(one, count, ((1,), ())).shape == (count, 1)
        assert constant_answer(one, count, ((), (1,))).shape == (count,)
        assert (constant_answer(one, count, ((1,),)) == value).all()


@pytest.mark.parametrize(
    ("answer", "shape", "words"),
    [
        (3, (10,), ["the number 3, and", "np.eye(10)[3]", "np.bincount(labels, minlength=10)"]),
        (np.int64(0), (3,), ["the number 0, and", "np.eye(3)[0]"]),
        (np.array([1]), (3,), ["an array of the shape (1,)", "np.eye(3)[1]"]),
        (0.5, (784,), ["such as np.full((784,), 0.5)"]),
        (0.5, (28, 28, 1), ["such as np.full((28, 28, 1), 0.5)"]),
        (12, (10,), ["such as np.full((10,), 12)"]),
        (np.zeros(9), (10,), ["an array of the shape (9,), and", "in the shape (10,)"]),
        (0.0, (None, 2), ["in the shape (None, 2): return the answer in that form"]),
    ],
)
def test_a_class_number_in_place_of_probabilities_is_told_the_way(
    answer: Any, shape: tuple[int | None, ...], words: list[str]
) -> None:
    with pytest.raises(DeclarationError) as caught:
        constant_answer(answer, 4, (shape,))
    for word in words:
        assert word in str(caught.value)

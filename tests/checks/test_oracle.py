"""A function beside its oracle: what is equal passes, what is not is told small and exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.checks import Oracle
from autograder.errors import DeclarationError, StudentError
from autograder.expect import Tolerance, difference
from autograder.proxies.student import Student
from autograder.result import Outcome


class Answering:
    """A student whose one function is called here, with its arguments watched."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def call_watched(self, name: str, *arguments: Any) -> tuple[Any, tuple[int, ...]]:
        own = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        try:
            value = self.function(*own)
        except Exception as error:
            told = f"`{name}` raised {type(error).__name__}: {error}"
            bases = tuple(base.__name__ for base in type(error).__mro__)
            raise StudentError(Outcome.CRASHED, told, raised=bases) from error
        pairs = enumerate(zip(own, arguments, strict=True))
        return value, tuple(n for n, (a, b) in pairs if difference(a, b))


def tried(right: Callable[..., Any], own: Callable[..., Any], *cases: Any, **options: Any) -> str:
    """Return what a student reads, '' where the function is right."""
    try:
        student = cast(Student, Answering(own))
        Oracle("scale", right, **options).expect(student, cases)
    except AssertionError as error:
        return str(error)
    return ""


def share(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if not x.sum():
        raise ValueError("no sum")
    shares: np.ndarray[Any, Any] = x / x.sum()
    return shares


X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def test_an_equal_function_passes() -> None:
    assert not tried(share, lambda x: x * (1 / x.sum()), (X,), (X[:1],))
    assert not tried(share, lambda x: share(x).astype("float32"), (X,), tolerance=Tolerance(1e-5))
    assert not tried(share, lambda x: share(x).tolist(), (X,))


def test_the_smallest_case_that_differs_is_told_whole() -> None:
    told = tried(share, lambda x: x / x.max(), (X,), (X[:1, :2],))
    assert told == (
        "`scale`, for x of shape (1, 2) = [[1., 2.]]: expected\n"
        "[[0.333333, 0.666667]]\nyours\n[[0.5, 1. ]]."
    )


def test_of_a_large_case_the_first_number_that_differs_is_told() -> None:
    def off(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        right = 2 * x
        right[3, 1] += 1
        return right

    told = tried(lambda x: 2 * x, off, (np.arange(40.0).reshape(8, 5),))
    assert "1 of 40 numbers differ; at [3, 1] expected 32, yours is 33" in told
    assert "x = an array of shape (8, 5)" in told


@pytest.mark.parametrize(
    ("own", "message"),
    [
        (lambda _: None, "None came back. Is the `return` missing?"),
        (lambda x: share(x)[0], r"expected the shape (2, 3), yours has (3,)"),
        (lambda _: "text", r"expected an array of shape (2, 3), yours is a str"),
        (lambda _: [[1.0], [1.0, 2.0]], r"expected an array of shape (2, 3), yours is a list"),
        (lambda x: share(x) * np.nan, "nan"),
    ],
)
def test_other_results_are_named(own: Callable[..., Any], message: str) -> None:
    told = tried(share, own, (X,))
    assert message in told
    assert "?." not in told


def test_a_changed_argument_is_told() -> None:
    def in_place(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        x /= x.sum()
        return x

    told = tried(share, in_place, (X,))
    assert told.startswith("`scale` changed its argument x in place.")
    assert not tried(share, in_place, (X,), may_change=(0,))


def test_an_exception_is_expected_where_the_oracle_raises_it() -> None:
    zeros = (np.zeros(2),)
    assert not tried(share, share, zeros, (X,))
    assert not tried(
        share, lambda _: np.linalg.inv(np.zeros((2, 2))), zeros
    )  # a ValueError as well
    told = tried(share, lambda x: x, zeros)
    assert told == (
        "For x of shape (2,) = [0., 0.] `scale` should raise a ValueError; "
        "it returned an array of shape (2,)."
    )
    assert "a ValueError is expected. `scale` raised IndexError" in tried(
        share, lambda x: x[99], zeros
    )


def both(value: Any) -> Any:
    assert isinstance(value, tuple), "Two values are expected."
    return value[1]


def test_a_part_is_compared_alone() -> None:
    def right(x: Any) -> Any:
        return x, 2 * x

    assert not tried(right, lambda x: (x + 1, 2 * x), (X,), part=both)
    assert "[[6.]]" in tried(right, lambda x: (x, 3 * x), (X[:1, 1:2],), part=both)
    assert "Two values are expected." in tried(right, lambda x: 2 * x, (X,), part=both)


def test_a_case_is_told_as_its_author_says() -> None:
    told = tried(share, lambda x: x, (X,), told=lambda case: f"{len(case[0])} rows")
    assert "`scale`, for 2 rows:" in told
    assert "array" not in told.splitlines()[0]


def test_a_bare_array_is_no_case() -> None:
    with pytest.raises(DeclarationError, match=r"write \(x,\)"):
        tried(share, share, X)


def test_an_exception_of_the_students_own_names_the_case() -> None:
    with pytest.raises(StudentError, match=r"For x of shape \(2, 3\) =") as caught:
        tried(share, lambda x: x[99], (X,))
    assert caught.value.outcome is Outcome.CRASHED


_numbers = hnp.arrays(
    st.sampled_from(["<f4", "<f8", "<i4", "|b1"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    elements={"allow_infinity": True},
)
_values = st.recursive(
    _numbers | st.none() | st.text(max_size=5) | st.integers(-9, 9) | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(_values)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    assert difference(value, value) == ""


@given(_numbers, st.data())
def test_a_number_beyond_the_tolerance_differs(array: Any, data: st.DataObject) -> None:
    wide = np.nan_to_num(array.astype("float64"), posinf=9.0, neginf=-9.0)
    wide = np.atleast_1d(np.where(np.abs(wide) < 1e300, wide, 1.0))
    if not wide.size:
        return
    at = data.draw(st.integers(0, wide.size - 1))
    near, far = wide.copy().ravel(), wide.copy().ravel()
    near[at] += 0.9e-3 * abs(near[at])
    far[at] += 1.1e-3 * abs(far[at]) + 1e-6
    tolerance = Tolerance(rtol=1e-3, atol=0.5e-6)
    assert difference(near.reshape(wide.shape), wide, tolerance) == ""
    assert difference(far.reshape(wide.shape), wide, tolerance) != ""


@given(_values, _values)
def test_a_difference_is_text_whatever_comes_back(value: Any, expected: Any) -> None:
    assert isinstance(difference(value, expected), str)

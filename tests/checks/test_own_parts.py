"""A mistake in a function costs its own points once: shares, and a second chance."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import pytest

from autograder.checks import Oracle, award_each, error_of, expect_or_own
from autograder.checks.marking import Awarded
from autograder.errors import StudentError
from autograder.proxies.student import Student
from autograder.result import Outcome
from tests.checks.test_oracle import Answering

DOUBLE = Oracle("twice", lambda x: 2 * x)


def fail(text: str) -> None:
    raise AssertionError(text)


def crash() -> None:
    raise StudentError(Outcome.CRASHED, "it crashed")


def nothing() -> None:
    """Pass."""


def expected(
    function: Callable[..., Any], own: Callable[..., Any] | None = None, *cases: Any
) -> str:
    """Return what a student reads, '' where the check passes."""
    student = cast(Student, Answering(function))
    judged = partial(expect_or_own, student, [(DOUBLE, case) for case in cases or [(3,)]], own)
    return " ".join(str(error_of(judged) or "").split())


def test_each_part_has_an_equal_share() -> None:
    award_each(nothing, nothing)
    with pytest.raises(Awarded) as partly:
        award_each(nothing, partial(fail, "wrong"), crash, nothing)
    assert partly.value.fraction == 0.5
    assert partly.value.hint == "wrong\nit crashed"


def test_where_no_part_passes_all_say_why() -> None:
    with pytest.raises(AssertionError, match=r"^wrong\nit crashed$"):
        award_each(partial(fail, "wrong"), crash)
    with pytest.raises(StudentError, match=r"^it crashed\nwrong$") as caught:
        award_each(crash, partial(fail, "wrong"))
    assert caught.value.outcome is Outcome.CRASHED


def test_many_and_long_messages_are_bounded_and_equal_ones_told_once() -> None:
    texts = ["a" * 5000, "b", "b", "c", "d", "e"]
    parts = [partial(fail, text) for text in texts]
    for further in ([], [nothing]):
        with pytest.raises((AssertionError, Awarded)) as caught:
            award_each(*parts, *further)
        lines = str(caught.value).split("\n")
        assert lines[1:] == ["b", "c", "Further parts that differ: 2."]
        assert lines[0].startswith("aaa")
        assert len(lines[0]) < 700


def test_an_error_of_the_check_itself_is_no_lost_share() -> None:
    with pytest.raises(ZeroDivisionError):
        award_each(nothing, lambda: 1 / 0)


def test_the_value_of_the_students_other_functions_counts_as_well() -> None:
    assert not expected(lambda x: 2 * x)
    assert "expected 6" in expected(lambda x: 3 * x)
    assert not expected(lambda x: 3 * x, lambda x: 3 * x)
    assert "expected 6" in expected(lambda x: 3 * x, lambda x: 4 * x)
    assert "expected 6" in expected(lambda x: 3 * x, lambda _: None)


def test_a_case_that_tells_nothing_needs_another_that_does() -> None:
    def own(x: int) -> int:
        if x == 3:
            crash()
        return 3 * x

    assert "expected 6" in expected(lambda x: 3 * x, own)
    assert not expected(lambda x: 3 * x, own, (3,), (5,))
    assert "expected 10" in expected(lambda x: 4 * x, own, (3,), (5,))


def test_what_is_no_array_is_the_students_mistake() -> None:
    assert "expected 6" in expected(lambda x: 3 * x, lambda _: [][0])

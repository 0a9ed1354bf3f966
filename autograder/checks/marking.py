"""The worth of a check, and the share of it that an answer earns."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from autograder.errors import StudentError

_Check = TypeVar("_Check", bound=Callable[..., object])


class Awarded(Exception):
    """Ends a check with part of its points; not an error."""

    def __init__(self, fraction: float, hint: str) -> None:
        super().__init__(hint)
        self.fraction = fraction
        self.hint = hint


def points(worth: float) -> Callable[[_Check], _Check]:
    """Return a decorator that gives a check its worth, a positive number of points.

        @points(2)
        def test_scale(student): ...

    Raises ValueError for a worth that is not positive and finite.
    """
    if not (math.isfinite(worth) and worth > 0):
        raise ValueError(f"a check is worth a positive number of points, not {worth!r}")
    return pytest.mark.points(worth)


def award(fraction: float, hint: str) -> None:
    """Give `fraction` of the check's points: 1 or more passes, 0 or less or NaN fails.

    A fraction between 0 and 1 ends the check as partial. The student reads `hint` unless the check
    passes. Raises Awarded, which is no error, unless the check passes.

        award(ramp(accuracy, zero=0.1, full=0.95), "Is it trained for long enough?")
    """
    if fraction >= 1:
        return
    raise Awarded(fraction if fraction > 0 else 0.0, hint)


def ramp(value: float, *, zero: float, full: float) -> float:
    """Return 0 at `zero`, 1 at `full`, linear in between and clipped; NaN stays NaN.

    For an error `zero > full`, for an accuracy `zero < full`. Raises ValueError where they are
    equal.
    """
    if zero == full:
        raise ValueError("a ramp needs two different ends")
    fraction = (value - zero) / (full - zero)
    return fraction if math.isnan(fraction) else min(1.0, max(0.0, fraction))


def attempt(request: pytest.FixtureRequest, fixture: str) -> Any:
    """Return a fixture's value, or None where it raised StudentError or AssertionError.

    `fixture` is the fixture's name.
    """
    try:
        return request.getfixturevalue(fixture)
    except (StudentError, AssertionError):
        return None

"""Only a near miss is tried again, under the declared seeds, and the best try counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest

from autograder.checks.retry import remeasured
from autograder.checks.thresholds import RETRY_SEEDS, Measured, Threshold
from autograder.errors import StudentError
from autograder.proxies.student import Student
from autograder.result import Outcome

LIMIT = Threshold("error", 1.0, "lower", noise=0.1)


class Luck:
    """A student whose results depend on the seed alone."""

    def __init__(self, *values: float | None) -> None:
        self.values = dict(zip((0, *RETRY_SEEDS), values, strict=False))
        self.seed, self.asked = 0, list[int]()

    @contextmanager
    def seeded(self, seed: int) -> Iterator[None]:
        self.seed = seed
        yield
        self.seed = 0

    def once(self) -> Measured:
        self.asked.append(self.seed)
        value = self.values[self.seed]
        if value is None:
            raise StudentError(Outcome.CRASHED, "crashed")
        return Measured(value, LIMIT)


def tried(luck: Luck) -> Measured:
    return remeasured([cast(Student, luck)], luck.once)


@pytest.mark.parametrize(
    ("values", "counts", "tries", "met"),
    [
        ((0.5,), 0.5, 1, True),
        ((0.95,), 0.95, 1, True),  # near, but on the right side
        ((2.0,), 2.0, 1, False),  # far off
        ((1.1, 0.9), 0.9, 2, True),
        ((1.1, 1.2, 0.99), 0.99, 3, True),
        ((1.2, 1.05, 1.1), 1.05, 3, False),
        ((1.1, None), 1.1, 2, False),
    ],
)
def test_which_try_counts(
    values: tuple[float | None, ...], counts: float, tries: int, met: bool
) -> None:
    luck = Luck(*values)
    found = tried(luck)
    assert (found.value, found.tries, found.met) == (counts, tries, met)
    assert luck.asked == [0, *RETRY_SEEDS][:tries]
    assert luck.seed == 0


def test_who_was_tried_again_is_marked() -> None:
    assert tried(Luck(1.1, 0.5)).borderline
    assert not tried(Luck(0.5)).borderline


def test_what_the_first_try_raises_is_the_answer() -> None:
    with pytest.raises(StudentError, match="crashed"):
        tried(Luck(None))

"""What `verify` says of the time that is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.authoring.verify import Case, Kind
from autograder.commands.verify_display import Estimate, about
from autograder.course.exercise import Exercise

LINE = Exercise("line", Path("solutions/line"), Path("exercises/line"))
SHORT, LONG = (Case(LINE, Kind.RIGHT, Path(f"{name}.py")) for name in ("short", "long"))


def test_what_is_left_is_weighed_by_what_it_took_before() -> None:
    estimate = Estimate({SHORT: 10.0, LONG: 90.0}, started=1000.0)
    estimate.finish(SHORT)
    # Ten of a hundred expected seconds took five: the other ninety will take forty-five.
    assert estimate.seconds_left(1005.0) == pytest.approx(45.0)
    estimate.finish(LONG)
    assert estimate.seconds_left(1050.0) == 0.0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "about 1 s left"),
        (41.6, "about 42 s left"),
        (59.7, "about 1 min left"),
        (150.1, "about 3 min left"),
    ],
)
def test_times_are_told_in_words(seconds: float, words: str) -> None:
    assert about(seconds) == words

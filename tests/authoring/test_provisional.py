"""A provisional limit fails no honest answer, and fails every weak answer that it can tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.authoring.provisional import (
    Provisional,
    measuring_cases,
    provisional_limits,
    without_value,
)
from autograder.authoring.verify import Case, Kind
from autograder.checks import thresholds
from autograder.checks.thresholds import Threshold
from autograder.course.exercise import Declared, Exercise
from autograder.errors import UnknownThreshold
from autograder.grading.grading import Graded
from autograder.result import Result, Status

METRIC = st.floats(-1e6, 1e6, allow_nan=False)
RESULT = Result("", "line", "", "", "", Status.GRADED)


def declared(better: str) -> Declared:
    return Declared("size", better, "a size", weak=("large",))


@given(honest=METRIC, weak=METRIC, better=st.sampled_from(["lower", "higher"]))
def test_honest_answers_pass_and_weak_answers_fail_where_they_lie_apart(
    honest: float, weak: float, better: str
) -> None:
    limit = Provisional(declared(better), honest, weak)
    threshold = Threshold("size", limit.value, better)
    assert threshold.passes(honest)
    is_apart = honest < weak if better == "lower" else honest > weak
    assert limit.is_apart == is_apart
    if is_apart and limit.value not in (honest, weak):  # neighbouring floats have nothing between
        assert not threshold.passes(weak)


@pytest.mark.parametrize("better", ["lower", "higher"])
def test_without_a_weak_answer_the_worst_honest_value_is_the_limit(better: str) -> None:
    assert Provisional(declared(better), 3.0, None).value == 3.0


def _case(kind: Kind, stem: str) -> Case:
    return Case(Exercise("line", Path("a"), Path("b")), kind, Path(f"{stem}.py"))


def test_the_worst_honest_and_the_best_weak_value_decide() -> None:
    reference, right = _case(Kind.REFERENCE, "solution"), _case(Kind.RIGHT, "other")
    large, tiny = _case(Kind.WRONG, "large"), _case(Kind.WRONG, "tiny")
    entry = declared("lower")
    chosen = list(measuring_cases([entry], [reference, right, large, tiny]))
    assert chosen == [reference, right, large]
    measured = {
        reference: Graded(RESULT, observed={"size": 1.0}, baselines={"size": {"constant": 9.0}}),
        right: Graded(RESULT, observed={"size": 2.0}),
        large: Graded(RESULT, observed={"size": 8.0}),
    }
    (limit,) = provisional_limits([entry], measured)
    assert (limit.honest, limit.weak, limit.value) == (2.0, 8.0, 4.0)
    measured[large] = Graded(RESULT, observed={"size": float("nan")})
    (limit,) = provisional_limits([entry], measured)
    assert limit.weak == 9.0, "a baseline is a weak answer as well"


def test_only_thresholds_without_a_value_get_a_limit(toy_course: Path, tmp_path: Path) -> None:
    authored = tmp_path / "line"
    authored.mkdir()
    (authored / "exercise.toml").write_text(
        "[thresholds.a]\nbetter = 'lower'\nwhat = 'x'\nvalue = 2\n"
        "[thresholds.b]\nbetter = 'lower'\nwhat = 'x'\n"
    )
    exercise = replace(Exercise("line", toy_course, toy_course), authored=authored)
    assert [entry.name for entry in without_value(exercise)] == ["b"]
    with pytest.raises(UnknownThreshold, match="'b' has no value yet"):
        thresholds.of(exercise)
    known = thresholds.of(exercise, provisional=[("a", 7.0), ("b", 7.0)])
    assert (known["a"].value, known["b"].value) == (2.0, 7.0)

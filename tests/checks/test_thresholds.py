"""What a threshold makes of a value: met, borderline, a share; and how it travels."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import thresholds
from autograder.checks.thresholds import Threshold, Thresholds
from autograder.course import calibration_file
from autograder.course.calibration_file import (
    CalibratedThreshold,
    Calibration,
    FalseFail,
    Fingerprint,
    Policy,
)
from autograder.course.exercise import Exercise
from autograder.errors import UnknownThreshold

LOWER = Threshold("error", 1.0, "lower", noise=0.02)
HIGHER = Threshold("accuracy", 0.9, "higher", noise=0.01)
numbers = st.floats(allow_nan=True, allow_infinity=True)


RELATIVE = Threshold("bend", 0.01, "higher", noise=0.1, logarithmic=True)


def measure(threshold: Threshold, value: float, *, limitless: bool = False) -> thresholds.Measured:
    return Thresholds([threshold], limitless=limitless).measure(threshold.name, value)


@pytest.mark.parametrize(
    ("threshold", "value", "met", "borderline"),
    [
        (LOWER, 0.5, True, False),
        (LOWER, 1.0, True, True),
        (LOWER, 1.05, False, True),
        (LOWER, 1.07, False, False),
        (LOWER, math.nan, False, False),
        (LOWER, -math.inf, True, False),
        (RELATIVE, 0.0, False, False),
        (RELATIVE, 0.008, False, True),
        (RELATIVE, 0.012, True, True),
        (RELATIVE, 0.02, True, False),
        (HIGHER, 0.95, True, False),
        (HIGHER, 0.88, False, True),
        (HIGHER, 0.5, False, False),
    ],
)
def test_met_and_borderline(
    threshold: Threshold, value: float, met: bool, borderline: bool
) -> None:
    measured = measure(threshold, value)
    assert (measured.met, measured.borderline) == (met, borderline)


@given(numbers, st.floats(-10, 10))
def test_a_share_is_one_exactly_where_met(value: float, zero: float) -> None:
    for threshold in (LOWER, HIGHER):
        measured = measure(threshold, value)
        share = measured.share(zero=zero)
        assert 0 <= share <= 1
        assert not measured.met or share == 1
        assert not math.isnan(value) or share == 0


def test_shares_fall_evenly_towards_the_trivial_value() -> None:
    assert measure(LOWER, 1.5).share(zero=2.0) == pytest.approx(0.5)
    assert measure(HIGHER, 0.5).share(zero=0.1) == pytest.approx(0.5)
    # A trivial value that is itself better than the threshold gives nothing away.
    assert measure(LOWER, 1.5).share(zero=0.5) == 0


def test_a_calibration_meets_no_limit_but_nan_is_no_value() -> None:
    assert measure(LOWER, 1e9, limitless=True).met
    assert measure(LOWER, 1e9, limitless=True).share(zero=2.0) == 1
    assert not measure(LOWER, 1e9, limitless=True).borderline
    assert not measure(LOWER, math.nan, limitless=True).met


def test_the_first_value_of_each_metric_is_kept() -> None:
    measured = Thresholds([LOWER, HIGHER])
    measured.measure("error", 0.3)
    measured.measure("error", 0.1)
    assert measured.baseline("accuracy", "a guess", 0.1) == 0.1
    assert measured.observed == {"error": 0.3}
    assert measured.baselines == {"accuracy": {"a guess": 0.1}}


@pytest.mark.parametrize("ask", ["measure", "baseline"])
def test_an_unknown_name_is_told_with_those_there_are(ask: str) -> None:
    known = Thresholds([LOWER])
    with pytest.raises(UnknownThreshold, match="declares: error"):
        known.measure("eror", 1) if ask == "measure" else known.baseline("eror", "x", 1)


def test_students_get_names_and_values() -> None:
    there = thresholds.from_json(Thresholds([LOWER, HIGHER, RELATIVE]).to_json())
    assert there["error"] == LOWER
    assert there["accuracy"] == HIGHER
    assert there["bend"] == RELATIVE


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    (tmp_path / "exercise.toml").write_text(
        "[thresholds.error]\nbetter = 'lower'\nwhat = 'error'\n"
        "[thresholds.given]\nbetter = 'higher'\nwhat = 'declared'\nvalue = 0.5\n"
    )
    return Exercise("x", tmp_path, tmp_path)


def test_values_come_from_the_calibration(exercise: Exercise) -> None:
    calibrated = CalibratedThreshold(
        what="error",
        better="lower",
        value=2.5,
        noise=0.25,
        scale="linear",
        declared=False,
        false_fail=FalseFail(8, 0, 1, 0.3, 0.001, 2.4),
        false_pass={},
        missing=(),
        honest={},
        weak={},
    )
    calibration = Calibration(
        schema=1,
        exercise="x",
        fingerprint=Fingerprint("0", "1", "2"),
        environment={},
        policy=Policy(0.001, 0.95, (1, 2), "", ""),
        thresholds={"error": calibrated},
    )
    exercise.calibration.write_text(calibration_file.to_text(calibration))
    measured = thresholds.of(exercise)
    assert measured["error"] == Threshold("error", 2.5, "lower", 0.25)
    assert measured["given"] == Threshold("given", 0.5, "higher")


def test_without_a_calibration_only_a_calibration_runs(exercise: Exercise) -> None:
    with pytest.raises(UnknownThreshold, match="autograder calibrate"):
        thresholds.of(exercise)
    assert thresholds.of(exercise, limitless=True).measure("error", 7).met


def test_a_threshold_must_say_what_is_better(tmp_path: Path) -> None:
    (tmp_path / "exercise.toml").write_text("[thresholds.error]\nbetter = 'less'\nwhat = 'x'\n")
    with pytest.raises(ValueError, match='"lower" or "higher"'):
        thresholds.of(Exercise("x", tmp_path, tmp_path))

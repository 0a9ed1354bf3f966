"""A first run of the reference that measures no thresholds is told with file, name and way out."""

from __future__ import annotations

import math
from pathlib import Path

from autograder.calibration.first_run import faults
from autograder.calibration.observation import Observation
from autograder.calibration.plan import plan
from autograder.course.exercise import Exercise, Root
from autograder.result import Check, Outcome, Visibility

EVIDENCE = """hidden.py:30: in test_size
    size = thresholds.measure("sise", 1.0)
/usr/lib/autograder/checks/thresholds.py:120: in __getitem__
    raise UnknownThreshold(f"no threshold {name!r}; exercise.toml declares: {known}")
E   autograder.errors.UnknownThreshold: no threshold 'sise'; exercise.toml declares: finite, size
"""


def check(evidence: str, outcome: Outcome = Outcome.GRADER_ERROR) -> Check:
    return Check("test_size", "Size", Visibility.HIDDEN, outcome, 0, 1, "a hint", evidence)


def told(
    course: Path, metrics: dict[str, float], *lost: Check, problem: str = ""
) -> tuple[Exercise, list[str]]:
    exercise = Root(course).exercise("line")
    first = next(plan(exercise, 4))
    return exercise, list(faults(exercise, Observation(first, metrics, {}, 1.0, problem, lost)))


def test_a_reference_that_measures_every_threshold_has_no_fault(course: Path) -> None:
    assert told(course, {"size": 1.0, "finite": 1.0})[1] == []


def test_a_declared_threshold_that_no_check_measures(course: Path) -> None:
    exercise, texts = told(course, {"finite": 1.0})
    toml = exercise.authored / "exercise.toml"
    line = toml.read_text().splitlines().index("[thresholds.size]") + 1
    assert len(texts) == 1
    assert texts[0].startswith(f"{toml}, line {line}: the threshold 'size' is declared, and no ")
    assert "measured: finite" in texts[0]
    assert 'thresholds.measure("size", value)' in texts[0]


def test_a_threshold_that_measures_no_number(course: Path) -> None:
    texts = told(course, {"size": math.nan, "finite": 1.0})[1]
    assert len(texts) == 1
    assert "a check measured nan" in texts[0]


def test_a_measured_threshold_that_is_not_declared_is_told_once(course: Path) -> None:
    exercise, texts = told(course, {"finite": 1.0, "size": 1.0}, check(EVIDENCE), check(EVIDENCE))
    assert len(texts) == 1
    assert texts[0].startswith(f"{exercise.hidden}, line 30: test_size measures the threshold ")
    assert "'sise', which" in texts[0]
    assert "declared: size, finite" in texts[0]
    assert "[thresholds.sise]" in texts[0]


def test_the_checks_own_exception_is_shown(course: Path) -> None:
    evidence = "conftest.py:9: in model\n    1 / 0\nE   ZeroDivisionError: division by zero\n"
    exercise, texts = told(course, {}, check(evidence))
    assert texts[0].startswith(f"{exercise.conftest}, line 9: test_size: the reference solution ")
    assert "ZeroDivisionError: division by zero" in texts[0]
    assert len(texts) == 3, "each threshold that was not measured is told too"


def test_lost_points_without_an_exception_are_shown_with_the_hint(course: Path) -> None:
    lost = check("", Outcome.FAILED)
    texts = told(course, {"size": 1.0, "finite": 1.0}, lost)[1]
    assert len(texts) == 1
    assert "earned 0 of 1 points (failed): a hint" in texts[0]


def test_a_run_that_was_not_graded_is_told_with_its_reason(course: Path) -> None:
    texts = told(course, {}, problem="ModuleNotFoundError: no module nonexistent")[1]
    assert len(texts) == 1
    assert "nonexistent" in texts[0]

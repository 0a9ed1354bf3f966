"""A run of which no calibration can come is told with the answer's file and the exception."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.calibration.observation import Observation
from autograder.calibration.plan import Run, plan
from autograder.calibration.unmeasurable import faults
from autograder.course.exercise import Exercise, Root
from autograder.result import Check, Outcome, Visibility

EVIDENCE = "cell 2, in build_model\n    1 / 0\nZeroDivisionError: division by zero\n"
ENDS = {
    Outcome.CRASHED,
    Outcome.NOT_ATTEMPTED,
    Outcome.BLOCKED,
    Outcome.REFUSED_MODEL,
    Outcome.GRADER_ERROR,
}


def run_of(course: Path, answer: str) -> tuple[Exercise, Run]:
    exercise = Root(course).exercise("line")
    return exercise, next(run for run in plan(exercise, 4) if run.answer == answer)


@pytest.mark.parametrize("outcome", Outcome)
def test_a_right_answer_must_give_a_value_to_look_at(course: Path, outcome: Outcome) -> None:
    exercise, run = run_of(course, "right/functional")
    check = Check("test_size", "Size", Visibility.HIDDEN, outcome, 0, 1, "It raised.", EVIDENCE)
    texts = list(faults(exercise, Observation(run, {}, {}, 1.0, "", (check,))))
    assert bool(texts) == (outcome in ENDS)
    for text in texts:
        assert text.startswith(f"{exercise.authored / 'right' / 'functional.py'}, seed 0: ")
        assert "earned 0 of 1 points at test_size" in text
        assert "It raised." in text
        assert "ZeroDivisionError: division by zero" in text


@pytest.mark.parametrize("answer", ["right/functional", "wrong/too_large"])
def test_an_answer_that_was_not_graded_is_told_with_its_reason(course: Path, answer: str) -> None:
    exercise, run = run_of(course, answer)
    seen = Observation(run, {}, {}, 1.0, "RuntimeError: withheld")
    (text,) = faults(exercise, seen)
    assert text.startswith(f"{exercise.authored / answer}.py, seed ")
    assert text.endswith("RuntimeError: withheld")


def test_a_weak_answer_must_be_measured_for_what_names_it(course: Path) -> None:
    exercise, run = run_of(course, "wrong/too_large")
    assert list(faults(exercise, Observation(run, {"size": 1e4}, {}, 1.0))) == []
    (text,) = faults(exercise, Observation(run, {"finite": 1.0}, {}, 1.0))
    assert "too_large.py, seed 0: no check measured the threshold 'size'" in text
    assert "autograder try line" in text

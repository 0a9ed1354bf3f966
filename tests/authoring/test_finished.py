"""What `verify` keeps of an answer: its code decides, and not the line of its expectation."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.authoring.finished import Finished, is_settled
from autograder.authoring.verify import Case, Kind, cases
from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.grading.cache_key import Keys
from autograder.grading.journal import open_journal
from autograder.result import Check, Outcome, Result, Status, Visibility

COMPLETE = """
def scale(values):
    return values


def build_model(x_train):
    return None
"""
PART = "def scale(values):\n    return values\n"


def key(course: Path, text: bytes) -> str:
    """Return the key of a wrong answer that is written anew."""
    place = Course(course, DEMO_KEY)
    path = course / "solutions" / "line" / "wrong" / "one.py"
    path.write_bytes(text)
    (case,) = (one for one in cases(place.place.exercise("line")) if one.path == path)
    with open_journal(course / "verify.db") as journal:
        return Finished(Keys(place), journal).key(case.task())


@pytest.mark.parametrize("code", [COMPLETE, PART], ids=["complete", "only what differs"])
def test_the_first_line_of_a_wrong_answer_is_no_code(
    edited_course: Callable[..., Path], code: str
) -> None:
    course = edited_course()
    first = key(course, b"# fails: test_scale\n" + code.encode())
    for header in (
        b"# fails: test_scale, test_shape",
        b"#fails:test_prediction\r",
        b" # fails: a ",
    ):
        assert key(course, header + b"\n" + code.encode()) == first, header
    below = code.replace("return values", "return values + 1")
    assert key(course, b"# fails: test_scale\n" + below.encode()) != first


def test_a_later_line_that_looks_like_it_is_code(edited_course: Callable[..., Path]) -> None:
    course = edited_course()
    keys = {
        key(course, f"# fails: test_scale\n# fails: {name}{COMPLETE}".encode()) for name in "ab"
    }
    assert len(keys) == 2


def test_an_outcome_of_a_busy_machine_is_not_settled() -> None:
    def ended(outcome: Outcome, status: Status = Status.GRADED) -> Result:
        check = Check("a", "A", Visibility.HIDDEN, outcome, 0, 1)
        return Result("", "line", "", "", "", status, checks=(check,))

    assert is_settled(ended(Outcome.FAILED))
    assert is_settled(ended(Outcome.CRASHED))
    assert not is_settled(ended(Outcome.TIMED_OUT))
    assert not is_settled(ended(Outcome.FAILED, Status.GRADER_ERROR))


def test_results_without_use_for_a_month_are_dropped(
    edited_course: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    course = edited_course()
    place = Course(course, DEMO_KEY)
    exercise = place.place.exercise("line")
    used, unused = (
        Case(exercise, Kind.RIGHT, exercise.solution).task(),
        Case(exercise, Kind.WRONG, exercise.wrong[0]).task(),
    )
    kept = Result("", "line", "", "", "", Status.GRADED)
    now = time.time()
    with open_journal(course / "verify.db") as journal:
        first = Finished(Keys(place), journal)
        for task in (used, unused):
            first.keep(task, kept)
        first.drop_unused()
        later = Finished(Keys(place), journal)
        assert later.result(used) == kept
        monkeypatch.setattr(time, "time", lambda: now + 32 * 24 * 3600)
        later.drop_unused()
        assert later.result(used) == kept
        assert later.result(unused) is None

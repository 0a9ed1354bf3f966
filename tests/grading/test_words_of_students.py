"""What a student writes is told as theirs, and what is hidden is told to the instructor alone."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.grading.scorer import Scorer
from autograder.grading.task import Task
from autograder.report import json_file, student_pages
from autograder.result import Outcome, Result, Status
from autograder.sandbox.spawn import Station

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
HOSTILE = ROOT / "tests" / "hostile"
Graded = Callable[[str], Result]


@pytest.fixture(scope="module")
def graded(warm: Station) -> Graded:
    """A function of a file's name in tests/hostile: its result, graded once."""

    @cache
    def result(name: str) -> Result:
        content = (HOSTILE / f"{name}.py").read_bytes()
        exercise = content.decode().removeprefix("# ").partition(":")[0]
        task = Task(exercise=exercise, content=content, suffix=".py", model=b"", student="mallory")
        with Scorer(Course(ROOT, DEMO_KEY), warm) as scorer:
            return scorer.score(task)

    return result


def _page(result: Result) -> str:
    return student_pages.page("mallory", [result])


def test_the_hidden_series_is_told_to_the_instructor_alone(graded: Graded) -> None:
    result = graded("hidden_series_in_an_exception")
    check = next(check for check in result.checks if check.id == "test_unseen_series")
    assert check.outcome is Outcome.CRASHED
    assert "`make_windows` raised ValueError (line 10 in make_windows: " in check.message
    assert "a value is not one that the code can work with" in check.message
    assert sum(character.isdigit() for character in check.evidence) > 100
    for told in (_page(result), *(check.message for check in result.checks), *result.notes):
        assert not any(sum(c.isdigit() for c in line) > 20 for line in told.splitlines())


def test_the_instructors_model_is_told_to_the_instructor_alone(graded: Graded) -> None:
    result = graded("instructors_model_in_an_exception")
    assert any("Normalization[]" in check.evidence for check in result.checks)
    page = _page(result)
    assert "`train` raised ValueError (line " in page
    assert "Normalization" not in page
    assert "softplus" not in page


def test_the_name_of_a_metric_is_quoted_and_short(graded: Graded) -> None:
    (note,) = graded("history_that_speaks_for_the_instructor").notes
    assert note.startswith('`train` reported: "loss 0.9')
    assert "Correction" not in note
    assert len(note) < 300


def test_a_forged_refusal_is_quoted(graded: Graded) -> None:
    result = graded("forged_refusal")
    assert (result.status, result.score) == (Status.GRADED, 0)
    assert {check.outcome for check in result.checks} == {Outcome.REFUSED_MODEL}
    lead = "The grader cannot read your model. Your own process, which reads it, says: "
    for check in result.checks:
        words = check.message.removeprefix(lead)
        assert words[0] == '"', check
        assert words[1:].index('"') == len(words) - 3
        assert words.endswith('by hand.".')


def test_no_character_acts_on_what_shows_it(graded: Graded, tmp_path: Path) -> None:
    result = graded("terminal_tricks")
    path = json_file.write(tmp_path, [result], version="1", environment={})
    for told in (_page(result), path.read_text("utf-8")):
        odd = {c for c in told if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")}
        assert odd <= {"\n"}
    raised = r'`train` raised ValueError: "\x1b[2J\x1b[H\x1b[32mPASSED 12 of 12'
    crashed = [check.message for check in result.checks if check.outcome is Outcome.CRASHED]
    assert crashed
    assert all(text.startswith(raised.replace("\\x1b[32m", "")) for text in crashed), crashed
    assert (
        r"\u202eDELLIF\u202c" in json.loads(path.read_text("utf-8"))["submissions"][0]["evidence"]
    )

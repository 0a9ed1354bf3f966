"""Every outcome is worded once, and in the words that students know."""

from __future__ import annotations

from typing import Any

import pytest
from rich.text import Text

from autograder.report.outcomes import APPEARANCE, EARNED, LOST, PART, WAITING, label
from autograder.result import Outcome, Status


def test_every_outcome_has_its_own_word() -> None:
    assert set(APPEARANCE) == set(Outcome)
    assert len({appearance.word for appearance in APPEARANCE.values()}) == len(Outcome)


@pytest.mark.parametrize("outcome", Outcome)
def test_a_sign_fills_one_column_of_a_matrix(outcome: Outcome) -> None:
    assert Text.from_markup(APPEARANCE[outcome].markup()).plain == APPEARANCE[outcome].sign
    assert len(APPEARANCE[outcome].sign) == 1


@pytest.mark.parametrize("mark", [EARNED, PART, LOST, WAITING])
def test_marks_keep_titles_in_line_with_and_without_unicode(mark: Any) -> None:
    assert len(mark.ascii) == 2
    assert Text.from_markup(mark.markup()).plain == mark.sign
    assert Text.from_markup(mark.markup(unicode=False)).plain == mark.ascii


def test_only_points_that_were_earned_or_are_open_have_another_mark_than_lost() -> None:
    others = {outcome for outcome, shown in APPEARANCE.items() if shown.mark is not LOST}
    assert others == {Outcome.PASSED, Outcome.PARTIAL, Outcome.OPEN}


def test_labels_are_the_names_of_results_json_as_words() -> None:
    assert label(Status.GRADER_ERROR) == label(Outcome.GRADER_ERROR) == "grader error"
    assert label(Outcome.PASSED) == "passed"

"""Grades a known answer, as `verify` and `try` do; the reference solution only once."""

from __future__ import annotations

from dataclasses import replace

from autograder.authoring.verify import Case, Kind
from autograder.grading.scorer import Scorer
from autograder.grading.task import Task
from autograder.result import Result, Status

__all__ = ["score_answer"]


def score_answer(scorer: Scorer, case: Case, task: Task) -> Result:
    """Return the result of a known answer, whose file was read as `task`.

    Slow answers are held against the reference's time, so the scorer grades the reference anyway;
    that grading is taken, unless a check failed in it: the second grading then tells the reason.
    """
    if case.kind is not Kind.REFERENCE:
        return scorer.score(task)
    result = scorer.reference(task.exercise).result
    if result.status is Status.GRADED and result.score == result.max_score:
        return replace(result, student=task.student, source=task.source, sha256=task.sha256)
    return scorer.score(task)

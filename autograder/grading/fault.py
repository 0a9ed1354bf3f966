"""Decides whose fault an error inside a check is: the student's or the grader's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from autograder.result import WITHHELD, Check, Outcome, Result, Status


def settle(result: Result, reference: Callable[[], Result]) -> Result:
    """Return `result` with every error inside a check decided.

    A check that raises for the graded `reference` solution too is the grader's fault: the result
    is withheld. A check that raises for this submission alone has failed. `reference` is called
    only where a check has raised.
    """
    if all(check.outcome is not Outcome.GRADER_ERROR for check in result.checks):
        return result
    references = {check.id: check for check in reference().checks}
    checks = tuple(_settled(check, references.get(check.id)) for check in result.checks)
    if all(check.outcome is not Outcome.GRADER_ERROR for check in checks):
        return replace(result, checks=checks)
    return replace(result, checks=checks, status=Status.GRADER_ERROR, message=WITHHELD)


def _settled(check: Check, reference: Check | None) -> Check:
    if check.outcome is not Outcome.GRADER_ERROR:
        return check
    if reference is None or reference.outcome is Outcome.GRADER_ERROR:
        return check
    return replace(check, outcome=Outcome.FAILED)

"""How a check ended, as a Check tells it: outcome, points, message, title and evidence."""

from __future__ import annotations

import inspect
import os
from pathlib import Path

import pytest

from autograder.checks.marking import Awarded
from autograder.errors import CourseError, StudentError
from autograder.result import Outcome
from autograder.text import printable

__all__ = ["bounded", "evidence_of", "outcome_of", "title_of"]

_EVIDENCE, _MESSAGE = 6000, 6000  # characters
_UNNAMED = "This does not hold yet for what you handed in."
_FAULTY = (
    "This check cannot run, through no fault of yours: its files are out of date or have a fault "
    "({error}). Get the exercise anew from your instructor, or tell them."
)
_NOT_OURS = "The check could not make sense of what your function returned ({error})."


def outcome_of(error: BaseException | None, worth: float) -> tuple[Outcome, float, str]:
    """Return outcome, points of `worth` and the student's message for how a check ended."""
    if error is None:
        return Outcome.PASSED, worth, ""
    if isinstance(error, StudentError):
        return error.outcome, 0.0, error.message
    if isinstance(error, Awarded):
        earned = min(round(worth * error.fraction, 2), worth)
        return Outcome.PARTIAL if earned > 0 else Outcome.FAILED, earned, error.hint
    if isinstance(error, AssertionError):
        return Outcome.FAILED, 0.0, str(error.args[0]) if error.args else _UNNAMED
    if isinstance(error, CourseError):
        return Outcome.GRADER_ERROR, 0.0, _FAULTY.format(error=error)
    return Outcome.GRADER_ERROR, 0.0, _NOT_OURS.format(error=type(error).__name__)


def bounded(message: str) -> str:
    """Return a message that holds nothing that could act on where it is shown."""
    shown = printable(message[:_MESSAGE])
    return shown if len(message) <= _MESSAGE else f"{shown} …"


def title_of(item: pytest.Item) -> str:
    """Return the first paragraph of a check's docstring, on one line."""
    text = inspect.getdoc(getattr(item, "function", None)) or item.name
    return " ".join(text.split("\n\n")[0].split())


def evidence_of(error: BaseException | None, report: pytest.TestReport, folder: Path) -> str:
    """Return the traceback; wherever the course lies, it reads the same."""
    detail = error.evidence if isinstance(error, StudentError) else ""
    text = (detail or report.longreprtext).replace(f"{folder}{os.sep}", "")
    return printable(text[-_EVIDENCE:])

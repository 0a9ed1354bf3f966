"""Checks of several functions of a student: a mistake in a function costs its own points once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autograder.checks.marking import award
from autograder.checks.oracle import Oracle
from autograder.errors import StudentError
from autograder.expect import difference
from autograder.proxies.student import Student

__all__ = ["award_each", "error_of", "expect_or_own"]

Case = tuple[Any, ...]

_MOST = 3  # messages that one check shows
_LONG = 600  # characters of such a message


def error_of(part: Callable[[], object]) -> AssertionError | StudentError | None:
    """Return the exception of a function without arguments, None where the function passes."""
    try:
        part()
    except (AssertionError, StudentError) as error:
        return error
    return None


def award_each(*parts: Callable[[], object]) -> None:
    """Give each part an equal share of the check's points.

    A part is a function without arguments, which raises AssertionError or StudentError where its
    share is lost. The student reads the messages of the first three such parts, long ones
    shortened. Where every part raises, an exception of the first part's class has these messages;
    else `award` raises.

        award_each(*(partial(oracle.expect, student, cases) for oracle in ORACLES))
    """
    errors = [error for error in map(error_of, parts) if error]
    told = _messages(errors)
    if len(errors) < len(parts):
        award(1 - len(errors) / len(parts), told)
        return
    first = errors[0]
    if isinstance(first, StudentError):
        raise first.with_message(told) from first
    raise AssertionError(told) from first


def _messages(errors: Iterable[Exception]) -> str:
    """Return the messages of different text; what is cut off or left out is said."""
    texts = list(dict.fromkeys(str(error).strip() for error in errors))
    shown = [text if len(text) <= _LONG else f"{text[:_LONG].rstrip()} …" for text in texts[:_MOST]]
    further = len(texts) - _MOST
    more = [f"Further parts that differ: {further}."] if further > 0 else []
    return "\n".join([*shown, *more])


def expect_or_own(
    student: Student,
    expected: Iterable[tuple[Oracle, Case]],
    own: Callable[..., Any] | None = None,
    hint: str = "",
) -> None:
    """Expect an oracle's value for each case, or the value of the student's other functions.

    `own` takes the arguments of a case and returns what the student's other functions make of
    them: a wrong `sigmoid` then loses its own points and not those of the functions that build on
    it. Where `own` returns None, only the oracle's value counts. A case in which `own` raises
    StudentError tells nothing, unless no case tells anything. `hint` ends each message.

        expect_or_own(student, [(SLOPE, case) for case in cases], own=slope_of_own_activations)

    Raises AssertionError or StudentError as Oracle.expect does.
    """
    untold = [_untold(student, oracle, case, own, hint) for oracle, case in expected]
    if untold and all(untold):
        raise next(filter(None, untold))


def _untold(
    student: Student, oracle: Oracle, case: Case, own: Callable[..., Any] | None, hint: str
) -> Exception | None:
    """Return the error of a case that tells nothing, None for a case that passes."""
    try:
        oracle.expect(student, [case], hint)
    except (AssertionError, StudentError) as error:
        if own is None:
            raise
        try:
            goal = own(*case)
        except StudentError:
            return error
        except (IndexError, TypeError, ValueError):  # of what is no array
            raise error from None
        if goal is None or not _fits(student, oracle, case, goal):
            raise
    return None


def _fits(student: Student, oracle: Oracle, case: Case, goal: Any) -> bool:
    """Tell whether the student's function leaves its arguments alone and returns `goal`."""
    try:
        value, changed = student.call_watched(oracle.name, *case)
    except StudentError:
        return False
    return not changed and not difference(value, goal, oracle.tolerance)

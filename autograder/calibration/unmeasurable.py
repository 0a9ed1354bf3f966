"""Why the answer of a run measures nothing: it crashed, or its grading was withheld."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.calibration.observation import Observation
from autograder.calibration.plan import answer_path
from autograder.course import known_answer
from autograder.course.exercise import Exercise, settings_of
from autograder.result import Check, Outcome

__all__ = ["faults"]

# How a check ends where the answer's own code, or the grader, gave no value to look at. Time and
# memory are not among them: a busy machine may be at fault, and the next run may end otherwise.
_NO_VALUE = frozenset(
    (
        Outcome.CRASHED,
        Outcome.NOT_ATTEMPTED,
        Outcome.BLOCKED,
        Outcome.REFUSED_MODEL,
        Outcome.GRADER_ERROR,
    )
)


def faults(exercise: Exercise, seen: Observation) -> Iterator[str]:
    """Yield why a calibration cannot go on after this run of an answer; nothing where it can.

    The answer was not graded; a right answer ended a check without a value; no check measured a
    threshold whose weak answer it is. Each sentence names the answer's file and the exception.
    """
    run = seen.run
    where = f"{answer_path(exercise, run.answer)}, seed {run.seed}"
    if seen.problem:
        yield f"{where}: {run.answer} cannot be graded:\n{seen.problem}"
        return
    for check in seen.lost:
        if check.outcome in _NO_VALUE:
            path = answer_path(exercise, run.answer)
            advice = known_answer.advice_on_imports(exercise, path, check.message + check.evidence)
            yield "\n".join(part for part in (f"{where}: {_told(check)}", advice) if part)
    stem = run.answer.partition("/")[2]
    for declared in settings_of(exercise).thresholds:
        if run.weak and stem in declared.weak and declared.name not in seen.metrics:
            yield (
                f"{where}: no check measured the threshold {declared.name!r}, whose weak answers "
                f"hold {stem!r}: does the answer crash before? What its checks say, shows: "
                f"autograder try {exercise.name}"
            )


def _told(check: Check) -> str:
    text = (
        f"a right answer earned {check.points:g} of {check.max_points:g} points at {check.id} "
        f"({check.outcome}): {check.message}"
    )
    evidence = check.evidence.strip()
    return f"{text}\n{evidence}" if evidence else text

"""What the first run of the reference solution shows: an exercise that cannot be calibrated."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from autograder.calibration.observation import Observation
from autograder.course.exercise import Exercise, settings_of
from autograder.result import Check, Visibility

__all__ = ["faults"]

# How runner.plugin writes evidence: pytest's short traceback, with the text of UnknownThreshold.
_UNDECLARED = re.compile(r"UnknownThreshold: no threshold '([^'\n]*)'")
_FRAME = re.compile(r"^(?P<file>[\w./-]+\.py):(?P<line>\d+): in ", re.MULTILINE)


def faults(exercise: Exercise, seen: Observation) -> Iterator[str]:
    """Yield why the reference solution, as it was graded in this run, measures no thresholds.

    It lost points at a check, or a check raised; a check measures a threshold that exercise.toml
    does not declare; no check measures a threshold that it declares, or measures no number.
    """
    if seen.problem:
        yield f"the reference solution cannot be graded:\n{seen.problem}"
        return
    told: set[str] = set()
    for check in seen.lost:
        undeclared = _UNDECLARED.search(check.evidence)
        if undeclared is None:
            yield _lost(exercise, check)
        elif undeclared[1] not in told:  # a shared fixture fails all its checks alike
            told.add(undeclared[1])
            yield _undeclared(exercise, check, undeclared[1])
    measured = sorted(name for name, value in seen.metrics.items() if math.isfinite(value))
    for declared in settings_of(exercise).thresholds:
        if declared.name not in measured:
            yield _unmeasured(exercise, declared.name, seen, measured)


def _lost(exercise: Exercise, check: Check) -> str:
    first = (
        f"{_file(exercise, check)}: {check.id}: the reference solution earned {check.points:g} of "
        f"{check.max_points:g} points ({check.outcome}): {check.message}"
    )
    return f"{first}\n{check.evidence.strip()}" if check.evidence.strip() else first


def _undeclared(exercise: Exercise, check: Check, name: str) -> str:
    known = ", ".join(declared.name for declared in settings_of(exercise).thresholds) or "none"
    return (
        f"{_file(exercise, check)}: {check.id} measures the threshold {name!r}, which "
        f"{_toml(exercise)} does not declare; declared: {known}. Write a table [thresholds.{name}] "
        "there, or correct the name in the check."
    )


def _unmeasured(exercise: Exercise, name: str, seen: Observation, measured: list[str]) -> str:
    value = seen.metrics.get(name)
    what = "no check measured it" if value is None else f"a check measured {value:g}"
    return (
        f"{_toml(exercise, name)}: the threshold {name!r} is declared, and {what} in the first run "
        f"of the reference solution; measured: {', '.join(measured) or 'none'}. Call "
        f'thresholds.measure("{name}", value) in a check, or take the table away.'
    )


def _file(exercise: Exercise, check: Check) -> str:
    """Return the file of a check, with the last line of the author's that its evidence names."""
    visible = check.visibility is Visibility.VISIBLE
    path = exercise.visible if visible else exercise.hidden
    frames = [
        frame
        for frame in _FRAME.finditer(check.evidence)
        if "/" not in frame["file"] and (exercise.authored / frame["file"]).is_file()
    ]
    if frames:
        return f"{exercise.authored / frames[-1]['file']}, line {frames[-1]['line']}"
    return str(path)


def _toml(exercise: Exercise, name: str = "") -> str:
    """Return the path of exercise.toml, with the line of a threshold's table."""
    path = exercise.authored / "exercise.toml"
    table = re.compile(rf"\s*\[\s*thresholds\s*\.\s*[\"']?{re.escape(name)}[\"']?\s*\]")
    for number, line in enumerate(path.read_text("utf-8").splitlines() if name else (), 1):
        if table.match(line):
            return f"{path}, line {number}"
    return str(path)

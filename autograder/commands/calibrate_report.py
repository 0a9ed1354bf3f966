"""Writes a calibration with its picture, and prints its rates, doubts and faults."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from autograder.calibration.problems import problems, warnings
from autograder.commands.telling import tell, tell_doubt, tell_fault
from autograder.course import calibration_file
from autograder.course.calibration_file import Calibration
from autograder.course.exercise import Exercise

__all__ = ["extrapolated", "print_faults", "store"]

_ADVICE = (
    "These rates are extrapolated: more runs (--runs), another right answer or a declared `value` "
    "settles them."
)


def print_faults(faults: list[str], console: Console) -> int:
    """Print each fault on a line of its own; return the exit code."""
    for fault in faults:
        tell_fault(console, fault)
    return 1 if faults else 0


def store(exercise: Exercise, calibration: Calibration, console: Console) -> list[str]:
    """Write the file and its picture, print the rates, and return what must not be."""
    from autograder.calibration import plot

    calibration_file.write(exercise.calibration, calibration)
    plot.draw(calibration, exercise.calibration.with_suffix(".svg"))
    console.print(_table(exercise.name, calibration))
    doubts = list(warnings(calibration))
    for text in doubts:
        tell_doubt(console, f"{exercise.name}: {text}")
    if doubts:
        tell(console, _ADVICE)
    return [f"{exercise.name}: {text}" for text in problems(calibration)]


def extrapolated(rate: float) -> str:
    """Return a fitted rate in words; no fit to sixty runs knows a rate below a millionth."""
    return "< 1e-6" if rate < 1e-6 else f"{rate:.1g}"


def _table(name: str, calibration: Calibration) -> Table:
    table = Table(title=name, title_justify="left")
    for column in ("threshold", "value", "honest runs", "false fail ≤", "fitted", "weak passed"):
        left = column == "threshold"
        table.add_column(column, justify="left" if left else "right", no_wrap=left)
    for threshold, entry in calibration.thresholds.items():
        sign = "≤" if entry.better == "lower" else "≥"
        fail, weak = entry.false_fail, entry.false_pass.values()
        table.add_row(
            threshold,
            f"{sign} {entry.value:g}",
            f"{fail.runs - fail.failed_at_first}/{fail.runs}",
            f"{fail.upper_bound:.2g}",
            extrapolated(fail.extrapolated),
            f"{sum(rate.passed for rate in weak)}/{sum(rate.runs for rate in weak)}",
        )
    return table

"""What is wrong with a calibration: runs on the wrong side, high rates, code that has changed."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import asdict

from autograder.calibration.fingerprint import fingerprint
from autograder.course.calibration_file import CalibratedThreshold, Calibration, Policy
from autograder.course.exercise import Exercise, Root, settings_of

__all__ = ["doubts", "problems", "stale", "warnings"]


def problems(calibration: Calibration) -> Iterator[str]:
    """Yield what was counted and must not be: honest runs that miss, weak runs that pass."""
    for name, threshold in calibration.thresholds.items():
        fail = threshold.false_fail
        if fail.failed_at_first:
            yield f"{name}: {fail.failed_at_first} of {fail.runs} honest runs missed it"
        for weak, rate in threshold.false_pass.items():
            if rate.passed:
                yield f"{name}: {weak} passed it in {rate.passed} of {rate.runs} runs"
        for missing in threshold.missing:
            yield f"{name}: nothing measured for {missing}"


def warnings(calibration: Calibration) -> Iterator[str]:
    """Yield where the fits expect more false fails or false passes than the bounds allow."""
    for name, threshold in calibration.thresholds.items():
        for doubt in threshold.doubts or doubts(threshold, calibration.policy):
            yield f"{name}: {doubt}"


def doubts(threshold: CalibratedThreshold, rules: Policy) -> Iterator[str]:
    """Yield for each extrapolated rate of a threshold that is above its bound a sentence.

    The first calibrations have no bound of false passes, so these are not doubted.
    """
    fails = threshold.false_fail.extrapolated
    if fails > rules.target:
        yield f"would fail {fails:.2g} of honest answers (extrapolated), not {rules.target:g}"
    for weak, rate in threshold.false_pass.items():
        passes, most = rate.extrapolated, rules.most_passes
        if passes is not None and most is not None and passes > most:
            yield (
                f"{weak} would pass it in {passes:.2g} of gradings (extrapolated from {rate.runs} "
                f"runs), not {most:g}"
            )


def stale(calibration: Calibration, exercise: Exercise, root: Root) -> Iterator[str]:
    """Yield why a calibration no longer holds for the exercise as it is now."""
    recorded = asdict(calibration.fingerprint)
    for what, value in asdict(fingerprint(exercise, root)).items():
        if recorded[what] != value:
            yield f"calibration.json no longer fits: {what} changed since it was measured"
    for declared in settings_of(exercise).thresholds:
        threshold = calibration.thresholds.get(declared.name)
        if threshold is None:
            yield f"calibration.json has no threshold {declared.name!r}"
        elif declared.value is not None and declared.value != threshold.value:
            yield f"{declared.name} is declared as {declared.value:g}, not {threshold.value:g}"

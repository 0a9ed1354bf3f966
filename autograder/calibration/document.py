"""Makes the calibration of an exercise from its distributions: thresholds, rates, and the runs."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version

import msgspec

from autograder.calibration import statistics
from autograder.calibration.choice import RULE, chosen_threshold
from autograder.calibration.distributions import Distribution
from autograder.calibration.problems import doubts
from autograder.calibration.statistics import Sample
from autograder.calibration.stopping import Look
from autograder.checks.thresholds import BAND, RETRY_SEEDS, Threshold
from autograder.course.calibration_file import (
    SCHEMA,
    CalibratedThreshold,
    Calibration,
    FalseFail,
    FalsePass,
    Fingerprint,
    Policy,
    RecordedRun,
)
from autograder.course.exercise import Exercise

__all__ = ["calibration_of", "environment", "libraries", "policy", "rounded"]

_PACKAGES = ("numpy", "keras", "tensorflow", "scipy")
_DIGITS = 6  # significant, of every recorded value


def calibration_of(
    exercise: Exercise,
    fingerprint: Fingerprint,
    distributions: Sequence[Distribution],
    measured_in: Mapping[str, str],
    *,
    rules: Policy | None = None,
    answers: Mapping[str, str] | None = None,
) -> Calibration:
    """Return the calibration of an exercise: its thresholds are chosen here.

    `fingerprint` is that of the code and the data before the first run: code that changes under way
    does not pass for the code that measured. `measured_in` is the environment of the runs. `rules`
    are `policy()` where they are not given, `answers` the digests of the answers. Raises
    SettingsError for a threshold that has neither a declared value nor a weak answer.
    """
    rules = policy() if rules is None else rules
    return Calibration(
        schema=SCHEMA,
        exercise=exercise.name,
        fingerprint=fingerprint,
        environment=measured_in,
        policy=rules,
        thresholds={
            distribution.declared.name: _calibrated(distribution, rules)
            for distribution in distributions
        },
        answers=answers or {},
    )


def policy(looks: Sequence[Look] = ()) -> Policy:
    """Return the rules by which a calibration chooses now; `looks` at its bounds end with its own.

    Without looks the bounds have the whole error of their confidence.
    """
    whole = 1 - statistics.CONFIDENCE
    error = looks[-1].error if looks else whole
    return Policy(
        target=statistics.TARGET,
        confidence=statistics.CONFIDENCE,
        retry_seeds=RETRY_SEEDS,
        borderline=f"within {BAND:g} standard deviations between seeds",
        fit="value, or its logarithm = centre + spread * Student t + noise * normal",
        rule=RULE,
        most_passes=statistics.MOST_PASSES,
        looks=tuple(look.runs for look in looks),
        look_error=None if error >= whole else rounded(error),
    )


def environment(isolation: str) -> dict[str, str]:
    """Return the versions of Python and of the libraries here, and the isolation in force."""
    return {**libraries(), "isolation": isolation}


def libraries() -> dict[str, str]:
    """Return the versions of Python and of the libraries that metrics are computed with here."""
    versions = {name: version(name) for name in _PACKAGES}
    return {"python": platform.python_version(), **versions}


def rounded(value: float) -> float:
    """Return a value with the six significant digits that calibration.json records."""
    return float(f"{value:.{_DIGITS}g}")


def _calibrated(distribution: Distribution, rules: Policy) -> CalibratedThreshold:
    """Return a threshold, its value chosen by these rules, with its rates and its runs."""
    declared, honest = distribution.declared, distribution.honest
    fitted = statistics.fit(honest)
    threshold = chosen_threshold(distribution, fitted, rules.rule)
    missed = sum(not threshold.passes(sample.value) for sample in honest)
    near = sum(threshold.is_near(sample.value) for sample in honest)
    confidence = 1 - (rules.look_error or 1 - rules.confidence)
    entry = CalibratedThreshold(
        what=declared.what,
        better="lower" if declared.better == "lower" else "higher",
        value=threshold.value,
        noise=threshold.noise,
        scale="logarithmic" if threshold.logarithmic else "linear",
        declared=declared.value is not None,
        false_fail=FalseFail(
            runs=len(honest),
            failed_at_first=missed,
            borderline=near,
            upper_bound=rounded(statistics.bound(missed, len(honest), confidence)),
            extrapolated=rounded(statistics.fail_rate(fitted, threshold)),
            one_in_a_thousand=rounded(statistics.extreme(fitted, declared.better)),
        ),
        false_pass={
            answer: _false_pass(values, threshold)
            for answer, values in _by_answer(distribution.weak).items()
        },
        missing=distribution.missing,
        honest=_runs_by_answer(honest),
        weak=_runs_by_answer(distribution.weak),
    )
    return msgspec.structs.replace(entry, doubts=tuple(doubts(entry, rules)))


def _false_pass(values: Sequence[float], threshold: Threshold) -> FalsePass:
    passed = sum(threshold.passes(value) for value in values)
    rate = statistics.pass_rate(values, threshold)
    return FalsePass(
        runs=len(values),
        passed=passed,
        upper_bound=rounded(statistics.bound(passed, len(values))),
        extrapolated=None if rate is None else rounded(rate),
    )


def _by_answer(samples: Sequence[Sample]) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {}
    for sample in samples:
        values.setdefault(sample.answer, []).append(sample.value)
    return values


def _runs_by_answer(samples: Sequence[Sample]) -> dict[str, tuple[RecordedRun, ...]]:
    runs: dict[str, tuple[RecordedRun, ...]] = {}
    for sample in sorted(samples, key=lambda s: (s.answer, s.key, s.seed)):
        run = RecordedRun(sample.key, sample.seed, rounded(sample.value))
        runs[sample.answer] = (*runs.get(sample.answer, ()), run)
    return runs

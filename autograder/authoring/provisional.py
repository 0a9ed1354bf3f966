"""Provisional limits: where a threshold has no value yet, a limit from one run of the answers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from autograder.authoring.verify import Case, Kind
from autograder.course import calibration_file
from autograder.course.exercise import Declared, Exercise, settings_of
from autograder.grading.grading import Graded

__all__ = ["Provisional", "measuring_cases", "provisional_limits", "without_value"]

_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Provisional:
    """A limit that stands in for a threshold without a value.

    `honest` is the worst value that the reference and the right answers measured, `weak` the best
    value of the threshold's weak answers and of its baselines; each is None where nothing was
    measured. `value` lies halfway between both. Where they have changed places, it is `honest`:
    no honest answer loses points to a limit that nobody has chosen yet.
    """

    declared: Declared
    honest: float | None
    weak: float | None

    @property
    def value(self) -> float:
        """The limit."""
        if self.honest is None or self.weak is None or not self.is_apart:
            return next((v for v in (self.honest, self.weak) if v is not None), 0.0)
        # Errors and ratios of errors spread over powers of ten, so halfway is that of logarithms.
        if min(self.honest, self.weak) > 0:
            middle = math.sqrt(self.honest) * math.sqrt(self.weak)
        else:
            middle = (self.honest + self.weak) / 2
        shorter = float(f"{middle:.{_DIGITS}g}")
        low, high = sorted((self.honest, self.weak))
        between = [value for value in (shorter, middle) if low < value < high]
        return between[0] if between else self.honest

    @property
    def is_apart(self) -> bool:
        """Whether every honest value is better than every weak value."""
        if self.honest is None or self.weak is None:
            return False
        lower = self.declared.better == "lower"
        return self.honest < self.weak if lower else self.honest > self.weak


def without_value(exercise: Exercise) -> tuple[Declared, ...]:
    """Return the thresholds that neither exercise.toml nor calibration.json gives a value.

    Raises SettingsError for a file that cannot be read.
    """
    path = exercise.calibration
    calibrated = calibration_file.read(path).thresholds if path.exists() else {}
    return tuple(
        declared
        for declared in settings_of(exercise).thresholds
        if declared.value is None and declared.name not in calibrated
    )


def measuring_cases(open_: Iterable[Declared], cases: Iterable[Case]) -> Iterator[Case]:
    """Yield the answers whose measurements decide the limits of these thresholds."""
    weak = {stem for declared in open_ for stem in declared.weak}
    for case in cases:
        honest = case.kind in (Kind.REFERENCE, Kind.RIGHT)
        if honest or (case.kind is Kind.WRONG and case.path.stem in weak):
            yield case


def provisional_limits(
    open_: Iterable[Declared], measured: Mapping[Case, Graded]
) -> tuple[Provisional, ...]:
    """Return a limit for each threshold without a value, from what the answers measured."""
    return tuple(_limit(declared, measured) for declared in open_)


def _limit(declared: Declared, measured: Mapping[Case, Graded]) -> Provisional:
    honest: list[float] = []
    weak: list[float] = []
    for case, graded in measured.items():
        value = graded.observed.get(declared.name, math.nan)
        if case.kind is not Kind.WRONG:
            honest.append(value)
            weak += graded.baselines.get(declared.name, {}).values()
        elif case.path.stem in declared.weak:
            weak.append(value)
    worst, best = (max, min) if declared.better == "lower" else (min, max)
    honest, weak = _finite(honest), _finite(weak)
    return Provisional(declared, worst(honest) if honest else None, best(weak) if weak else None)


def _finite(values: Iterable[float]) -> list[float]:
    return [value for value in values if math.isfinite(value)]

"""What the runs of a calibration under way have shown so far, threshold by threshold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.calibration.distributions import Distribution, measured
from autograder.calibration.observation import Observation
from autograder.calibration.statistics import CONFIDENCE, bound
from autograder.course.exercise import Exercise

__all__ = ["Learned", "Range", "learned"]


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the largest value of some runs, and how many runs there were."""

    least: float
    largest: float
    runs: int


@dataclass(frozen=True, slots=True)
class Learned:
    """The values of one metric so far; `honest` and `weak` are None before a run measured it.

    `missed` counts the honest runs that a threshold cannot keep apart from weak runs, or that miss
    a declared value, and `bound` bounds the rate of such runs from above.
    """

    name: str
    better: str
    honest: Range | None
    weak: Range | None
    missed: int
    bound: float


def learned(
    exercise: Exercise, observations: Sequence[Observation], confidence: float = CONFIDENCE
) -> Iterator[Learned]:
    """Yield what was measured for each threshold, in the order of exercise.toml.

    `confidence` is that of the bounds.
    """
    for distribution in measured(exercise, observations):
        honest = [sample.value for sample in distribution.honest]
        weak = [sample.value for sample in distribution.weak]
        missed = _missed(distribution, honest, weak)
        yield Learned(
            name=distribution.declared.name,
            better=distribution.declared.better,
            honest=_range(honest),
            weak=_range(weak),
            missed=missed,
            bound=bound(missed, len(honest), confidence),
        )


def _range(values: Sequence[float]) -> Range | None:
    return Range(min(values), max(values), len(values)) if values else None


def _missed(distribution: Distribution, honest: Sequence[float], weak: Sequence[float]) -> int:
    lower, value = distribution.declared.better == "lower", distribution.declared.value
    if value is not None:
        return sum(one > value if lower else one < value for one in honest)
    if not weak:
        return 0
    best = min(weak) if lower else max(weak)
    return sum(one >= best if lower else one <= best for one in honest)

"""Estimates how often a threshold fails honest answers and passes weak ones.

Rates are counted, bounded from above, and extrapolated from a fitted distribution.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from autograder.checks.thresholds import RETRY_SEEDS, Threshold

__all__ = [
    "CONFIDENCE",
    "MOST_PASSES",
    "TARGET",
    "Fit",
    "Sample",
    "bound",
    "extreme",
    "fail_rate",
    "fit",
    "pass_rate",
    "weak_extreme",
]

TARGET = 1e-3  # the share of honest answers that may be failed
MOST_PASSES = 0.05  # the share of gradings in which a weak answer may pass
CONFIDENCE = 0.95
_FLOOR = 1e-6  # the value that stands for zero on a logarithmic scale
_STILL = 1e-9  # the least noise: nothing can be divided by zero
_HUGE = 700.0  # the logarithm of the largest value: a little more is infinite
_GRID = 200_001

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """The value of a metric in a run of an answer under a course key and a seed.

    `key` is the key's fingerprint.
    """

    answer: str
    key: str
    seed: int
    value: float


@dataclass(frozen=True, slots=True)
class Fit:
    """The distribution of honest values of a metric, or of its logarithm.

    value = centre + spread * t(df) + noise * normal(0, 1). `spread` is the deviation between
    answers and course keys, which stays when a run is repeated; `noise` is the deviation between
    seeds. This is a random-effects model; Student's t accounts for the few answers that it is
    estimated from.
    """

    centre: float
    spread: float
    noise: float
    df: int
    logarithmic: bool = True

    def scaled(self, value: float) -> float:
        """Return a value of the metric on the scale of the fit."""
        return log_of(value) if self.logarithmic else value

    def metric(self, scaled: float) -> float:
        """Return a value on the scale of the fit as a value of the metric."""
        return math.exp(scaled) if self.logarithmic else scaled

    def constants(self, count: int = _GRID) -> Floats:
        """Return equally likely centres of an answer's runs, (count,), on the scale of the fit."""
        u = (np.arange(count) + 0.5) / count
        return np.asarray(self.centre + self.spread * stats.t.ppf(u, self.df), dtype=np.float64)


def fit(samples: Sequence[Sample]) -> Fit:
    """Fit honest samples of at least two answers, each run twice under the same key.

    The scale is the one on which a normal distribution makes the samples likelier (Box and Cox
    1964).
    """
    logarithmic = _prefers_logarithm(np.array([sample.value for sample in samples]))
    groups: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    answers: defaultdict[str, list[float]] = defaultdict(list)
    for sample in samples:
        value = log_of(sample.value) if logarithmic else sample.value
        groups[sample.answer, sample.key].append(value)
        answers[sample.answer].append(value)
    noise2 = _pooled(list(groups.values()))
    within2 = _pooled(list(answers.values()))
    means = [float(np.mean(values)) for values in answers.values()]
    between2 = float(np.var(means, ddof=1)) if len(means) > 1 else 0.0
    spread2 = (between2 + max(0.0, within2 - noise2)) * (1 + 1 / len(means))
    return Fit(
        float(np.mean(means)),
        math.sqrt(spread2),
        math.sqrt(noise2),
        max(1, len(means) - 1),
        logarithmic,
    )


def _prefers_logarithm(values: Floats) -> bool:
    if values.min() <= 0 or np.ptp(values) == 0:
        return False
    logs = np.log(values)
    return bool(-logs.sum() - len(logs) / 2 * np.log(logs.var() / values.var()) > 0)


def extreme(fitted: Fit, better: str, rate: float = TARGET, *, count: int = _GRID) -> float:
    """Return the value of the metric that a share `rate` of honest first runs would not reach.

    It is computed from `count` centres of an answer's runs; a search takes fewer.
    """
    sign = 1.0 if better == "lower" else -1.0
    constants, noise = fitted.constants(count), max(fitted.noise, _STILL)

    def excess(edge: float) -> float:
        return float(np.mean(stats.norm.sf(sign * (edge - constants) / noise))) - rate

    reach = 10 * noise + float(np.ptp(constants))
    edge = optimize.brentq(excess, fitted.centre - reach, fitted.centre + reach)
    return fitted.metric(float(edge))


def fail_rate(fitted: Fit, threshold: Threshold) -> float:
    """Return the share of honest answers that fail, retries included.

    An answer fails when its first run lies beyond the band, or when its first run and each retry
    miss the threshold.
    """
    sign = 1.0 if threshold.better == "lower" else -1.0
    limit = fitted.scaled(threshold.value)
    band = fitted.scaled(threshold.band[1 if sign > 0 else 0])
    constants, noise = fitted.constants(), max(fitted.noise, _STILL)
    miss = stats.norm.sf(sign * (limit - constants) / noise)
    far = stats.norm.sf(sign * (band - constants) / noise)
    near = np.maximum(0.0, miss - far)
    return float(np.mean(far + near * miss ** len(RETRY_SEEDS)))


def pass_rate(values: Sequence[float], threshold: Threshold) -> float | None:
    """Return how often a weak answer passes, retries included, from a normal fit to logarithms.

    `values` are the runs of that answer. None for fewer than three values: they cannot be fitted.
    """
    logs = [log_of(value) for value in values]
    if len(logs) < 3:
        return None
    sign = 1.0 if threshold.better == "lower" else -1.0
    scale = max(float(np.std(logs, ddof=1)), _STILL)
    z = sign * (math.log(max(threshold.value, _FLOOR)) - float(np.mean(logs))) / scale
    once = float(stats.t.cdf(z / math.sqrt(1 + 1 / len(logs)), len(logs) - 1))
    return 1 - (1 - once) ** (1 + len(RETRY_SEEDS))


def weak_extreme(values: Sequence[float], better: str, rate: float = MOST_PASSES) -> float:
    """Return the threshold that a weak answer passes in a share `rate` of gradings.

    It is the inverse of `pass_rate`. `values` are the runs of that answer; for fewer than three
    values, which cannot be fitted, it is the best of them.
    """
    if len(values) < 3:
        return min(values) if better == "lower" else max(values)
    logs = [log_of(value) for value in values]
    sign = 1.0 if better == "lower" else -1.0
    scale = max(float(np.std(logs, ddof=1)), _STILL) * math.sqrt(1 + 1 / len(logs))
    once = 1 - (1 - rate) ** (1 / (1 + len(RETRY_SEEDS)))
    reach = float(stats.t.ppf(once, len(logs) - 1))
    return math.exp(min(float(np.mean(logs)) + sign * reach * scale, _HUGE))


def bound(events: int, runs: int, confidence: float = CONFIDENCE) -> float:
    """Return the one-sided upper confidence bound of a rate (Clopper and Pearson 1934)."""
    if events >= runs:
        return 1.0
    return float(stats.beta.ppf(confidence, events + 1, runs - events))


def log_of(value: float) -> float:
    """Return the natural logarithm of a value, and of _FLOOR where the value is smaller."""
    return math.log(max(value, _FLOOR))


def _pooled(groups: Sequence[Sequence[float]]) -> float:
    """Return the pooled variance within groups, 0 where no group has two values."""
    freedom = sum(len(group) - 1 for group in groups)
    squares = sum(float(np.var(group)) * len(group) for group in groups)
    return squares / freedom if freedom else 0.0

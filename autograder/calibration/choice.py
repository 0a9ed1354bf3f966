"""Chooses a threshold's value between measured runs of honest and of weak answers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograder.calibration.distributions import Distribution
from autograder.calibration.statistics import Fit, extreme, log_of
from autograder.checks.thresholds import Threshold
from autograder.errors import SettingsError

__all__ = ["choose", "chosen_threshold"]


def chosen_threshold(distribution: Distribution, fitted: Fit) -> Threshold:
    """Return the declared threshold, or a threshold between honest and weak runs."""
    declared = distribution.declared
    honest = [sample.value for sample in distribution.honest]
    weak = [sample.value for sample in distribution.weak]
    value = declared.value
    if value is None and not weak:
        raise SettingsError(
            f"{declared.name}: no weak answer to keep apart: declare `weak` or `value`"
        )
    if value is None:
        value = choose(fitted, honest, weak, declared.better)
    noise = float(f"{fitted.noise:.3g}")
    return Threshold(declared.name, value, declared.better, noise, fitted.logarithmic)


def choose(fitted: Fit, honest: Sequence[float], weak: Sequence[float], better: str) -> float:
    """Return the threshold between honest and weak values, rounded to two or three digits.

    It lies halfway, on a logarithmic scale, between the value that one honest run in a thousand
    would not reach and the best value of a weak run. Where these two have changed places, it lies
    halfway between the worst honest and the best weak value, and the rates tell the cost.
    """
    lower = better == "lower"
    best_weak = min(weak) if lower else max(weak)
    worst = max(honest) if lower else min(honest)
    edge = extreme(fitted, better)
    edge = max(edge, worst) if lower else min(edge, worst)
    if (edge >= best_weak) if lower else (edge <= best_weak):
        edge = worst
    middle = math.exp((log_of(edge) + log_of(best_weak)) / 2)
    return _rounded(middle, edge, best_weak)


def _rounded(value: float, edge: float, weak: float) -> float:
    """Return a value between two others with the fewest digits, from two on, that stay between."""
    low, high = sorted((edge, weak))
    for digits in (2, 3, 4):
        shorter = float(f"{value:.{digits}g}")
        if low < shorter < high:
            return shorter
    return value

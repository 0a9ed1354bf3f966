"""Chooses a threshold's value between measured runs of honest and of weak answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from scipy import optimize

from autograder.calibration.distributions import Distribution
from autograder.calibration.statistics import (
    MOST_PASSES,
    TARGET,
    Fit,
    extreme,
    log_of,
    weak_extreme,
)
from autograder.checks.thresholds import Threshold
from autograder.errors import SettingsError

__all__ = ["RULE", "balanced", "choose", "chosen_threshold", "halfway"]

RULE = 2  # the number of `balanced`; older calibrations were chosen by rule 1, `halfway`
_MOST_EXCESS = 0.999 / MOST_PASSES  # at a factor of 1 / MOST_PASSES a weak answer always passes
_CENTRES = 20_001  # twenty of them lie beyond a rate of one in a thousand: enough for two digits


def chosen_threshold(distribution: Distribution, fitted: Fit, rule: int = RULE) -> Threshold:
    """Return the declared threshold, or a threshold between honest and weak runs.

    `rule` is the number of the rule of choice. Raises SettingsError for a threshold with neither a
    declared value nor a weak run.
    """
    declared = distribution.declared
    honest = [sample.value for sample in distribution.honest]
    weak: dict[str, list[float]] = {}
    for sample in distribution.weak:
        weak.setdefault(sample.answer, []).append(sample.value)
    value = declared.value
    if value is None and not weak:
        raise SettingsError(
            f"{declared.name}: no weak answer to keep apart: declare `weak` or `value`"
        )
    if value is None:
        value = choose(fitted, honest, weak, declared.better, rule)
    noise = float(f"{fitted.noise:.3g}")
    return Threshold(declared.name, value, declared.better, noise, fitted.logarithmic)


def choose(
    fitted: Fit,
    honest: Sequence[float],
    weak: Mapping[str, Sequence[float]],
    better: str,
    rule: int = RULE,
) -> float:
    """Return the threshold between honest and weak values by the rule of this number.

    `weak` holds the values of each weak answer. The threshold has two digits, or as many more as
    keep it between honest and weak values. Raises SettingsError for an unknown rule.
    """
    if rule == RULE:
        return balanced(fitted, honest, weak, better)
    if rule == 1:
        return halfway(fitted, honest, [v for values in weak.values() for v in values], better)
    raise SettingsError(f"no rule of choice has the number {rule}; known: 1, {RULE}")


def balanced(
    fitted: Fit, honest: Sequence[float], weak: Mapping[str, Sequence[float]], better: str
) -> float:
    """Return the threshold that is as far from the bound of false fails as from that of passes.

    Two values limit where a threshold may lie: the value that one honest run in a thousand would
    not reach, and the value that a weak answer would reach in one grading of twenty. Between the
    two both bounds hold, and the threshold lies halfway, on a logarithmic scale. Where the two have
    changed places no threshold keeps both bounds. Then it lies where both rates exceed their bounds
    by the same factor, but no further than a sixth of the gap between honest and weak runs from the
    middle of that gap: where few answers make the fits' tails long, the runs count for more.
    """
    lower = better == "lower"

    def edges(excess: float) -> tuple[float, float]:
        fails = extreme(fitted, better, TARGET * excess, count=_CENTRES)
        passes = [weak_extreme(values, better, MOST_PASSES * excess) for values in weak.values()]
        return log_of(fails), log_of(min(passes) if lower else max(passes))

    def room(log_excess: float) -> float:
        fails, passes = edges(math.exp(log_excess))
        return passes - fails if lower else fails - passes

    least, most = 0.0, math.log(_MOST_EXCESS)
    if room(least) >= 0:
        excess = least
    elif room(most) <= 0:
        excess = most
    else:
        excess = float(optimize.brentq(room, least, most, xtol=1e-3))
    fails, passes = edges(math.exp(excess))
    middle = fails if excess == most else (fails + passes) / 2
    worst = max(honest) if lower else min(honest)
    every = [value for values in weak.values() for value in values]
    best_weak = min(every) if lower else max(every)
    outside = not min(worst, best_weak) < math.exp(middle) < max(worst, best_weak)
    if excess > least or outside:
        middle = _in_middle_third(middle, log_of(worst), log_of(best_weak), better)
    return _rounded(math.exp(middle), worst, best_weak)


def halfway(fitted: Fit, honest: Sequence[float], weak: Sequence[float], better: str) -> float:
    """Return the threshold of rule 1, which knows the best weak value but not how sure it is.

    It lies halfway, on a logarithmic scale, between the value that one honest run in a thousand
    would not reach and the best value of a weak run. Where these two have changed places, it lies
    halfway between the worst honest and the best weak value. With few answers the first value lies
    far from every honest run, and can lie just beside the weak ones: so does the threshold then.
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


def _in_middle_third(value: float, worst: float, best_weak: float, better: str) -> float:
    """Return a logarithm, moved into the middle third of the gap between honest and weak runs."""
    gap = best_weak - worst
    if (gap > 0) != (better == "lower"):
        return value  # honest and weak runs overlap
    low, high = sorted((worst + gap / 3, best_weak - gap / 3))
    return min(max(value, low), high)


def _rounded(value: float, one: float, other: float) -> float:
    """Return a value with the fewest digits, from two on, that stay between two others."""
    low, high = sorted((one, other))
    for digits in (2, 3, 4):
        shorter = float(f"{value:.{digits}g}")
        if low < shorter < high:
            return shorter
    return value

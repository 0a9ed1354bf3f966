"""The statistics against oracles: simulation, closed forms, and distributions that are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograder.calibration import statistics
from autograder.calibration.statistics import Fit, Sample
from autograder.checks.thresholds import RETRY_SEEDS, Threshold


def test_the_likelier_scale_is_taken() -> None:
    assert statistics.fit(samples(answers=20, keys=3, spread=0.8, noise=0.1)).logarithmic
    normal = np.random.default_rng(4).normal(5, 1, (20, 2))
    flat = [Sample(f"a{n}", "k", s, normal[n, s]) for n in range(20) for s in range(2)]
    assert not statistics.fit(flat).logarithmic
    assert not statistics.fit([Sample("a", "k", s, float(s)) for s in range(4)]).logarithmic


def samples(
    answers: int, keys: int, spread: float, noise: float, centre: float = 1.0
) -> list[Sample]:
    """Draw runs whose logarithms differ between answers by `spread`, between seeds by `noise`."""
    random = np.random.default_rng(0)
    drawn = []
    for answer in range(answers):
        own = random.normal(0, spread)
        for key in range(keys):
            for seed in range(2):
                value = math.log(centre) + own + random.normal(0, noise)
                drawn.append(Sample(f"a{answer}", f"k{key}", seed, math.exp(value)))
    return drawn


def test_the_fit_finds_what_was_drawn() -> None:
    fitted = statistics.fit(samples(answers=200, keys=5, spread=0.1, noise=0.03))
    assert fitted.noise == pytest.approx(0.03, rel=0.1)
    assert fitted.spread == pytest.approx(0.1, rel=0.15)
    assert fitted.metric(fitted.centre) == pytest.approx(1, abs=0.03)
    assert fitted.df == 199


def test_noise_is_what_differs_between_seeds_only() -> None:
    assert statistics.fit(samples(answers=50, keys=4, spread=0.5, noise=0.0)).noise < 1e-9
    flat = [Sample(name, "k", seed, float(seed)) for name in "ab" for seed in range(2)]
    assert statistics.fit(flat).noise == pytest.approx(math.sqrt(0.5))


@pytest.mark.parametrize("better", ["lower", "higher"])
@pytest.mark.parametrize("logarithmic", [True, False])
def test_the_fail_rate_is_what_a_simulation_of_the_policy_counts(
    better: str, logarithmic: bool
) -> None:
    fitted = Fit(centre=2.0, spread=0.05, noise=0.05, df=8, logarithmic=logarithmic)
    limit = fitted.metric(2.08 if better == "lower" else 1.92)
    threshold = Threshold("x", limit, better, noise=0.03, logarithmic=logarithmic)
    random = np.random.default_rng(1)
    count = 400_000
    own = fitted.spread * random.standard_t(fitted.df, count)
    runs = 2 + own[:, None] + fitted.noise * random.normal(size=(count, 1 + len(RETRY_SEEDS)))
    runs = np.exp(runs) if logarithmic else runs
    missed = runs > limit if better == "lower" else runs < limit
    near = (runs[:, 0] >= threshold.band[0]) & (runs[:, 0] <= threshold.band[1])
    failed = np.mean(np.where(near, missed.all(axis=1), missed[:, 0]))
    assert statistics.fail_rate(fitted, threshold) == pytest.approx(failed, rel=0.05)


@pytest.mark.parametrize(("better", "side"), [("lower", 1), ("higher", -1)])
def test_one_run_in_a_thousand_lies_beyond_the_extreme(better: str, side: int) -> None:
    fitted = Fit(centre=-1.0, spread=0.02, noise=0.1, df=10)
    edge = statistics.extreme(fitted, better)
    random = np.random.default_rng(2)
    values = -1.0 + 0.02 * random.standard_t(10, 10**6) + 0.1 * random.normal(size=10**6)
    assert np.mean(side * values > side * math.log(edge)) == pytest.approx(1e-3, rel=0.25)


@pytest.mark.parametrize("runs", [1, 10, 60, 299])
def test_the_bound_without_events_has_a_closed_form(runs: int) -> None:
    assert statistics.bound(0, runs) == pytest.approx(1 - 0.05 ** (1 / runs))


def test_the_bound_covers() -> None:
    random = np.random.default_rng(3)
    bounds = [statistics.bound(int(k), 60) for k in random.binomial(60, 0.05, 2000)]
    assert np.mean(np.array(bounds) >= 0.05) >= 0.95
    assert statistics.bound(5, 5) == 1.0


def test_weak_answers_pass_more_often_with_more_tries() -> None:
    threshold = Threshold("x", 1.0, "lower")
    assert statistics.pass_rate([2.0, 2.1, 1.9, 2.0], threshold) == pytest.approx(0, abs=1e-3)
    even = statistics.pass_rate([0.9, 1.1, 0.99, 1.01, 0.9 / 0.99, 1.1 / 1.01], threshold)
    assert even == pytest.approx(1 - 0.5 ** (1 + len(RETRY_SEEDS)), abs=0.1)
    assert statistics.pass_rate([2.0, 2.0], threshold) is None


@given(
    values=st.lists(st.floats(0.01, 100), min_size=3, max_size=8),
    rate=st.floats(0.001, 0.999),
    better=st.sampled_from(["lower", "higher"]),
)
def test_the_extreme_of_a_weak_answer_is_passed_at_its_rate(
    values: list[float], rate: float, better: str
) -> None:
    assume(np.std(np.log(values)) > 1e-3)
    limit = statistics.weak_extreme(values, better, rate)
    assume(1e-5 < limit < 1e300)  # beyond, logarithms are cut off
    passed = statistics.pass_rate(values, Threshold("x", limit, better))
    assert passed == pytest.approx(rate, rel=1e-4)


@pytest.mark.parametrize(("better", "best"), [("lower", 2.0), ("higher", 3.0)])
def test_too_few_values_of_a_weak_answer_are_taken_as_they_are(better: str, best: float) -> None:
    assert statistics.weak_extreme([2.0, 3.0], better) == best

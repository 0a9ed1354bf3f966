"""The rule of choice against populations whose true rates are known, and against its bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from autograder.calibration.choice import RULE, choose, chosen_threshold
from autograder.calibration.distributions import Distribution, recorded
from autograder.calibration.document import calibration_of, policy
from autograder.calibration.problems import doubts, warnings
from autograder.calibration.statistics import MOST_PASSES, TARGET, Sample, fit
from autograder.checks.thresholds import RETRY_SEEDS
from autograder.course import calibration_file
from autograder.course.calibration_file import Fingerprint
from autograder.course.exercise import Declared, Exercise, Root
from autograder.errors import SettingsError

ROOT = Path(__file__).parents[2]
FILES = sorted(ROOT.glob("solutions/*/calibration.json"))


def honest_samples(
    random: np.random.Generator, answers: int, keys: int, centre: float, spread: float, noise: float
) -> list[Sample]:
    """Draw runs: answers differ by `spread`, seeds by `noise`."""
    drawn = []
    for answer in range(answers):
        own = random.normal(centre, spread)
        for key in range(keys):
            for seed in range(2):
                value = float(own + random.normal(0, noise))
                drawn.append(Sample(f"a{answer}", f"k{key}", seed, value))
    return drawn


def chosen(
    honest: Sequence[Sample], weak: Mapping[str, Sequence[float]], better: str, rule: int = RULE
) -> float:
    return choose(fit(honest), [sample.value for sample in honest], weak, better, rule)


# As in an exercise with wine: three right answers and two weak ones, under three keys.
WINE = [
    Sample(f"a{answer}", f"k{key}", seed, value)
    for answer, values in enumerate(
        (
            (0.985, 0.974, 0.971, 0.976, 0.978, 0.972),
            (0.968, 0.961, 0.972, 0.966, 0.963, 0.970),
            (0.952, 0.960, 0.957, 0.961, 0.957, 0.958),
        )
    )
    for number, value in enumerate(values)
    for key, seed in [divmod(number, 2)]
]
WEAK_WINE = {
    "wrong/one_epoch": (0.41, 0.692, 0.55, 0.61, 0.37),
    "wrong/small_slice": (0.66, 0.58, 0.49, 0.672, 0.69),
}


def test_few_answers_give_a_threshold_between_both_groups_and_both_rates_are_told() -> None:
    declared = Declared("accuracy", "higher", "share of wines")
    weak = [
        Sample(answer, f"k{n}", 0, value)
        for answer, values in WEAK_WINE.items()
        for n, value in enumerate(values)
    ]
    distribution = Distribution(declared, tuple(WINE), tuple(weak))
    before = chosen_threshold(distribution, fit(WINE), 1)
    now = chosen_threshold(distribution, fit(WINE))
    assert 0.692 < before.value < 0.76, "rule 1 no longer has the fault that rule 2 mends"
    assert 0.77 < now.value < 0.87
    exercise = Exercise("wine", Path("wine"), Path("wine"))
    calibration = calibration_of(exercise, Fingerprint("0", "1", "2"), [distribution], {})
    entry = calibration.thresholds["accuracy"]
    told = " ".join(warnings(calibration))
    assert entry.false_fail.extrapolated > TARGET
    assert "of honest answers (extrapolated), not 0.001" in told
    for name, rate in entry.false_pass.items():
        assert (f"{name} would pass it in" in told) == (float(rate.extrapolated or 0) > MOST_PASSES)
    assert "would pass it in" in told
    assert entry.doubts
    assert list(doubts(entry, policy())) == list(entry.doubts)


SHAPES = st.fixed_dictionaries(
    {
        "answers": st.integers(1, 8),
        "keys": st.integers(1, 4),
        "spread": st.sampled_from([0.0, 0.01, 0.1]),
        "noise": st.sampled_from([0.0, 0.01, 0.05]),
    }
)


@settings(max_examples=25)
@given(
    shape=SHAPES,
    weak_runs=st.integers(1, 6),
    weak_at=st.floats(0.5, 0.85),
    weak_spread=st.sampled_from([0.0, 0.02, 0.2]),
    better=st.sampled_from(["lower", "higher"]),
    seed=st.integers(0, 1000),
)
def test_groups_that_lie_apart_are_kept_apart(
    shape: dict[str, float],
    weak_runs: int,
    weak_at: float,
    weak_spread: float,
    better: str,
    seed: int,
) -> None:
    random = np.random.default_rng(seed)
    honest = honest_samples(random, centre=1.0, **shape)  # type: ignore[arg-type]
    weak = weak_at * np.exp(random.normal(0, weak_spread, weak_runs))
    if better == "lower":
        honest = [Sample(s.answer, s.key, s.seed, 1 / s.value) for s in honest if s.value > 0]
        weak = 1 / weak
    values = [sample.value for sample in honest]
    worst = max(values) if better == "lower" else min(values)
    best = float(min(weak) if better == "lower" else max(weak))
    limit = chosen(honest, {"weak": list(weak)}, better)
    if (best > worst) == (better == "lower") and abs(best / worst - 1) > 1e-3:
        assert min(best, worst) < limit < max(best, worst)
    else:
        assert np.isfinite(limit)


def true_excess(limit: float, centre: float, spread: float, noise: float, weak: float) -> float:
    """Return the factor by which the worse of both true rates exceeds its bound; higher is better.

    An honest run is normal around `centre`, the logarithm of a weak run around that of 0.6.
    """
    fails = stats.norm.cdf((limit - centre) / np.hypot(spread, noise))
    once = stats.norm.sf((np.log(limit) - np.log(0.6)) / weak)
    passes = 1 - (1 - once) ** (1 + len(RETRY_SEEDS))
    return float(max(fails / TARGET, passes / MOST_PASSES))


def drawn_excess(rule: int, answers: int, keys: int, draws: int, weak: float = 0.1) -> list[float]:
    """Return the true excess of thresholds that were chosen from drawn runs."""
    random = np.random.default_rng(7)
    excess = []
    for _ in range(draws):
        honest = honest_samples(random, answers, keys, 0.96, 0.012, 0.004)
        runs = {
            name: 0.6 * np.exp(random.normal(0, weak, keys + len(RETRY_SEEDS))) for name in "pq"
        }
        limit = chosen(
            honest, {name: list(values) for name, values in runs.items()}, "higher", rule
        )
        excess.append(true_excess(limit, 0.96, 0.012, 0.004, weak))
    return excess


def test_from_few_answers_both_true_rates_are_mostly_kept_and_rule_1_does_not() -> None:
    now, before = (drawn_excess(rule, answers=3, keys=2, draws=12) for rule in (RULE, 1))
    assert np.mean(np.array(now) > 1) <= 0.1
    assert np.mean(np.array(now) > 1) < np.mean(np.array(before) > 1)
    assert np.quantile(now, 0.9) < np.quantile(before, 0.9)


def test_from_many_answers_both_true_rates_are_kept() -> None:
    assert max(drawn_excess(RULE, answers=10, keys=4, draws=8)) <= 1


def test_an_unknown_rule_is_told() -> None:
    with pytest.raises(SettingsError, match="no rule of choice has the number 3; known: 1, 2"):
        chosen(WINE, WEAK_WINE, "higher", 3)


BEFORE_RULE_2 = {"bikes_lstm", "digits_cnn", "digits_gan"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_calibrations_on_file_keep_their_rule_and_every_value(path: Path) -> None:
    old = calibration_file.read(path)
    exercise = Root(ROOT).exercise(old.exercise)
    assert old.policy.rule == (1 if old.exercise in BEFORE_RULE_2 else RULE)
    for distribution in recorded(exercise, old):
        entry = old.thresholds[distribution.declared.name]
        threshold = chosen_threshold(distribution, fit(distribution.honest), old.policy.rule)
        assert (threshold.value, threshold.noise) == (entry.value, entry.noise), threshold.name


@pytest.mark.parametrize(
    ("honest", "weak", "better"),
    [
        ([(0.2, 0.21), (0.2, 0.2)], [0.0, 0.0, 0.0], "higher"),
        ([(1.0, 1.0), (1.0, 1.0)], [2.0], "lower"),
        ([(1.0, 1.02), (0.99, 1.0)], [1.021, 1.03], "lower"),
    ],
)
def test_degenerate_groups_have_a_threshold_between(
    honest: list[tuple[float, float]], weak: list[float], better: str
) -> None:
    samples = [
        Sample(f"a{a}", "k", s, v) for a, pair in enumerate(honest) for s, v in enumerate(pair)
    ]
    values = [sample.value for sample in samples]
    limit = chosen(samples, {"weak": weak}, better)
    low, high = (max(values), min(weak)) if better == "lower" else (max(weak), min(values))
    assert low < limit < high

"""Ending early keeps the bound: exact probabilities for every schedule, and a rule that fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from autograder.calibration.statistics import CONFIDENCE, bound
from autograder.calibration.stopping import Look, schedule


def too_low(looks: Sequence[Look], goal: float, rate: float) -> float:
    """Return the exact probability that the reported bound lies below the true `rate`.

    Between two looks the misses are binomial; a look ends the runs where the goal is reached.
    """
    alive, runs, wrong = np.ones(1), 0, 0.0  # the probability of each number of misses
    for look in looks:
        more = look.runs - runs
        alive = np.convolve(alive, stats.binom.pmf(np.arange(more + 1), more, rate))
        runs = look.runs
        told = np.array([bound(misses, runs, 1 - look.error) for misses in range(runs + 1)])
        ends = (told <= goal) | (look is looks[-1])
        wrong += float(alive[ends & (told < rate)].sum())
        alive = np.where(ends, 0.0, alive)
    return wrong


@settings(max_examples=20)
@given(
    planned=st.integers(8, 90),
    step=st.integers(2, 16),
    goal=st.floats(0.06, 0.6),
    rate=st.floats(0.01, 0.6),
)
def test_the_reported_bound_holds_wherever_the_runs_end(
    planned: int, step: int, goal: float, rate: float
) -> None:
    looks = schedule(planned, step, goal)
    assert too_low(looks, goal, rate) <= 1 - CONFIDENCE + 1e-9


def test_looking_after_every_run_would_not_keep_it() -> None:
    greedy = [Look(runs, 1 - CONFIDENCE) for runs in range(1, 61)]
    assert too_low(greedy, 0.1, 0.101) > 0.06


@given(
    planned=st.integers(4, 200),
    step=st.integers(2, 30),
    goal=st.none() | st.floats(0.02, 0.9),
    earlier=st.integers(0, 3),
)
def test_looks_are_declared_in_order_and_share_one_error(
    planned: int, step: int, goal: float | None, earlier: int
) -> None:
    looks = schedule(planned, step, goal, earlier)
    runs = [look.runs for look in looks]
    assert runs == sorted(set(runs))
    assert runs[-1] == planned
    assert all(number % step == 0 for number in runs[:-1])
    assert sum(look.error for look in looks) <= 1 - CONFIDENCE + 1e-12
    for misses, look in enumerate(looks[:-1]):  # no look where nothing could end
        assert goal is not None
        assert bound(misses, look.runs, 1 - look.error) <= goal


def misses_allowed(goal: float) -> Iterator[tuple[int, int]]:
    for misses, look in enumerate(schedule(200, 1, goal)[:-1]):
        yield misses, look.runs


@pytest.mark.parametrize("goal", [0.05, 0.1, 0.2])
def test_the_first_look_is_the_earliest_that_can_end(goal: float) -> None:
    first = next(misses_allowed(goal))
    assert first[0] == 0
    error = (1 - CONFIDENCE) / 2
    assert bound(0, first[1], 1 - error) <= goal < bound(0, first[1] - 1, 1 - error)


def test_without_a_goal_the_bound_is_that_of_a_fixed_number() -> None:
    assert schedule(60, 4, None) == (Look(60, 1 - CONFIDENCE),)
    assert schedule(60, 4, 0.01) == (Look(60, 1 - CONFIDENCE),), "a look that cannot end cost error"


def test_runs_that_are_added_later_cost_error() -> None:
    errors = [schedule(60, 4, None, earlier)[-1].error for earlier in range(4)]
    assert errors == sorted(errors, reverse=True)
    assert len(set(errors)) == 4

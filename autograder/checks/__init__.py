"""What authors of checks import: points and awards, thresholds, retries, and measured trainings.

    from autograder.checks import award, points

    @points(4)
    def test_accuracy(share_right):
        award(ramp(share_right, zero=0.1, full=0.95), "Is it trained for long enough?")

A check is a pytest function. Its docstring is the title that a student reads, the text of its
assertion is the hint, and `points` is its worth. The fixtures of `autograder.checks.follow_through`
come in by `pytest_plugins`. A fixture that needs no submission is marked `shared`.
"""

from __future__ import annotations

from autograder.checks.follow_through import ScoredTraining
from autograder.checks.marking import attempt, award, points, ramp
from autograder.checks.oracle import Oracle
from autograder.checks.own_parts import award_each, error_of, expect_or_own
from autograder.checks.retry import remeasured, retried
from autograder.checks.sharing import shared
from autograder.checks.thresholds import Measured, Threshold, Thresholds
from autograder.checks.training import (
    TRAINING_ERROR,
    TrainingRun,
    better,
    measure_training,
    taught,
)

__all__ = [
    "TRAINING_ERROR",
    "Measured",
    "Oracle",
    "ScoredTraining",
    "Threshold",
    "Thresholds",
    "TrainingRun",
    "attempt",
    "award",
    "award_each",
    "better",
    "error_of",
    "expect_or_own",
    "measure_training",
    "points",
    "ramp",
    "remeasured",
    "retried",
    "shared",
    "taught",
]

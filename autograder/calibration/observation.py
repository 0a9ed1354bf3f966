"""Grades a run of a calibration and keeps what it showed of every metric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from autograder.calibration.plan import Run
from autograder.course.course import Course
from autograder.grading.scorer import Scorer
from autograder.result import Status
from autograder.sandbox.spawn import Station

__all__ = ["Observation", "observe"]


@dataclass(frozen=True, slots=True)
class Observation:
    """What a run showed of every metric, and what weak answers in closed form reach in it.

    `problem` is empty where the run was graded.
    """

    run: Run
    metrics: Mapping[str, float]
    baselines: Mapping[str, Mapping[str, float]]
    seconds: float
    problem: str = ""


def observe(run: Run, course: Course, station: Station) -> Observation:
    """Grade a run under its own key and seed, in the sandbox of `station`, without limits."""
    own = replace(course, key=run.key, seed=run.seed, measuring=True)
    with Scorer(own, station) as scorer:
        graded = scorer.observe(run.task)
    result = graded.result
    problem = "" if result.status is Status.GRADED else result.evidence or result.message
    return Observation(run, graded.observed, graded.baselines, result.seconds, problem)
